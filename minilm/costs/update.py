"""What a training step does after the gradients: the shards' added, their norm, the optimiser.

Over all parameters at once, in slices that stay in the cache (training.slices), by all threads together. So what
comes from memory is counted once, as a stream, and the passes over a slice are counted in the cache.
"""

from minilm.costs.parts import passes
from minilm.costs.work import Part, Pass
from minilm.training.slices import SLICE


def parts(parameters, shards, clipped, decays):
    """The share of one of the threads, as many as there are shards."""
    mine = -(-parameters // shards)
    slices = mine / SLICE
    if shards > 1:
        yield Part("shards' gradients added", 0, [Pass("fresh", 1, mine, shards - 1)])
    else:
        yield Part("gradients kept", 0, [Pass("fresh", 1, mine, 2 / 3)])
    yield Part("norm of the gradient", 0, [Pass("stream", 1, mine)])
    size = min(mine, SLICE)
    number = max(slices, 1)
    in_cache = passes(1, size, temporary=number, inplace=9 * number + number * decays)
    in_cache += passes(1, size, divide=2 * number)  # the root costs what a quotient does
    yield Part("AdamW" if decays else "Adam", 0, in_cache + [Pass("stream", 1, mine, 7)])
