"""Golden files: what stands in them, that two runs write the same bytes, and that a folder is read as if hostile."""

import json

import numpy as np
import pytest

from minilm.checking import golden
from minilm.checking.golden import folder, rounding, subject, tolerances
from minilm.checking.golden.running import run
from minilm.errors import InputError

KNOWN = golden.names()


def test_every_file_of_cases_has_golden_numbers():
    assert {"ops.softmax", "layers.lstm", "blocks.pre_norm", "models.gpt2"} <= set(KNOWN)
    for name, builder in subject.builders().items():
        room = name.split(".")[0]
        sizes = subject.sizes_of(builder)
        if room in ("ops", "layers") and sizes:
            axes = [size for size in sizes.values() if isinstance(size, int)]
            assert len(set(axes)) == len(axes), f"{name}: sizes that are equal hide mixed-up axes"


def test_a_layers_numbers_and_their_places():
    made = golden.make("layers.feed_forward")
    names = list(made.tensors)
    assert names.index("x") < names.index("expand.y") < names.index("contract.y") < names.index("dy")
    assert names.index("dy") < names.index("dparams.contract.weight") < names.index("dparams.expand.weight")
    y, dx = made.tensors["contract.y"], made.tensors["dx"]
    assert "y" in y.also and y.role == "forward" and dx.role == "gradient" and dx.gradient_of == "x"
    assert made.tensors["dparams.expand.bias"].gradient_of == "expand.bias"
    assert y.file == "minilm/ops/linear.py" and "flat @ weight + bias" in y.formula and y.line > 0
    assert set(y.made_from) >= {"contract.weight", "contract.bias", "contract.flat"}
    x, p = made.tensors["x"].array, {name: made.tensors[name].array for name in names if made.tensors[name].role == "parameter"}
    np.testing.assert_allclose(made.tensors["expand.y"].array, x @ p["expand.weight"] + p["expand.bias"], rtol=1e-14)


@pytest.mark.parametrize("name", ["ops.embedding", "ops.lstm_gates", "layers.masked_head", "ops.cross_entropy"])
def test_each_input_output_and_gradient_has_its_name(name):
    made, right = golden.make(name), subject.of(name)
    known = made.addresses()
    for key, value in right.case.inputs.items():
        paths = [f"{key}.{path}" for path in value] if isinstance(value, dict) else [key]
        assert all(path in known for path in paths), paths
        if not isinstance(value, dict) and value.dtype.kind == "f":
            assert made.tensors[known[f"d{key}"]].array.shape == value.shape
    roles = {each.role for each in made.tensors.values()}
    assert {"upstream", "forward", "gradient"} <= roles


def test_dropout_patterns_are_stored():
    made = golden.make("layers.classifier", sizes={"dropout": 0.4})
    keep = made.tensors["dropout.keep"].array
    x, kept = made.tensors["x"].array, made.tensors[made.addresses()["kept"]].array
    assert keep.dtype == bool and 0 < keep.mean() < 1
    np.testing.assert_array_equal(kept == 0, ~keep)
    np.testing.assert_allclose(kept[keep], (x / 0.6)[keep], rtol=1e-4)


def test_two_runs_write_the_same_bytes(tmp_path):
    for turn in ("first", "second"):
        golden.write("ops.layer_norm", tmp_path / turn)
    for file in (folder.TENSORS, folder.MANIFEST):
        assert (tmp_path / "first" / file).read_bytes() == (tmp_path / "second" / file).read_bytes()


def test_what_is_read_is_what_was_written(tmp_path):
    made = golden.write("ops.rotary", tmp_path / "g", seed=4, sizes={"positions": 5, "width": 4})
    read = golden.read(tmp_path / "g")
    assert read.tensors.keys() == made.tensors.keys() and read.about["sizes"]["width"] == 4
    for name, each in made.tensors.items():
        again = read.tensors[name]
        np.testing.assert_array_equal(again.array, each.array)
        assert (again.role, again.also, again.made_from, again.tolerance) == (each.role, each.also, each.made_from, each.tolerance)


def test_the_seed_the_sizes_and_the_dtype_are_asked_for():
    first, second = golden.make("ops.tanh"), golden.make("ops.tanh", seed=1)
    assert not np.allclose(first.tensors["x"].array, second.tensors["x"].array)
    narrow = golden.make("ops.tanh", sizes={"width": 4}, dtype="float32")
    x, y = narrow.tensors["x"].array, narrow.tensors["y"].array
    assert x.shape == (3, 7, 4) and x.dtype == y.dtype == np.float32
    np.testing.assert_array_equal(y, np.tanh(x.astype(np.float64)).astype(np.float32))


@pytest.mark.parametrize(
    ("name", "how", "words"),
    [("ops.sofmax", {}, "ops.softmax"), ("rotari", {}, "rotary"), ("ops.softmax", {"sizes": {"widht": 3}}, "has no size"),
     ("ops.softmax", {"sizes": {"keys": 0}}, "from 1 to"), ("ops.dropout", {"sizes": {"rate": 1.5}}, "a rate from 0"),
     ("ops.softmax", {"seed": -1}, "seed"), ("ops.softmax", {"dtype": "int8"}, "float64 and float32"),
     ("ops.rotary", {"sizes": {"width": 5}}, "odd"), ("ops.softmax (2-D)", {"sizes": {"keys": 3}}, "one case")],
)  # fmt: skip
def test_what_cannot_be_is_said(name, how, words):
    with pytest.raises(InputError, match=words):
        golden.make(name, **how)


