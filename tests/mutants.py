"""Arguments dropped or swapped, one at a time: does a fast check notice?

    python -m tests.mutants --number 200 --seed 1        a sample of all
    python -m tests.mutants --room blocks                all of a room
    python -m tests.mutants --list                       only say what there is

A mutant is one function of the mathematics or of the loops in which one call loses an argument that it could do
without (`rng=rng`, `config.eps`, `dtype`), or has two arguments in each other's place. The tests that run that function
run on it, the quick ones first, until one fails; a mutant that none of them notices is alive, and is named. Those that
are the same function as before stand in SAME with the reason; one that does not occur any more is an error.

A session of pytest collects the tests once, and one run of them finds out which run which function; each mutant is
planted in a process forked from that session, so that this runs where there is a fork (not on Windows). What a module
of tests worked out while it was imported is there older than the mutant: one that lives in the session is tried again
where the tests are imported after it was planted.
"""

import argparse
import ast
import builtins
import importlib
import inspect
import json
import multiprocessing
import os
import pkgutil
import random
import signal
import sys
import tempfile
import textwrap
import threading
import time
import traceback
import types
from dataclasses import dataclass, replace
from pathlib import Path

import minilm

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = str(Path(minilm.__file__).parent)  # in the checkout, or where it was installed
ROOMS = ("ops", "fast", "layers", "blocks", "models", "training", "decoding", "data", "tasks")
TESTS = (
    "test_wiring.py", "test_defaults.py", "test_slices.py", "test_handed_on.py", "test_contract.py",
    "test_loading.py", "checking/test_every_gradient.py", "ops", "fast", "layers", "models", "training", "decoding", "data", "tasks",
)  # fmt: skip
ELSEWHERE = ("training/test_ranks.py",)  # in processes of their own, where no mutant is
SECONDS = 60  # of processor time, besides five times what the tests take: a mutant that takes more goes on for ever
FEW = 40
SYMMETRIC = {"maximum", "minimum", "result_type", "array_equal", "isclose", "allclose", "max", "min", "zip"}

SAME: dict[str, str] = {
    "minilm.training.checkpoint.to_tree: np.array(state.step, np.int64) -> np.array(state.step)":
        "NumPy 2 makes int64 of Python's int on every system",
    "minilm.models.gpt.start: np.tri(positions, dtype=bool) -> np.tri(positions)":
        "a mask is asked by np.where alone, which takes 1.0 for True",
    "minilm.ops.cross_entropy.answers: np.isin(wanted, never) -> np.isin(never, wanted)":
        "the two have an element in common, or have none, whichever is asked about",
    "minilm.ops.conditional_random_field.forward: np.empty_like(kept, np.result_type(kept, first)) -> "
    "np.empty_like(kept)": "all that goes in has one dtype, complex numbers of the checks too",
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """`source` is that of the whole function `name` of `owner`, a module's or a class's dotted name."""

    owner: str
    name: str
    line: int
    was: str
    now: str
    source: str
    nth: int = 1  # of those in this function that read the same

    @property
    def key(self):
        again = f" (number {self.nth})" if self.nth > 1 else ""
        return f"{self.owner}.{self.name}: {' '.join(self.was.split())} -> {' '.join(self.now.split())}{again}"


def functions(rooms):
    """(owner, name, function) of every plain function and method of the rooms' modules."""
    for room in rooms:
        package = importlib.import_module(f"minilm.{room}")
        for info in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"minilm.{room}.{info.name}")
            for owner in (module, *(value for value in vars(module).values() if isinstance(value, type))):
                if owner is not module and owner.__module__ != module.__name__:
                    continue
                for name, value in vars(owner).items():
                    plain = isinstance(value, types.FunctionType) and value.__closure__ is None
                    if plain and value.__module__ == module.__name__ and value.__name__ == name and not name.startswith("__"):
                        where = module.__name__ if owner is module else f"{module.__name__}:{owner.__qualname__}"
                        yield where, name, value


def resolve(owner):
    module, _, path = owner.partition(":")
    found = importlib.import_module(module)
    for part in path.split(".") if path else ():
        found = getattr(found, part)
    return found


