"""The recipe of a translator: sentence pairs -> vocabularies, batches, training, a run folder.

`prepare` makes the untrained translator and its data, `train` is a generator that walks through the training and
yields a report after each step, `score` says how good it is. `minilm demo` and `minilm train encoder-decoder` are
both this.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from minilm.data import batches, grammar, tab_separated
from minilm.errors import InputError, said
from minilm.metrics import bleu, exact_match
from minilm.models import encoder_decoder
from minilm.recipes import presets
from minilm.tasks.translation import Language, Task, Translator, with_known_spaces
from minilm.text.chinese import is_chinese
from minilm.text.vocabulary import Vocabulary
from minilm.training import evaluate, loop, schedules

EXAMPLE, EXAMPLE_TARGET = "我喜欢编程", "I like programming"  # to look at an untrained model with


@dataclass(frozen=True, kw_only=True)
class Preset:
    """Sizes and training of a translator; `minilm train encoder-decoder -h` says what to expect."""

    width: int
    heads: int
    inner: int
    layers: int
    steps: int
    tokens: int  # in a batch, both sides, padding included
    peak: float  # learning rate
    warmup: int
    dropout: float
    smoothing: float
    minimum: int  # how often a word must occur to be known
    decay: float = 0.01
    max_positions: int = 128


PRESETS = {name: Preset(**numbers) for name, numbers in presets.TRANSLATION.items()}


@dataclass
class Prepared:
    """An untrained translator with its data."""

    translator: Translator
    parts: dict[str, list[tuple[str, str]]]
    train: batches.PairBatches
    validation: list[dict[str, np.ndarray]]
    preset: Preset
    seed: int
    left_out: dict[str, int] = field(default_factory=dict)  # pairs of each part that are empty or too long

    @property
    def trained(self):
        """What the training trains."""
        return self.translator

    @property
    def steps(self):
        """The steps of the whole training."""
        return self.preset.steps


def shipped(reverse=False):
    """(parts, languages) of the corpus that comes with minilm, Chinese to English or back."""
    languages = [Language("chinese", grammar.word_frequencies()), Language("spaced")]
    parts = grammar.split()
    if reverse:
        return {part: [(b, a) for a, b in pairs] for part, pairs in parts.items()}, languages[::-1]
    return parts, languages


def from_file(path, source=1, target=2, seed=0):
    """(parts, languages) of a tab-separated file; each column's language is guessed from its script.

    A Chinese column is cut into the words of the shipped corpus and, where it has none, into characters. The parts
    share no sentence of the column that stands first in the file.
    """
    numbered = tab_separated.numbered(path, source, target)
    pairs = [pair for _, pair in numbered]
    languages = [language(side) for side in zip(*pairs, strict=True)]
    require_columns(path, numbered, (source, target), languages)
    try:
        parts = tab_separated.split(pairs, seed, side=0 if source < target else 1)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    return parts, languages


def require_columns(path, numbered, columns, languages):
    """Raise InputError for a column that holds no sentences, and for a line whose two languages are exchanged."""
    for side, column in enumerate(columns):
        lettered = sum(any(map(str.isalpha, pair[side])) for _, pair in numbered)
        if 2 * lettered < len(numbered):
            found = f"{path}: column {column} has letters in {lettered} of {len(numbered)} lines: no sentences"
            raise InputError(f"{found}; --source and --target say which columns have them, from 1")
    kinds = [side.kind for side in languages]
    if kinds[0] == kinds[1]:
        return
    chinese, other = kinds.index("chinese"), kinds.index("spaced")
    exchanged = [
        (number, pair) for number, pair in numbered
        if language([pair[other]]).kind == "chinese" and language([pair[chinese]]).kind == "spaced"
        and any(map(str.isalpha, pair[chinese]))
    ]  # fmt: skip
    if exchanged:
        number, pair = exchanged[0]
        more = f", and {len(exchanged) - 1} lines more" if len(exchanged) > 1 else ""
        found = f"{path}:{number}: column {columns[chinese]} has {said(pair[chinese], 30)}, in other lines Chinese"
        raise InputError(f"{found}{more}; exchange the two columns there, or take the line out")


def language(sentences):
    """Chinese where a fifth of the letters are Chinese characters."""
    letters = Counter(is_chinese(c) for sentence in sentences for c in sentence if c.isalpha())
    if letters[True] * 5 < letters.total():
        return Language("spaced")
    return Language("chinese", {word: n for word, n in grammar.word_frequencies().items() if len(word) < 4})


def prepare(parts, languages, preset, seed=0, dtype=np.float32):
    """Vocabularies, ids, batches and a translator with random weights. Nothing is read from the test part."""
    texts = {
        part: [[side.split(pair[i]) for pair in pairs] for i, side in enumerate(languages)]
        for part, pairs in parts.items() if part != "test"
    }  # fmt: skip
    vocabularies = [Vocabulary.build(words, preset.minimum) for words in texts["train"]]
    ids = {
        part: [[v.encode(with_known_spaces(words, v)) for words in side]
               for v, side in zip(vocabularies, sides, strict=True)]
        for part, sides in texts.items()
    }  # fmt: skip
    left_out = {}
    for part, (sources, targets) in ids.items():
        limit = preset.max_positions
        kept = [i for i in range(len(sources)) if 0 < len(sources[i]) <= limit and 0 < len(targets[i]) < limit]
        left_out[part] = len(sources) - len(kept)
        ids[part] = [[side[i] for i in kept] for side in (sources, targets)]
        if not kept:
            raise InputError(f"no pair of the {part} part has 1 to {limit - 1} words on both sides; cut the sentences")
    config = encoder_decoder.Config(
        source_vocabulary=len(vocabularies[0]), target_vocabulary=len(vocabularies[1]), width=preset.width,
        heads=preset.heads, inner=preset.inner, encoder_layers=preset.layers,
        decoder_layers=preset.layers, max_positions=preset.max_positions, dropout=preset.dropout,
        smoothing=preset.smoothing,
    )  # fmt: skip
    params = encoder_decoder.init(np.random.default_rng(seed), config, dtype)
    return Prepared(
        Translator(params, config, languages, vocabularies), parts,
        batches.PairBatches(*ids["train"], seed=seed, tokens=preset.tokens),
        batches.in_order(*ids["validation"], rows=128), preset, seed, left_out,
    )  # fmt: skip


def untrained(preset, text, target=None):
    """A translator with random weights over the words of two sentences alone, without dropout: to be looked at."""
    languages = [Language("chinese", grammar.word_frequencies()), Language("spaced")]
    sides = [languages[0].split(text), languages[1].split(EXAMPLE_TARGET if target is None else target)]
    vocabularies = [Vocabulary.build([words]) for words in sides]
    config = encoder_decoder.Config(
        source_vocabulary=len(vocabularies[0]), target_vocabulary=len(vocabularies[1]), width=preset.width,
        heads=preset.heads, inner=preset.inner, encoder_layers=preset.layers, decoder_layers=preset.layers,
        max_positions=preset.max_positions, dropout=0.0, smoothing=preset.smoothing,
    )  # fmt: skip
    params = encoder_decoder.init(np.random.default_rng(0), config)
    return Translator(params, config, languages, vocabularies)


def train(prepared, state=None, steps=None):
    """Train; yields (Step, state) after each step. The state goes to `checkpoints.save`, and back in to resume.

    `steps` stops before the preset's last step (its schedule stays). Two shards, whatever the machine: their number
    decides the last bits, and a run should be the same everywhere.
    """
    preset, translator = prepared.preset, prepared.translator
    state = state or loop.start(translator.params)
    shape = {"peak": preset.peak, "warmup": preset.warmup, "steps": preset.steps, "floor": preset.peak / 100}
    settings = {"beta2": 0.98, "decay": preset.decay}  # the paper's β₂ (section 5.3)
    for step in loop.run(
        Task(encoder_decoder), translator.config, state, prepared.train, steps=steps or preset.steps,
        schedule=partial(schedules.cosine, **shape), seed=prepared.seed, settings=settings, shards=2,
    ):  # fmt: skip
        translator.params = state.params
        yield step, state


def validation_loss(prepared, most=None):
    """Loss and perplexity on the validation part (its first `most` batches), without smoothing."""
    plain = replace(prepared.translator.config, smoothing=0.0)
    return evaluate.evaluate(Task(encoder_decoder), plain, prepared.translator.params, prepared.validation[:most])


def validation_objective(prepared, most=None):
    """What training lowers, with its label smoothing, over the validation part: beside its curve."""
    translator = prepared.translator
    task = Task(encoder_decoder)
    return evaluate.evaluate(task, translator.config, translator.params, prepared.validation[:most])


def readable(translator, pairs):
    """The pairs whose source the translator can read: not empty, and not longer than it has positions."""
    longest = translator.config.max_positions
    return [pair for pair in pairs if 0 < len(translator.words(pair[0])) <= longest]


def score(translator, pairs, beam=1, length_penalty=0.6) -> dict[str, Any]:
    """Exact matches (a fraction), BLEU over sentence pairs with what it is counted "by", and the translations."""
    found = translator.translate([source for source, _ in pairs], beam, length_penalty)
    wanted = [target for _, target in pairs]
    split, by = translator.target_language.split, "words and marks"
    if translator.target_language.kind == "chinese":
        split, by = list, "characters"  # BLEU must not depend on how the text was segmented
    value = bleu.corpus_bleu([split(text) for text in found], [split(text) for text in wanted])
    exact = exact_match.exact_match(found, wanted)
    return {"exact": exact, "bleu": value, "by": by, "sentences": len(pairs), "translations": found}
