"""A step, a token, a prompt: their parts, and the seconds of each part where a machine is given."""

from dataclasses import dataclass

from minilm import tree
from minilm.costs import measured, update
from minilm.costs.speed import Machine
from minilm.costs.work import Part
from minilm.machine import blas_threads
from minilm.training import adamw, same_batch


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
    positions: int = 0  # of the prompt, or before the token

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
    shards = min(same_batch.SHARDS, subject.rows)
    rows = -(-subject.rows // shards)
    found = subject.costs.step(subject, shapes, rows)
    decays = subject.optimiser is adamw
    after = list(update.parts(tree.size(shapes), shards, subject.clip is not None, decays))
    title = f"training step: {subject.rows} rows of {subject.length} positions"
    threads = min(shards, blas_threads.available())
    return Estimate(title, [*found, *after], shards, -(-shards // threads), alone=len(after))


def token(subject, shapes, context):
    """An Estimate of one generated token with `context` positions before it; None for a model that generates none."""
    if not hasattr(subject.costs, "token"):
        return None
    found = list(subject.costs.token(subject, shapes, context))
    return Estimate(f"a token after {context} positions", found, positions=context)


def prompt(subject, shapes, positions):
    """An Estimate of reading a prompt; None for a model that reads none, or reads it a position at a time."""
    if not hasattr(subject.costs, "prompt") or positions < 2:
        return None
    found = list(subject.costs.prompt(subject, shapes, positions))
    return Estimate(f"reading a prompt of {positions} tokens", found, positions=positions)


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