def mutants(rooms=ROOMS):
    for owner, name, function in functions(rooms):
        try:
            source = textwrap.dedent(inspect.getsource(function))
        except (OSError, TypeError):
            continue
        seen: dict[tuple, int] = {}
        for mutant in of_function(owner, name, function, source):
            same = mutant.was, mutant.now
            seen[same] = seen.get(same, 0) + 1
            yield replace(mutant, nth=seen[same])


def of_function(owner, name, function, source):
    parsed = ast.parse(source)
    raised = {id(node) for each in ast.walk(parsed) if isinstance(each, ast.Raise) for node in ast.walk(each)}
    seen = set()
    for call in ast.walk(parsed):
        if not isinstance(call, ast.Call) or id(call) in raised:
            continue
        was = ast.get_source_segment(source, call)
        for changed in (*dropped(call, function), *swapped(call, source)):
            now = ast.unparse(changed)
            if now != ast.unparse(call) and (call.lineno, call.col_offset, now) not in seen:
                seen.add((call.lineno, call.col_offset, now))
                mutated = replaced(source, call, now)
                yield Mutant(owner, name, function.__code__.co_firstlineno + call.lineno - 1, was, now, mutated)


def replaced(source, node, text):
    lines = source.encode().split(b"\n")
    before = b"\n".join([*lines[: node.lineno - 1], lines[node.lineno - 1][: node.col_offset]])
    after = b"\n".join([lines[node.end_lineno - 1][node.end_col_offset :], *lines[node.end_lineno :]])
    return (before + text.encode() + after).decode()


def dropped(call, function):
    """The call without one of its keywords, or without its last place, where it can do without."""
    for keyword in call.keywords:
        if keyword.arg is not None and not is_constant(keyword.value):
            yield from able(function, ast.Call(call.func, call.args, [k for k in call.keywords if k is not keyword]))
    if call.args and not is_constant(call.args[-1]) and not isinstance(call.args[-1], ast.Starred | ast.GeneratorExp):
        yield from able(function, ast.Call(call.func, call.args[:-1], call.keywords))


def is_constant(node):
    """Whether this is written out where it stands, as -1 is, and so is not handed on."""
    return all(isinstance(each, ast.Constant | ast.UnaryOp | ast.unaryop) for each in ast.walk(node))


def able(function, call):
    """[call] unless Python would refuse it: that needs no test."""
    try:
        target = eval(ast.unparse(call.func), dict(vars(builtins)), dict(function.__globals__))
    except Exception:
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("forward", "backward", "step", "init", "decode", "loss"):
            return [call]  # of a module that is handed in
        return [call] if call.args or call.keywords else []
    if target in (range, slice, int, float, len, zip, map, sum, isinstance, enumerate, list, tuple, sorted, set, dict):
        return []
    try:
        signature = inspect.signature(target)
    except (TypeError, ValueError):
        return [call] if call.args else []
    stars = any(isinstance(arg, ast.Starred) for arg in call.args) or any(k.arg is None for k in call.keywords)
    try:
        (signature.bind_partial if stars else signature.bind)(
            *[None for arg in call.args if not isinstance(arg, ast.Starred)],
            **{k.arg: None for k in call.keywords if k.arg is not None},
        )
    except TypeError:
        return []
    return [call]


def swapped(call, source):
    """The call with two neighbours, or two keywords' values, in each other's place."""
    word = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    handed = (ast.Name, ast.Attribute, ast.Subscript)
    if word not in SYMMETRIC:
        for index, (a, b) in enumerate(zip(call.args, call.args[1:], strict=False)):
            if isinstance(a, handed) and isinstance(b, handed):
                yield ast.Call(call.func, [*call.args[:index], b, a, *call.args[index + 2 :]], call.keywords)
    named = [k for k in call.keywords if k.arg is not None and isinstance(k.value, handed)]
    for a, b in zip(named, named[1:], strict=False):
        values = {id(a): b.value, id(b): a.value}
        yield ast.Call(call.func, call.args, [ast.keyword(k.arg, values.get(id(k), k.value)) for k in call.keywords])


