"""What a start imports, and what it does not: times differ by machine, modules do not."""

import subprocess
import sys

import pytest

HEAVY = ("numpy", "matplotlib", "tqdm", "torch", "mpi4py", "threadpoolctl", "importlib.metadata", "concurrent.futures",
         "multiprocessing", "json", "subprocess", "dataclasses")  # fmt: skip


def imported(*arguments):
    """The modules that an interpreter has imported when it ends, but for those that any start imports."""
    found = []
    for more in (arguments, ("-c", "pass")):
        done = subprocess.run(
            [sys.executable, "-X", "importtime", *more], capture_output=True, text=True, encoding="utf-8", check=True
        )
        found.append({line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if "|" in line})
    return found[0] - found[1]


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--version"], ["train", "gpt", "--help"], ["train", "encoder-decoder", "-h"], ["bench", "--help"]],
)
def test_help_imports_nothing_heavy(arguments):
    found = imported("-m", "minilm", *arguments)
    assert "minilm.cli.main" in found and "argparse" in found
    assert not found & set(HEAVY)


def test_importing_minilm_imports_two_modules():
    """So `import minilm` is far below 1.3 times `import numpy`, which comes with the first thing that needs it."""
    found = {name for name in imported("-c", "import minilm") if name.split(".")[0] not in ("typing", "re", "enum")}
    assert {name for name in found if name.startswith("minilm")} == {"minilm"}
    assert not found & set(HEAVY)


def test_numpy_is_all_that_a_model_needs():
    found = imported("-c", "from minilm.models import bert, encoder_decoder, gpt2, lstm_lm")
    assert "numpy" in found
    assert not found & {"matplotlib", "tqdm", "torch", "mpi4py", "threadpoolctl", "multiprocessing.pool"}