def test_a_single_case_has_golden_numbers():
    made = golden.make("ops.softmax (masked)")
    y = made.tensors["y"].array
    assert (y.sum(-1) == 0).any(), "the row that may attend to nothing"


# Precision and tolerance ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "dtype"), [("float32", np.float32), ("float16", np.float16)])
def test_rounding_is_that_of_numpy(name, dtype):
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.standard_normal(500) * 10.0 ** rng.integers(-9, 4, 500), [0.0, -0.0, np.inf, -np.inf, np.nan, 1e6]])
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(rounding.rounded(x, rounding.PRECISIONS[name]), x.astype(dtype).astype(np.float64))


def test_rounding_to_bfloat16_is_that_of_safetensors():
    from minilm.storage import safetensors

    x = np.random.default_rng(1).standard_normal(500).astype(np.float32).astype(np.float64)
    wanted = safetensors.from_bfloat16(safetensors.to_bfloat16(x))
    np.testing.assert_array_equal(rounding.rounded(x, rounding.PRECISIONS["bfloat16"]), wanted)


def test_rounding_at_random_takes_a_neighbour_and_leaves_what_fits():
    kind, rng = rounding.PRECISIONS["float32"], np.random.default_rng(2)
    x = np.array([1 / 3] * 400 + [0.5])
    found = rounding.rounded(x, kind, rng)
    down, up = np.float32(1 / 3), np.nextafter(np.float32(1 / 3), np.float32(0))
    assert set(found[:-1]) == {float(down), float(up)} and found[-1] == 0.5


def test_each_named_array_is_rounded_and_the_formula_is_itself_again_afterwards():
    made = subject.of("ops.layer_norm")
    right = run(made)
    kind = rounding.PRECISIONS["bfloat16"]
    with rounding.after_each_statement(right.functions, kind):
        narrow = run(made, lambda array: rounding.rounded(array, kind))
    for name, each in narrow.made.items():
        assert rounding.fits(each.array, kind), name
    again = run(made)
    assert all(np.array_equal(again.made[name].array, each.array) for name, each in right.made.items())


def test_a_tolerance_is_twice_a_measured_error_and_larger_in_lower_precisions():
    made = subject.of("ops.layer_norm")
    right = run(made)
    granted = tolerances.measured(made, right)
    narrow = run(made, lambda array: array.astype(np.float32))
    for name, bounds in granted.items():
        error = tolerances.error_of(narrow.made[name].array, right.made[name].array)
        assert 2 * error <= bounds["float32"] * (1 + 1e-12), name
        assert bounds["float64"] < bounds["float32"] < bounds["float16"] < bounds["bfloat16"], name
        assert bounds["float32"] < 1e-5 * max(1.0, tolerances.greatest(right.made[name].array)), f"{name}: too much is granted"


# Hostile folders --------------------------------------------------------------------------------------------------------


@pytest.fixture
def written(tmp_path):
    golden.write("ops.tanh", tmp_path / "g")
    return tmp_path / "g"


def spoil(path, change):
    content = json.loads((path / folder.MANIFEST).read_text(encoding="utf-8"))
    change(content)
    (path / folder.MANIFEST).write_text(json.dumps(content), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m: m.update(file="../g/golden.safetensors"), "not a file of this folder"),
        (lambda m: m.update(file="/etc/passwd"), "not a file of this folder"),
        (lambda m: m.update(file="other.safetensors"), "no such file"),
        (lambda m: m.update(file=["golden.safetensors"]), "not a file of this folder"),
        (lambda m: m.update(version=99), "make it again"),
        (lambda m: m.update(tensors={}), "must be a list"),
        (lambda m: m["tensors"].pop(), "not in the manifest"),
        (lambda m: m["tensors"].append(m["tensors"][0]), "twice"),
        (lambda m: m["tensors"][1].update(shape=[10**12]), "copy both"),
        (lambda m: m["tensors"][1].update(dtype="float32"), "copy both"),
        (lambda m: m["tensors"][1].update(sha256="0" * 64), "checksum"),
        (lambda m: m["tensors"][1].update(name="\x1b[2Jevil"), "not among the tensors"),
        (lambda m: m["tensors"][1].update(role="boss"), "role"),
        (lambda m: m["tensors"][1].update(order=True), "order"),
        (lambda m: m["tensors"][1]["tolerance"].update(float32=-1), "tolerance"),
        (lambda m: m["tensors"][1]["tolerance"].update(float32="1e9"), "tolerance"),
        (lambda m: m["tensors"][1].update(also=[3]), "list of names"),
    ],
)
def test_a_manifest_that_cannot_be_is_refused(written, change, words):
    spoil(written, change)
    with pytest.raises(InputError, match=words) as caught:
        golden.read(written)
    assert "\x1b" not in str(caught.value)


def test_a_damaged_or_missing_file_is_refused(written, tmp_path):
    with pytest.raises(InputError, match="no golden folder"):
        golden.read(tmp_path)
    data = bytearray((written / folder.TENSORS).read_bytes())
    data[-3] ^= 1
    (written / folder.TENSORS).write_bytes(data)
    with pytest.raises(InputError, match="checksum"):
        golden.read(written)
    (written / folder.TENSORS).write_bytes(data[:-8])
    with pytest.raises(InputError):
        golden.read(written)


def test_an_out_that_holds_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("all of it", encoding="utf-8")
    with pytest.raises(InputError, match="holds other files"):
        golden.write("ops.tanh", tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["thesis.txt"]