class Watching:
    """A plugin for pytest: which functions of the rooms each test runs, and how long it takes."""

    def __init__(self):
        self.runs, self.seconds, self.now, self.began = {}, {}, {}, 0.0

    def called(self, frame, event, argument):
        """A tracer of calls alone: it traces no line."""
        self.now[id(frame.f_code)] = frame.f_code

    def pytest_runtest_setup(self, item):
        self.now, self.began = {}, time.perf_counter()
        threading.settrace(self.called)
        sys.settrace(self.called)

    def pytest_runtest_teardown(self, item):
        sys.settrace(None)
        threading.settrace(None)
        node = node_of(item)
        ours = [code for code in self.now.values() if code.co_filename.startswith(PACKAGE)]
        self.runs[node] = sorted({f"{code.co_filename}:{code.co_qualname}" for code in ours})
        self.seconds[node] = time.perf_counter() - self.began


def forked(work, seconds=None):
    """What `work` returns in a process of its own; None where it took more than `seconds` of processor time, or ten
    times as many on the clock."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        child = os.fork()
        if child == 0:
            status = 1
            try:
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, 1)
                os.dup2(nowhere, 2)
                if seconds:
                    signal.setitimer(signal.ITIMER_PROF, seconds)
                    signal.setitimer(signal.ITIMER_REAL, 10 * seconds)
                answer.write_text(json.dumps([work(), ""]), encoding="utf-8")
                status = 0
            except BaseException:
                answer.write_text(json.dumps([None, traceback.format_exc()]), encoding="utf-8")
            finally:
                os._exit(status)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGPROF, signal.SIGALRM):
            return None
        found, error = json.loads(answer.read_text(encoding="utf-8")) if answer.exists() else (None, f"status {status}")
        if error:
            raise RuntimeError(error)
        return found


def tests_run(nodes, *plugins):
    import pytest

    nodes = [*nodes, *(f"--ignore={ROOT / 'tests' / test}" for test in ELSEWHERE)]
    with tempfile.TemporaryDirectory() as folder:
        return int(pytest.main([*nodes, "-x", "-q", "-p", "no:cacheprovider", "-m", "not slow", "-c", str(ROOT / "setup.cfg"),
                                "--rootdir", str(ROOT), "--basetemp", folder], plugins=list(plugins)))  # fmt: skip


class Session:
    """A session of pytest in a process of its own that has collected `tests`: `verdict` of one mutant after the other.

    `by_function` is {"file:function": [(seconds, test), ...]}, all in order of their length. Ends the program where a
    test fails without a mutant.
    """

    def __init__(self, tests):
        self.line, other = multiprocessing.Pipe()
        self.child = os.fork()
        if self.child == 0:
            try:
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, 1)
                os.dup2(nowhere, 2)
                tests_run([str(ROOT / "tests" / test) for test in tests], Trying(other))
                other.send(None)
            finally:
                os._exit(0)
        other.close()
        found = self.answer()
        if found is None or found["failed"]:
            failed = found["failed"] if found else "they could not be collected"
            sys.exit(f"the tests fail without a mutant ({failed}); run them first")
        self.by_function = {}
        for test, ran in found["runs"].items():
            for function in ran:
                self.by_function.setdefault(function, []).append((found["seconds"][test], test))
        for ran in self.by_function.values():
            ran.sort()

    def answer(self):
        try:
            return self.line.recv()
        except EOFError:
            return None

    def verdict(self, mutant):
        """("noticed" | "alive" | "not run" | "endless", how many tests there were)."""
        code = getattr(resolve(mutant.owner), mutant.name).__code__
        tests = self.by_function.get(f"{code.co_filename}:{code.co_qualname}", [])
        if not tests:
            return "not run", 0
        limit = SECONDS + 5 * sum(seconds for seconds, _ in tests)
        self.line.send((mutant, [test for _, test in tests], limit))
        found = self.answer()
        if found == "alive":
            found = imported_anew(mutant, [test for _, test in tests], limit)
        return found, len(tests)

    def end(self):
        self.line.send(None)
        os.waitpid(self.child, 0)


class Trying:
    """A plugin for pytest in the session's process: it collects, and what is run is run in forks of it."""

    def __init__(self, line):
        self.line = line

    def pytest_runtestloop(self, session):
        nodes = {node_of(item): item for item in session.items}

        def watched():
            watching = Watching()
            session.config.pluginmanager.register(watching)
            failed = self.failed(session, list(nodes.values()))
            return {"failed": failed, "runs": watching.runs, "seconds": watching.seconds}

        self.line.send(forked(watched))
        while (asked := self.line.recv()) is not None:
            mutant, tests, limit = asked
            items = [nodes[test] for test in tests]

            def tried(mutant=mutant, items=items):
                planted(mutant)
                rest = set(map(id, items[FEW:]))  # most are noticed by the few; the rest in the order of their modules
                return self.failed(session, [*items[:FEW], *(item for item in session.items if id(item) in rest)])

            found = forked(tried, limit)
            self.line.send("endless" if found is None else "noticed" if found else "alive")
        return True

    def failed(self, session, items):
        """The first of the items (one or more) that fails, or ""."""
        for item, after in zip(items, [*items[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            if session.testsfailed:
                return item.nodeid
        return ""


def node_of(item):
    return f"{item.path}::{item.nodeid.partition('::')[2]}"


def planted(mutant):
    """Make the function the mutant, in this process: itself, wherever it is known and in whichever list it stands."""
    from minilm.checking import planting

    function = getattr(resolve(mutant.owner), mutant.name)
    wrong = planting.recompiled(function, mutant.source)
    function.__code__, function.__defaults__, function.__kwdefaults__ = wrong.__code__, wrong.__defaults__, wrong.__kwdefaults__


def imported_anew(mutant, tests, limit):
    """"noticed", "alive" or "endless", by tests that are collected with the mutant in its place."""

    def work():
        planted(mutant)
        return tests_run(tests[:FEW]) or (tests_run(tests[FEW:]) if tests[FEW:] else 0)

    status = forked(work, limit)
    if status not in (None, 0, 1, 2):  # 1: a test failed; 2: one could not even be imported
        sys.exit(f"pytest ended with status {status} on {mutant.key}")
    return "endless" if status is None else "alive" if status == 0 else "noticed"


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--number", type=int, help="how many, drawn at random (default: all)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--room", action="append", choices=ROOMS, help="only of these rooms (default: all)")
    parser.add_argument("--at-most", type=float, default=0.02, metavar="SHARE", help="exit status 1 where more are alive")
    parser.add_argument("--tests", nargs="+", default=TESTS, help="files and folders under tests/ that are run")
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args(argv)
    os.chdir(ROOT)
    every = {mutant.key: mutant for mutant in mutants(arguments.room or ROOMS)}
    if stale := [key for key in SAME if key not in every and not arguments.room]:
        sys.exit("listed as the same, but no mutant any more:\n" + "\n".join(stale))
    chosen = sorted(key for key in every if key not in SAME)
    if arguments.number is not None:
        chosen = random.Random(arguments.seed).sample(chosen, min(arguments.number, len(chosen)))
    if arguments.list:
        print("\n".join(chosen))
        return 0
    print(f"{len(chosen)} of {len(every)} mutants ({len(SAME)} are the same function); first the tests without one", flush=True)
    began, alive = time.perf_counter(), []
    session = Session(arguments.tests)
    print(f"the tests took {time.perf_counter() - began:.0f} s", flush=True)
    for number, key in enumerate(chosen, start=1):
        found, tests = session.verdict(every[key])
        if found != "noticed":
            print(f"{found.upper()} {every[key].line}  {key}  ({tests} tests)", flush=True)
        if found in ("alive", "not run"):
            alive.append(key)
        if number % 20 == 0:
            print(f"{number} of {len(chosen)}, {len(alive)} alive, {time.perf_counter() - began:.0f} s", flush=True)
    session.end()
    share = len(alive) / max(1, len(chosen))
    print(f"{len(alive)} of {len(chosen)} alive: {share:.1%} (at most {arguments.at_most:.1%})")
    return 1 if share > arguments.at_most else 0


if __name__ == "__main__":
    sys.exit(main())
