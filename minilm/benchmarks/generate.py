"""One token after another by GPT-2's 124M model, greedily, after a prompt of 64 tokens.

A token reads every weight once and multiplies it with one vector, so the memory decides: the floor is the bytes of the
weights over the bandwidth that is measured in the same turn. (The table of positions, of which one row is read, does
not count. Keys and values add 2 % at these lengths.) Reading the prompt is not timed; see the case prefill.
"""

import time

from minilm import tree
from minilm.benchmarks import gpt2_124m
from minilm.decoding import sampling
from minilm.machine import bandwidth
from minilm.models import gpt2

UNIT = "token"
PROMPT, TOKENS = 64, 32


def ours():
    params, config = gpt2_124m.params(), gpt2_124m.CONFIG
    prompt = gpt2_124m.prompt(PROMPT)[0].tolist()

    def run():
        turns = sampling.stream(gpt2, params, config, [prompt], tokens=TOKENS + 1, temperature=0)
        next(turns)
        began = time.perf_counter()
        drawn = sum(1 for _ in turns)
        return (time.perf_counter() - began) / drawn

    return run


def peers():
    def build():
        from minilm.benchmarks.peers import gpt2_124m as peer

        return peer.generate(gpt2_124m.CONFIG, gpt2_124m.prompt(PROMPT), TOKENS)

    return {"transformers": build}


def floor():
    shapes = gpt2.outline(gpt2_124m.CONFIG)
    del shapes["embedding"]["positions"]
    read = 4 * tree.size(shapes)
    return lambda: read / bandwidth.measure()
