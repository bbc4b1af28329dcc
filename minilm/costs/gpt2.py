"""The work of models.gpt2: that of models.gpt, and a prompt as fast.long_prompts reads it."""

from minilm.costs import blocks, gpt
from minilm.fast import long_prompts

of_preset, batch, step, token = gpt.of_preset, gpt.batch, gpt.step, gpt.token


def prompt(subject, shapes, positions):
    """A prompt, of which the last block keeps keys and values alone; in blocks where it is long."""
    below = shapes | {"blocks": shapes["blocks"][:-1]}
    last = len(shapes["blocks"]) - 1
    return [
        *gpt.embedded(shapes, positions),
        *gpt.kept(subject, below, positions, positions, blocked=positions >= long_prompts.LONG),
        *blocks.keeping_block(f"blocks.{last}", shapes["blocks"][last], positions),
    ]
