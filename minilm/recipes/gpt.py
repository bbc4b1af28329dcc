"""The recipe of a GPT over characters: a text file -> characters, batches, training, a run folder.

The text is one long row of which windows are read (the last tenth is held back), or, where a preset says `lines`, a
list of short lines of which each is a row of its own (a tenth of the different ones is held back for validation and
another for a test). Every held-back character counts in the final loss.
"""

from dataclasses import dataclass, field
from functools import partial

import numpy as np

from minilm import catalogue, tree
from minilm.data import lines, windows
from minilm.errors import InputError
from minilm.recipes import plain_text, presets
from minilm.tasks.language_modelling import LanguageModel, Task
from minilm.text.byte_bpe import ByteBPE
from minilm.text.characters import Characters
from minilm.training import evaluate, loop, schedules

BYTES = 256  # the least of a byte-level BPE
LONGEST = 200  # characters in a line, where lines are rows
EXAMPLE = "to be or not to be"  # a text to look at an untrained model with


@dataclass(frozen=True, kw_only=True)
class Preset:
    """Sizes and training of a character GPT; `model` is models.gpt2 or models.gpt (2018)."""

    layers: int
    heads: int
    width: int
    context: int
    rows: int
    steps: int
    peak: float
    floor: float
    warmup: int
    dropout: float = 0.0
    decay: float = 0.1
    beta1: float = 0.9
    beta2: float = 0.99
    clip: float = 1.0
    lines: bool = False
    model: str = "gpt2"
    pieces: int = 0  # tokens of a byte-level BPE that is learnt from the text; 0: characters


PRESETS = {name: Preset(**numbers) for name, numbers in presets.GPT.items()}


@dataclass
class Prepared:
    """An untrained language model with its data: `train` gives batch i, `validation` and `test` all batches."""

    language_model: LanguageModel
    train: partial
    validation: list
    preset: Preset
    seed: int
    characters: int
    prompt: str
    test: list = field(default_factory=list)
    origin: str | None = None  # a name for the weights that it goes on from

    @property
    def trained(self):
        """What the training trains."""
        return self.language_model

    @property
    def steps(self):
        """The steps of the whole training."""
        return self.preset.steps


def prepare(path, preset, seed=0):
    """Read the text, hold a part of it back, draw random weights. Raises InputError, naming the file."""
    text = plain_text.read(path)
    given = {"seed": seed, "rows": preset.rows}
    if preset.lines:
        tokenizer = Characters.train(text + "\n")
        parts, longest = split_lines(text, path, seed)
        ids = {part: [tokenizer.encode(line) for line in found] for part, found in parts.items()}
        mark = tokenizer.ids["\n"]
        batch = partial(lines.shuffled, ids["train"], mark=mark, **given)
        held = [lines.in_order(ids[part], rows=256, mark=mark) for part in ("validation", "test")]
        context, prompt = max(preset.context, longest + 1), ""
        start: int | None = mark
    else:
        context = preset.context
        parts = plain_text.parts(text, path, context + 2)
        merges = preset.pieces - BYTES - 1  # beside the bytes and the mark of a text's end
        tokenizer = ByteBPE.train(parts[0], merges) if preset.pieces else Characters.train(text)
        first, last = (np.array(tokenizer.encode(part)) for part in parts)
        batch = partial(windows.random_windows, first, length=context, **given)
        held, mark = [windows.windows_in_order(last, rows=64, length=context), []], None
        prompt = (text.strip() or text)[0]
        start = tokenizer.ids.get("Ċ" if preset.pieces else "\n")  # a new line: what begins a text
    model = catalogue.ROWS[preset.model].module
    config = model.Config(
        vocabulary=tokenizer.size, max_positions=context, width=preset.width, heads=preset.heads,
        inner=4 * preset.width, layers=preset.layers, embedding_dropout=preset.dropout,
        attention_dropout=preset.dropout, dropout=preset.dropout,
    )  # fmt: skip
    params = model.init(np.random.default_rng(seed), config, deviation=preset.width**-0.5)
    language_model = LanguageModel(model, params, config, tokenizer, start=start, end=mark)
    return Prepared(language_model, batch, held[0], preset, seed, len(text), prompt, held[1])


