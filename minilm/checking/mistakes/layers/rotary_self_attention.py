"""Known mistakes of layers.rotary_self_attention."""

from minilm.checking.mistakes.mistake import one

FORWARD, BACKWARD = "layers.rotary_self_attention:forward", "layers.rotary_self_attention:backward"


def mistakes():
    return [
        one(FORWARD, "the keys are not turned", "Rotary is applied to the queries alone.", "rotary.forward(split(key, heads), positions, base, layout)", "rotary.forward(split(key, heads), 0 * positions, base, layout)"),
        one(FORWARD, "the queries are not turned", "Rotary is applied to the keys alone.", "rotary.forward(split(query, heads), positions, base, layout)", "rotary.forward(split(query, heads), 0 * positions, base, layout)"),
        one(FORWARD, "the values are turned too", "Rotary is applied to all three.", "split(value, heads), mask", "rotary.forward(split(value, heads), positions, base, layout)[0], mask"),
        one(FORWARD, "turned before the split into heads", "The whole width is taken for one head: other pairs and other angles.",
            "rotary.forward(split(query, heads), positions, base, layout)", "rotary.forward(split(rotary.forward(query, positions, base, layout)[0], heads), 0 * positions, base, layout)",
            ("rotary.forward(split(key, heads), positions, base, layout)", "rotary.forward(split(rotary.forward(key, positions, base, layout)[0], heads), 0 * positions, base, layout)")),
        one(BACKWARD, "the keys' path is lost", "= for +=: x has three gradients.", "dx_query + dx_key + dx_value", "dx_query + dx_value"),
        one(BACKWARD, "the queries' path is lost", "= for +=: x has three gradients.", "dx_query + dx_key + dx_value", "dx_key + dx_value"),
        one(BACKWARD, "the values' path is lost", "= for +=: x has three gradients.", "dx_query + dx_key + dx_value", "dx_query + dx_key"),
        one(BACKWARD, "the keys' gradient is not turned back", "Rotary's backward is called for the queries alone.", 'rotary.backward(cache["key_rotary"], dk, layout)', "dk + 0.0"),
        one(BACKWARD, "the queries' gradient is not turned back", "Rotary's backward is called for the keys alone.", 'rotary.backward(cache["query_rotary"], dq, layout)', "dq + 0.0"),
    ]  # fmt: skip
