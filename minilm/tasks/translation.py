"""Translation: each next word of the target, from the source and the words before it. And a trained encoder-decoder
with its two vocabularies: text in, text out.

A batch is {"source": (B, S), "target": (B, T + 1)} of ids, the target with its start and end marks, padded with 0.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from minilm import loading
from minilm.data.batches import pad
from minilm.decoding import beam as beam_search
from minilm.decoding import greedy
from minilm.errors import InputError, said
from minilm.fast import cross_entropy
from minilm.machine import small_products
from minilm.models import encoder_decoder
from minilm.storage import fields, run_folder
from minilm.tasks import shown
from minilm.text import english, segmentation
from minilm.text.chinese import is_chinese
from minilm.text.marks import END, PAD, START, UNKNOWN
from minilm.text.vocabulary import Vocabulary

MODEL = "encoder_decoder"
# Marks of either width: a keyboard types one, the sentences that were learnt have the other.
OTHER_WIDTH = dict(zip("?!.,:;？！。，：；", "？！。，：；?!.,:;", strict=True))
WIDEST = 64  # beams: each place has a state of its own


@dataclass(frozen=True)
class Task:
    """Train `model`, a module that makes logits (B, T, V) of each next word from source (B, S) and target (B, T)."""

    model: Any

    def count(self, batch):
        """The number of target tokens that count: every word and the end mark, not the padding."""
        return int((batch["target"][:, 1:] != PAD).sum())

    def loss(self, params, batch, *, config, rng=None, count=None):
        """The mean loss of a token, smoothed as the config says, and the cache.

        Teacher forcing: the decoder reads target[:, :-1] and is asked for target[:, 1:].
        """
        logits, cache = self.model.forward(params, batch["source"], batch["target"][:, :-1], config=config, rng=rng)
        answers = batch["target"][:, 1:]                                   # (B, T)
        value, loss_cache = cross_entropy.forward(
            logits, answers, answers != PAD, config.smoothing, never=(PAD,), count=count
        )
        return value, cache | {"loss": loss_cache}

    def loss_backward(self, params, cache, dloss=1.0, *, config, consume=False):
        """dloss, a scalar -> dparams. `consume`: the cache is read no more, and backward lets go of it as it goes."""
        settings = {"smoothing": config.smoothing, "never": (PAD,), "consume": consume}
        # The gradient of the logits has no name here: it need not outlive the head, and it is a step's largest array.
        return self.model.backward(
            params, cache, cross_entropy.backward(cache["loss"], dloss, **settings), config=config, consume=consume
        )


class Language:
    """One side's way from text to words and back: "chinese" is segmented, "spaced" (English ...) split at spaces."""

    def __init__(self, kind, frequencies=None):
        if kind not in ("chinese", "spaced"):
            raise InputError(f"a language is 'chinese' or 'spaced', not {said(kind)}")
        self.kind, self.frequencies = kind, frequencies or {}
        self.segment = segmentation.Segmenter(self.frequencies) if kind == "chinese" else None

    def split(self, text):
        return self.segment(text) if self.segment else english.split(text)

    def join(self, words):
        return segmentation.join(words) if self.segment else english.join(words)

    def describe(self):
        return {"kind": self.kind, "frequencies": self.frequencies}

    @classmethod
    def from_description(cls, described, place):
        frequencies = described.get("frequencies") or {} if isinstance(described, dict) else None
        if not isinstance(frequencies, dict):
            raise InputError(f"{place}: not a description of a language; train again")
        for word, number in frequencies.items():
            fields.COUNT.check(number, f"{place}.frequencies[{said(word, 30)}]", "train again")
        try:
            return cls(described.get("kind"), frequencies)
        except ValueError as error:
            raise InputError(f"{place}: {error}; train again") from None


def with_known_spaces(words, vocabulary):
    """The words without a space that the vocabulary has not: an unknown word would be worse than none."""
    return [word for word in words if word != segmentation.SPACE or word in vocabulary.ids]


class SourceWords:
    """The source side of a Translator as a tokenizer."""

    def __init__(self, translator):
        self.translator, self.ids = translator, translator.source_vocabulary.ids

    def encode(self, text):
        """The ids of a text. Raises InputError for an empty one."""
        return self.translator.encode(text)

    def decode(self, ids):
        """The text of ids."""
        return self.translator.source_language.join(self.translator.source_vocabulary.decode(ids))


