"""Reading a prompt of 1,024 tokens by GPT-2's 124M model: until the logits of the next token are there.

The keys and values of all positions are kept, as whoever goes on to generate needs them, and the head is applied to the
last position alone: by all contestants.
"""

from functools import partial

import numpy as np

from minilm.benchmarks import gpt2_124m
from minilm.machine import memory, products
from minilm.models import gpt2

UNIT = "prompt"
POSITIONS = 1024


def ours(config=gpt2_124m.CONFIG, params=None):
    memory.keep()  # as decoding.sampling does
    params = gpt2_124m.params() if params is None else params
    prompt = gpt2_124m.prompt(min(POSITIONS, config.max_positions), config)

    def run():
        read(params, config, prompt)

    return run


def read(params, config, prompt):
    """prompt (1, T) -> the logits (1, V) of what follows it, state: as decoding.sampling does."""
    state = gpt2.start(params, config, prompt[:, :-1], np.array([prompt.shape[1] - 1]))
    return gpt2.step(params, config, state, prompt[:, -1])


def peers():
    def build(contestant):
        from minilm.benchmarks.peers import gpt2_124m as peer

        return peer.prefill(contestant, gpt2_124m.CONFIG, gpt2_124m.prompt(POSITIONS))

    return {name: partial(build, name) for name in ("torch eager", "torch.compile", "transformers")}


def floor():
    return products.replay(products.gpt_prompt(gpt2_124m.CONFIG, POSITIONS))
