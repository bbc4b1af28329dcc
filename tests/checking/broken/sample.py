"""One implementation by another hand, and what is to be said of it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Sample:
    """`theirs` of `subject` ("ops.softmax"). A right one has no `first`."""

    subject: str
    name: str
    theirs: Callable
    first: str | None = None  # the first tensor that must diverge: "dx", "blocks.0.attention.attention.scores"
    cause: str = ""  # the mistake, in words
    says: str = ""  # what a sentence that names the cause matches (a regular expression, in lower case)
    before: str = ""  # of several that are wrong on their own account, the one that minilm's lines compute first

    def __str__(self):
        return f"{self.subject}: {self.name}"


SAMPLES: list[Sample] = []


def right(subject, name):
    """Enter a right implementation. It may be a function that is defined below, or a value."""

    def enter(theirs):
        SAMPLES.append(Sample(subject, name, theirs))
        return theirs

    return enter


def wrong(subject, name, first, cause, says, before=""):
    """Enter a broken implementation."""

    def enter(theirs):
        SAMPLES.append(Sample(subject, name, theirs, first, cause, says, before))
        return theirs

    return enter


def lowered(golden):
    """The arrays of a golden run as float32 has them; settings stay the numbers they are."""
    return {name: low(value) for name, value in golden.items()}


def low(value):
    narrow = isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.ndim
    return value.astype(np.float32) if narrow else value


def drawn(*tensors):
    """Leaves of PyTorch, which collect gradients."""
    import torch

    found = [torch.tensor(np.asarray(tensor), requires_grad=True) for tensor in tensors]
    return found if len(found) > 1 else found[0]


class Tape:
    """What a PyTorch implementation names on its way: its value, and its gradient at the end."""

    def __init__(self):
        self.kept = {}

    def __call__(self, name, tensor):
        if tensor.requires_grad and not tensor.is_leaf:
            tensor.retain_grad()
        self.kept[name] = tensor
        return tensor

    def leaf(self, name, array):
        return self(name, drawn(array))

    def results(self, values=True):
        """{name: array, dname: its gradient}, of leaves the gradient alone."""
        found = {}
        for name, tensor in self.kept.items():
            if not tensor.is_leaf:
                found[name] = tensor.detach().numpy()
            if tensor.grad is not None:
                found[gradient(name)] = tensor.grad.numpy()
        return found


def gradient(name):
    """The name of a tensor's gradient: blocks.0.dx of blocks.0.x."""
    path, dot, last = name.rpartition(".")
    return f"{path}{dot}d{last}"
