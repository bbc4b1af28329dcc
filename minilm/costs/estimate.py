"""A step, a token, a prompt: their parts, and the seconds of each part where a machine is given."""

from dataclasses import dataclass

from minilm import tree
from minilm.costs import measured, recurrent, transformers, update
from minilm.costs.speed import Machine
from minilm.costs.work import Part
from minilm.machine import blas_threads
from minilm.models import bert, encoder_decoder, lstm_lm


@dataclass
class Estimate:
    """`parts` are those of one shard, which all `shards` do side by side (`waves` times one after the other)."""

    title: str
    parts: list[Part]
    shards: int = 1
    waves: int = 1
    seconds: list[float] | None = None
    overhead: float = 0.0
    alone: int = 0  # the last so many parts are done once, not once a wave
    positions: int = 0  # of the prompt, or behind the token

    def operations(self, part):
        """Of all shards together."""
        return part.operations * self.shards

    def bytes(self, part):
        return part.bytes * self.shards

    @property
    def threads(self):
        """That work on shards at once."""
        return -(-self.shards // self.waves)

    @property
    def expected(self):
        """Seconds of the whole, calls included; None before `time`."""
        return None if self.seconds is None else sum(self.seconds) + self.overhead

    def time(self, machine, overhead, done=lambda: None):
        """Measure the machine for each piece of work, and sum up."""
        footprint = sum(part.bytes for part in self.parts) * self.shards
        self.seconds = []
        for number, part in enumerate(self.parts):
            one = sum(machine.seconds(work, footprint) for work in part.forward + part.backward)
            self.seconds.append(one * (1 if number >= len(self.parts) - self.alone else self.waves))
            done()
        self.overhead = overhead


def step(subject, shapes):
    """An Estimate of a training step, by shards as training.loop has them."""
    shards = min(measured.SHARDS, subject.rows)
    rows, config = -(-subject.rows // shards), subject.config
    if subject.model is lstm_lm:
        found = recurrent.step(subject.name, shapes, config, rows, subject.length)
    elif subject.model is encoder_decoder:
        found = transformers.encoder_decoder_step(subject.name, shapes, config, rows, subject.length, subject.length)
    elif subject.model is bert:
        asked = rows * subject.masked
        found = transformers.bert_step(subject.name, shapes, config, rows, subject.length, asked)
    else:
        found = transformers.gpt_step(subject.name, shapes, config, rows, subject.length)
    after = list(update.parts(tree.size(shapes), shards, subject.clip is not None, subject.optimiser == "adamw"))
    title = f"training step: {subject.rows} rows of {subject.length} positions"
    threads = min(shards, blas_threads.available())
    return Estimate(title, [*found, *after], shards, -(-shards // threads), alone=len(after))


def token(subject, shapes, context):
    """An Estimate of one generated token with `context` positions behind it; None for a model that generates none."""
    if subject.model is bert:
        return None
    if subject.model is lstm_lm:
        found = list(recurrent.token(subject.name, shapes, subject.config))
    elif subject.model is encoder_decoder:
        sizes = (subject.config, subject.length, context)
        found = list(transformers.encoder_decoder_tokens(subject.name, shapes, *sizes))
    else:
        found = list(transformers.gpt_tokens(subject.name, shapes, subject.config, 1, context))
    return Estimate(f"a token behind {context} positions", found, positions=context)


def prompt(subject, shapes, positions):
    """An Estimate of reading a prompt; None for a model that reads none, or reads it a position at a time."""
    if subject.name not in ("gpt", "gpt2") or positions < 2:
        return None
    found = list(transformers.gpt_tokens(subject.name, shapes, subject.config, positions, positions))
    return Estimate(f"reading a prompt of {positions} tokens", found[:-1], positions=positions)  # no head


def machine_of(estimate):
    """The Machine whose speed an estimate needs."""
    return Machine(max(1, min(estimate.shards, blas_threads.available())))


def overhead(subject, kind, context):
    """Seconds of the calls of a `kind`: "step", "token" or "prompt"."""
    small = subject.least()
    run = {
        "step": lambda: measured.step(small),
        "token": lambda: measured.token(small, min(context, 4), 200),
        "prompt": lambda: measured.prompt(small, 2),
    }[kind]()
    return measured.undisturbed(run, 40 if kind == "step" else 100, seconds=0.7)
