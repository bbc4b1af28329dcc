"""What test_ranks.py runs under mpiexec: trains the toy model, and rank 0 writes what came of it to a file.

    python toy_ranks.py FOLDER '{"steps": 6, ...}'

Keys: steps; shards, accumulate; dropout; recurrent (a carry that begins afresh every 4 batches); rows of a batch;
resume and save (names of files); fails: {"rank", "step", "how"}.
"""

import json
import os
import signal
import sys
import time
import types
from functools import partial
from pathlib import Path

import numpy as np
import toy_bigram as bigram

from minilm import tree
from minilm.errors import InputError
from minilm.storage import safetensors
from minilm.training import checkpoint, loop, ranks, schedules


def train(folder, given):
    """Returns what a test looks at: the losses, and the state as one flat dict."""
    world = ranks.world()
    config = bigram.Config(dropout=given.get("dropout", 0.0))
    model = bigram
    if given.get("recurrent"):
        carry = lambda cache: {"last": cache["hidden"][:, -1].copy()}
        model = types.SimpleNamespace(loss=bigram.loss, loss_backward=bigram.loss_backward, count=bigram.count, carry=carry)
    # each rank begins with weights of its own: those of rank 0 are to count
    params = bigram.init(np.random.default_rng(world.rank), config)
    state = loop.start(params)
    if given.get("resume") and world.rank == 0:
        whole = tree.unflatten({k: np.array(v) for k, v in safetensors.read(folder / given["resume"]).items()})
        state = checkpoint.from_tree(whole, params)
    fails = given.get("fails", {})

    def batch_at(index):
        if fails.get("rank") == world.rank and fails["step"] == index + 1:
            fail(fails["how"])
        return bigram.batch_at(index, rows=given.get("rows", 6))

    losses = []
    steps = loop.run(
        model, config, state, batch_at, steps=given["steps"], seed=3, shards=given.get("shards", 2), clip=0.5,
        accumulate=given.get("accumulate", 1), carry_resets_every=4,
        schedule=partial(schedules.cosine, peak=0.05, warmup=3, steps=10, floor=0.01),
    )  # fmt: skip
    for step in steps:
        losses.append([step.loss, step.gradient_norm])
        if given.get("save") and world.rank == 0:
            safetensors.write(folder / given["save"], tree.flatten(checkpoint.to_tree(state)))
    flat = tree.flatten(checkpoint.to_tree(state))
    every = world.gather([{name: leaf.tobytes() for name, leaf in flat.items()}])
    assert all(one == every[0] for one in every), "the ranks' states differ"
    return losses, flat


def fail(how):
    if how == "input":
        raise InputError("file.txt:3: wrong")
    if how == "bug":
        raise ZeroDivisionError("a bug")
    if how == "killed":
        time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    try:
        with ranks.together() as world:
            found, arrays = train(Path(sys.argv[1]), json.loads(sys.argv[2]))
    except ranks.Elsewhere:
        sys.exit(2)
    except InputError as error:
        print(f"toy: {error}", file=sys.stderr)
        sys.exit(2)
    if world.rank == 0:
        safetensors.write(Path(sys.argv[1]) / "result.safetensors", {"losses": np.array(found), **arrays})
