"""Chains of elementwise steps, block by block: what one step leaves in the cache the next one finds there.

Each NumPy call passes over its whole arrays. A chain of eight over arrays larger than the cache fetches them from
memory eight times, over blocks once: GELU and its derivative on 6 MB take 0.7 of the time.
"""

import numpy as np

BLOCK = 1 << 17  # numbers at a time: half as many cost 5 % of GELU, for the calls; twice as many as well


def in_blocks(function, *arrays):
    """``function(*arrays)``, of one block of each after the other -> the new array (...).

    `function` is a pure one, elementwise: from arrays (N) to a new array (N). The arrays (...) are of one shape, and
    each is handed over in one dimension; what comes has the dtype of them all. No warning is given where a number
    overflows or a quotient is 0 / 0: the chains say what comes of it.
    """
    out = np.empty(arrays[0].shape, np.result_type(*arrays))               # (...)
    flat_out, flat = out.reshape(-1), [array.reshape(-1) for array in arrays]
    with np.errstate(over="ignore", invalid="ignore"):
        for start in range(0, out.size, BLOCK):
            part = slice(start, start + BLOCK)
            flat_out[part] = function(*(array[part] for array in flat))
    return out
