"""The page in a browser, driven: nothing fails, nothing is asked of any network, every control and key does what it says,
the numbers are the arrays'.

The browser is Debian's chromium (or the one that MINILM_CHROMIUM names); axe-core's script is where MINILM_AXE says.
"""

import functools
import json
import os
import re
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from minilm import tracing, tree
from minilm.checking import cases
from minilm.checking.gradcheck import fresh
from minilm.errors import InputError
from minilm.models import encoder_decoder, gpt2
from minilm.showing import page, runs
from minilm.showing.page import arrays, axes, book, places
from minilm.tasks import translation
from minilm.tasks.language_modelling import LanguageModel
from minilm.tasks.translation import Language, Translator
from minilm.text.byte_bpe import ByteBPE
from minilm.text.vocabulary import Vocabulary
from minilm.tracing import recorder, trace

CHROMIUM = os.environ.get("MINILM_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"]  # fmt: skip
SENTENCE = "我喜欢编程"
MODELS = (*runs.recipes(), "gpt2")


@functools.cache
def translator(layers=2):
    languages = [Language("chinese", {"我": 5, "喜欢": 3, "编程": 1, "他": 4}), Language("spaced")]
    sides = ["我", "喜欢", "编程", "他"], ["I", "like", "programming", "he"]
    vocabularies = [Vocabulary.build([words]) for words in sides]
    config = encoder_decoder.Config(
        source_vocabulary=8, target_vocabulary=8, width=12, heads=3, inner=20, encoder_layers=layers,
        decoder_layers=layers, max_positions=9,
    )  # fmt: skip
    params = encoder_decoder.init(np.random.default_rng(3), config)
    return Translator(params, config, languages, vocabularies)


@functools.cache
def recorded():
    """(the Run, its recording) of a training step on one sentence."""
    run = runs.of_translator(translator(), SENTENCE, "I like programming", True)
    with trace() as recording:
        run.call()
    return run, recording


def made(megabytes=5.0, labels=None, subject=None):
    run, recording = recorded()
    return book.of(recording, kind=run.kind, subject=subject or run.subject, labels=labels or run.labels,
                   backward=True, megabytes=megabytes)  # fmt: skip


@functools.cache
def training_step(name):
    """(the Run, its recording) of a training step of each model."""
    if name == "gpt2":
        text = "to be or not to be"
        tokenizer = ByteBPE.train(text, 10)
        config = gpt2.Config(vocabulary=tokenizer.size, max_positions=32, width=16, heads=2, inner=32, layers=2)
        model = LanguageModel(gpt2, gpt2.init(np.random.default_rng(0), config), config, tokenizer)
        run = runs.of_language_model(model, text, None, True)
    else:
        run = runs.of(name, backward=True)
    with trace(whole=1 << 24, budget=1 << 28) as recording:
        run.call()
    return run, recording


@functools.cache
def every_operation():
    """One recording of the forward and backward of each case of each operation and its fast twins."""
    rng = np.random.default_rng(3)
    with trace(whole=1 << 24, budget=1 << 28) as recording:
        for name, case in cases.everything().items():
            if name.startswith(("ops.", "fast.")):
                given = [case.params] if case.params is not None else []
                settings = {key: fresh(value) for key, value in case.settings.items()}
                y, cache = case.forward(*given, *case.inputs.values(), **settings)
                dy = tree.map(lambda leaf: np.asarray(rng.standard_normal(np.shape(leaf))), y)
                case.backward(*given, cache, dy, **case.backward_settings)
    return recording


# ---- without a browser


def test_hostile_text_stays_text():
    evil = "</script><script>document.title='taken'</script>{{NUMBERS}}"
    content, numbers = made(labels={"source": [evil, "b", "c"], "target": ["a"] * 4}, subject=[evil])
    text = page.render(content, numbers)
    assert evil not in text and "</script><script>" not in text.partition("<body>")[2]
    inside = re.search(r'id="book">(.*?)</script>', text, re.DOTALL).group(1)
    assert json.loads(inside)["labels"]["source"][0] == evil
    assert json.loads(inside)["about"]["subject"] == [evil]


def test_the_page_names_no_other_place():
    text = page.render(*made())
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text).group(1)
    assert policy.startswith("default-src 'none'")
    assert set(re.findall(r"https?://[^\"' ]+", text)) <= {"http://www.w3.org/2000/svg"}  # a name, not a place
    assert not re.search(r"<(script|link|img|iframe)[^>]+(src|href)=\"(?!data:,)", text)


