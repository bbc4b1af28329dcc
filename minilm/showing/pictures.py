"""Pictures of a run: loss curve, attention map, vectors, bars. They need matplotlib (the extra `ui`).

Each function returns matplotlib's Figure and, where a path is given, writes it as a PNG, whole or not at all. No
window is opened and nothing global is changed: the figures are made without pyplot, so whatever backend and style
the caller uses stays as it was.

Matplotlib's own font has no Chinese. `label_font` looks for one that has every character of the labels, among those of
the system and in the font package of the extra `chinese`; where there is none, such words become numbers, [1] [2] ...,
and a note says so, rather than empty boxes.
"""

import io
import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from minilm.errors import InputError, MissingExtra
from minilm.showing.language import in_language
from minilm.storage import atomic
from minilm.text import columns as text_columns

INK, FAINT, BLUE, RED = "#24292f", "#8c959f", "#0b6e99", "#d1495b"
SEQUENTIAL, DIVERGING = "Blues", "RdBu"
SHOWN = 16  # maps of at most so many rows and columns have their numbers written into them
PACKAGE = "pylopdf_fonts_zh_cn"  # Noto Sans SC and Noto Serif SC in a package, under the SIL Open Font License
WELL_KNOWN = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "PingFang SC", "Microsoft YaHei",
    "Hiragino Sans GB", "Heiti SC", "SimHei", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Noto Sans CJK JP",
    "Droid Sans Fallback", "Arial Unicode MS", "Unifont",
)  # fmt: skip


