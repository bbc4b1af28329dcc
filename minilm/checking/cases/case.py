"""One case: what to call, with which arguments."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from minilm import tree
from minilm.checking import gradcheck


@dataclass(frozen=True)
class Case:
    """The arguments of one gradcheck.check: see there.

    `name` begins with the module's path in the package ("ops.softmax"), and what is special follows in brackets.
    `ones` says that sizes of one, or equal ones, are meant: everywhere else they would hide mixed-up axes. `how` are
    the keywords of gradcheck.check: here nothing may be written to, and float32 is held too.
    """

    name: str
    forward: Callable
    backward: Callable
    params: Any = None
    inputs: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    backward_settings: dict[str, Any] = field(default_factory=dict)
    ones: bool = False
    how: dict[str, Any] = field(default_factory=lambda: {"float32": True, "strict": True})

    def check(self):
        """The rows of gradcheck.check."""
        return gradcheck.check(
            self.name, self.forward, self.backward, self.params, self.inputs, self.settings,
            backward_settings=self.backward_settings, rng=random(f"{self.name} cotangent"), **self.how,
        )  # fmt: skip


def random(name):
    """Random numbers of a case's own, so that a new case changes no other."""
    return np.random.default_rng(zlib.crc32(name.encode()))


def randomised(rng, params, scale=0.8):
    """The tree with random numbers everywhere: gains not at one, biases not at zero."""
    return tree.map(lambda leaf: scale * rng.standard_normal(leaf.shape) + 0.1, params)


def some_mask(rng, shape):
    """A random mask, True = may attend, with one row that may attend to nothing and one that may to everything.

    Where there is one row alone, it may attend to some.
    """
    mask = rng.random(shape) < 0.6
    if shape[-2] == 1:
        mask[..., 0, 0] = True
        return mask
    mask[..., 0, :] = False
    mask[..., 1, :] = True
    return mask