def test_arrays_are_whole_until_the_budget_and_a_corner_after_it():
    rng = np.random.default_rng(0)
    small, large = rng.standard_normal((3, 4)), rng.standard_normal((5, 6, 70, 90)).astype(np.float32)
    numbers = arrays.Numbers()
    described = [{"shape": list(array.shape), "dtype": str(array.dtype)} for array in (small, large, small)]
    placed = [numbers.add(row, array) for row, array in zip(described, (small, large, small), strict=True)]
    assert placed == [0, 1, 0]  # kept once
    rows, text, left = numbers.finished(100_000)
    assert rows[0]["kept"] == [3, 4] and rows[1]["kept"] == [4, 4, *arrays.CORNER]
    assert left == {"arrays": 1, "numbers": large.size - np.prod(rows[1]["kept"])}
    np.testing.assert_array_equal(decoded(rows[0], text), small)
    np.testing.assert_array_equal(decoded(rows[1], text), large[:4, :4, : arrays.CORNER[0], : arrays.CORNER[1]])
    rows, text, left = numbers.finished()
    np.testing.assert_array_equal(decoded(rows[1], text), large)
    assert not left["arrays"]


def test_where_not_even_the_corners_fit_they_are_smaller():
    numbers, large = arrays.Numbers(), np.random.default_rng(0).standard_normal((60, 6, 70, 90)).astype(np.float32)
    for array in large:
        numbers.add({"shape": list(array.shape), "dtype": "float32"}, array)
    for budget in (60 * 4 * 24 * 48 * 16 / 3 + 500, 60 * 4 * 24 * 48 * 16 / 3 / 10):
        rows, text, left = numbers.finished(budget)
        assert len(text) <= budget + 1000 and left["arrays"] == 60 and all(row["kept"][-1] >= 6 for row in rows)


def test_arrays_of_one_corner_and_other_statistics_are_two():
    """A corner of zeros may be that of any mask or bias: what is known by it has the statistics of the whole."""
    numbers, corner = arrays.Numbers(), np.zeros((4, 4), np.float32)
    described = [{"shape": [900, 900], "dtype": "float32", "greatest": greatest} for greatest in (0.0, 3.0, 3.0)]
    assert [numbers.add(row, corner.copy()) for row in described] == [0, 1, 1]


@pytest.mark.parametrize("dtype", ["bool", "int64", "uint8", "float16", "float32", "float64", "complex128"])
def test_every_kind_of_number_comes_back(dtype):
    array = (np.random.default_rng(1).standard_normal((2, 5, 3)) * 3).astype(dtype)
    numbers = arrays.Numbers()
    numbers.add({"shape": [2, 5, 3], "dtype": dtype}, array)
    rows, text, _ = numbers.finished()
    np.testing.assert_array_equal(decoded(rows[0], text), array.real)


def decoded(row, text):
    import base64

    data = base64.b64decode(text)
    form = arrays.FORMS[row["form"]]
    return np.frombuffer(data, form, int(np.prod(row["kept"])), row["at"]).reshape(row["kept"])


def test_comments_say_shapes_and_reasons():
    found = axes.comments(
        '"""Doc."""\n\n\ndef forward(x):\n    # above\n    # both lines\n    y = f(\n        x\n    )  # (B, T)\n'
        "    a, b = y  # (B), (..., D)  # why two\n    return a  # the end\n"
    )
    assert found.shapes == {7: {"y": ("B", "T")}, 10: {"a": ("B",), "b": ("...", "D")}}
    assert found.notes == {7: "above both lines", 10: "why two", 11: "the end"}
    assert axes.in_docstring("x (B, T, D), q and k (B, H) -> y (..., D)") == {
        "x": ("B", "T", "D"), "q": ("B", "H"), "k": ("B", "H"), "y": ("...", "D")}  # fmt: skip


def test_words_stand_on_the_axes():
    labels = {"source": ["我", "喜欢", "编程"], "target": ["<start>", "I", "like", "programming"]}
    assert axes.words("T", 3, "encoder.0.attention", labels) == "source"
    assert axes.words("T", 4, "decoder.0.cross_attention", labels) == "target"
    assert axes.words("S", 3, "decoder.0.cross_attention", labels) == "source"
    assert axes.words("S", 4, "decoder.0.attention", labels) == "target"
    assert axes.words("D", 3, "encoder.0", labels) == "" and axes.words("T", 5, "encoder.0", labels) == ""


