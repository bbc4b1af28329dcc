"""Cases of ops.scaled_dot_product: fewer queries than keys and more, masked, one query, one key."""

from minilm.checking.cases.case import Case, random, some_mask
from minilm.checking.cases.sizes import attention_dropout, padded
from minilm.ops import scaled_dot_product


def arrays(rng, queries, keys, batch=2, heads=3, width=5):
    """q, k and v of these sizes."""
    normal = rng.standard_normal
    return {
        "q": normal((batch, heads, queries, width)), "k": normal((batch, heads, keys, width)),
        "v": normal((batch, heads, keys, width)),
    }  # fmt: skip


def cases():
    rng = random("ops.scaled_dot_product")
    rule = scaled_dot_product.forward, scaled_dot_product.backward, None
    settings, back = {"rate": 0.3, "rng": random("attention")}, {"rate": 0.3}
    name = "ops.scaled_dot_product"
    yield Case(name, *rule, arrays(rng, 4, 6), settings, back)
    yield Case(f"{name} (T > S)", *rule, arrays(rng, 7, 4), settings, back)
    for what, queries, keys in (("masked", 4, 6), ("masked, T > S", 7, 4)):
        mask = some_mask(rng, (2, 1, queries, keys))
        yield Case(f"{name} ({what})", *rule, arrays(rng, queries, keys) | {"mask": mask}, settings, back)
    yield Case(f"{name} (one query)", *rule, arrays(rng, 1, 6), ones=True)
    yield Case(f"{name} (one key)", *rule, arrays(rng, 4, 1), ones=True)
    yield Case(f"{name} (batch of one)", *rule, arrays(rng, 4, 6, batch=1, heads=2), ones=True)


def sized(rng, batch=3, heads=5, positions=7, keys=9, width=11, dropout=0.0):
    """Masked, every query with something to attend to."""
    settings, back = attention_dropout(rng, dropout)
    return Case(
        "ops.scaled_dot_product", scaled_dot_product.forward, scaled_dot_product.backward, None,
        arrays(rng, positions, keys, batch, heads, width) | {"mask": padded(batch, positions, keys)}, settings, back,
    )  # fmt: skip
