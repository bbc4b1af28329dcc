"""One contestant in a process of its own: `python -m minilm.benchmarks.worker CASE CONTESTANT`.

It builds the contestant and then, for each number that comes on standard input, does so many runs and answers with one
line of JSON; `threads N` sets PyTorch's threads. Whatever a library prints goes to standard error.
"""

import importlib
import json
import os
import sys
import time

from minilm import catalogue
from minilm.machine import resident


def builders(case):
    """The contestants of a case: {name: a function that builds the run}, minilm first, the floor last."""
    floor = {"floor": case.floor} if hasattr(case, "floor") else {}
    return {"minilm": case.ours, **case.peers(), **floor}


def needs(contestant):
    """The packages that a contestant imports."""
    if contestant.startswith("torch"):
        return ("torch",)
    return ("torch", "transformers") if contestant == "transformers" else ()


def import_frameworks(names):
    """Import what the contestant stands on, with what it loads at its first step; returns the versions."""
    versions = {name: importlib.import_module(name).__version__ for name in names}
    if names:
        import torch

        weight = torch.nn.Parameter(torch.ones(1))
        optimiser = torch.optim.AdamW([weight], fused=True)
        (2 * weight).sum().backward()
        torch.nn.utils.clip_grad_norm_([weight], 1.0)
        optimiser.step()
    if "transformers" in names:
        importlib.import_module("transformers").GPT2LMHeadModel  # noqa: B018 - it is imported when it is first named
    return versions


def main():
    case, contestant = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def answer(**what):
        print(json.dumps(what), file=answers, flush=True)

    module = catalogue.case(case)
    before = resident.now()
    versions = import_frameworks(needs(contestant))
    after = resident.now()
    run = builders(module)[contestant]()
    answer(imported=None if after is None or before is None else after - before, versions=versions)
    for line in sys.stdin:
        word, _, number = line.partition(" ")
        if word == "threads":
            answer(threads=set_threads(int(number)))
            continue
        answer(times=[timed(run) for _ in range(int(line))], peak=resident.peak())


def set_threads(number):
    """PyTorch's number of threads from now on (0: as it is), and what it is."""
    import torch

    if number:
        torch.set_num_threads(number)
    return torch.get_num_threads()


def timed(run):
    """The seconds of one run: those that it says itself, or those from outside."""
    began = time.perf_counter()
    said = run()
    return time.perf_counter() - began if said is None else said


if __name__ == "__main__":
    main()