def test_the_seven_steps_head_the_map():
    _, recording = recorded()
    drawn = places.of(recording, {"source": ["我"]})
    numbers = {node["number"]: (node["zh"], node["en"]) for node in flat(drawn.nodes) if "number" in node}
    assert [numbers[n][0] for n in range(1, 8)] == ["分词", "词嵌入", "编码器", "自注意力", "前馈网络", "解码器", "输出"]
    assert numbers[1][1] == "Segmentation" and numbers[7][1] == "Output"
    lit = {drawn.of_step(recording, step) for step in recording.steps}
    assert len(lit) > 20 and all(0 <= place < drawn.count for place in lit)


def flat(nodes):
    for node in nodes:
        yield node
        yield from flat(node["parts"])


def test_every_executed_statement_is_a_step_of_the_page_and_calls_nest():
    _, recording = recorded()
    content, _ = made()
    assert [step[:3] for step in content["steps"]] == [[s.call, s.line, s.end_line] for s in recording.steps]
    for call in content["calls"]:
        inside = range(call["begin"], call["end"])
        mine = {number for number in inside if ancestor(content, number, call)}
        assert mine == set(inside) and len(inside)


def ancestor(content, step, call):
    number = content["steps"][step][0]
    while number >= 0:
        if content["calls"][number] is call:
            return True
        number = content["calls"][number]["parent"]
    return False


def test_unknown_model_and_bad_arguments_say_what_there_is():
    with pytest.raises(InputError, match="no folder and no model; there are gpt"):
        runs.of("nothing")
    with pytest.raises(InputError, match="gpt has no preset .*; there are nanogpt-cpu"):
        runs.of("gpt:huge")
    with pytest.raises(InputError, match="gpt|--target"):
        runs.of("gpt", target="x")
    with pytest.raises(InputError, match="--generate"):
        runs.of("bert", tokens=3)
    with pytest.raises(InputError, match="two or more"):
        runs.of("gpt", "a")


@pytest.mark.parametrize("name", MODELS)
def test_the_gradients_of_the_page_are_the_training_step_s_bit_for_bit(name):
    run, recording = training_step(name)
    content, numbers = book.of(recording, kind=run.kind, subject=run.subject, labels=run.labels, backward=True, megabytes=100)
    _, dparams = run.call()
    found = {}  # the parameter's numbers and the gradient's -> whether the page takes it for the whole
    for _, _, _, things in content["steps"]:
        for _, tensor, _, _, step, parameter, *_ in things:
            if step in (-2, -3):
                pair = [hash(decoded(content["tensors"][place], numbers).tobytes()) for place in (parameter, tensor)]
                found[tuple(pair)] = step == -2 or found.get(tuple(pair), False)
    wanted = {leaf: hash(gradient.tobytes()) for leaf, gradient in tree.leaves(dparams)}
    assert set(wanted) == {leaf for leaf, _ in tree.leaves(run.params)}
    asked = {leaf for leaf, gradient in tree.leaves(dparams) if gradient.any()}  # a head that was not asked has zeros
    for leaf, parameter in tree.leaves(run.params):
        assert leaf not in asked or found[hash(parameter.tobytes()), wanted[leaf]], leaf
    assert len(asked) > len(wanted) / 2
    # No part of a sum passes for the whole: a tied table has two.
    assert all(gradient in wanted.values() for (_, gradient), whole in found.items() if whole)


@pytest.mark.parametrize("name", MODELS)
def test_the_page_opens_on_an_array_with_the_words_of_the_text(name):
    run, recording = training_step(name)
    content, _ = book.of(recording, kind=run.kind, subject=run.subject, labels=run.labels, backward=True)
    call, *_, things = content["steps"][content["about"]["opens"]]
    source = content["sources"][content["calls"][call]["source"]]
    assert source["room"] == "ops" and "=" in source["doc"]
    tensors = [content["tensors"][thing[1]] for thing in things if thing[1] >= 0]
    assert tensors and all(len(tensor["shape"]) > 1 and tensor["kept"] == tensor["shape"] for tensor in tensors)
    assert {"source", "target"} & {words for thing in things for _, words in content["axes"][thing[3]]}


def test_a_run_without_words_opens_on_the_first_array():
    run, recording = training_step("gpt")
    content, _ = book.of(recording, kind=run.kind, subject=[], labels={}, backward=True)
    opens = content["about"]["opens"]
    kept = [[thing[1] >= 0 and bool(content["tensors"][thing[1]]["kept"]) for thing in step[3]] for step in content["steps"]]
    assert any(kept[opens]) and not any(map(any, kept[:opens]))


