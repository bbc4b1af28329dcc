"""The step of encoder-decoder by two replicas on two threads, beside one on one; every product takes one thread."""

from minilm.benchmarks import encoder_decoder, training
from minilm.models import encoder_decoder as model
from minilm.tasks.translation import Task

UNIT = "step"
ENVIRONMENT = training.ONE_THREAD


def ours():
    return training.ours(Task(model), encoder_decoder.CONFIG, encoder_decoder.batch(), shards=2)


def peers():
    config, batch = encoder_decoder.CONFIG, encoder_decoder.batch()
    return {"one replica": lambda: training.ours(Task(model), config, batch, shards=1)}