def loss_curve(
    history: Sequence[dict], path: str | Path | None = None, title: str = "Loss of a token", language: str = "en"
) -> Any:  # fmt: skip
    """`history`: rows with "step", "loss" and at times "validation_loss", in nats a token.

    `language`: of what stands beside the title, "en" or "zh". Raises InputError where no row has a finite loss.
    """
    say = in_language(language)
    training = points(history, "loss")
    # What training lowers, where that is more than a token's loss: label smoothing, a second objective.
    validation = points(history, "validation_objective") or points(history, "validation_loss")
    if not training:
        raise InputError("the history holds no step with a finite loss, so there is no curve to draw; train first")
    figure, axes = new_figure(7.5, 4.4)
    steps, losses = zip(*training, strict=True)
    crowded = len(losses) > 60
    axes.plot(steps, losses, color=BLUE, linewidth=0.8 if crowded else 1.8, alpha=0.3 if crowded else 1,
              label=None if crowded else say("training", "训练"), marker=None if len(losses) > 1 else "o")  # fmt: skip
    if crowded:
        label = say("training (smoothed over steps)", "训练（按步平滑）")
        axes.plot(steps, smoothed(losses), color=BLUE, linewidth=2, label=label)
    if validation:
        axes.plot(*zip(*validation, strict=True), color=RED, linewidth=1.4, marker="o", markersize=4.5,
                  markeredgecolor="white", label=say("validation (held back)", "验证（未参加训练）"))  # fmt: skip
        axes.annotate(f"{validation[-1][1]:.3g}", validation[-1], (7, 0), textcoords="offset points", color=RED,
                      va="center", fontsize=9, annotation_clip=False)  # fmt: skip
    every = [loss for _, loss in training + validation]
    if min(every) > 0 and max(every) > 20 * min(every):
        from matplotlib.ticker import LogLocator, NullFormatter

        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.yaxis.set_minor_formatter(NullFormatter())
    else:
        axes.set_ylim(bottom=min(0, *every))
    axes.set_xlim(left=0)
    labelled(axes, say("step", "步"), say("cross-entropy (nats a token)", "交叉熵（每个词元，单位 nat）"))
    axes.grid(True, color="#d8dee4", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    legend = axes.legend(frameon=False, labelcolor=INK)
    for text in legend.get_texts():
        text.set(fontproperties=font_of(text.get_text()), fontsize=text.get_fontsize())
    return finished(figure, axes, title, path)


def attention_map(
    weights: np.ndarray, rows: Sequence[str], columns: Sequence[str], path: str | Path | None = None,
    title: str = "Attention", label: str = "attention weight", across: str = "looked at", down: str = "word",
) -> Any:  # fmt: skip
    """`weights` (T, S) between 0 and 1: row t is what word rows[t] took from each of `columns`."""
    return draw_map(weights, rows, columns, path, title, label, across, down, SEQUENTIAL, (0, 1), "{:.2f}")


def confusion_map(table: np.ndarray, labels: Sequence[str], path: str | Path | None = None) -> Any:
    """`table` (C, C) counts what each label (row) was taken for (column); each row is shown as shares of its sum."""
    counts = np.asarray(table, np.float64)
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    names = [text_columns.cut(text_columns.printable(label), 24) for label in labels]
    return draw_map(
        shares, names, names, path, "What was taken for what", "share of the row", "taken for", "is", SEQUENTIAL,
        (0, 1), "{:.2f}",
    )  # fmt: skip


def vector_map(
    values: np.ndarray, rows: Sequence[str], path: str | Path | None = None, title: str = "Vectors",
    label: str = "value",
) -> Any:  # fmt: skip
    """`values` (S, D): one word's vector a row; red below zero, blue above, white at zero."""
    largest = float(np.abs(values).max(initial=0)) or 1.0
    headings = [str(i) for i in range(np.shape(values)[1])]
    limits = (-largest, largest)
    return draw_map(values, rows, headings, path, title, label, "dimension", "word", DIVERGING, limits, "{:.1f}")


def bars(
    labels: Sequence[str], values: Sequence[float], path: str | Path | None = None, title: str = "",
    label: str = "value", form: str = "{:.2f}",
) -> Any:  # fmt: skip
    """A horizontal bar for each label, the first on top, its number (written in `form`) at the end."""
    if len(labels) != len(values):
        raise ValueError(f"{len(labels)} labels for {len(values)} values")
    figure, axes = new_figure(6.5, 1.3 + 0.38 * len(labels))
    font, (names,), note = shown_labels(labels)
    drawn = axes.barh(range(len(names)), values, color=BLUE, height=0.66)
    axes.bar_label(drawn, [form.format(value) for value in values], padding=4, color=INK, fontsize=9)
    axes.set_yticks(range(len(names)), names, fontproperties=font, parse_math=False)
    axes.invert_yaxis()
    axes.margins(x=0.15)
    labelled(axes, label)
    axes.spines[["top", "right"]].set_visible(False)
    return finished(figure, axes, title, path, note)


def draw_map(values, rows, columns, path, title, label, across, down, colours, limits, form):
    """A matrix as coloured squares, with words at its sides and, where it is small, its numbers in it."""
    values = np.asarray(values)
    if values.shape != (len(rows), len(columns)):
        raise ValueError(f"{len(rows)} rows and {len(columns)} columns of labels for an array {values.shape}")
    # the words need room beside the squares, and a map of many squares must not grow without end
    longest = max((len(text) for text in (*rows, *columns)), default=1)
    width, height = min(10.0, max(2.4, 0.62 * len(columns))), min(10.0, max(1.2, 0.5 * len(rows)))
    figure, axes = new_figure(width + 2.0 + 0.09 * min(longest, 16), height + 1.5)
    font, (row_names, column_names), note = shown_labels(rows, columns)
    image = axes.imshow(values, cmap=colours, vmin=limits[0], vmax=limits[1], aspect="auto", interpolation="nearest")
    for axis, names in ((axes.xaxis, column_names), (axes.yaxis, row_names)):
        ticks = range(0, len(names), math.ceil(len(names) / 40) or 1)
        shown = [names[i] for i in ticks]
        turned = axis is axes.xaxis and max(map(text_columns.width, shown), default=0) * len(shown) > 9 * width
        axis.set_ticks(ticks, shown, fontproperties=font, parse_math=False, rotation=60 if turned else 0)
    axes.tick_params(length=0, labelcolor=INK)
    labelled(axes, across, down)
    axes.spines[:].set_visible(False)
    if max(values.shape) <= SHOWN:
        for place in range(1, values.shape[1]):
            axes.axvline(place - 0.5, color="white", linewidth=2)
        for place in range(1, values.shape[0]):
            axes.axhline(place - 0.5, color="white", linewidth=2)
        for (i, j), value in np.ndenumerate(values):
            red, green, blue, _ = image.cmap(image.norm(value))
            dark = 0.3 * red + 0.59 * green + 0.11 * blue < 0.55
            axes.text(j, i, form.format(value), ha="center", va="center", fontsize=8.5, color="white" if dark else INK)
    scale = figure.colorbar(image, ax=axes, fraction=0.05, pad=0.03)
    scale.set_label(label, color=INK, fontproperties=font_of(label))
    scale.ax.tick_params(color=FAINT, labelcolor=INK)
    scale.outline.set_visible(False)
    return finished(figure, axes, title, path, note)


def new_figure(width, height):
    """(figure, axes), inches. Raises MissingExtra where matplotlib is not installed."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtra("pictures need matplotlib", "ui") from None
    figure = Figure(figsize=(width, height), dpi=150, layout="constrained", facecolor="white")
    axes = figure.add_subplot(facecolor="white")
    axes.tick_params(color=FAINT, labelcolor=INK)
    return figure, axes


def labelled(axes, across, down=""):
    """What the axes show, below and at the left."""
    axes.set_xlabel(across, color=INK, fontproperties=font_of(across))
    axes.set_ylabel(down, color=INK, fontproperties=font_of(down))


def drawn_in(language: str) -> str:
    """`language` where a font can draw it, else English. Raises MissingExtra where matplotlib is not installed."""
    new_figure(1, 1)
    return language if not label_font(frozenset(in_language(language)("words", "中文词")))[1] else "en"


def font_of(text):
    """The font for a text, None for matplotlib's own."""
    return label_font(frozenset(text))[0]


def finished(figure, axes, title, path, note=""):
    shown = {"fontproperties": font_of(title), "fontsize": 12, "fontweight": "bold"}
    axes.set_title(title, loc="left", color=INK, pad=10, parse_math=False, **shown)
    if note:
        figure.supxlabel(note, fontsize=8, color=FAINT)
    if path is not None:
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", metadata={"Software": None})
        atomic.write_bytes(path, buffer.getvalue())
    return figure


def shown_labels(*groups):
    """(a font or None for matplotlib's own, the groups of labels as they can be drawn, a note to the reader)."""
    groups = tuple([text_columns.cut(text_columns.printable(text), 16) for text in group] for group in groups)
    font, missing = label_font(frozenset("".join(text for group in groups for text in group)))
    if not missing:
        return font, groups, ""
    numbered = tuple(
        [f"[{place}]" if missing & set(text) else text for place, text in enumerate(group, start=1)] for group in groups
    )
    way_out = "no installed font has their characters; for Chinese: pip install \"minilm[chinese]\""
    return None, numbered, f"[1], [2] …: the words in their order\n({way_out})"


@lru_cache(maxsize=64)
def label_font(characters: frozenset[str]) -> tuple[Any, frozenset[str]]:
    """(a font that has them all, the empty set), or (None, those that matplotlib's own font lacks)."""
    from matplotlib.font_manager import FontProperties, findfont, findSystemFonts, fontManager

    missing = lacking(findfont(FontProperties()), characters)
    if not missing:
        return None, missing
    known = {name: turn for turn, name in enumerate(WELL_KNOWN)}
    for font in sorted(fontManager.ttflist, key=lambda font: known.get(font.name, len(known))):
        # the last-resort font "has" every character, as an empty box
        if "last resort" not in font.name.lower() and not lacking(font.fname, characters):
            return FontProperties(fname=font.fname), frozenset()
    # Matplotlib keeps a list of fonts from its first start: one that was installed since is not in it.
    new = set(findSystemFonts()) - {font.fname for font in fontManager.ttflist}
    for file in [*packaged_fonts(), *sorted(new, key=lambda file: ("Regular" not in file, file))]:
        if "lastresort" not in file.lower() and not lacking(file, characters):
            return FontProperties(fname=file), frozenset()
    return None, missing


def packaged_fonts():
    """The font files of the extra `chinese`, those without serifs first; none where it is not installed."""
    from importlib.util import find_spec

    found = find_spec(PACKAGE)
    folders = list(found.submodule_search_locations or ()) if found else []
    files = [str(path) for folder in folders for path in Path(folder).glob("*.[ot]tf")]
    return sorted(files, key=lambda file: ("Sans" not in file, file))


def lacking(file, characters):
    """Which of the characters the font file has no glyph for; all, where it cannot be read."""
    from matplotlib.font_manager import get_font

    try:
        glyphs = get_font(file).get_charmap()
    except (OSError, RuntimeError):
        return characters
    return frozenset(character for character in characters if ord(character) not in glyphs and character != " ")


def points(history, name):
    """(step, value) of the rows that have a finite value."""
    given = [(row.get("step"), row.get(name)) for row in history]
    numbers = [(step, value) for step, value in given if isinstance(step, int) and isinstance(value, int | float)]
    return [(step, value) for step, value in numbers if math.isfinite(value)]


def smoothed(values, share=0.06):
    """A running mean over about a sixteenth of the curve, at most 50 steps, without lag: the window is centred."""
    half = max(1, min(25, int(len(values) * share / 2)))
    sums = np.concatenate([[0.0], np.cumsum(np.asarray(values, float))])
    ends = np.minimum(np.arange(len(values)) + half + 1, len(values))
    starts = np.maximum(np.arange(len(values)) - half, 0)
    return (sums[ends] - sums[starts]) / (ends - starts)