class Translator:
    """params and config of models.encoder_decoder, and for each side a Language and a Vocabulary."""

    steps_trained: int | None = None  # how far its training has come, and how far it was to go: minilm.load says so
    steps_planned: int | None = None

    def __init__(self, params, config, languages, vocabularies):
        self.params, self.config = params, config
        self.source_language, self.target_language = languages
        self.source_vocabulary, self.target_vocabulary = vocabularies

    name = MODEL

    def __repr__(self) -> str:
        return shown.line(self, f"{len(self.source_vocabulary):,} to {len(self.target_vocabulary):,} words")

    def translate(self, text: Any, beam: int = 1, length_penalty: float = 0.6) -> Any:
        """The translation of a text, or the list of translations of a list of texts.

        `beam` 1 is greedy decoding. Raises InputError for an empty text or one with more words than the model has
        positions, naming it, and for a setting out of range.
        """
        texts = [text] if isinstance(text, str) else list(text)
        ids = [self.encode(one, number) for number, one in enumerate(texts, start=1)]
        translations = [self.decode(found) for found in self.search(ids, beam, length_penalty)]
        return translations[0] if isinstance(text, str) else translations

    def encode(self, text, number=1):
        """The source ids of one text."""
        return self.source_vocabulary.encode(self.split(text, number))

    def read(self, text, number=1):
        """The source ids of one text, and those of its words that the model has never seen, in order."""
        words = self.split(text, number)
        ids = self.source_vocabulary.encode(words)
        return ids, [word for word, token in zip(words, ids, strict=True) if token == UNKNOWN]

    def split(self, text, number=1):
        """The words of one text. Raises InputError for none, too many or those of another language; `number` says which
        text of several it is."""
        words = self.words(text)
        if not words:
            raise InputError(f"sentence {number} is empty; give a sentence to translate")
        if self.foreign(words):
            if self.source_language.kind == "chinese":
                wanted = "this model translates from Chinese; say it in Chinese"
                raise InputError(f"sentence {number} is not Chinese, and {wanted}")
            wanted = "this model translates from a language with spaces between its words"
            raise InputError(f"sentence {number} is Chinese, and {wanted}; say it in that one")
        if len(words) > self.config.max_positions:
            limit = f"the model reads at most {self.config.max_positions}"
            raise InputError(f"sentence {number} has {len(words)} words, {limit}; cut it in parts")
        return words

    def decode(self, ids):
        """The text of target ids."""
        return self.target_language.join(self.target_vocabulary.decode(ids))

    def words(self, text):
        """The words of a text as the model reads them: a mark that it never saw is its twin of the other width, and a
        space that it never saw is none."""
        words = with_known_spaces(self.source_language.split(text), self.source_vocabulary)
        return [word if self.knows(word) else OTHER_WIDTH.get(word, word) for word in words]

    def foreign(self, words):
        """Whether the words are of another script than the model's, and it knows none of them."""
        lettered = [word for word in words if any(map(str.isalpha, word))]
        chinese = any(is_chinese(character) for word in lettered for character in word)
        other = chinese != (self.source_language.kind == "chinese")
        return bool(lettered) and other and not any(map(self.knows, lettered))

    def knows(self, word):
        """Whether the model has seen a word in training."""
        return self.source_vocabulary.ids.get(word, UNKNOWN) != UNKNOWN

    @property
    def source_tokenizer(self):
        """What a text becomes before it is translated: encode, decode and ids, as every tokenizer has them."""
        return SourceWords(self)

    def search(self, sources, beam=1, length_penalty=0.6, rows=256):
        """The target ids of lists of source ids, `rows` sentences of like length at a time."""
        beam_search.require_settings(beam, length_penalty, WIDEST)
        found: list[list[int]] = [[] for _ in sources]
        order = sorted(range(len(sources)), key=lambda index: len(sources[index]))
        for first in range(0, len(order), rows):
            part = order[first : first + rows]
            source = pad([sources[index] for index in part])
            with small_products.held(self.params, source.size):
                state = encoder_decoder.start(self.params, self.config, source)
            # a translation is rarely twice as long as its source; a row's limit depends on that row alone
            limits = np.minimum(2 * (source != PAD).sum(1) + 10, self.config.max_positions)
            settings = {"first": START, "end": END, "limits": limits, "forbidden": (PAD, START, UNKNOWN)}
            given = (encoder_decoder, self.params, self.config, state)
            if beam == 1:
                texts = greedy.decode(*given, **settings)
            else:
                texts = beam_search.decode(*given, beam=beam, length_penalty=length_penalty, **settings)
            for index, text in zip(part, texts, strict=True):
                found[index] = text
        return found

    def save(self, folder, training=None):
        """Write weights, vocabularies and settings into a run folder."""
        training = dict(training or {})
        training["source_language"] = self.source_language.describe()
        training["target_language"] = self.target_language.describe()
        run_folder.write_settings(folder, MODEL, self.config, training)
        self.source_vocabulary.save(Path(folder) / "source_vocabulary.json")
        self.target_vocabulary.save(Path(folder) / "target_vocabulary.json")
        run_folder.write_weights(folder, self.params)

    @classmethod
    def load(cls, folder):
        """Read a run folder. Raises InputError, naming file and field, for whatever does not fit."""
        folder = Path(folder)
        loaded = loading.read(folder, cls)
        languages = [
            Language.from_description(loaded.training.get(name), f"{folder}/settings.json: training.{name}")
            for name in ("source_language", "target_language")
        ]
        vocabularies = [Vocabulary.load(folder / f"{side}_vocabulary.json") for side in ("source", "target")]
        for side, vocabulary in zip(("source", "target"), vocabularies, strict=True):
            size = getattr(loaded.config, f"{side}_vocabulary")
            if len(vocabulary) != size:
                raise InputError(f"{folder}/{side}_vocabulary.json: {len(vocabulary)} words, the settings say {size}")
        return cls(loaded.params, loaded.config, languages, vocabularies)
