"""Cases of ops.turned: rows of several lengths, one of them empty and one whole; a batch of one."""

import numpy as np

from minilm.checking.cases.case import Case, random
from minilm.ops import turned


def cases():
    rng = random("ops.turned")
    for what, lengths in (("", [5, 2, 1, 0, 3, 4]), (" (batch of one)", [3])):
        inputs = {"x": rng.standard_normal((len(lengths), 5, 4)), "lengths": np.array(lengths)}
        yield Case(f"ops.turned{what}", turned.forward, turned.backward, None, inputs, ones="one" in what)