def untrained(preset, text, target=None):
    """A language model with random weights over the characters of `text` alone, without dropout: to be looked at."""
    model, tokenizer = catalogue.ROWS[preset.model].module, Characters.train(text or " ")
    config = model.Config(
        vocabulary=tokenizer.size, max_positions=max(preset.context, len(text)), width=preset.width, heads=preset.heads,
        inner=4 * preset.width, layers=preset.layers, embedding_dropout=0.0, attention_dropout=0.0, dropout=0.0,
    )  # fmt: skip
    params = model.init(np.random.default_rng(0), config, deviation=preset.width**-0.5)
    return LanguageModel(model, params, config, tokenizer)


def split_lines(text, path, seed):
    """(parts, the longest line's characters). Raises InputError, naming the file and the line."""
    found = text.replace("\r\n", "\n").split("\n")
    longest = max(range(len(found)), key=lambda number: len(found[number]))
    if len(found[longest]) > LONGEST:
        raise InputError(
            f"{path}:{longest + 1}: a line of {len(found[longest])} characters; a preset of lines reads up to "
            f"{LONGEST} of them, take another preset for running text"
        )
    try:
        return lines.split(found, seed), len(found[longest])
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def train(prepared, state=None):
    """Train; yields (Step, state) after each step."""
    preset, language_model = prepared.preset, prepared.language_model
    shape = {"peak": preset.peak, "warmup": preset.warmup, "steps": preset.steps, "floor": preset.floor}
    settings = {"beta1": preset.beta1, "beta2": preset.beta2, "decay": preset.decay}
    state = state or loop.start(language_model.params)
    for step in loop.run(
        Task(language_model.model), language_model.config, state, prepared.train, steps=preset.steps,
        schedule=partial(schedules.cosine, **shape), seed=prepared.seed, settings=settings, clip=preset.clip, shards=2,
    ):  # fmt: skip
        language_model.params = state.params
        yield step, state


def validation_loss(prepared, most=None, part="validation"):
    """Loss and perplexity over the held-back part (its first `most` batches)."""
    model = prepared.language_model
    return evaluate.evaluate(Task(model.model), model.config, model.params, getattr(prepared, part)[:most])


def describe(prepared):
    """One line: what is trained on what."""
    model, preset = prepared.language_model, prepared.preset
    known = "different ones" if isinstance(model.tokenizer, Characters) else "tokens in the vocabulary"
    return (
        f"{prepared.characters} characters, {model.tokenizer.size} {known}; "
        f"{tree.size(model.params)} parameters; {preset.steps} steps"
    )


def sample(prepared, tokens=100):
    """What the model writes by now: `tokens` characters, or a few lines."""
    model = prepared.language_model
    settings = {"temperature": 0.8, "seed": prepared.seed}
    if prepared.preset.lines:
        return ", ".join(model.generate([""] * (tokens // 20), LONGEST, **settings))
    return prepared.prompt + model.generate(prepared.prompt, tokens, **settings)


def summary(folder, prepared):
    """The last lines: what the held-back parts say."""
    measured = validation_loss(prepared)
    said = [f"validation: perplexity {measured.perplexity:.2f}, loss {measured.loss:.4f}"]
    if prepared.test:
        held = validation_loss(prepared, part="test")
        said.insert(0, f"test: perplexity {held.perplexity:.2f}, loss {held.loss:.4f} a character, line ends included")
    return "\n".join(said)


def next_command(folder, prepared):
    """What to try now: words of a command line."""
    return ["minilm", "generate", str(folder), *(["--prompt", prepared.prompt] if prepared.prompt else [])]
