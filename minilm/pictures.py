"""Pictures: a training's loss curve and an attention map, as PNG files. They need matplotlib (the extra `ui`)."""

import io
from pathlib import Path

from minilm.errors import MissingExtra
from minilm.storage import atomic

INK, ACCENT, SECOND = "#22223b", "#d1495b", "#00798c"
CJK_FONTS = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei",
    "PingFang SC", "Hiragino Sans GB", "Heiti SC", "Microsoft YaHei", "SimHei", "Droid Sans Fallback", "Arial Unicode MS",
)  # fmt: skip


def loss_curve(history, path, title="Loss of a token"):
    """`history`: rows with "step", "loss" and at times "validation_loss" (nats a token). Writes the PNG `path`."""
    figure, axes = _figure(7.2, 4.2)
    axes.plot([row["step"] for row in history], [row["loss"] for row in history], color=SECOND, lw=1, alpha=0.8,
              label="training")  # fmt: skip
    measured = [(row["step"], row["validation_loss"]) for row in history if row.get("validation_loss") is not None]
    if measured:
        axes.plot(*zip(*measured, strict=True), color=ACCENT, marker="o", ms=4, label="validation (unseen sentences)")
    axes.set_yscale("log")
    axes.set_xlabel("step")
    axes.set_ylabel("cross-entropy, nats a token")
    axes.set_title(title, loc="left", color=INK)
    axes.grid(True, which="both", alpha=0.15)
    axes.legend(frameon=False)
    _save(figure, path)


def attention_map(weights, rows, columns, path, title="Attention"):
    """`weights` (T, S), `rows` and `columns` their words: what each row's word looked at. Writes the PNG `path`."""
    figure, axes = _figure(1.8 + 0.75 * len(columns), 1.6 + 0.6 * len(rows))
    font, (rows, columns), note = _labels(rows, columns)
    image = axes.imshow(weights, cmap="magma", vmin=0, vmax=1, aspect="auto")
    axes.set_xticks(range(len(columns)), columns, fontproperties=font)
    axes.set_yticks(range(len(rows)), rows, fontproperties=font)
    for i, row in enumerate(weights):
        for j, weight in enumerate(row):
            axes.text(j, i, f"{weight:.2f}", ha="center", va="center", fontsize=8, color="white" if weight < 0.6 else INK)
    axes.set_title(title, loc="left", color=INK, fontsize=11)
    axes.set_xlabel("looked at" + note)
    figure.colorbar(image, ax=axes, fraction=0.05, label="weight")
    _save(figure, path)


def _figure(width, height):
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtra("pictures need matplotlib", "ui") from None
    figure = Figure(figsize=(width, height), dpi=150, layout="constrained")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _labels(*groups):
    """(a font that has Chinese or None, the labels, a note): without such a font, words are numbered instead."""
    if all(label.isascii() for group in groups for label in group):
        return None, groups, ""
    from matplotlib import font_manager

    installed = {font.name: font.fname for font in font_manager.fontManager.ttflist}
    for name in CJK_FONTS:
        if name in installed:
            return font_manager.FontProperties(fname=installed[name]), groups, ""
    numbered = [
        [label if all(ord(c) < 0x2E80 for c in label) else f"word {i}" for i, label in enumerate(group, start=1)]
        for group in groups
    ]
    return None, numbered, "\n(no font with Chinese characters is installed: its words are numbered)"


def _save(figure, path):
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    atomic.write_bytes(Path(path), buffer.getvalue())
