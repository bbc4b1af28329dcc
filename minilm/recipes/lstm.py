"""The recipe of the article's LSTM (its section 5.2) over words: a text file -> words, epochs, a run folder.

The text is one long row of words, cut into as many strips as a batch has rows; the state goes on from a window to the
next and is zero where an epoch begins (truncated backpropagation through time). The vocabulary is the training part's
most frequent words; a word that is not among them counts as <unknown>, which is never generated. The last tenth of the
text is held back.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from minilm import tree
from minilm.data import windows
from minilm.errors import InputError
from minilm.layers import lstm_stack
from minilm.models import lstm_lm
from minilm.recipes import plain_text, presets
from minilm.storage import run_folder
from minilm.tasks.language_modelling import LanguageModel, Task
from minilm.text.marks import END, PAD, START, UNKNOWN
from minilm.text.words import Words
from minilm.training import adam, evaluate, loop, schedules

SPECIAL = (PAD, START, END, UNKNOWN)  # ids that no text holds
EXAMPLE = "to be or not to be"  # a text to look at an untrained model with


@dataclass(frozen=True, kw_only=True)
class Preset:
    """Sizes and training of an LSTM over words; the defaults are the article's, and rows, length and clip our own."""

    vocabulary: int = 10_000
    embedding: int = 256
    hidden: int = 512
    layers: int = 1
    dropout: float = 0.0
    rows: int = 32
    length: int = 35
    epochs: int = 10
    rate: float = 1e-3
    clip: float = 1.0


PRESETS = {name: Preset(**numbers) for name, numbers in presets.LSTM.items()}


@dataclass
class Prepared:
    """An untrained language model with its data: `train` gives batch i, `validation` all batches in order.

    `epoch` is the number of steps in an epoch, `unknown` the share of the held-back words that are not known.
    """

    language_model: LanguageModel
    train: partial
    validation: list
    preset: Preset
    epoch: int
    seed: int
    words: int
    unknown: float
    prompt: str

    @property
    def trained(self):
        """What the training trains."""
        return self.language_model

    @property
    def steps(self):
        """The steps of the whole training."""
        return self.epoch * self.preset.epochs

    @property
    def carry(self):
        """The state that goes from a batch to the next, before the first one: what a checkpoint's must look like."""
        h, c = lstm_stack.zero_state(self.language_model.params["encoder"], self.preset.rows)
        return {"h": h, "c": c}


def prepare(path, preset, seed=0):
    """Read the text, hold its last tenth back, draw random weights. Raises InputError, naming the file."""
    first, last = plain_text.parts(plain_text.read(path), path, preset.length + 2)
    try:
        tokenizer = Words.train(first, preset.vocabulary)
        ids, held = (np.array(tokenizer.encode(part)) for part in (first, last))
        shape = {"rows": preset.rows, "length": preset.length}
        epoch = windows.windows_per_epoch(len(ids), **shape)
        batch = partial(windows.contiguous_windows, ids, **shape)
        shape["rows"] = min(preset.rows, max(1, len(held) // (preset.length + 1)))
        number = windows.windows_per_epoch(len(held), **shape)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    validation = [windows.contiguous_windows(held, index, **shape) for index in range(number)]
    config = lstm_lm.Config(
        vocabulary=tokenizer.size, embedding=preset.embedding, hidden=preset.hidden, layers=preset.layers,
        dropout=preset.dropout,
    )  # fmt: skip
    params = lstm_lm.init(np.random.default_rng(seed), config)
    language_model = LanguageModel(lstm_lm, params, config, tokenizer, forbidden=SPECIAL)
    return Prepared(
        language_model, batch, validation, preset, epoch, seed, len(ids) + len(held),
        float((held == UNKNOWN).mean()), tokenizer.decode(ids[:1]),
    )  # fmt: skip


def untrained(preset, text, target=None):
    """A language model with random weights over the words of `text` alone, without dropout: to be looked at."""
    tokenizer = Words.train(text, preset.vocabulary)
    config = lstm_lm.Config(
        vocabulary=tokenizer.size, embedding=preset.embedding, hidden=preset.hidden, layers=preset.layers, dropout=0.0
    )
    params = lstm_lm.init(np.random.default_rng(0), config)
    return LanguageModel(lstm_lm, params, config, tokenizer, forbidden=SPECIAL)


def train(prepared, state=None):
    """Train with Adam, as the article does; yields (Step, state) after each step."""
    preset, language_model = prepared.preset, prepared.language_model
    state = state or loop.start(language_model.params, adam)
    for step in loop.run(
        Task(lstm_lm), language_model.config, state, prepared.train, steps=prepared.steps, optimiser=adam,
        schedule=partial(schedules.constant, rate=preset.rate), seed=prepared.seed, clip=preset.clip, shards=2,
        carry_resets_every=prepared.epoch,
    ):  # fmt: skip
        language_model.params = state.params
        yield step, state


def validation_loss(prepared, most=None):
    """Loss and perplexity over the held-back tenth (its first `most` windows), its state carried along."""
    model = prepared.language_model
    return evaluate.evaluate(Task(lstm_lm), model.config, model.params, prepared.validation[:most], carried=True)


def describe(prepared):
    """One line: what is trained on what."""
    model = prepared.language_model
    return (
        f"{prepared.words} words and marks, {model.tokenizer.size} different ones known ({prepared.unknown:.1%} of the "
        f"held-back ones are not); {tree.size(model.params)} parameters; "
        f"{prepared.preset.epochs} epochs of {prepared.epoch} steps"
    )


def sample(prepared, tokens=40):
    """What the model writes by now."""
    model = prepared.language_model
    return prepared.prompt + model.generate(prepared.prompt, tokens, temperature=0.8, seed=prepared.seed)


def summary(folder, prepared):
    """The last lines: the loss of each epoch, and what the held-back part says."""
    rows = run_folder.read_history(folder)
    said = ["epoch   training loss   validation loss   validation perplexity"]
    for epoch in range(prepared.preset.epochs):
        of_epoch = [row for row in rows if epoch * prepared.epoch < row["step"] <= (epoch + 1) * prepared.epoch]
        if of_epoch:
            mean = sum(row["loss"] for row in of_epoch) / len(of_epoch)
            measured = of_epoch[-1]["validation_loss"], of_epoch[-1]["validation_perplexity"]
            said.append(f"{epoch + 1:5} {mean:15.3f} {measured[0]:17.3f} {measured[1]:23.1f}")
    measured = validation_loss(prepared)
    said.append(f"validation: perplexity {measured.perplexity:.2f}, loss {measured.loss:.4f}")
    return "\n".join(said)


def next_command(folder, prepared):
    """What to try now: words of a command line."""
    return ["minilm", "generate", str(folder), "--prompt", prepared.prompt.strip() or "The"]
