"""English or Chinese: what decides, and that whatever the demo and the walkthrough say is there in both."""

import re

import numpy as np
import pytest

from minilm.cli import progress
from minilm.cli.main import main
from minilm.errors import InputError
from minilm.models import encoder_decoder
from minilm.recipes import translation
from minilm.showing import language, walkthrough
from minilm.text import columns

CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.mark.parametrize(
    ("asked", "environment", "wanted"),
    [
        (None, {}, "en"), (None, {"LANG": "zh_CN.UTF-8"}, "zh"), (None, {"LANG": "zh"}, "zh"), (None, {"LANG": "C.UTF-8"}, "en"),
        (None, {"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, "en"), (None, {"LANG": "de_DE", "LC_MESSAGES": "zh_TW"}, "zh"),
        (None, {"LC_MESSAGES": "zh_CN", "LC_ALL": "C"}, "en"), (None, {"LC_MESSAGES": "en_US", "LC_ALL": "zh_CN"}, "zh"),
        (None, {"LC_ALL": "", "LANG": "zh_CN"}, "zh"), ("en", {"LC_ALL": "zh_CN"}, "en"), ("zh", {"LC_ALL": "en_US"}, "zh"),
        ("zh_CN.UTF-8", {}, "zh"), ("ZH", {}, "zh"), (None, {"LANG": "zha"}, "en"), (None, {"LC_CTYPE": "zh_CN"}, "en"),
    ],
)  # fmt: skip
def test_what_decides(asked, environment, wanted):
    assert language.chosen(asked, environment) == wanted


@pytest.mark.parametrize("asked", ["fr", "", "zhongwen", "en\n"])
def test_a_language_that_is_not_there(asked, tmp_path, capsys):
    with pytest.raises(InputError, match="en .English. and zh .中文."):
        language.chosen(asked)
    assert main(["demo", "--lang", asked, "--out", str(tmp_path / "run")]) == 2
    found = capsys.readouterr()
    assert "--lang" in found.err and found.err.count("\n") == 1 and not found.out and not (tmp_path / "run").exists()


@pytest.fixture(scope="module")
def both():
    translator = translation.untrained(translation.PRESETS["tiny"], "我喜欢编程")
    return {code: list(walkthrough.steps(translator, "我喜欢编程", code)) for code in language.LANGUAGES}


def test_the_walkthrough_has_the_same_arrays_and_formulas_in_both(both):
    for english, chinese in zip(both["en"], both["zh"], strict=True):
        assert (english.number, english.chinese, english.article) == (chinese.number, chinese.chinese, chinese.article) or english.number == 7
        assert len(english.tables) == len(chinese.tables)
        for one, other in zip(english.tables, chinese.tables, strict=True):
            np.testing.assert_array_equal(one.values, other.values)
            assert (list(one.rows), one.form) == (list(other.rows), other.form)
        symbols = re.compile(r"[√ΣΠᵀ₁₂σ]|softmax|ReLU|feed_forward|10000|<end>|\(B, S")
        assert set(symbols.findall(english.formula + english.shape)) == set(symbols.findall(chinese.formula + chinese.shape))


def test_the_walkthrough_is_told_in_one_language(both):
    """No English sentence in the Chinese telling, and no Chinese one in the English but titles and the sentence."""
    for step in both["zh"]:
        said = [step.loose, *(table.caption for table in step.tables)]
        assert all(CHINESE.search(text) for text in said)
        assert not re.search(r"\b(the|of|and|is|its|that|with)\b", " ".join([*said, step.formula, step.shape]))
        assert str(step).split("\n")[0] == f"{step.number}  {step.chinese}"
    for step in both["en"]:
        said = " ".join([step.loose, step.formula, step.shape, *(table.caption for table in step.tables)])
        assert not CHINESE.search(said.replace("我喜欢编程", "")), said


def test_the_chinese_telling_fits_a_terminal(both):
    for step in both["zh"]:
        for line in walkthrough.render(step, most=60).split("\n"):
            assert columns.width(line) <= 60 or " " not in line.strip() or "(B," in line, line
            assert not line.strip().startswith(tuple("，。；：、）”")) and not line.rstrip().endswith(("（", "“"))


def test_wrapping_keeps_every_character_and_breaks_chinese_between_characters():
    text = "所谓“固定长度的向量”，其实是每个词一个向量（这里共 3 个）。Left as it is, “quoted” and isn’t broken。"
    lines = columns.wrap(text, 20)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "") and len(lines) > 4
    assert all(columns.width(line) <= 20 for line in lines)
    assert any(line.endswith("isn’t") or "isn’t" in line for line in lines)
    assert columns.wrap("one two three", 7) == ["one two", "three"]


def test_the_demo_is_told_in_chinese(tmp_path, capsys, monkeypatch):
    from minilm.cli import check

    parts, known = translation.shipped()
    few = {part: [*pairs[:30], *pairs[-30:]] for part, pairs in parts.items()}
    monkeypatch.setattr(translation, "shipped", lambda: (few, known))
    choose = check.choose
    monkeypatch.setattr(check, "choose", lambda names: choose(["ops.softmax"]))
    assert main(["demo", "--preset", "tiny", "--lang", "zh", "--out", str(tmp_path / "run")]) == 0
    found = capsys.readouterr()
    assert all(text in found.out for text in ("句对用来学习", "成绩", "一文中的七个步骤", "验证：", "每个梯度都正确", "现在试试："))
    assert f"   minilm translate {tmp_path / 'run'} 他昨天买了三本书\n" in found.out
    assert found.out.rstrip().split("\n")[-1].startswith("   minilm ")
    for line in found.out.split("\n"):
        words = re.findall(r"[A-Za-z]{3,}", line)
        assert CHINESE.search(line) or "→" in line or len(words) < 4 or line.startswith(("   pass", "      ")), line


def test_the_environment_decides_the_demo(tmp_path, capsys, monkeypatch):
    from minilm.cli import demo

    seen = []
    monkeypatch.setattr(demo, "trained_in", lambda *given: seen.append(given[-1]) or 0)
    monkeypatch.setattr(translation, "prepare", lambda *given: None)
    for variable, value in (("LC_ALL", ""), ("LC_MESSAGES", ""), ("LANG", "zh_CN.UTF-8")):
        monkeypatch.setenv(variable, value)
    assert main(["demo", "--preset", "tiny", "--out", str(tmp_path / "run")]) == 0
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    assert main(["demo", "--preset", "tiny", "--out", str(tmp_path / "run")]) == 0
    assert seen == ["zh", "en"]


def test_progress_says_what_was_taken_and_what_is_left(monkeypatch, capsys):
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(progress.sys.stderr, "isatty", lambda: False)
    for code, unit, title in (("en", "step", "training"), ("zh", "步", "训练")):
        now[0] = 100.0
        with progress.Progress(100, title, unit, first=10, language=code) as shown:
            for seconds in (0.5, 1.1, 2.0, 6.3, 61.0):
                now[0] = 100.0 + seconds
                shown.advance(2, loss="2.5")
    assert capsys.readouterr().err.split("\n") == [
        "training: step 14 of 100, loss 2.5, 1 s taken, 24 s left",
        "training: step 18 of 100, loss 2.5, 6 s taken, 1 min 5 s left",
        "training: step 20 of 100, loss 2.5, 1 min 1 s taken, 8 min 8 s left",
        "训练：第 14 步，共 100 步，loss 2.5，已用 1 秒，还剩 24 秒",
        "训练：第 18 步，共 100 步，loss 2.5，已用 6 秒，还剩 1 分 5 秒",
        "训练：第 20 步，共 100 步，loss 2.5，已用 1 分 1 秒，还剩 8 分 8 秒",
        "",
    ]


def test_pictures_are_titled_in_chinese_where_a_font_has_it(monkeypatch):
    pytest.importorskip("matplotlib")
    from matplotlib.font_manager import FontProperties, findfont
    from matplotlib.text import Text

    from minilm.showing import pictures

    history = [{"step": n, "loss": 5 / n, "validation_loss": 6 / n} for n in range(1, 90)]
    own = findfont(FontProperties())
    asked = []
    monkeypatch.setattr(pictures, "label_font", lambda characters: (asked.append(characters), (FontProperties(fname=own), frozenset()))[1])
    assert pictures.drawn_in("zh") == "zh"
    figure = pictures.loss_curve(history, None, "学习中译英：损失曲线", "zh")
    shown = {text.get_text(): text for text in figure.findobj(Text) if CHINESE.search(text.get_text())}
    assert {"学习中译英：损失曲线", "步", "训练（按步平滑）", "验证（未参加训练）"} <= set(shown)
    assert all(text.get_fontproperties().get_file() == own for text in shown.values())
    monkeypatch.setattr(pictures, "label_font", lambda characters: (None, frozenset(c for c in characters if CHINESE.match(c))))
    assert pictures.drawn_in("zh") == "en" and pictures.drawn_in("en") == "en"


def test_a_training_that_is_stopped_says_so_in_chinese(tmp_path, capsys):
    from contextlib import contextmanager

    from minilm.cli import interrupt, running

    @contextmanager
    def noted(first):
        yield lambda: True

    parts, known = translation.shipped()
    prepared = translation.prepare({part: pairs[:200] for part, pairs in parts.items()}, known, translation.PRESETS["tiny"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(interrupt, "noted", noted)
        assert running.train(translation, prepared, tmp_path, None, "minilm demo", language="zh") is False
    assert "停在第 1 步（共 40 步），全部已保存。\n接着训练：\n  minilm demo" in capsys.readouterr().err
    assert isinstance(prepared.trained.config, encoder_decoder.Config)