def test_all_that_the_recorder_and_the_map_say_has_its_chinese():
    words = Path(page.__file__).with_name("words.js").read_text(encoding="utf-8")
    notes, parts = re.search(r"const NOTES = \{(.*?)\n\};", words, re.DOTALL)[1], re.search(r"const PARTS = \{(.*?)\n\};", words, re.DOTALL)[1]
    for note in (tracing.LOST, recorder.LATER):
        assert re.search(rf'"{re.escape(note)}": "[^"]*[\u4e00-\u9fff]', notes), note
    for name in MODELS:
        run, recording = training_step(name)
        for node in flat(places.of(recording, run.labels).nodes):
            if node["kind"] != "block" and "zh" not in node:  # a block has its number
                assert re.search(rf'\b{node["en"]}: "', parts), (name, node["en"])


@pytest.mark.parametrize("name", runs.recipes())
@pytest.mark.parametrize("backward", [False, True])
def test_every_model_has_its_page(name, backward, tmp_path):
    size, left, steps = page.of_run(runs.of(name, backward=backward), tmp_path / "page.html")
    assert steps > 50 and not left["arrays"]
    assert (tmp_path / "page.html").stat().st_size == size < 5e6
    content = book_in(tmp_path / "page.html")
    assert {call["way"] for call in content["calls"]} == ({"forward", "backward"} if backward else {"forward"})


def book_in(path):
    return json.loads(re.search(r'id="book">(.*?)</script>', path.read_text("utf-8"), re.DOTALL).group(1))


def test_generation_has_its_page(tmp_path):
    _, _, steps = page.of_run(runs.of("gpt", tokens=3), tmp_path / "page.html")
    assert steps > 100


# ---- in a browser

if CHROMIUM is None:
    missing = "no chromium here; apt-get install chromium, or say in MINILM_CHROMIUM where one is"
else:
    missing = "" if shutil.which(CHROMIUM) or Path(CHROMIUM).exists() else f"MINILM_CHROMIUM is {CHROMIUM}, which is no file"
browsing = pytest.mark.skipif(bool(missing), reason=missing)


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed; pip install -e .[browser]")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "page.html"
    page.write(path, *made())
    return path


@pytest.fixture
def opened(browser, file):
    """A function that opens the page; at the end nothing may have failed, and nothing but the file been asked for."""
    troubles, contexts = [], []

    def open_(hash="", width=1366, height=768, path=file, **settings):
        context = browser.new_context(viewport={"width": width, "height": height}, **{"locale": "en-US", **settings})
        contexts.append(context)
        tab = context.new_page()
        tab.on("console", lambda message: message.type in ("error", "warning") and troubles.append(message.text))
        tab.on("pageerror", lambda error: troubles.append(str(error)))
        tab.on("request", lambda asked: asked.url.partition("#")[0] != Path(path).as_uri() and troubles.append(asked.url))
        tab.goto(Path(path).as_uri() + hash)
        until(tab, "Boolean(window.page?.ready)")
        return tab

    yield open_
    for context in contexts:
        context.close()
    assert not troubles


def until(tab, expression, seconds=20):
    """Playwright's own wait compiles text in the page, which its policy forbids."""
    for _ in range(int(seconds * 20)):
        if tab.evaluate(expression):
            return
        tab.wait_for_timeout(50)
    raise AssertionError(f"never became true: {expression}")


def step_of(tab):
    return tab.evaluate("page.now.step")


def settled(tab):
    """The address, after the moment in which it is written."""
    tab.wait_for_timeout(80)
    return tab.evaluate("decodeURIComponent(location.hash)")


@browsing
def test_first_sight(opened):
    tab = opened()
    assert SENTENCE in tab.inner_text("h1") and "I like programming" in tab.inner_text("h1")
    assert tab.locator("#source .line.current").count() >= 1
    # The line has made an array, whose name is lit in the formula, and whose rows are the words of the sentence.
    assert tab.inner_text("#made .big") == "y" and tab.inner_text("#formula .lit").startswith("y =")
    assert tab.locator("#arrays canvas").bounding_box()["height"] > 60
    assert tab.evaluate("page.chosen().axes.some(([, words]) => words === 'source')")
    assert "executed lines" in tab.inner_text("#why") and tab.inner_text("#welcome button") == "Step"
    tab.keyboard.press("ArrowRight")
    assert tab.locator("#welcome").count() == 0
    tab.keyboard.press("ArrowLeft")
    headings = tab.locator("#model .section > .place").all_inner_texts()
    assert any("Segmentation" in text and "分词" in text for text in headings)
    assert any("Output" in text and "输出" in text for text in headings)
    boxes = [tab.locator(name).bounding_box() for name in ("#model", "#source", "#tensor", "#timeline", "#controls")]
    assert all(box["y"] + box["height"] <= 768 and box["width"] > 100 for box in boxes)


