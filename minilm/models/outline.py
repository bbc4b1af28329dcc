"""The outline of a model: the tree of its parameters in shapes alone.

Its leaves are arrays that have a shape and no memory of their own, so that a file can be held against the outline
before anything is allocated on the word of its settings. `draw` fills an outline with random numbers.
"""

import numpy as np

from minilm import tree


def array(*shape):
    """A leaf: `shape`, and not a byte of data."""
    return np.broadcast_to(np.zeros((), np.int8), shape)


def linear(inputs, outputs):
    return {"weight": array(inputs, outputs), "bias": array(outputs)}


def norm(width):
    return {"gain": array(width), "bias": array(width)}


def table(rows, width):
    return {"weight": array(rows, width)}


def block(width, inner):
    """A pre-norm or post-norm block: the same parts, wired differently."""
    return {
        "attention": {name: linear(width, width) for name in ("query", "key", "value", "output")},
        "attention_norm": norm(width),
        "feed_forward": {"expand": linear(width, inner), "contract": linear(inner, width)},
        "feed_forward_norm": norm(width),
    }


def draw(rng, outline, dtype=np.float32, deviation=0.02, residual=None):
    """Gains one, biases zero, weights normal with `deviation`.

    Weights whose product is added to the residual stream (an attention's output, a feed-forward's contract) get the
    deviation `residual` where it is given.
    """

    def fill(name, shape):
        if name.endswith("gain"):
            return np.ones(shape, dtype)
        if name.endswith("bias"):
            return np.zeros(shape, dtype)
        adds = name.endswith(("attention.output.weight", "feed_forward.contract.weight"))
        scale = residual if adds and residual is not None else deviation
        return (scale * rng.standard_normal(shape)).astype(dtype)

    return tree.unflatten({name: fill(name, leaf.shape) for name, leaf in tree.leaves(outline)})
