"""The recipe of a character-level GPT: a text file -> characters, windows, training, a run folder.

The model is models.gpt2. The last tenth of the text is held back for validation; its loss is over every character.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from minilm import tree
from minilm.data import windows
from minilm.errors import InputError
from minilm.language_model import LanguageModel
from minilm.models import gpt2
from minilm.storage import run_folder
from minilm.text.characters import Characters
from minilm.training import checkpoint, evaluate, loop, schedules


@dataclass(frozen=True)
class Preset:
    """Sizes and training of a character GPT."""

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


PRESETS = {
    "nanogpt-cpu": Preset(4, 4, 128, 64, 12, 2000, 1e-3, 1e-4, 100),
    "shakespeare": Preset(4, 4, 128, 64, 24, 1400, 5e-3, 1e-4, 100),
    "tiny": Preset(1, 2, 32, 32, 8, 40, 3e-3, 3e-4, 10),
}


@dataclass
class Prepared:
    """An untrained language model with its data: `train` gives batch i, `validation` all batches."""

    language_model: LanguageModel
    ids: np.ndarray
    validation: list
    preset: Preset
    seed: int
    characters: int

    @property
    def trained(self):
        """What the training trains."""
        return self.language_model

    def train(self, index):
        """Batch `index`."""
        given = {"seed": self.seed, "rows": self.preset.rows, "length": self.preset.context}
        return windows.random_windows(self.ids, index, **given)


def prepare(path, preset, seed=0):
    """Read the text, cut off its last tenth, draw random weights. Raises InputError, naming the file."""
    text = read_text(path)
    tokenizer = Characters.train(text)
    ids = np.array(tokenizer.encode(text))
    edge = len(ids) * 9 // 10
    if edge <= preset.context + 1 or len(ids) - edge < 2:
        raise InputError(f"{path}: {len(ids)} characters are too few for a context of {preset.context}")
    config = gpt2.Config(
        tokenizer.size, preset.context, preset.width, preset.heads, 4 * preset.width, preset.layers,
        preset.dropout, preset.dropout, preset.dropout,
    )  # fmt: skip
    params = gpt2.init(np.random.default_rng(seed), config)
    validation = windows.windows_in_order(ids[edge:], rows=64, length=preset.context)
    return Prepared(LanguageModel(gpt2, params, config, tokenizer), ids[:edge], validation, preset, seed, len(ids))


def read_text(path):
    """A UTF-8 file, its newlines as they are. Raises InputError, naming the file and the line."""
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; give a text file") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(f"{path}:{line}: not UTF-8; save the file as UTF-8") from None


def train(prepared, state=None):
    """Train; yields (Step, state) after each step."""
    preset, language_model = prepared.preset, prepared.language_model
    shape = {"peak": preset.peak, "warmup": preset.warmup, "steps": preset.steps, "floor": preset.floor}
    settings = {"beta1": preset.beta1, "beta2": preset.beta2, "decay": preset.decay}
    state = state or loop.start(language_model.params)
    for step in loop.run(
        gpt2, language_model.config, state, prepared.train, steps=preset.steps,
        schedule=partial(schedules.cosine, **shape), seed=prepared.seed, settings=settings, clip=preset.clip, shards=2,
    ):  # fmt: skip
        language_model.params = state.params
        yield step, state


def validation_loss(prepared, most=None):
    """Loss and perplexity over the held-back tenth (its first `most` batches)."""
    model = prepared.language_model
    return evaluate.evaluate(gpt2, model.config, model.params, prepared.validation[:most])


def save_checkpoint(folder, state):
    run_folder.write_checkpoint(folder, checkpoint.to_tree(state))


def load_checkpoint(folder, prepared):
    """The state to resume from. Raises InputError where it does not belong to this run."""
    return checkpoint.from_tree(run_folder.read_checkpoint(folder), prepared.language_model.params)


def size(prepared):
    """How many parameters the model has."""
    return tree.size(prepared.language_model.params)