@browsing
def test_controls_move_as_they_say(opened):
    content, _ = made()
    steps, calls = content["steps"], content["calls"]

    def room(call):
        return content["sources"][call["source"]]["room"]

    tab = opened("#encoder.1.attention")
    for button, key in (("step", "ArrowRight"), ("step", "s"), ("over", "n"), ("out", "r"), ("out", "u"),
                        ("next-operation", "."), ("previous-operation", ","), ("next-block", "]"), ("back", "ArrowLeft"),
                        ("back", "b"), ("previous-block", "["), ("last", "End"), ("first", "Home")):  # fmt: skip
        for start in (30, 175, 600, len(steps) // 2 + 100):
            call = calls[steps[start][0]]
            wanted = {
                "step": start + 1, "back": start - 1, "first": 0, "last": len(steps) - 1, "out": call["end"],
                "over": next((n for n in range(start + 1, len(steps)) if steps[n][0] == steps[start][0] or
                              not ancestor(content, n, call)), None),
                "next-operation": next((c["begin"] for c in calls if c["begin"] > start and room(c) in ("ops", "fast")), None),
                "previous-operation": next((c["begin"] for c in calls[::-1] if c["begin"] < start and room(c) in ("ops", "fast")), None),
                "next-block": next((c["begin"] for c in calls if c["begin"] > start and room(c) == "blocks"), None),
                "previous-block": next((c["begin"] for c in calls[::-1] if c["begin"] < start and room(c) == "blocks"), None),
            }[button]  # fmt: skip
            wanted = start if wanted is None or not 0 <= wanted < len(steps) else wanted
            tab.evaluate(f"page.go({start})")
            tab.keyboard.press(key)
            assert step_of(tab) == wanted, (button, key, start)
            if tab.locator(f"#do-{button}").count():
                tab.evaluate(f"page.go({start})")
                tab.click(f"#do-{button}")
                assert step_of(tab) == wanted, (button, start)


@browsing
@pytest.mark.parametrize("name", ["every operation", *MODELS])
def test_to_its_gradient_lands_on_the_partner_in_every_operation_and_model(name, opened, tmp_path):
    run, recording = (None, every_operation()) if name == "every operation" else training_step(name)
    content, numbers = book.of(recording, kind=name, subject=[name], labels=run.labels if run else {}, backward=True)
    page.write(tmp_path / "page.html", content, numbers)
    wanted, times = [], Counter()  # each name of each line three times, in whatever case or layer
    for step in recording.steps:
        for value in step.values:
            place = recording.calls[step.call].file, step.line, value.name
            times[place] += 1
            gradient = recording.partner_value(value) if times[place] <= 3 else None
            if value.step != step.number or value.kind != "array" or gradient is None or gradient.kind != "array":
                continue
            if recording.calls[step.call].direction != "forward":
                continue
            assert recording.calls[gradient.call].direction == "backward"
            there = gradient.step if gradient.step is not None else recording.calls[gradient.call].steps[0]
            wanted.append([step.number, value.name, there, gradient.name])
    files = {recording.calls[recording.steps[step].call].file for step, *_ in wanted}
    assert name != "every operation" or len(files) > 15
    tab = opened(path=tmp_path / "page.html")
    missed = tab.evaluate("""(wanted) => wanted.filter(([step, name, there, gradient]) => {
        page.go(step, name);
        document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "g", bubbles: true }));
        const beside = document.querySelectorAll("#arrays figure").length;  // the gradient and its tensor
        const landed = page.now.step === there && document.querySelector("#made .big").textContent === gradient && beside === 2;
        document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "f", bubbles: true }));
        return !landed || page.chosen().name !== name;
    })""", wanted)
    assert len(wanted) > 30 and not missed


@browsing
def test_numbers_equal_the_arrays_to_the_digits_shown(opened):
    _, recording = recorded()
    tab = opened()
    tab.evaluate("page.now.view = 'table'")
    checked = 0
    for step in recording.steps[::7]:
        for value in step.values:
            if value.kind != "array" or value.array is None or not value.array.size or value.array.dtype == bool:
                continue
            tab.evaluate(f"page.go({step.number}, {json.dumps(value.name)})")
            rows = tab.evaluate("""[...document.querySelectorAll('#arrays figure:last-child table tbody tr')].map(
                (row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent))""")
            if not value.array.ndim:
                rows = [[tab.inner_text("#arrays .scalar")]]
            matrix = np.atleast_2d(value.array.reshape(-1, *value.array.shape[-2:])[0] if value.array.ndim > 2 else value.array)
            wanted = [[same(number) for number in row[:12]] for row in matrix[:24].tolist()]
            assert [[float(text.replace("−", "-")) for text in row] for row in rows] == wanted, value.address
            checked += 1
    assert checked > 60


def same(number):
    return float(f"{number:.4e}") if not float(number).is_integer() or abs(number) >= 1e6 else float(number)


@browsing
def test_statistics_are_the_arrays(opened):
    _, recording = recorded()
    value = next(value for value in recording.values if value.name == "scores")
    tab = opened(f"#{value.address}")
    text = tab.inner_text("#facts").replace("−", "-")
    array = value.array
    for number in (array.min(), array.max(), array.mean(dtype=np.float64), array.std(dtype=np.float64)):
        assert any(abs(float(found) - number) <= 1.01e-4 * abs(number) + 1e-7 for found in re.findall(r"-?\d+\.?\d*(?:e[+-]\d+)?", text)), number
    assert f"{array.size} numbers" in text


@browsing
def test_the_number_under_the_pointer_and_the_cell_of_the_keyboard(opened):
    _, recording = recorded()
    value = next(value for value in recording.values if value.name == "scores" and value.path.startswith("encoder.1"))
    tab = opened(f"#{value.address}")
    box = tab.locator("#arrays canvas").first.bounding_box()
    tab.mouse.move(box["x"] + box["width"] - 20, box["y"] + box["height"] - 12)
    text = tab.inner_text("#arrays .readout")
    last = value.array[0, 0, -1, -1]
    assert f"scores[0, 0, {value.shape[2] - 1}, {value.shape[3] - 1}]" in text and "编程" in text
    assert f"{float(f'{last:.4e}')!r}"[:6] in text.replace("−", "-")
    tab.focus("#arrays canvas")
    tab.keyboard.press("ArrowUp")
    assert f"scores[0, 0, {value.shape[2] - 2}," in tab.inner_text("#arrays .readout")
    assert "scores[" in tab.text_content("#spoken")


@browsing
def test_heads_layers_views_and_names_by_keys_and_clicks(opened):
    tab = opened("#encoder.0.attention.weights")
    tabs = tab.locator("#tabs [role=tablist][data-key=H] [role=tab]")
    assert tabs.count() == 3
    tab.keyboard.press("h")
    assert tab.evaluate("page.now.leading.H") == 1
    tab.keyboard.press("H")
    assert tab.evaluate("page.now.leading.H") == 0
    tabs.nth(2).click()
    assert tab.evaluate("page.now.leading.H") == 2
    assert "in=H2" in settled(tab)
    tab.locator("#tabs [data-key=layer] [role=tab]").nth(1).click()
    assert "encoder.1.attention" in tab.inner_text("#where")
    views = []
    for _ in range(3):
        views.append(tab.inner_text("#facts .views [aria-pressed=true]"))
        tab.keyboard.press("v")
    assert views == ["Heat map", "Lines", "Numbers"]
    before = tab.inner_text("#made .big")
    tab.keyboard.press("a")
    assert tab.inner_text("#made .big") != before


@browsing
def test_every_step_has_an_address(opened):
    tab = opened("#encoder.1.attention.scores")
    step = step_of(tab)
    assert f"#step={step + 1}" in settled(tab) and "at=encoder.1.attention" in settled(tab)
    again = opened(settled(tab))
    assert step_of(again) == step
    again.evaluate("location.hash = '#step=5'")
    until(again, "page.now.step === 4")


@browsing
def test_an_address_that_matches_nothing_names_the_nearest(opened):
    tab = opened("#encoder.1.atention.scors")
    assert "Nothing here is called" in tab.inner_text("#notice")
    nearest = tab.locator("#notice button").all_inner_texts()
    assert any("encoder.1.attention" in text and "scores" in text for text in nearest)
    tab.locator("#notice button").first.click()
    assert tab.locator("#notice").is_hidden()


@browsing
def test_search_by_name_and_address(opened):
    tab = opened()
    tab.keyboard.press("/")
    tab.keyboard.type("decoder.0.cross_attention.weights"[:25])
    assert tab.locator("#found li").count() > 1
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("ArrowUp")
    tab.keyboard.press("Enter")
    assert "decoder.0.cross_attention" in tab.inner_text("#where")
    tab.fill("#find", "dscores")
    tab.keyboard.press("Enter")
    assert tab.inner_text("#made .big") == "dscores"
    tab.fill("#find", "qqqqzzzz")
    tab.keyboard.press("Enter")
    assert "Nearest" in tab.inner_text("#notice")


@browsing
def test_timeline_map_tree_and_source_by_mouse_and_keyboard(opened):
    content, _ = made()
    tab = opened()
    box = tab.locator("#timeline").bounding_box()
    tab.mouse.move(box["x"] + 10, box["y"] + 30)
    tab.mouse.down()
    tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + 30, steps=4)
    tab.mouse.up()
    assert abs(step_of(tab) - len(content["steps"]) / 2) <= 2
    tab.focus("#timeline")
    at = step_of(tab)
    for key, by in (("ArrowRight", 1), ("ArrowLeft", -1), ("PageUp", 50), ("PageDown", -50)):
        tab.keyboard.press(key)
        at += by
        assert step_of(tab) == at
    tab.locator("#model .node.part > .place", has_text="self-attention").first.click()
    assert "encoder.0.attention" in tab.inner_text("#where")
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")
    assert "encoder.0.attention_norm" in tab.inner_text("#where")
    tab.focus('#tree [aria-selected="true"]')
    call = tab.get_attribute('#tree [aria-selected="true"]', "data-call")
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")
    assert tab.get_attribute('#tree [aria-selected="true"]', "data-call") != call
    live = tab.locator("#source .line.live:not(.current)").first
    line = int(live.get_attribute("data-line"))
    live.locator("code").click()
    first, last = content["steps"][step_of(tab)][1:3]
    assert first <= line <= last


