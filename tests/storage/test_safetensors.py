"""safetensors: the same bytes as others read and write, and no trust in what stands in a file."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from minilm.errors import InputError
from minilm.storage import atomic, safetensors

TENSORS = {
    "half": np.array([[1.5, -2.0, 0.1]], np.float16),
    "single": np.linspace(-3, 3, 12, dtype=np.float32).reshape(3, 4),
    "double": np.array(np.pi),
    "empty": np.zeros((0, 5), np.float32),
    "long": np.array([1, -(2**60)]),
    "bytes": np.array([0, 255], np.uint8),
    "truth": np.array([True, False, True]),
}


def same(a, b):
    assert set(a) == set(b)
    for name, array in a.items():
        assert array.dtype == b[name].dtype and array.shape == b[name].shape, name
        np.testing.assert_array_equal(array, b[name])


def test_a_file_comes_back_as_it_was(tmp_path):
    safetensors.write(tmp_path / "a.safetensors", TENSORS, {"made": "here"})
    same(safetensors.read(tmp_path / "a.safetensors"), TENSORS)
    assert safetensors.metadata(tmp_path / "a.safetensors") == {"made": "here"}
    assert [path.name for path in tmp_path.iterdir()] == ["a.safetensors"]


def test_the_reference_reads_ours_and_we_read_its(tmp_path):
    reference = pytest.importorskip("safetensors.numpy")
    safetensors.write(tmp_path / "ours.safetensors", TENSORS)
    same(reference.load_file(tmp_path / "ours.safetensors"), TENSORS)
    reference.save_file(TENSORS, tmp_path / "theirs.safetensors")
    same(safetensors.read(tmp_path / "theirs.safetensors"), TENSORS)


def test_bfloat16_is_torchs(tmp_path):
    torch = pytest.importorskip("torch")
    reference = pytest.importorskip("safetensors.torch")
    numbers = np.concatenate([np.random.default_rng(0).standard_normal(1000), [0, -0.0, 1e-40, 3.4e38, np.inf, np.nan]])
    floats = torch.tensor(numbers, dtype=torch.float32)
    reference.save_file({"x": floats.bfloat16()}, tmp_path / "theirs.safetensors")
    wanted = floats.bfloat16().float().numpy()
    np.testing.assert_array_equal(safetensors.read(tmp_path / "theirs.safetensors")["x"], wanted)
    safetensors.write(tmp_path / "ours.safetensors", {"x": floats.numpy()}, dtype="BF16")
    np.testing.assert_array_equal(reference.load_file(tmp_path / "ours.safetensors")["x"].float().numpy(), wanted)


def test_shards(tmp_path):
    safetensors.write(tmp_path / "model.safetensors", {"old": np.zeros(3)})  # what was there before must not be read
    safetensors.write_sharded(tmp_path, TENSORS, 40)
    assert len(list(tmp_path.glob("*.safetensors"))) > 2
    same(safetensors.read_folder(tmp_path), TENSORS)
    index = json.loads((tmp_path / "model.safetensors.index.json").read_text(encoding="utf-8"))
    for place, message in (("../x.safetensors", "not a file of this folder"), ("none.safetensors", "No such file"),
                           ("a\0b.safetensors", "not a file of this folder"), ("\ud800", "not a file of this folder")):
        changed = index | {"weight_map": index["weight_map"] | {"half": place}}
        (tmp_path / "model.safetensors.index.json").write_text(json.dumps(changed), encoding="utf-8")
        with pytest.raises(InputError, match=message):
            safetensors.read_folder(tmp_path)


def craft(path, header, numbers=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes((len(text) if length is None else length).to_bytes(8, "little") + text + numbers)


X = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


@pytest.mark.parametrize(
    ("header", "numbers", "length", "message"),
    [
        (X, b"", 2**62, "header of 4611686018427387904 bytes"),
        (b"{", b"", None, "not JSON"),
        (b"[]", b"", None, "not an object"),
        (b"[" * 10_000, b"", None, "not JSON"),
        (b"[" * 100_000, b"", None, "so many entries"),
        (b'{"x": 1, "x": 2}', b"", None, "'x' stands in it twice"),
        ({"x": X}, b"1234567", None, "x: bytes 0 to 8 are outside"),
        ({"x": X | {"data_offsets": [-8, 0]}}, b"12345678", None, "x: bytes -8"),
        ({"x": X | {"data_offsets": [0, 10**30]}}, b"12345678", None, "x: bytes 0 to 1000"),
        ({"x": X | {"data_offsets": [0, True]}}, b"1", None, "x: the data_offsets"),
        ({"x": X | {"dtype": "F31"}}, b"12345678", None, "x: the dtype 'F31'"),
        ({"x": X | {"dtype": ["F32"]}}, b"12345678", None, "x: the dtype"),
        ({"x": X | {"shape": [10**9, 10**9]}}, b"12345678", None, r"x: shape \[1000000000, 1000000000\]"),
        ({"x": X | {"shape": [-2]}}, b"12345678", None, "x: the shape"),
        ({"x": X, "y": X}, b"12345678", None, "overlaps"),
        ({"x": X | {"data_offsets": [4, 12]}}, b"123456789012", None, "4 bytes unused"),
        ({"x": X}, b"1234567890", None, "2 bytes belong to no tensor"),
        ({"x": [1]}, b"", None, "x: dtype, shape"),
        ({"x": X | {"shape": [0, 2**62], "data_offsets": [0, 0]}}, b"", None, "x: the shape"),
        ({"two\nlines": [1]}, b"", None, r"two\\nlines"),
        ({"x": {"dtype": "BOOL", "shape": [2], "data_offsets": [0, 2]}}, b"\x01\x02", None, "x: a BOOL is 0 or 1"),
        ({"x": X, "__metadata__": {"a": 1}}, b"12345678", None, "__metadata__"),
    ],
)
def test_a_hostile_header_is_named_in_one_line(tmp_path, header, numbers, length, message):
    path = tmp_path / "bad.safetensors"
    craft(path, header, numbers, length)
    with pytest.raises(InputError, match=message) as raised:
        safetensors.read(path)
    assert "\n" not in str(raised.value) and "bad.safetensors" in str(raised.value)


def test_whatever_happens_to_the_bytes_is_an_input_error_or_harmless(tmp_path):
    """Two thousand random changes of a real file: an array comes back, or InputError; never anything else."""
    path = tmp_path / "x.safetensors"
    safetensors.write(path, TENSORS, {"made": "here"})
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(2000):
        data = bytearray(whole)
        for _ in range(int(rng.integers(1, 4))):
            data[int(rng.integers(0, len(data)))] = int(rng.integers(0, 256))
        if rng.random() < 0.3:
            data = data[: int(rng.integers(0, len(data)))]
        path.write_bytes(data)
        try:
            assert sum(array.nbytes for array in safetensors.read(path).values()) < 10_000
        except InputError:
            refused += 1
    assert refused > 500


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL on Windows")
def test_kill_minus_nine_while_writing_leaves_a_whole_file(tmp_path):
    path = tmp_path / "x.safetensors"
    code = (
        "import sys, numpy as np\nfrom minilm.storage import safetensors\nn = 0\n"
        "while True:\n    safetensors.write(sys.argv[1], {'x': np.full(1_000_000, n, np.float32)})\n    n += 1\n"
    )
    for wait in (0.0, 0.003, 0.01, 0.03):
        process = subprocess.Popen([sys.executable, "-c", code, str(path)])
        while not path.exists():
            time.sleep(0.001)
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.wait()
        numbers = safetensors.read(path)["x"]
        assert len(numbers) == 1_000_000 and (numbers == numbers[0]).all()
        path.unlink()


def test_what_cannot_be_written_leaves_what_was_there(tmp_path):
    path = tmp_path / "x.bin"
    atomic.write_bytes(path, b"before")

    def fail(file):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(InputError, match=r"x\.bin.*No space left"):
        atomic.write_stream(path, fail)
    assert path.read_bytes() == b"before" and os.listdir(tmp_path) == ["x.bin"]
    with pytest.raises(InputError, match="nowhere"):
        atomic.write_text(tmp_path / "nowhere" / "x.txt", "text")
