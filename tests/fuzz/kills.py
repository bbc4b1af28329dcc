"""kill -9 at random moments of a training: what is loaded is the last checkpoint's, and a resume goes on to the same bits.

    python tests/fuzz/kills.py --kills 60                 that many of each command, from a fresh seed that is printed
    python tests/fuzz/kills.py --only gpt --seed 3

A tiny run is trained once to its end. Then another of the same data and settings is started, killed at a moment drawn
from the time the whole one took, looked at, resumed, killed again, until it comes to its end: its weights, its optimiser's
state, its settings and its history (but for the speeds) must be those of the run that nobody killed. Then the next one
begins, until there were enough kills.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

import minilm
from minilm import tree
from minilm.data import grammar
from minilm.storage import best_weights, run_folder, safetensors

TEXT = "the cat sat on the mat and the dog lay in the fog by the log\n" * 40
EXACT = ("weights.safetensors", "checkpoint.safetensors", "settings.json")
PARAMS = "params."


def gpt(folder):
    path = folder / "text.txt"
    path.write_text(TEXT, encoding="utf-8")
    return ["gpt", "--data", str(path), "--steps", "100", "--save-every", "3"]


def encoder_decoder(folder):
    path = folder / "pairs.tsv"
    path.write_text("".join(f"{chinese}\t{english}\n" for chinese, english in grammar.pairs()[:300]), encoding="utf-8")
    return ["encoder-decoder", "--pairs", str(path), "--steps", "24", "--save-every", "2"]


def tagger(folder):
    """The best weights are written at other times than the checkpoint."""
    path = folder / "labelled.conll"
    rows = (f"{a} B-NAME\n{b} E-NAME\nat O\n{c} S-PLACE\n" for a in "abcdef" for b in "ghij" for c in "klm")
    path.write_text("\n".join(rows), encoding="utf-8")
    return ["tagger", "--data", str(path), "--epochs", "9", "--save-every", "7"]


TRAININGS = {"gpt": gpt, "encoder-decoder": encoder_decoder, "tagger": tagger}


def command(arguments, out, *more):
    return [sys.executable, "-m", "minilm", "train", *arguments, "--preset", "tiny", "--seed", "5", "--out", str(out), *more]


def trained(arguments, out, *more):
    """Train to the end. Raises RuntimeError, with what the command said."""
    done = subprocess.run(command(arguments, out, *more), capture_output=True, encoding="utf-8")
    if done.returncode:
        raise RuntimeError(f"exit status {done.returncode}: {done.stderr.strip()[-300:]}")


def killed(arguments, out, after, *more):
    """Start the training and kill it `after` seconds. False where it had come to its end by then."""
    with open(out.with_suffix(".log"), "wb") as log:
        process = subprocess.Popen(command(arguments, out, *more), stdout=log, stderr=log)
        try:
            status = process.wait(after)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait() != 0
    if status:
        said = out.with_suffix(".log").read_text(encoding="utf-8", errors="replace")
        raise RuntimeError(f"exit status {status}: {said.strip()[-300:]}")
    return False


def looked_at(folder):
    """(what a kill left, in a word; None, or what is wrong with it)."""
    checkpoint = folder / "checkpoint.safetensors"
    if not checkpoint.exists():
        left = sorted(path.name for path in folder.iterdir() if path.suffix != ".part") if folder.exists() else []
        return "nothing yet", None if set(left) <= {"training.lock"} else f"no checkpoint beside {left}"
    stored = safetensors.read(checkpoint)
    step = int(stored["step"])
    if not (folder / "settings.json").exists():
        return "a checkpoint alone", None if step == 0 else f"no settings after {step} steps"
    loaded = minilm.load(folder)
    best = folder / best_weights.FILE  # where a training keeps them, they are the run's
    known = safetensors.read(best) if best.exists() else stored
    wanted = {name[len(PARAMS) :]: leaf for name, leaf in known.items() if name.startswith(PARAMS)}
    found = tree.flatten(loaded.params)
    if set(found) != set(wanted):
        return "a run", "load gives other tensors than the checkpoint's"
    for name, leaf in found.items():
        if leaf.dtype != wanted[name].dtype or leaf.tobytes() != wanted[name].tobytes():
            return "a run", f"load gives another {name} than the checkpoint of step {step}"
    if loaded.steps_trained != step:
        return "a run", f"load says {loaded.steps_trained} steps, the checkpoint {step}"
    return "a run at its first step" if step == 0 else "a run", None


def history(folder):
    return [{key: value for key, value in row.items() if key != "tokens_per_second"} for row in run_folder.read_history(folder)]


def differences(folder, whole):
    """What a run that came to its end has otherwise than the one that nobody killed."""
    found = [name for name in EXACT if (folder / name).read_bytes() != (whole / name).read_bytes()]
    if "checkpoint.safetensors" in found:
        ours, theirs = (safetensors.read(path / "checkpoint.safetensors") for path in (folder, whole))
        found += [name for name in theirs if name not in ours or not np.array_equal(ours[name], theirs[name])][:3]
    return found + (["history.jsonl"] if history(folder) != history(whole) else [])


def attempt(name, kills, seed, place):
    """`kills` of one command -> (Counter of what they left, runs that came to their end, list of what is wrong)."""
    rng = random.Random(f"{seed} {name}")
    arguments = TRAININGS[name](place)
    whole, began = place / "whole", time.perf_counter()
    trained(arguments, whole)
    lasts = time.perf_counter() - began
    left: Counter = Counter()
    wrong, ended, run, more = [], 0, place / "run0", []
    while left.total() < kills or more:
        over, problem, began = left.total() == kills, None, time.perf_counter()
        try:
            if over:
                trained(arguments, run, *more)
            elif killed(arguments, run, rng.random() * lasts, *more):
                what, problem = looked_at(run)
                left[what] += 1
                more = [] if what == "nothing yet" else ["--resume"]
                if not problem:
                    continue
            elif not more:
                lasts = min(lasts, time.perf_counter() - began)  # the machine has less to do than when the whole one ran
            if not problem:
                ended += 1
                problem = ", ".join(differences(run, whole))
        except (RuntimeError, OSError, ValueError, KeyError) as error:
            problem = f"{type(error).__name__}: {error}"
        if problem:
            wrong.append((left.total(), run.name, problem))
        if over or len(wrong) > 20:
            break
        run, more = place / f"run{ended}-{len(wrong)}", []
    return left, ended, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=60, help="of each command (60)")
    parser.add_argument("--seed", type=int, help="another seed, other moments (from the clock)")
    parser.add_argument("--only", default="", help="commands whose names hold this")
    given = parser.parse_args()
    seed = time.time_ns() % 10**9 if given.seed is None else given.seed
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    print(f"seed {seed}; the code must stay as it is while this runs", flush=True)
    failed = 0
    for name in [name for name in TRAININGS if given.only in name]:
        with tempfile.TemporaryDirectory() as folder:
            left, ended, wrong = attempt(name, given.kills, seed, Path(folder))
        print(f"{name}: {left.total()} kills left {json.dumps(left)}", flush=True)
        print(f"    {ended} runs came to their end, {len(wrong)} wrong", flush=True)
        for number, run, problem in wrong[:5]:
            print(f"    kill {number}, {run}: {problem}", flush=True)
        failed += len(wrong)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
