"""Benchmarks: minilm beside its peers in one run, and beside what the machine could do. `minilm bench` runs them.

Each case is a module of the same small interface. What its functions build is called once for each run:

    UNIT                what one run does: "step", "prompt", "token" or "start"
    ours()              -> run
    peers()             -> {name: a function without arguments -> run}
    floor()             -> run: the least that the work can take, such as its bare matrix products (optional)
    ENVIRONMENT         (optional) environment variables for all contestants of the case

A run does the work once; it returns the seconds a unit took, or None, and is then timed from outside. Every contestant
lives in a process of its own (worker.py), so that neither's threads nor memory count as the other's, and the runner
(runner.py) lets them work in turns. This file imports nothing: the help text reads it.
"""

CASES = {
    "gpt-small": "GPT: 4 layers, 4 heads, width 128, context 64, batch 12, vocabulary 65; a training step",
    "gpt-medium": "GPT: 6 layers, 6 heads, width 384, context 256, batch 8, vocabulary 65; a training step",
    "encoder-decoder": "3+3 layers, width 256, inner 1,024, vocabulary 8,000, batch 64 of 20+20; a training step",
    "lstm": "the article's LSTM: 10,000 / 256 / 512, batch 32, 35 positions; a training step",
    "bert": "BERT: 4 layers, width 256, length 128, batch 16, masked tokens; a training step",
    "prefill": "GPT-2 of 124M parameters: reading a prompt of 1,024 tokens",
    "generate": "GPT-2 of 124M parameters: one token after another, behind a prompt of 64",
    "replicas-gpt": "gpt-small by two replicas on two threads, beside one on one",
    "replicas-encoder": "encoder-decoder by two replicas on two threads, beside one on one",
    "startup": "`import minilm` beside `import numpy`, each in a fresh interpreter",
    "help": "`minilm --help`, beside an interpreter that does nothing",
}


def module(name):
    """The name of the module of a case."""
    return f"minilm.benchmarks.{name.replace('-', '_')}"
