"""The random streams: what draws from a seed, each under a number of its own, so that no two uses share their numbers.

A generator follows from the stream, the seed and where it is (an epoch, a step, a shard) alone: there is no state to
store, and a run that is resumed draws what it would have drawn.
"""

import numpy as np

DROPOUT = 1  # of a shard in a step
ORDER_OF_PAIRS = 2  # sentence pairs in an epoch
WINDOWS = 3  # where the windows of a batch begin
MASKED_TOKENS = 4  # which tokens of a batch are masked, and what becomes of them
SENTENCE_PAIRS = 5  # BERT's pairs of a batch
ORDER_OF_LINES = 6  # short lines in an epoch
SPLIT_OF_LINES = 7  # which lines are held back
SPLIT_OF_DOCUMENTS = 8  # which documents are held back
ORDER_OF_SEQUENCES = 9  # labelled sequences in an epoch
ORDER_OF_TEXTS = 10  # labelled texts in an epoch
FORGOTTEN_TOKENS = 11  # which tokens of a batch are replaced by the unknown one


def generator(stream: int, *place: int) -> np.random.Generator:
    """The stream's generator at a place: the seed first, then an epoch, a step or an index."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence((stream, *place))))


def fast_generator(stream: int, *place: int) -> np.random.Generator:
    """The same over SFC64, which draws bits sooner: for dropout, which draws most."""
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence((stream, *place))))