@browsing
def test_play_and_pause(opened):
    tab = opened()
    tab.keyboard.press("p")
    until(tab, "page.now.step > 1")
    tab.click("#do-play")
    at = step_of(tab)
    tab.wait_for_timeout(900)
    assert step_of(tab) == at


@browsing
def test_languages_are_switched_in_place(opened):
    tab = opened("#encoder.1.attention.scores")
    step = step_of(tab)
    tab.keyboard.press("l")
    assert tab.evaluate("document.documentElement.lang") == "zh-Hans" and "单步" in tab.inner_text("#controls")
    assert step_of(tab) == step
    tab.click("#language")
    assert "Step" in tab.inner_text("#controls")
    chinese = opened(locale="zh-CN")
    assert "模型" in chinese.inner_text("#places")
    missing = chinese.evaluate("Object.keys(WORDS.en).filter((key) => !(key in WORDS.zh))")
    assert not missing
    said = chinese.evaluate("[...new Set([...document.scripts].at(-1).text.matchAll(/say\\(\"([\\w-]+)\"/g))].map((found) => found[1])")
    assert len(said) > 30 and not [key for key in said if not chinese.evaluate(f"{json.dumps(key)} in WORDS.en")]


@browsing
def test_large_dark_and_plain(opened):
    tab = opened("#encoder.1.attention.scores")
    size = tab.evaluate("getComputedStyle(document.body).fontSize")
    tab.keyboard.press("t")
    assert float(tab.evaluate("getComputedStyle(document.body).fontSize")[:-2]) > 1.3 * float(size[:-2])
    light = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    tab.click("#dark")
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") != light
    tab.keyboard.press("d")
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == light
    for name in ("large", "plain"):
        before = tab.get_attribute(f"#{name}", "aria-pressed")
        tab.click(f"#{name}")
        assert tab.get_attribute(f"#{name}", "aria-pressed") != before
        tab.click(f"#{name}")
    assert opened(color_scheme="dark").evaluate("getComputedStyle(document.body).backgroundColor") != light
    tab.keyboard.press("c")
    picture = tab.evaluate("""(() => { const canvas = document.querySelector('#arrays canvas'); const { data } =
        canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height); let most = 0;
        for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 200) most = Math.max(most, Math.abs(data[i] - data[i + 2])); return most; })()""")
    assert picture < 90  # inks, and no orange or blue
    assert tab.inner_text("#facts .views [aria-pressed=true]") == "Sizes"


