"""A run that was killed, or stopped by Ctrl-C, and resumed is bit for bit the run that was never interrupted."""

import os
import signal
import subprocess
import sys
import time

import pytest

from minilm.data import grammar
from minilm.storage import run_folder

STEPS = 10


@pytest.fixture(scope="module")
def pairs_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("pairs") / "pairs.tsv"
    path.write_text("".join(f"{c}\t{e}\n" for c, e in grammar.pairs()[:600]), encoding="utf-8")
    return path


def command(pairs_file, folder, *more):
    return [
        sys.executable, "-m", "minilm", "train", "encoder-decoder", "--pairs", str(pairs_file), "--preset", "tiny",
        "--steps", str(STEPS), "--save-every", "5", "--out", str(folder), *more,
    ]  # fmt: skip


@pytest.fixture(scope="module")
def uninterrupted(pairs_file, tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "run"
    subprocess.run(command(pairs_file, folder), check=True, capture_output=True)
    return folder


def interrupt_after(process, folder, step, number):
    """Send the signal as soon as the run has reported `step`."""
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        rows = run_folder.read_history(folder) if folder.exists() else []
        if rows and rows[-1]["step"] >= step:
            process.send_signal(number)
            return
        time.sleep(0.001)
    pytest.fail("the run ended, or hung, before it could be interrupted")


def slowed():
    """The environment in which a step takes long enough to be interrupted: see slow.py below."""
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(SLOW), *filter(None, [os.environ.get("PYTHONPATH")])])}


@pytest.fixture(scope="module", autouse=True)
def slow_steps(tmp_path_factory):
    """A sitecustomize for the child: each history line takes 0.2 s, so that a signal lands between two steps."""
    global SLOW
    SLOW = tmp_path_factory.mktemp("slow")
    (SLOW / "sitecustomize.py").write_text(
        "import time\nfrom minilm.storage import run_folder as r\nappend = r.append_history\n"
        "r.append_history = lambda *a: (append(*a), time.sleep(0.2))\n", encoding="utf-8"
    )  # fmt: skip


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL on Windows")
@pytest.mark.parametrize("step", [7, 9])
def test_kill_minus_nine(pairs_file, uninterrupted, tmp_path, step):
    folder = tmp_path / "run"
    process = subprocess.Popen(
        command(pairs_file, folder), env=slowed(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    interrupt_after(process, folder, step, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert int(run_folder.read_checkpoint(folder)["step"]) == 5
    subprocess.run(command(pairs_file, folder, "--resume"), check=True, capture_output=True)
    for name in ("weights.safetensors", "checkpoint.safetensors"):
        assert (folder / name).read_bytes() == (uninterrupted / name).read_bytes(), name
    assert [row["step"] for row in run_folder.read_history(folder)] == list(range(1, STEPS + 1))


@pytest.mark.skipif(sys.platform == "win32", reason="signals are not sent so on Windows")
def test_ctrl_c_saves_and_says_how_to_go_on(pairs_file, uninterrupted, tmp_path):
    folder = tmp_path / "run"
    process = subprocess.Popen(
        command(pairs_file, folder), env=slowed(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    interrupt_after(process, folder, 3, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "--resume" in errors and "Traceback" not in errors
    step = int(run_folder.read_checkpoint(folder)["step"])
    assert 3 <= step < STEPS
    subprocess.run(command(pairs_file, folder, "--resume"), check=True, capture_output=True)
    assert (folder / "weights.safetensors").read_bytes() == (uninterrupted / "weights.safetensors").read_bytes()
