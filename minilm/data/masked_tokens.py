"""Batches for BERT's two objectives (Devlin et al. 2019, section 3.1 and appendix A.1), by (seed, step) alone.

Masked tokens: in each row `rate` of the tokens that are not special are chosen, at least one. Of the chosen,

    80 %   become the mask token
    10 %   become a random token (none of the special ones)
    10 %   stay what they are

and the model is asked what all of them were. Special tokens (padding, separators, the mask ...) are never chosen.

Next sentences: a row is [class] A [separator] B [separator]; in half of the rows B is what follows A in its document,
in the other half it is taken from another one. The answer is 0 where it follows and 1 where it does not.
"""

from collections.abc import Sequence

import numpy as np

from minilm.data import random_streams
from minilm.errors import InputError

Batch = dict[str, np.ndarray]


def mask_tokens(
    ids: np.ndarray, *, seed: int, step: int, vocabulary: int, mask_id: int, special: Sequence[int], rate: float = 0.15
) -> Batch:
    """ids (B, T) -> {"inputs", "targets", "mask": (B, T)}, mask True where the model is asked.

    Raises ValueError for a rate outside (0, 1] or a mask_id that is not among `special`.
    """
    if not 0 < rate <= 1 or mask_id not in special:
        raise ValueError(f"the rate lies in (0, 1], not {rate}, and the mask token {mask_id} is special")
    rng = random_streams.generator(random_streams.MASKED_TOKENS, seed, step)
    ordinary = ~np.isin(ids, list(special))                                # (B, T)
    number = ordinary.sum(1)                                               # (B)
    chosen = np.minimum(np.maximum(np.rint(rate * number), 1), number)     # (B)
    lots = np.where(ordinary, rng.random(ids.shape), 2.0)                  # (B, T)
    rank = lots.argsort(1).argsort(1)                                      # (B, T)
    # Special tokens have the last ranks, so none of them is among the chosen.
    mask = rank < chosen[:, None]                                          # (B, T)
    kind = rng.random(ids.shape)                                           # (B, T)
    words = np.setdiff1d(np.arange(vocabulary), list(special))
    others = words[rng.integers(0, len(words), ids.shape)]                 # (B, T)
    changed = np.where(kind < 0.8, mask_id, np.where(kind < 0.9, others, ids))
    return {"inputs": np.where(mask, changed, ids), "targets": ids.astype(np.int64), "mask": mask}


class Documents:
    """Documents, each a list of sentences, each a list of ids; and where in them a sentence that is followed stands.

    Raises InputError where there are not two documents that are not empty, one of them of two sentences or more.
    """

    def __init__(self, documents: Sequence[Sequence[Sequence[int]]]) -> None:
        self.filled = [document for document in documents if document]
        self.places = [(d, s) for d, document in enumerate(self.filled) for s in range(len(document) - 1)]
        if not self.places or len(self.filled) < 2:
            raise InputError("next sentences need two documents, one of them of two sentences; give more text")


def sentence_pairs(
    documents: Documents,
    *, seed: int, step: int, rows: int, length: int, start: int, separator: int, pad: int = 0,
) -> Batch:  # fmt: skip
    """The pairs of one batch.

    {"inputs", "segments", "attend": (B, T), "next_sentence", "next_sentence_weight": (B)}. Where a pair is longer than
    `length`, the longer sentence loses its last token, again and again.
    Raises InputError where `length` is below 5.
    """
    if length < 5:
        raise InputError(f"a pair of sentences has at least 5 tokens, and {length} are allowed; allow more")
    rng = random_streams.generator(random_streams.SENTENCE_PAIRS, seed, step)
    filled, places = documents.filled, documents.places
    batch = {name: np.zeros((rows, length), np.int64) for name in ("inputs", "segments")}
    batch["inputs"][:] = pad
    answers = rng.integers(0, 2, rows)                                     # (B)
    longest = 0
    for row, answer in enumerate(answers):
        document, place = places[rng.integers(len(places))]
        first, second = list(filled[document][place]), filled[document][place + 1]
        if answer:
            elsewhere = rng.integers(len(filled) - 1)
            other = filled[elsewhere + (elsewhere >= document)]
            second = other[int(rng.integers(len(other)))]
        second = list(second)
        while len(first) + len(second) > length - 3:
            (first if len(first) > len(second) else second).pop()
        text = [start, *first, separator, *second, separator]
        batch["inputs"][row, : len(text)] = text
        batch["segments"][row, len(first) + 2 : len(text)] = 1
        longest = max(longest, len(text))
    batch = {name: array[:, :longest] for name, array in batch.items()}
    batch["attend"] = batch["inputs"] != pad
    return batch | {"next_sentence": answers, "next_sentence_weight": np.full(rows, 1 / rows)}


def pretraining_batch(
    documents: Documents,
    *, seed: int, step: int, rows: int, length: int, vocabulary: int, start: int, separator: int, mask_id: int,
    pad: int = 0, unknown: int | None = None, rate: float = 0.15,
) -> Batch:  # fmt: skip
    """Both objectives in one batch, as tasks.pretraining takes it."""
    pairs = sentence_pairs(
        documents, seed=seed, step=step, rows=rows, length=length, start=start, separator=separator, pad=pad
    )
    special = [pad, start, separator, mask_id, *([] if unknown is None else [unknown])]
    masked = mask_tokens(
        pairs["inputs"], seed=seed, step=step, vocabulary=vocabulary, mask_id=mask_id, special=special, rate=rate
    )
    return pairs | masked
