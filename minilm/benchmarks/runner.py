"""Runs a case: its contestants, each in a process of its own, work in turns: ours, peer, floor, ours, peer, floor ...

What disturbs a machine for a while disturbs them all alike, and the ratio of the medians stays what it is. A turn is
one run, or as many as fill TURN seconds, so that a short step is measured warm, as in a training. Before a turn all
rest for PAUSE seconds, until the idle threads of the one before have stopped waiting at the processor's expense.

PyTorch is measured with the number of threads that suits it: before the turns it tries all and one.
"""

import contextlib
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field

from minilm import catalogue
from minilm.benchmarks import worker
from minilm.errors import InputError

TURN, PAUSE = 0.3, 0.05
LOOKS, MOST_TRIED = 3, 10  # turns in which a number of threads is tried, and its runs in each at most


THREADS = "threads of {}"  # under this name a peer's best number stands among the versions


@dataclass
class Measured:
    """A contestant: the seconds of each run, and its process's memory in bytes (None where the system does not say)."""

    times: list = field(default_factory=list)
    peak: int | None = None
    imported: int | None = None  # what the frameworks had taken before anything was built
    versions: dict = field(default_factory=dict)

    @property
    def median(self):
        return statistics.median(self.times)

    @property
    def quartiles(self):
        """What a quarter of the runs stays below, and what a quarter exceeds."""
        if len(self.times) < 2:
            return self.times[0], self.times[0]
        first, _, third = statistics.quantiles(self.times, method="inclusive")
        return first, third

    @property
    def net(self):
        """The peak without what the frameworks cost by being imported."""
        return None if self.peak is None else self.peak - (self.imported or 0)


def run(name, progress, turns=9, with_peers=True):
    """Measure a case -> {contestant: Measured}, minilm first, the floor last.

    `progress` advances by one for each contestant that is ready, and for each round of turns.
    Raises InputError where minilm's own contestant cannot run; a peer that cannot is left out, and `progress.say` told.
    """
    case = module(name)
    chosen = contestants(case, with_peers)
    environment = os.environ | getattr(case, "ENVIRONMENT", {})
    found = {contestant: Measured() for contestant in chosen}
    with ExitStack() as stack:
        processes, per_turn = {}, {}
        for contestant in chosen:
            process = stack.enter_context(Worker(name, contestant, environment))
            try:
                found[contestant].imported, found[contestant].versions = process.receive("imported", "versions")
                per_turn[contestant] = warm_up(process)
                if "torch" in worker.needs(contestant):
                    best, per_turn[contestant] = best_threads(process, per_turn[contestant])
                    found[contestant].versions[THREADS.format(contestant)] = f"{best} (the faster of all and 1)"
            except InputError as error:
                if contestant == "minilm":
                    raise
                progress.say(f"{name}: {error}; left out")
                del found[contestant]
            else:
                processes[contestant] = process
            progress.advance(now=f"{name}, {contestant}")
        for _ in range(turns):
            for contestant, process in processes.items():
                time.sleep(PAUSE)
                times, peak = process.do(per_turn[contestant])
                found[contestant].times += times
                found[contestant].peak = None if case.UNIT == "start" else peak  # of another process, which has ended
            progress.advance(now=name)
    return found


def module(name):
    """The module of a case."""
    return catalogue.case(name)


def contestants(case, with_peers=True):
    """The names of those that can run here: those whose packages are installed."""
    peers = case.peers() if with_peers else {}
    names = [name for name in worker.builders(case) if name in ("minilm", "floor") or name in peers]
    return [name for name in names if not missing(name)]


def missing(contestant):
    """The packages that a contestant needs and that are not installed."""
    return [package for package in worker.needs(contestant) if importlib.util.find_spec(package) is None]


def lacking(cases):
    """The packages that peers of these cases need and that are not installed."""
    return sorted({package for case in cases for peer in case.peers() for package in missing(peer)})


def warm_up(process):
    """Three runs (the first compiles); returns how many such runs fill a turn."""
    for _ in range(3):
        (seconds,), _ = process.do(1)
    return max(1, min(50, round(TURN / max(seconds, 1e-6))))


def best_threads(process, per_turn):
    """Let a PyTorch contestant run with all its threads and with one, in turns -> (the number that is faster, and with
    which it goes on, how many runs of it fill a turn)."""
    tried: dict[int, list] = {}
    (every,) = process.ask("threads 0", "threads")
    for number in (every, 1) * LOOKS:
        process.ask(f"threads {number}", "threads")
        if number not in tried:
            process.do(1)  # what a number of threads makes new, such as a compiled graph
        times, _ = process.do(min(per_turn, MOST_TRIED))
        tried.setdefault(number, []).extend(times)
    best = min(tried, key=lambda number: statistics.median(tried[number]))
    process.ask(f"threads {best}", "threads")
    return best, max(1, min(50, round(TURN / max(statistics.median(tried[best]), 1e-6))))


class Worker:
    """A contestant's process, as its parent sees it."""

    def __init__(self, case, contestant, environment):
        self.errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 - until __exit__
        self.process = subprocess.Popen(
            [sys.executable, "-m", "minilm.benchmarks.worker", case, contestant], env=environment, text=True,
            encoding="utf-8", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors,
        )  # fmt: skip
        assert self.process.stdin and self.process.stdout
        self.questions, self.answers = self.process.stdin, self.process.stdout

    def __enter__(self):
        return self

    def do(self, runs):
        """So many runs -> (their seconds, the peak of memory so far)."""
        with contextlib.suppress(BrokenPipeError):  # receive says why it is gone
            print(runs, file=self.questions, flush=True)
        return self.receive("times", "peak")

    def ask(self, question, *names):
        """A question that is no number of runs -> the answer's `names`."""
        with contextlib.suppress(BrokenPipeError):
            print(question, file=self.questions, flush=True)
        return self.receive(*names)

    def receive(self, *names):
        """The next answer. Raises InputError with the last line of what the process printed where it has ended."""
        line = self.answers.readline()
        if not line:
            self.errors.seek(0)
            last = self.errors.read().strip().rpartition("\n")[2]
            raise InputError(f"the contestant's process ended: {last or 'without a word'}")
        answer = json.loads(line)
        return [answer[name] for name in names]

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        for stream in (self.questions, self.answers, self.errors):
            with contextlib.suppress(BrokenPipeError):
                stream.close()
