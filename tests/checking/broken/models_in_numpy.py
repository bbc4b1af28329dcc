"""The models in float32 by NumPy: minilm's own, with every array that a line names, so that none of them is flagged.

The dropout patterns are the golden run's: the generator's bits are those that keep what it kept.
"""

import numpy as np

from broken import ground
from broken.sample import lowered, right
from minilm import tree
from minilm.ops import dropout
from minilm.tracing import trace


def in_numpy(subject):
    def theirs(golden):
        g, case = lowered(golden), ground.case_of(subject)
        params = tree.unflatten({path: g[path] for path, _ in tree.leaves(case.params)})
        batch = {name: g[name] for name in case.inputs["batch"]}
        config = case.settings["config"]
        patterns = [array for name, array in golden.items() if name.rpartition(".")[2].partition("@")[0] == "keep"]

        class Patterns:
            @staticmethod
            def draw(rng, shape):
                keep = patterns.pop(0)
                assert keep.shape == shape
                return np.where(keep, np.uint16(dropout.PARTS - 1), np.uint16(0))

        drawn, dropout.random_bits = dropout.random_bits, Patterns
        try:
            with trace(whole=ground.WHOLE, budget=ground.WHOLE) as recording:
                loss, cache = case.forward(params, batch, config=config, rng=np.random.default_rng(0) if patterns else None)
                dparams = case.backward(params, cache, np.float32(g.get("dloss", 1.0)), config=config)
        finally:
            dropout.random_bits = drawn
        found = {value.address: np.asarray(value) for value in reversed(recording.values)
                 if value.kind == "array" and value.array is not None and value.whole}  # fmt: skip
        for path, leaf in tree.leaves(dparams):
            base, _, last = path.rpartition(".")
            found[f"{base}.d{last}"] = leaf
        return found | {"loss": np.asarray(loss)}

    return theirs


for name in ("gpt", "gpt2", "bert", "encoder_decoder", "lstm_lm", "lstm_tagger", "text_classifier"):
    right(f"models.{name}", "NumPy")(in_numpy(f"models.{name}"))
