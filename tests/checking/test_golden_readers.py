"""docs/golden.md: its readers, in C and in Python without NumPy, read what golden writes; its sample says what it says."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from minilm.checking import golden

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "golden.md").read_text(encoding="utf-8")


def code(name):
    (found,) = re.findall(rf"<!-- file: {re.escape(name)} -->\n```\w+\n(.*?)```", PAGE, re.DOTALL)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("golden") / "g"
    return path, golden.write("ops.cross_entropy", path)


def test_the_reader_in_c(folder, tmp_path):
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        pytest.skip("no C compiler here")
    path, made = folder
    (tmp_path / "golden.c").write_text(code("golden.c"), encoding="utf-8")
    subprocess.run([compiler, "-std=c99", "-Wall", "-Wextra", "-Werror", "-o", tmp_path / "golden", tmp_path / "golden.c"], check=True)
    for name, tensor in made.tensors.items():
        if tensor.array.dtype == np.float64:
            out = subprocess.run([tmp_path / "golden", path / "golden.safetensors", name], check=True, capture_output=True, text=True)
            np.testing.assert_array_equal(np.array(out.stdout.split(), float), tensor.array.reshape(-1))
    for name, words in (("targets", "not a float64"), ("nothing", "no such tensor")):
        out = subprocess.run([tmp_path / "golden", path / "golden.safetensors", name], capture_output=True, text=True)
        assert out.returncode == 2 and words in out.stderr
    assert len(code("golden.c").splitlines()) <= 40


def test_the_reader_in_plain_python(folder, tmp_path):
    path, made = folder
    script = code("golden_reader.py") + (
        "\nimport sys\nfound = read(sys.argv[1])\nassert 'numpy' not in sys.modules\n"
        "for name, (entry, numbers) in found.items():\n    print(name, entry['shape'], *map(repr, numbers), sep='\\t')\n"
    )
    (tmp_path / "reader.py").write_text(script, encoding="utf-8")
    out = subprocess.run([sys.executable, "-I", tmp_path / "reader.py", path], check=True, capture_output=True, encoding="utf-8")
    lines = [line.split("\t") for line in out.stdout.splitlines()]
    assert [line[0] for line in lines] == list(made.tensors)
    for name, shape, *numbers in lines:
        array = made.tensors[name].array
        assert shape == str(list(array.shape))
        assert [float({"True": 1, "False": 0}.get(each, each)) for each in numbers] == array.reshape(-1).astype(float).tolist()
    data = bytearray((path / "golden.safetensors").read_bytes())
    data[-1] ^= 1
    shutil.copytree(path, tmp_path / "damaged")
    (tmp_path / "damaged" / "golden.safetensors").write_bytes(data)
    out = subprocess.run([sys.executable, tmp_path / "reader.py", tmp_path / "damaged"], capture_output=True, encoding="utf-8")
    assert out.returncode and "checksum" in out.stderr


def test_the_sample_says_what_it_says(capsys):
    (sample,) = re.findall(r"```python\n(import numpy.*?)```", PAGE, re.DOTALL)
    exec(sample, {})
    said = capsys.readouterr().out.strip()
    assert f"# {said}" in sample


def test_every_field_of_the_manifest_is_told(folder):
    import json

    manifest = json.loads((folder[0] / "manifest.json").read_text(encoding="utf-8"))
    told = set(re.findall(r"`(\w+)`", PAGE.split("## What stands")[1].split("## What is granted")[0]))
    assert set(manifest["tensors"][0]) <= told
    assert set(manifest) - {"subject", "minilm"} <= told