@browsing
def test_a_key_lists_all_keys(opened):
    tab = opened()
    tab.keyboard.press("?")
    text = tab.inner_text("#keys")
    for key in tab.evaluate("KEYS.flatMap(([keys]) => keys)"):
        assert {"ArrowRight": "→", "ArrowLeft": "←"}.get(key, key) in text
    tab.keyboard.press("Escape")
    assert not tab.evaluate("document.getElementById('keys').open")


@browsing
def test_what_was_left_out_is_said_with_the_option_that_keeps_it(opened, tmp_path):
    path = tmp_path / "small.html"
    _, left, _ = page.of_run(runs.of("gpt", backward=True), path, megabytes=0.001)
    assert left["arrays"]
    content = book_in(path)
    tab = opened(path=path)
    assert "--megabytes" in tab.inner_text("#notice")
    place = next(n for n, step in enumerate(content["steps"]) for one in step[3]
                 if one[1] >= 0 and content["tensors"][one[1]]["kept"] not in (None, content["tensors"][one[1]]["shape"]))  # fmt: skip
    tab.evaluate(f"page.go({place})")
    assert "Only a corner is kept" in tab.inner_text("#arrays")


@browsing
def test_a_long_array_is_seen_in_slices(opened, tmp_path):
    content, numbers = made()
    tab = opened()
    tab.evaluate("MOST.columns = 5; page.go(page.now.step)")
    step = next(n for n, one in enumerate(content["steps"]) if one[3] and one[3][0][1] >= 0 and
                (content["tensors"][one[3][0][1]]["shape"] or [0])[-1] == 12)  # fmt: skip
    tab.evaluate(f"page.go({step})")
    tab.locator("#arrays .slice button").nth(1).click()
    assert tab.evaluate("page.now.first.column") == 5
    tab.locator("#arrays .slice input").first.fill("10")
    tab.locator("#arrays .slice input").first.press("Enter")
    assert tab.evaluate("page.now.first.column") == 10


