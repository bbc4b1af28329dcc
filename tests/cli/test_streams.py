"""Closed standard streams and a Ctrl-C at the worst moment: no traceback, and an exit status that says what was."""

import subprocess
import sys

import pytest

COMMAND = f"{sys.executable} -m minilm"


def shell(line):
    return subprocess.run(["sh", "-c", line], capture_output=True, text=True, encoding="utf-8", timeout=120)


@pytest.mark.skipif(sys.platform == "win32", reason="closes streams by a POSIX shell")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams(closed, tmp_path):
    done = shell(f"{COMMAND} check ops.relu {closed}")
    assert done.returncode == 0 and "Traceback" not in done.stdout + done.stderr
    assert (">&-" in closed.replace("2>&-", "")) or "ops.relu" in done.stdout
    done = shell(f"{COMMAND} generate {tmp_path}/none {closed}")
    assert done.returncode == 2 and "Traceback" not in done.stdout + done.stderr
    done = shell(f"{COMMAND} train gpt --data {__file__} --preset tiny --out {tmp_path / 'run'} --overwrite {closed}")
    assert done.returncode == 0 and "Traceback" not in done.stdout + done.stderr, done.stderr


def test_ctrl_c_while_the_imports_go_on():
    code = """
import sys

class Interrupted:
    def find_spec(self, name, path=None, target=None):
        if name == "minilm.training.ranks":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupted())
from minilm.__main__ import main
sys.exit(main())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", timeout=60)
    assert done.returncode == 130 and done.stderr == "minilm: stopped\n"
