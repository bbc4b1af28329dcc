"""Cases of fast.blocked_attention: queries and keys that fill two blocks and a remainder, in either order of size."""

from minilm.checking.cases.case import Case, random, some_mask
from minilm.checking.cases.ops.scaled_dot_product import arrays
from minilm.fast import blocked_attention


def cases():
    rng = random("fast.blocked_attention")
    rule, name = (blocked_attention.forward, blocked_attention.backward, None), "fast.blocked_attention"
    back = {"rate": 0.3, "block": 3, "keys": 2}
    settings = back | {"rng": random("attention")}
    for queries, keys in ((4, 6), (7, 5)):
        which = "T > S" if queries > keys else "T < S"
        inputs = arrays(rng, queries, keys, heads=1, width=3)
        mask = some_mask(rng, (2, 1, queries, keys))
        yield Case(f"{name} (masked, {which})", *rule, inputs | {"mask": mask}, settings, back, ones=True)
    causal, first = {"mask": blocked_attention.CAUSAL}, {"first": 2}
    yield Case(f"{name} (causal)", *rule, arrays(rng, 4, 6), settings | causal, back)
    inputs = arrays(rng, 7, 7, heads=1, width=3)
    yield Case(f"{name} (causal, T = S)", *rule, inputs, settings | causal, back, ones=True)
    inputs = arrays(rng, 4, 6, heads=1, width=3)
    yield Case(f"{name} (causal, later)", *rule, inputs, settings | causal | first, back | first, ones=True)
    yield Case(f"{name} (one query)", *rule, arrays(rng, 1, 6, width=4), settings, back, ones=True)
