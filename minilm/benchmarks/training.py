"""What the training cases share: a step of our loop (training.same_batch), and the same step of a peer in PyTorch."""

from functools import partial

from minilm.machine import products
from minilm.training import same_batch
from minilm.training.same_batch import RATE, SHARDS

ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1")

ours = same_batch.steps


def peers(model, config, batch, *, optimiser="AdamW", clip=1.0):
    """The same step by PyTorch, eager and compiled; `model` names a module of benchmarks.peers."""

    def build(compiled):
        from minilm.benchmarks.peers import step

        return step.build(model, config, batch, compiled, optimiser, clip, RATE)

    return {"torch eager": partial(build, False), "torch.compile": partial(build, True)}


def floor(of_a_shard):
    """The bare products of a step whose shards each do `of_a_shard`."""
    return products.replay(of_a_shard, SHARDS)
