"""Pictures: written whole, never with empty boxes for characters, and without touching matplotlib's global state."""

import sys
import warnings

import numpy as np
import pytest

from minilm.errors import InputError, MissingExtra
from minilm.showing import pictures

HISTORY = [{"step": n, "loss": 5 / n, **({"validation_loss": 6 / n} if n % 10 == 0 else {})} for n in range(1, 91)]
WORDS = ["我", "喜欢", "编程"]
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def matplotlib():
    pictures.label_font.cache_clear()
    yield pytest.importorskip("matplotlib")
    pictures.label_font.cache_clear()


@pytest.fixture(autouse=True)
def no_missing_glyph():
    """Matplotlib warns where it draws an empty box."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def texts(figure):
    from matplotlib.text import Text

    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def weights(rows, columns):
    numbers = np.random.default_rng(1).random((rows, columns))
    return numbers / numbers.sum(-1, keepdims=True)


def test_loss_curve(matplotlib, tmp_path):
    figure = pictures.loss_curve(HISTORY, tmp_path / "loss.png", "Learning")
    assert (tmp_path / "loss.png").read_bytes().startswith(PNG)
    assert [path.name for path in tmp_path.iterdir()] == ["loss.png"]
    (axes,) = figure.axes
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("step", "cross-entropy (nats a token)")
    assert axes.get_title(loc="left") == "Learning" and len(axes.get_legend().get_texts()) == 2
    raw, _, validation = axes.lines
    np.testing.assert_allclose(raw.get_ydata(), [row["loss"] for row in HISTORY])
    np.testing.assert_allclose(validation.get_xdata(), range(10, 91, 10))


def test_loss_curve_passes_over_what_is_not_a_number(matplotlib, tmp_path):
    rows = [{"step": 1, "loss": 3.0}, {"step": 2, "loss": float("nan")}, {"step": 3}, {"loss": 1.0}]
    rows.append({"step": 4, "loss": 2})
    figure = pictures.loss_curve(rows, tmp_path / "loss.png")
    assert list(figure.axes[0].lines[0].get_xdata()) == [1, 4]
    with pytest.raises(InputError, match="no step"):
        pictures.loss_curve([], tmp_path / "none.png")
    assert not (tmp_path / "none.png").exists()


def test_smoothing_is_centred_and_keeps_the_mean():
    line = np.arange(200.0)
    np.testing.assert_allclose(pictures.smoothed(line)[20:-20], line[20:-20])
    np.testing.assert_allclose(pictures.smoothed([7.0] * 90), 7)


def test_attention_map(matplotlib, tmp_path):
    shares = weights(3, 2)
    figure = pictures.attention_map(shares, ["I", "run", r"$\frac$"], ["a", "b"], tmp_path / "map.png", "Looked at")
    assert (tmp_path / "map.png").read_bytes().startswith(PNG)
    found = texts(figure)
    assert all(label in found for label in ["I", "run", r"$\frac$", "a", "b", "Looked at", "attention weight"])
    assert all(f"{share:.2f}" in found for share in shares.reshape(-1))
    np.testing.assert_allclose(figure.axes[0].images[0].get_array(), shares)


def test_words_become_numbers_where_no_font_has_them(matplotlib, tmp_path, monkeypatch):
    from matplotlib import font_manager

    own = [font for font in font_manager.fontManager.ttflist if "DejaVu" in font.name or "Last Resort" in font.name]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", own)
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [])
    figure = pictures.attention_map(weights(2, 3), ["I", "🦊"], WORDS, tmp_path / "map.png")
    found = texts(figure)
    assert {"I", "[2]", "[1]", "[3]"} <= set(found) and not set("".join(found)) & set("我喜欢编程🦊")
    assert any("no installed font" in text for text in found)


def test_a_font_that_was_installed_since_matplotlibs_first_start_is_found(matplotlib, monkeypatch):
    from matplotlib import font_manager

    own = [font for font in font_manager.fontManager.ttflist if "DejaVu" in font.name]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", own)
    files = ["/fonts/Later-Bold.ttc", "/fonts/Later-Regular.ttc", "/fonts/Other-Regular.ttc"]
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [*(font.fname for font in own), *files])
    monkeypatch.setattr(pictures, "lacking", lambda file, characters: frozenset() if "Later" in file else characters)
    font, missing = pictures.label_font(frozenset("我"))
    assert font.get_file() == "/fonts/Later-Regular.ttc" and not missing


def test_an_installed_font_with_the_characters_is_found(matplotlib, tmp_path, monkeypatch):
    tools = pytest.importorskip("fontTools.ttLib")
    from matplotlib import font_manager

    with tools.TTFont(font_manager.findfont("DejaVu Sans")) as font:  # ours draws the words with its letter A
        for table in font["cmap"].tables:
            table.cmap.update({ord(character): "A" for character in "我喜欢编程"})
        font.save(tmp_path / "words.ttf")
    entry = font_manager.FontEntry(fname=str(tmp_path / "words.ttf"), name="Noto Sans CJK SC")
    monkeypatch.setattr(font_manager.fontManager, "ttflist", [*font_manager.fontManager.ttflist, entry])
    found = texts(pictures.attention_map(weights(2, 3), ["I", "like"], WORDS, tmp_path / "map.png"))
    assert set(WORDS) <= set(found) and not any("font" in text for text in found)


def test_the_font_of_the_extra_chinese_is_found(matplotlib, tmp_path, monkeypatch):
    tools = pytest.importorskip("fontTools.ttLib")
    from matplotlib import font_manager

    own = [font for font in font_manager.fontManager.ttflist if "DejaVu" in font.name]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", own)
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [])
    monkeypatch.setattr(pictures, "PACKAGE", "fonts_for_a_test")
    assert pictures.packaged_fonts() == []
    package = tmp_path / "fonts_for_a_test"
    package.mkdir()
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "Any-Serif.otf").write_bytes(b"no font")
    with tools.TTFont(font_manager.findfont("DejaVu Sans")) as font:
        for table in font["cmap"].tables:
            table.cmap.update({ord(character): "A" for character in "我喜欢编程"})
        font.save(package / "Any-Sans.ttf")
    monkeypatch.syspath_prepend(tmp_path)
    assert [path.rsplit("-")[-1] for path in pictures.packaged_fonts()] == ["Sans.ttf", "Serif.otf"]
    found = texts(pictures.attention_map(weights(2, 3), ["I", "like"], WORDS, tmp_path / "map.png"))
    assert set(WORDS) <= set(found) and not any("font" in text for text in found)


def test_large_maps_stay_small_pictures(matplotlib, tmp_path):
    names = [f"word{i}" for i in range(128)]
    figure = pictures.attention_map(weights(128, 128), names, names, tmp_path / "map.png")
    assert max(figure.get_size_inches()) < 15 and len(figure.axes[0].texts) == 0


def test_vectors_and_bars(matplotlib, tmp_path):
    values = np.random.default_rng(2).standard_normal((2, 30))
    figure = pictures.vector_map(values, ["a", "b"], tmp_path / "vectors.png")
    low, high = figure.axes[0].images[0].get_clim()
    assert -low == high == np.abs(values).max()
    figure = pictures.bars([r"$\frac$", "b"], [0.25, 0.75], tmp_path / "bars.png", form="{:.0%}")
    assert {"25%", "75%"} <= set(texts(figure))


def test_labels_must_fit_the_array(matplotlib):
    with pytest.raises(ValueError, match="2 rows"):
        pictures.attention_map(weights(3, 2), ["a", "b"], ["a", "b"])
    with pytest.raises(ValueError, match="1 labels"):
        pictures.bars(["a"], [1, 2])


def test_nothing_global_is_changed(matplotlib, tmp_path):
    from matplotlib import pyplot

    before, opened = dict(matplotlib.rcParams), pyplot.get_fignums()
    pictures.loss_curve(HISTORY, tmp_path / "loss.png")
    assert dict(matplotlib.rcParams) == before and pyplot.get_fignums() == opened


def test_without_matplotlib_one_line_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    for draw in (
        lambda: pictures.loss_curve(HISTORY, tmp_path / "loss.png"),
        lambda: pictures.attention_map(weights(2, 3), ["I", "like"], WORDS, tmp_path / "map.png"),
    ):
        with pytest.raises(MissingExtra) as caught:
            draw()
        assert 'pip install "minilm[ui]"' in str(caught.value) and "\n" not in str(caught.value)
        assert caught.value.extra == "ui"
    assert not list(tmp_path.iterdir())


def test_a_missing_folder_is_named(matplotlib, tmp_path):
    with pytest.raises(InputError, match="loss.png"):
        pictures.loss_curve(HISTORY, tmp_path / "none" / "loss.png")