@browsing
@pytest.mark.parametrize("name", ["gpt", "lstm", "bert"])
def test_other_models_step_through_without_trouble(name, opened, tmp_path):
    page.of_run(runs.of(name, backward=True), tmp_path / "page.html")
    tab = opened(path=tmp_path / "page.html")
    count = tab.evaluate("page.book.steps.length")
    tab.evaluate("for (let step = 0; step < page.book.steps.length; step++) page.go(step)")
    assert step_of(tab) == count - 1


@browsing
@pytest.mark.parametrize("width, height, scheme, keys", [
    (1366, 768, "light", []), (1366, 768, "dark", ["g"]), (390, 844, "light", []), (390, 844, "dark", ["g"]),
    (1366, 768, "light", ["t", "v", "v"]), (1366, 768, "dark", ["c", "l"]), (1366, 768, "light", ["?"]),
    (1920, 1080, "light", ["l"]), (1920, 1080, "dark", []),
])  # fmt: skip
def test_no_serious_violation_of_accessibility(width, height, scheme, keys, browser, file):
    script = os.environ.get("MINILM_AXE")
    if not script:
        pytest.skip("MINILM_AXE does not say where axe.min.js is; npm install axe-core")
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, bypass_csp=True)
    tab = context.new_page()
    tab.goto(file.as_uri() + "#encoder.1.attention.scores")
    until(tab, "Boolean(window.page?.ready)")
    for key in keys:
        tab.keyboard.press(key)
    tab.wait_for_timeout(250)  # the colours' transitions
    tab.evaluate(Path(script).read_text(encoding="utf-8"))
    found = tab.evaluate("axe.run(document)")
    assert len(found["passes"]) > 15
    serious = [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"] if one["impact"] in ("serious", "critical")]
    assert not serious
    context.close()


@browsing
def test_batch_rows_have_tabs(opened, tmp_path):
    model = translator()
    batch = {"source": np.array([[4, 5, 6], [5, 4, 0]]), "target": np.array([[1, 4, 5, 2], [1, 6, 2, 0]])}
    run = runs.Run("encoder_decoder", ["two sentences"], model.params,
                   lambda: runs.step(translation.Task(encoder_decoder), model, batch, True), True)  # fmt: skip
    page.of_run(run, tmp_path / "page.html")
    tab = opened("#encoder.0.attention.attention.scores", path=tmp_path / "page.html")
    rows = tab.locator("#tabs [role=tablist][data-key=B] [role=tab]")
    assert rows.count() == 2 and tab.locator("#tabs [role=tablist][data-key=H] [role=tab]").count() == 3
    rows.nth(1).click()
    assert "in=B1" in settled(tab)


@browsing
def test_what_is_not_finite_is_said_and_seen(opened, tmp_path):
    model = runs.recipes()["gpt"].untrained(runs.recipes()["gpt"].PRESETS["tiny"], "to be or")
    model.params["blocks"][0]["feed_forward"]["expand"]["bias"][3] = np.nan
    page.of_run(runs.of_language_model(model, "to be or", None, True), tmp_path / "page.html")
    content = book_in(tmp_path / "page.html")
    step = next(n for n, one in enumerate(content["steps"]) for made in one[3] if made[1] >= 0 and content["tensors"][made[1]]["bad"])
    tab = opened(path=tmp_path / "page.html")
    tab.evaluate(f"page.go({step})")
    assert "NOT FINITE" in tab.inner_text("#facts .bad")
    tab.evaluate("page.now.view = 'table'; page.go(page.now.step)")
    assert "NaN" in tab.inner_text("#arrays")
