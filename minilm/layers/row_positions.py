"""Where the rows of a decoding batch stand, each at a position of its own, and what each may attend to.

Row b has length[b] positions in its key and value buffers, in slots 0 ... length[b] - 1; its next one goes to slot
length[b]. So a row's slots are what they would be alone, and only the mask knows of the other rows.
"""

import numpy as np


def following(length, limit):
    """length (B) -> position (one number, or (B) where they differ), mask or None, slots to look at.

    Raises IndexError where a row has no position left.
    """
    longest = int(length.max(initial=0))
    if longest >= limit:
        raise IndexError(f"the model has {limit} positions, and row {int(length.argmax())} has used them all")
    if (length == longest).all():
        return longest, None, longest + 1
    mask = np.arange(longest + 1) <= length[:, None]                       # (B, S)
    return length, mask[:, None, None, :], longest + 1
