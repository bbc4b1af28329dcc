"""Benchmarks: minilm beside its peers in one run, and beside what the machine could do. `minilm bench` runs them.

Each case is a module of the same small interface. What its functions build is called once for each run:

    UNIT                what one run does: "step", "prompt", "token", "text" or "start"
    ours()              -> run
    peers()             -> {name: a function without arguments -> run}
    floor()             -> run: the least that the work can take, such as its bare matrix products (optional)
    ENVIRONMENT         (optional) environment variables for all contestants of the case

A run does the work once; it returns the seconds a unit took, or None, and is then timed from outside. Every contestant
lives in a process of its own (worker.py), so that neither's threads nor memory count as the other's, and the runner
(runner.py) lets them work in turns. This file imports next to nothing: the help text reads it.
"""

from minilm import catalogue

CASES = {
    **{name: title for row in catalogue.ROWS.values() for name, title in row.benchmarks.items()},
    "prefill": "GPT-2 of 124M parameters: reading a prompt of 1,024 tokens",
    "generate": "GPT-2 of 124M parameters: one token after another, after a prompt of 64",
    "decoding-busy": "decoding beside a busy neighbour: gpt-small reads 48 tokens and says 16, all cores taken",
    "replicas-gpt": "gpt-small by two replicas on two threads, beside one on one",
    "replicas-encoder": "encoder-decoder by two replicas on two threads, beside one on one",
    "startup": "`import minilm` beside `import numpy`, each in a fresh interpreter",
    "help": "`minilm --help`, beside an interpreter that does nothing",
}
