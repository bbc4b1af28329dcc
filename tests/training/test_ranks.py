"""Replicas over processes: real launches of mpiexec with 1, 2 and 3 ranks, held against one process."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import minilm
from minilm.errors import InputError, MissingExtra
from minilm.storage import safetensors
from minilm.training import loop, ranks

HERE = Path(__file__).parent
BESIDE = Path(sys.executable).parent / ("mpiexec.exe" if os.name == "nt" else "mpiexec")  # the extra `mpi` puts it there
MPIEXEC = str(BESIDE) if BESIDE.exists() else shutil.which("mpiexec")


def mpi4py_is_there():
    try:
        import mpi4py  # noqa: F401
    except ImportError:
        return False
    return True


needs_mpi = pytest.mark.skipif(
    MPIEXEC is None or not mpi4py_is_there(), reason='no mpiexec, or no mpi4py: pip install "minilm[mpi]" installs both'
)


def start(number, *command, **changes):
    """`mpiexec -n number python command`; number 0: without mpiexec."""
    own = [sys.executable, *map(str, command)]
    environment = {
        **os.environ, "PYTHONPATH": os.pathsep.join([str(Path(minilm.__file__).parents[1]), str(HERE)]),
        "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1",
        # Open MPI wants to be told where the tests run as root, and where there are more ranks than cores
        "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
        "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe", "OMPI_MCA_rmaps_base_oversubscribe": "1", **changes,
    }  # fmt: skip
    return subprocess.Popen(
        [MPIEXEC, "-n", str(number), *own] if number else own, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, encoding="utf-8", env=environment,
    )  # fmt: skip


def launch(number, *command, **changes):
    """The same, finished."""
    with start(number, *command, **changes) as process:
        try:
            stdout, stderr = process.communicate(timeout=120)
        finally:
            process.kill()
    return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)


def toy(folder, number, **given):
    done = launch(number, HERE / "toy_ranks.py", folder, json.dumps(given))
    assert done.returncode == 0, done.stdout + done.stderr
    return {name: np.array(array) for name, array in safetensors.read(folder / "result.safetensors").items()}


def assert_same(found, wanted):
    assert set(found) == set(wanted)
    for name, array in wanted.items():
        np.testing.assert_allclose(found[name], array, rtol=0, atol=1e-12, err_msg=name)


@needs_mpi
@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize(
    "given",
    [
        {"rows": 7},
        {"rows": 6, "recurrent": True},
        {"rows": 5, "recurrent": True, "accumulate": 2},
        {"rows": 2},  # with 3 ranks one has nothing to do
        {"rows": 7, "shards": 6, "dropout": 0.3, "recurrent": True},  # 6 shards whatever the ranks: the same dropout
    ],
    ids=str,
)
def test_loss_and_weights_are_those_of_one_process(tmp_path, number, given):
    wanted = toy(tmp_path, 0, steps=7, **given)
    assert_same(toy(tmp_path, number, steps=7, **given), wanted)


@needs_mpi
def test_dropout_is_one_process_with_as_many_shards(tmp_path):
    three = toy(tmp_path, 3, steps=4, dropout=0.3, shards=2)  # rounded up to 3
    assert_same(three, toy(tmp_path, 0, steps=4, dropout=0.3, shards=3))
    with pytest.raises(AssertionError):  # or the test is blind
        assert_same(three, toy(tmp_path, 0, steps=4, dropout=0.3, shards=2))


@needs_mpi
@pytest.mark.parametrize("recurrent", [False, True])
def test_resumed_under_another_number_of_ranks(tmp_path, recurrent):
    given = {"recurrent": recurrent, "accumulate": 2, "rows": 7}
    wanted = toy(tmp_path, 0, steps=9, **given)
    losses = []
    for number, steps in ((0, 3), (3, 5), (2, 7), (1, 9)):
        found = toy(tmp_path, number, steps=steps, resume="state" if losses else None, save="state", **given)
        losses += found["losses"].tolist()
    assert_same({**found, "losses": np.array(losses)}, wanted)


@needs_mpi
@pytest.mark.parametrize("rank", [0, 1, 2])
def test_an_error_of_one_rank_ends_all_with_one_line(tmp_path, rank):
    done = launch(3, HERE / "toy_ranks.py", tmp_path, json.dumps(
        {"steps": 6, "fails": {"rank": rank, "step": 3, "how": "input"}}))  # fmt: skip
    assert done.returncode == 2
    assert [line for line in done.stderr.splitlines() if "toy" in line] == ["toy: file.txt:3: wrong"]
    assert "Traceback" not in done.stderr and not (tmp_path / "result.safetensors").exists()


@needs_mpi
@pytest.mark.parametrize("how", ["bug", "killed"])
def test_a_rank_that_dies_takes_the_others_along_and_leaves_a_checkpoint(tmp_path, how):
    given = {"rows": 7, "recurrent": True, "save": "state"}
    done = launch(3, HERE / "toy_ranks.py", tmp_path, json.dumps(
        {"steps": 9, **given, "fails": {"rank": 1, "step": 5, "how": how}}))  # fmt: skip
    assert done.returncode != 0
    if how == "bug":
        assert done.stderr.count("ZeroDivisionError: a bug") == 1
    found = toy(tmp_path, 2, steps=9, resume="state", **given)
    wanted = toy(tmp_path, 0, steps=9, **given)
    redone = len(found["losses"])
    assert 5 <= redone <= 6  # the engine may end rank 0 before it has saved the fourth step
    assert_same({**found, "losses": wanted["losses"][:-redone].tolist() + found["losses"].tolist()}, wanted)


# The command line ------------------------------------------------------------------------------------------------------

TINY = ["-m", "minilm", "train", "encoder-decoder", "--preset", "tiny", "--pairs"]


@pytest.fixture
def pairs(tmp_path):
    path = tmp_path / "pairs.tsv"
    lines = [f"a{i % 7} b{i % 5} c{i}\tx{i % 7} y{i % 5} z{i}" for i in range(60)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def history(folder):
    lines = (folder / "history.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@needs_mpi
def test_two_ranks_leave_one_run_folder(tmp_path, pairs):
    one = launch(0, *TINY, pairs, "--out", tmp_path / "one", "--steps", 12)
    two = launch(2, *TINY, pairs, "--out", tmp_path / "two", "--steps", 12)
    assert one.returncode == two.returncode == 0, two.stderr
    assert two.stdout.count("The run is in") == two.stdout.count("validation:") == 1
    assert two.stderr.count("2 processes share each step") == 1
    assert {path.name for path in (tmp_path / "one").iterdir()} == {path.name for path in (tmp_path / "two").iterdir()}
    left, right = history(tmp_path / "one"), history(tmp_path / "two")
    assert [row["step"] for row in right] == list(range(1, 13))
    np.testing.assert_allclose([r["loss"] for r in right], [r["loss"] for r in left], rtol=1e-4)  # float32
    weights = safetensors.read(tmp_path / "two" / "weights.safetensors")
    for name, array in safetensors.read(tmp_path / "one" / "weights.safetensors").items():
        np.testing.assert_allclose(weights[name], array, atol=1e-3, err_msg=name)


@needs_mpi
def test_wrong_input_is_one_line_however_many_ranks(tmp_path, pairs):
    out = ["--out", tmp_path / "run"]
    (tmp_path / "file").write_text("", encoding="utf-8")
    for command, wanted in [
        ([*TINY, tmp_path / "none.tsv", *out], "none.tsv"),  # all ranks find it
        ([*TINY, pairs, "--out", tmp_path / "file"], "is a file"),  # rank 0 alone looks
        ([*TINY, pairs, *out, "--resume"], "no checkpoint to go on from"),
    ]:
        done = launch(3, *command)
        assert done.returncode == 2 and not done.stdout
        said = [line for line in done.stderr.splitlines() if "minilm" in line]
        assert len(said) == 1 and said[0].startswith("minilm: ") and wanted in said[0], done.stderr
        assert "Traceback" not in done.stderr
    done = launch(2, *TINY)
    assert done.returncode == 2 and done.stderr.count("usage:") == 1


@needs_mpi
@pytest.mark.skipif(os.name == "nt", reason="no SIGINT for another process")
def test_ctrl_c_stops_all_after_one_step_and_three_ranks_go_on(tmp_path, pairs):
    version = subprocess.run([MPIEXEC, "--version"], capture_output=True, text=True, timeout=30, check=False).stdout
    if "Open MPI" in version:
        pytest.skip("Open MPI's mpiexec ends its processes at once: the last checkpoint is what is left")
    folder = tmp_path / "run"
    rest = ["--out", folder, "--steps", 3000, "--save-every", 100000]
    process = start(2, *TINY, pairs, *rest)
    try:
        wait_for(lambda: (folder / "history.jsonl").exists() and len(history(folder)) > 5, process)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130, stdout + stderr
    step = int(safetensors.read(folder / "checkpoint.safetensors")["step"])
    assert 5 < step < 3000 and len(history(folder)) == step
    assert stderr.count(f"Stopped at step {step} of 3000") == 1
    assert stderr.count("mpiexec -n 2 minilm train encoder-decoder") == 1 and "validation:" not in stdout
    process = start(3, *TINY, pairs, *rest, "--resume")
    try:
        wait_for(lambda: len(history(folder)) > step + 5, process)
    finally:
        process.terminate()
        process.communicate(timeout=60)
    assert [row["step"] for row in history(folder)] == list(range(1, len(history(folder)) + 1))


def wait_for(condition, process):
    until = time.monotonic() + 60
    while not condition():
        assert process.poll() is None and time.monotonic() < until, "it ended, or never came so far"
        time.sleep(0.05)


# Without a launch ------------------------------------------------------------------------------------------------------


@pytest.fixture
def clean(monkeypatch):
    for name in [name for pair in ranks._LAUNCHERS for name in pair]:
        monkeypatch.delenv(name, raising=False)
    ranks.world.cache_clear()
    yield monkeypatch
    ranks.world.cache_clear()


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ({}, None),
        ({"PMI_RANK": "1", "PMI_SIZE": "2"}, (1, 2)),
        ({"OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "3", "PMIX_RANK": "0"}, (0, 3)),
        ({"PMIX_RANK": "3", "SLURM_STEP_NUM_TASKS": "4"}, (3, 4)),
        ({"PMI_RANK": "0", "PMI_SIZE": "1"}, None),
        ({"PMI_RANK": "0"}, None),
        ({"PMI_RANK": "0", "PMI_SIZE": "many"}, None),
        ({"SLURM_STEP_NUM_TASKS": "4", "SLURM_NTASKS": "4"}, None),
    ],
    ids=str,
)
def test_a_launch_is_seen_in_the_environment(clean, found, wanted):
    for name, value in found.items():
        clean.setenv(name, value)
    assert ranks.launched() == wanted


def test_a_process_alone_never_imports_mpi4py(clean):
    clean.setitem(sys.modules, "mpi4py", None)  # importing it would raise
    world = ranks.world()
    assert (world.rank, world.size) == (0, 1) and world.agree(1, 2) == [(1, 2)]


def test_a_launch_without_mpi4py_says_what_to_install(clean):
    clean.setitem(sys.modules, "mpi4py", None)
    clean.setenv("PMI_RANK", "0")
    clean.setenv("PMI_SIZE", "2")
    with pytest.raises(MissingExtra, match=r'2 processes were launched, but mpi4py.*pip install "minilm\[mpi\]"'):
        ranks.world()


@needs_mpi
def test_a_launcher_of_another_engine_is_told_apart():
    # as Open MPI's mpiexec would start it, while mpi4py's library, knowing nothing of it, sees one process
    done = launch(
        0, "-c", "from minilm.training import ranks; ranks.world()", OMPI_COMM_WORLD_RANK="0", OMPI_COMM_WORLD_SIZE="2"
    )
    assert "InputError: 2 processes were launched, but mpi4py's MPI sees 1; launch with the mpiexec that" in done.stderr


class Two(ranks.Alone):
    """Rank 0 of two, the other of which says what the test wants."""

    size = 2

    def __init__(self, said):
        self.said = said

    def agree(self, *numbers):
        return [numbers, tuple(number + more for number, more in zip(numbers, self.said, strict=False))]


@pytest.mark.parametrize(("said", "wanted"), [((1,), "models differ"), ((0, 1), "different batches")])
def test_ranks_with_different_data_are_told(monkeypatch, said, wanted):
    import toy_bigram as bigram

    monkeypatch.setattr(ranks, "world", lambda: Two(said))
    config = bigram.Config()
    state = loop.start(bigram.init(np.random.default_rng(0), config))
    with pytest.raises(InputError, match=wanted):
        list(loop.run(bigram, config, state, bigram.batch_at, steps=2, schedule=lambda step: 0.1))
