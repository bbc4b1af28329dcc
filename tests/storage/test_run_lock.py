"""One training a folder: the second is refused by name, and a killed one holds nobody up."""

import signal
import subprocess
import sys
import time

import pytest

from minilm.errors import InputError
from minilm.storage import run_lock

HOLD = """
import sys, time
from minilm.storage import run_lock
with run_lock.held(sys.argv[1]):
    print("held", flush=True)
    time.sleep(60)
"""


def holder(folder):
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline().strip() == "held"
    return process


def test_a_second_training_is_refused_and_told_by_whom(tmp_path):
    process = holder(tmp_path)
    try:
        with pytest.raises(InputError, match=rf"process {process.pid} on .* is training here"), run_lock.held(tmp_path):
            pass
    finally:
        process.kill()
        process.wait()


def test_a_killed_training_holds_nobody_up(tmp_path):
    process = holder(tmp_path)
    process.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    process.wait()
    time.sleep(0.1)
    assert (tmp_path / run_lock.NAME).read_text(encoding="utf-8").startswith(f"process {process.pid}")
    with run_lock.held(tmp_path):
        pass


def test_one_after_the_other(tmp_path):
    for _ in range(2):
        with run_lock.held(tmp_path / "run"):
            assert "process" in (tmp_path / "run" / run_lock.NAME).read_text(encoding="utf-8")
            (tmp_path / "run" / "settings.json").write_text("{}", encoding="utf-8")
    assert (tmp_path / "run" / run_lock.NAME).read_text(encoding="utf-8") == ""


def test_a_folder_that_nothing_was_written_to_is_not_left_behind(tmp_path):
    with pytest.raises(InputError, match="refused"), run_lock.held(tmp_path / "run"):
        raise InputError("refused")
    assert not (tmp_path / "run").exists()
    (tmp_path / "mine").mkdir()
    with run_lock.held(tmp_path / "mine"):
        pass
    assert (tmp_path / "mine").is_dir(), "a folder that was there stays"


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="is a file"), run_lock.held(tmp_path / "file"):
        pass
