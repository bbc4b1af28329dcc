"""The step of gpt-small by two replicas on two threads, beside one on one; every product takes one thread."""

from minilm.benchmarks import gpt_small, training
from minilm.models import gpt2 as model
from minilm.tasks.language_modelling import Task

UNIT = "step"
ENVIRONMENT = training.ONE_THREAD


def ours():
    return training.ours(Task(model), gpt_small.CONFIG, gpt_small.batch(), shards=2)


def peers():
    return {"one replica": lambda: training.ours(Task(model), gpt_small.CONFIG, gpt_small.batch(), shards=1)}
