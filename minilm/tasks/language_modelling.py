"""Language modelling: which token comes next, at each position. And a trained model with its tokenizer: text in, its
continuation out, whole or as it comes.

A batch is {"inputs", "targets": (B, T)} of ids, "mask" (B, T) where some targets do not count (True = counts), and the
state that a recurrent model carries from the batch before, under the names that its forward gives it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from minilm import loading
from minilm.decoding import sampling
from minilm.errors import InputError
from minilm.fast import cross_entropy, sliced_cross_entropy
from minilm.storage import fields, hub
from minilm.tasks.with_tokenizer import WithTokenizer

LAST = 8  # tokens of a prompt that say how its continuation is written: a character has no more bytes


@dataclass(frozen=True)
class Task:
    """Train `model`, a module that makes logits (B, T, V) of each next token from inputs (B, T).

    Where the config says `sliced`, the model offers encode, encode_backward and head too, and its head and the loss go
    through the rows in slices: all logits are never held at once, and none are in the cache.
    """

    model: Any

    @property
    def carry(self):
        """What a recurrent model hands on to the next batch, a function of the cache; None for any other model."""
        return getattr(self.model, "carry", None)

    def count(self, batch):
        """The number of targets that count."""
        return int(batch["mask"].sum()) if "mask" in batch else int(batch["targets"].size)

    def loss(self, params, batch, *, config, rng=None, count=None):
        """The mean loss of a token (`count` of them, by default those of the batch that count), and the cache."""
        mask = batch.get("mask")                                           # (B, T)
        if getattr(config, "sliced", False):
            y, cache = self.model.encode(params, batch["inputs"], config=config, rng=rng)  # (B, T, D)
            value, loss_cache = sliced_cross_entropy.forward(
                self.model.head(params), y, batch["targets"], mask, count=count
            )
        else:
            carried = {name: array for name, array in batch.items() if name not in ("inputs", "targets", "mask")}
            logits, cache = self.model.forward(params, batch["inputs"], **carried, config=config, rng=rng)
            value, loss_cache = cross_entropy.forward(logits, batch["targets"], mask, count=count)
        return value, cache | {"loss": loss_cache}

    def loss_backward(self, params, cache, dloss=1.0, *, config, consume=False):
        """dloss, a scalar -> dparams. `consume`: the cache is read no more, and backward lets go of it as it goes."""
        if getattr(config, "sliced", False):
            dy, dhead = sliced_cross_entropy.backward(self.model.head(params), cache["loss"], dloss)
            return self.model.encode_backward(params, cache, dy, dhead, config=config, consume=consume)
        # The gradient of the logits has no name here: it need not outlive the head, and it is a step's largest array.
        return self.model.backward(
            params, cache, cross_entropy.backward(cache["loss"], dloss, consume=consume), config=config, consume=consume
        )


class LanguageModel(WithTokenizer):
    """`model` is the module (models.gpt, models.gpt2 or models.lstm_lm), `params` and `config` are its.

    `tokenizer` has encode(text) -> ids, decode(ids) -> text and save(folder); None means: look into `folder` when text
    is first needed. `start` is the token that stands for an empty prompt, `end` the one that ends a text, a tuple of
    several that do, or None; `forbidden` are ids that are never generated.
    """

    def __init__(
        self, model, params, config, tokenizer=None, *, start=None, end=None, forbidden=(), folder=None, hub=None
    ):  # fmt: skip
        super().__init__(model, params, config, tokenizer, folder=folder, hub=hub)
        self.start, self.end, self.forbidden = start, end, tuple(forbidden)

    @property
    def context(self):
        """The number of positions that the model sees at once; None: it has no limit."""
        return getattr(self.config, "max_positions", None)

    def generate(
        self, prompt: Any, tokens: int = 100, *, temperature: float = 1.0, top_k: int | None = None,
        top_p: float | None = None, seed: int = 0, stop: bool = True,
    ) -> Any:  # fmt: skip
        """The continuation of a text, or the list of continuations of a list of texts, without the prompts.

        Settings as in decoding.sampling; row b of a list has the seed plus b. `stop`: an end token ends a text.
        Raises InputError for an empty prompt where the model has no start token, for one longer than the context, and
        for settings out of range.
        """
        prompts = self.encode([prompt] if isinstance(prompt, str) else prompt)
        settings = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "seed": seed}
        found = self.generate_ids(prompts, tokens, stop=stop, **settings)
        texts = [self.continuation(before, ids) for before, ids in zip(prompts, found, strict=True)]
        return texts[0] if isinstance(prompt, str) else texts

    def stream(
        self, prompt: Any, tokens: int = 100, *, temperature: float = 1.0, top_k: int | None = None,
        top_p: float | None = None, seed: int = 0, stop: bool = True,
    ) -> Iterator[str]:  # fmt: skip
        """Yield the continuation of one text, or of its ids, piece by piece, as its tokens come.

        Joined, they are `generate`'s text.

        A character whose bytes are not all there yet (it ends in U+FFFD so far) waits for the tokens that complete it.
        """
        ids: list[int] = []
        shown = ""
        settings = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "seed": seed}
        prompts = self.encode([prompt]) if isinstance(prompt, str) else [prompt]
        for turn in self.turns(prompts, tokens, stop=stop, **settings):
            for _, token in turn:
                ids.append(token)
                text = self.continuation(prompts[0], ids)
                if text.startswith(shown) and not text.endswith("\N{REPLACEMENT CHARACTER}"):
                    yield text[len(shown) :]
                    shown = text
        rest = self.continuation(prompts[0], ids) if ids else ""
        if rest.startswith(shown) and len(rest) > len(shown):
            yield rest[len(shown) :]

    def generate_ids(self, prompts, tokens=100, **settings):
        """`generate` for lists of ids."""
        texts: list[list[int]] = [[] for _ in prompts]
        for turn in self.turns(prompts, tokens, **settings):
            for row, token in turn:
                texts[row].append(token)
        return texts

    def turns(self, prompts, tokens=100, *, stop=True, **settings):
        """decoding.sampling.stream with this model."""
        loading.check_ids(prompts, self.config.vocabulary, self.context)
        end = self.end if stop else None
        return sampling.stream(
            self.model, self.params, self.config, prompts, tokens=tokens, end=end, context=self.context,
            forbidden=self.forbidden, **settings,
        )

    def encode(self, texts):
        """The ids of each text."""
        encoded = [list(self.tokenizer.encode(text)) for text in texts]
        for number, ids in enumerate(encoded, start=1):
            if not ids and self.start is None:
                raise InputError(f"prompt {number} is empty; give some text to go on from")
        return [ids or [self.start] for ids in encoded]

    def decode(self, ids):
        """The text of ids. One that the tokenizer does not know (a padded vocabulary) says nothing."""
        size = getattr(self.tokenizer, "size", self.config.vocabulary)
        return self.tokenizer.decode([token for token in ids if token < size])

    def continuation(self, prompt, ids):
        """The text of ids as they go on from those of a prompt: with the space that a word wants after a word."""
        last = list(prompt[-LAST:])
        before, whole = self.decode(last), self.decode([*last, *ids])
        return whole[len(before) :] if whole.startswith(before) else self.decode(ids)

    def save(self, folder, training=None):
        """Write a run folder: settings, weights and the tokenizer's files."""
        marks = {"start": self.start, "end": self.end, "forbidden": list(self.forbidden)}
        super().save(folder, {**(training or {}), **marks})

    def export(self, folder):
        """Write a folder that Transformers loads. Raises InputError for a model that it lacks."""
        end = list(self.end) if isinstance(self.end, tuple) else self.end
        self.written(folder, bos_token_id=self.start, eos_token_id=end)
        hub.write_generation(folder, self.start, end)

    @classmethod
    def load(cls, folder):
        """Read a run folder or a hub folder. Raises InputError, naming file and field, for whatever does not fit."""
        loaded = loading.read(folder, cls)
        size = loaded.config.vocabulary
        if loaded.training:
            said_by = f"{folder}/settings.json: training"
            start, *_ = run_marks(loaded.training.get("start"), size, f"{said_by}.start") or [None]
            ends = run_marks(loaded.training.get("end"), size, f"{said_by}.end")
            forbidden = run_marks(loaded.training.get("forbidden"), size, f"{said_by}.forbidden")
        else:  # Transformers takes ids beyond the vocabulary for none
            given = loaded.hub | hub.generation(folder)
            start = next(iter(known(given.get("bos_token_id"), size)), None)
            ends, forbidden = known(given.get("eos_token_id"), size), []
        end = ends[0] if len(ends) == 1 else tuple(ends) or None
        return cls(
            loaded.model, loaded.params, loaded.config, folder=loaded.folder, hub=loaded.hub, start=start, end=end,
            forbidden=forbidden,
        )  # fmt: skip


def listed(value):
    """A number, a list of them or None as a list."""
    return value if isinstance(value, list) else [] if value is None else [value]


def known(value, size):
    """The ids, one or a list of them, that a vocabulary of `size` has."""
    return [token for token in listed(value) if fields.INDEX.holds(token) and token < size]


def run_marks(value, size, place):
    """The ids, one or a list of them. Raises InputError for one outside the vocabulary; `place` says where."""
    for token in listed(value):
        if fields.INDEX.check(token, place, "train again") >= size:
            raise InputError(f"{place} is {token}, and the model has 0 ... {size - 1}; train again")
    return listed(value)
