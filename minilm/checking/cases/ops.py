"""Cases of the operations."""

import numpy as np

from minilm.checking.cases.case import Case, random, randomised, some_mask
from minilm.fast import blocked_attention, sliced_cross_entropy  # fmt: skip
from minilm.ops import (
    conditional_random_field,
    cross_entropy,
    dropout,
    embedding,
    gelu_exact,
    gelu_tanh,
    layer_norm,
    linear,
    lstm_cell,
    lstm_gates,
    relu,
    scaled_dot_product,
    softmax,
)


def cases():
    rng = random("ops")
    normal = rng.standard_normal
    yield Case(
        "ops.linear", linear.forward, linear.backward, randomised(rng, linear.init(rng, 3, 5)), {"x": normal((2, 4, 3))}
    )
    yield Case(
        "ops.embedding", embedding.forward, embedding.backward, randomised(rng, embedding.init(rng, 6, 3)),
        {"ids": np.array([[1, 4, 1, 1], [4, 0, 2, 1]])},  # 1 four times, 3 and 5 never
    )  # fmt: skip
    for shape in ((5, 3), (2, 5, 3), (2, 4, 5, 3)):
        yield Case(
            f"ops.layer_norm ({len(shape)}-D)", layer_norm.forward, layer_norm.backward,
            randomised(rng, layer_norm.init(3)), {"x": 3 * normal(shape) + 1}, {"eps": 1e-3},
        )  # fmt: skip
        yield Case(f"ops.softmax ({len(shape)}-D)", softmax.forward, softmax.backward, None, {"x": 2 * normal(shape)})
    yield Case(
        "ops.softmax (masked)", softmax.forward, softmax.backward, None,
        {"x": normal((2, 4, 5)), "mask": some_mask(rng, (2, 4, 5))},
    )  # fmt: skip
    for activation in (relu, gelu_tanh, gelu_exact):
        name = activation.__name__.rpartition(".")[2]
        yield Case(f"ops.{name}", activation.forward, activation.backward, None, {"x": 3 * normal((3, 4, 5))})
    for rate in (0.0, 0.5, 0.9):
        yield Case(
            f"ops.dropout (rate {rate})", dropout.forward, dropout.backward, None, {"x": normal((3, 4, 5))},
            {"rate": rate, "rng": random("keep")}, {"rate": rate},
        )  # fmt: skip
    attention = {"q": normal((2, 3, 4, 5)), "k": normal((2, 3, 6, 5)), "v": normal((2, 3, 6, 5))}
    for name, mask in (("", None), (" (masked)", some_mask(rng, (2, 1, 4, 6)))):
        yield Case(
            f"ops.scaled_dot_product{name}", scaled_dot_product.forward, scaled_dot_product.backward, None,
            attention | {"mask": mask} if mask is not None else attention, {"rate": 0.3, "rng": random("attention")},
            {"rate": 0.3},
        )  # fmt: skip
    blocked = blocked_attention.forward, blocked_attention.backward, None
    back = {"rate": 0.3, "block": 3}
    settings = back | {"rng": random("attention")}
    causal = {"mask": blocked_attention.CAUSAL}
    masked = attention | {"mask": some_mask(rng, (2, 1, 4, 6))}
    yield Case("ops.blocked_attention", *blocked, attention, settings, back)
    yield Case("ops.blocked_attention (masked)", *blocked, masked, settings, back)
    yield Case("ops.blocked_attention (causal)", *blocked, attention, settings | causal, back)
    targets = np.array([[1, 4, 1, 2], [3, 5, 0, 6], [2, 0, 0, 0]])
    for name, settings in (("", {}), (" (smoothed)", {"smoothing": 0.2, "never": (0,)})):
        yield Case(
            f"ops.cross_entropy{name}", cross_entropy.forward, cross_entropy.backward, None,
            {"logits": 2 * normal((3, 4, 7)), "targets": targets, "mask": targets != 0}, settings,
            settings,
        )  # fmt: skip
        yield Case(
            f"ops.sliced_cross_entropy{name}", sliced_cross_entropy.forward, sliced_cross_entropy.backward,
            {"weight": normal((7, 5))}, {"y": normal((3, 4, 5)), "targets": targets, "mask": targets != 0},
            settings | {"size": 3},
        )  # fmt: skip
    yield Case(
        "ops.lstm_gates", lstm_gates.forward, lstm_gates.backward, None, {"z": normal((2, 20)), "c": normal((2, 5))}
    )
    yield Case(
        "ops.lstm_cell", lstm_cell.forward, lstm_cell.backward, randomised(rng, lstm_cell.init(rng, 3, 5)),
        {"x": normal((2, 3)), "h": normal((2, 5)), "c": normal((2, 5))},
    )  # fmt: skip
    tags, lengths = np.array([[1, 2, 0, 1, 2], [2, 1, 2, 0, 0], [0, 2, 0, 0, 0]]), np.array([5, 3, 2])
    allowed = {"transitions": ~np.eye(4, dtype=bool), "first": np.arange(4) < 3, "last": np.arange(4) != 1}
    for name, settings in (("", {}), (" (barred)", {"allowed": allowed, "count": 7})):
        yield Case(
            f"ops.conditional_random_field{name}", conditional_random_field.forward, conditional_random_field.backward,
            randomised(rng, conditional_random_field.init(rng, 4)),
            {"emissions": normal((3, 5, 4)), "tags": tags, "mask": np.arange(5) < lengths[:, None]}, settings, settings,
        )  # fmt: skip
