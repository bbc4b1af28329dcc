"""A trained model in one line: what a prompt of Python shows of it."""

from minilm import tree


def line(trained, vocabulary):
    """<Translator: encoder_decoder, 1,234 parameters, vocabulary ..., trained for 750 of 750 steps>."""
    parts = [f"{trained.name}, {tree.size(trained.params):,} parameters", f"vocabulary {vocabulary}"]
    steps, planned = getattr(trained, "steps_trained", None), getattr(trained, "steps_planned", None)
    if steps is not None:
        parts.append(f"trained for {steps:,}" + (f" of {planned:,} steps" if planned is not None else " steps"))
    return f"<{type(trained).__name__}: {', '.join(parts)}>"
