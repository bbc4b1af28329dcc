"""compare: right implementations are right, wrong ones are found where they go wrong, and THEIRS is read as if hostile."""

import json
import zipfile

import numpy as np
import pytest

from minilm import checking
from minilm.checking import comparing, golden
from minilm.checking.comparing import text, theirs
from minilm.checking.golden import subject
from minilm.checking.golden.running import run
from minilm.cli.main import main
from minilm.errors import InputError
from minilm.storage import safetensors


def arrays(made, *names):
    return {name: np.array(made.tensors[name].array) for name in names or made.tensors}


@pytest.fixture(scope="module")
def norm():
    return golden.make("ops.layer_norm")


@pytest.fixture(scope="module")
def attention():
    return golden.make("layers.multi_head_attention")


# Right ones -------------------------------------------------------------------------------------------------------------


def test_itself_is_right(norm):
    found = checking.compare(norm, arrays(norm))
    assert found.passed and found.precision == "float64" and len(found.rows) == len(norm.tensors)
    assert found.first is None and found.cause is None and "nothing diverges" in str(found)


QUICK = ("ops.softmax", "ops.layer_norm", "ops.gelu_exact", "ops.cross_entropy", "ops.lstm_gates", "ops.rotary")
ROOMS = ("ops", "layers", "blocks")


def numpy_is_right(name):
    """On other roundings of the inputs than those that the tolerance was measured on."""
    sizes = {"positions": 3} if "positions" in subject.sizes_of(subject.builders()[name]) else {}
    made = golden.make(name, sizes=sizes)
    narrow = run(subject.of(name, sizes=sizes), lambda array: (array * (1 + 1e-9)).astype(np.float32))
    found = checking.compare(made, narrow.arrays(), look_for_causes=False)
    assert found.precision == "float32" and found.passed, found


@pytest.mark.parametrize("name", QUICK)
def test_float32_numpy_is_right(name):
    numpy_is_right(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in golden.names() if name.split(".")[0] in ROOMS and name not in QUICK])
def test_float32_numpy_of_all_others_is_right(name):
    numpy_is_right(name)


@pytest.mark.parametrize(("precision", "bits"), [("float16", 13), ("bfloat16", 16)])
def test_lower_precisions_are_recognised_and_right(norm, precision, bits):
    from minilm.checking.golden import rounding

    kind = rounding.PRECISIONS[precision]
    made = subject.of("ops.layer_norm")
    with rounding.after_each_statement(run(made).functions, kind):
        narrow = run(made, lambda array: rounding.rounded(array, kind)).arrays()
    found = checking.compare(norm, {name: array.astype(np.float32) for name, array in narrow.items()})
    assert found.precision == precision and found.passed, found
    assert not checking.compare(norm, narrow, precision="float32", look_for_causes=False).passed


def test_a_finite_number_for_minus_infinity_is_right():
    made = golden.make("ops.softmax")
    given = arrays(made)
    given["allowed"][np.isneginf(given["allowed"])] = -1e9
    found = checking.compare(made, given)
    assert found.passed and "finite number stands for -inf" in str(found)


# Wrong ones -------------------------------------------------------------------------------------------------------------


def test_the_first_that_diverges_and_what_it_is_made_from(attention):
    given = arrays(attention, "x", "memory", "attention.scores", "attention.softmax.y", "attention.y", "output.y", "dy")
    for name in ("attention.softmax.y", "attention.y", "output.y"):
        given[name] = given[name] * 1.01
    found = checking.compare(attention, given, look_for_causes=False)
    assert not found.passed and found.first.name == "attention.softmax.y"
    assert [finding.row.name for finding in found.findings] == ["attention.softmax.y"], "the others follow from it"


def test_of_tensors_that_were_not_given_their_sources_are_asked(attention):
    given = arrays(attention, "x", "memory", "attention.y", "output.y", "dx")
    given["output.y"] = given["output.y"] + 1
    found = checking.compare(attention, given, look_for_causes=False)
    assert found.first.name == "output.y" and "output.flat" in found.findings[0].unseen
    assert "not given" in str(found)


def test_two_that_are_wrong_on_their_own_account(attention):
    given = arrays(attention)
    given["query.y"], given["value.y"] = given["query.y"] * 2, given["value.y"] * 3
    found = checking.compare(attention, given, look_for_causes=False)
    assert [finding.row.name for finding in found.findings] == ["query.y", "value.y"]
    assert "times 2" in found.findings[0].relations[0] and "times 3" in found.findings[1].relations[0]


def test_the_worst_entry_and_the_errors(norm):
    given = arrays(norm)
    given["dx"][2, 3, 4] += 0.5
    row = checking.compare(norm, given, look_for_causes=False).first
    assert row.name == "dx" and row.errors.index == (2, 3, 4)
    assert row.errors.theirs - row.errors.ours == pytest.approx(0.5)
    assert row.errors.absolute[0] == pytest.approx(0.5) and row.errors.absolute[1] == pytest.approx(0.5 / row.match.array.size)
    assert row.errors.absolute[2] == 0, "99 % are right"
    assert row.errors.relative[0] == pytest.approx(0.5 / np.abs(norm.tensors["dx"].array).max())
    assert row.errors.ulp[0] == pytest.approx(0.5 / np.spacing(abs(row.errors.ours)), rel=1e-6)


RELATIONS = [
    ("all zeros", lambda a: 0 * a, "all of theirs are zero"),
    ("a factor", lambda a: a * 0.5, "times 1/2"),
    ("a factor of a size", lambda a: a * 7**-0.5, "1 / √7"),
    ("the sign", lambda a: -a, "times -1"),
    ("turned round", lambda a: a[:, ::-1], "turned round along axis 1"),
    ("rolled", lambda a: np.roll(a, 2, 1), "rolled by 2 along axis 1"),
    ("in another order", lambda a: a[:, [3, 1, 0, 2, 6, 5, 4]], "in another order along axis 1"),
    ("mixed up", lambda a: a.transpose(1, 0, 2).reshape(a.shape), r"axes mixed up.*\[1, 0, 2\]"),
    ("a NaN", lambda a: np.where(np.arange(a.size).reshape(a.shape) == 30, np.nan, a), r"first is NaN at \[0, 2, 8\]"),
    ("one row", lambda a: a * np.array([1, 1, 1.1])[:, None, None], "wrong only at 2 of axis 0"),
]


@pytest.mark.parametrize(("change", "words"), [row[1:] for row in RELATIONS], ids=[row[0] for row in RELATIONS])
def test_what_theirs_is_to_ours(norm, change, words):
    given = arrays(norm)
    given["dx"] = change(given["dx"])
    finding = checking.compare(norm, given, look_for_causes=False).findings[0]
    import re

    assert any(re.search(words, sentence) for sentence in finding.relations), finding.relations


def test_the_right_values_under_another_name(norm):
    given = arrays(norm)
    given["xhat"] = given["centred"]
    found = checking.compare(norm, given, look_for_causes=False)
    assert found.findings[0].relations[0] == "these are the right values of centred"


def test_the_cause_is_named(norm):
    made = subject.of("ops.layer_norm")
    x, p, dy = made.case.inputs["x"], made.case.params, norm.tensors["dy"].array
    mean, variance = x.mean(-1, keepdims=True), x.var(-1, keepdims=True, ddof=1)  # written here, from no line of ours
    xhat = (x - mean) / np.sqrt(variance + 1e-3)
    y = xhat * p["gain"] + p["bias"]
    found = checking.compare(norm, {"y": y.astype(np.float32)})
    assert found.first.name == "y" and found.cause.mistake.name == "the unbiased variance"
    assert "torch.var" in str(found)
    right = (x - mean) / np.sqrt(x.var(-1, keepdims=True) + 1e-3)
    dxhat = dy * p["gain"]
    dx = (dxhat - dxhat.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-3)
    found = checking.compare(norm, {"y": right * p["gain"] + p["bias"], "dx": dx})
    assert found.first.name == "dx" and found.cause.mistake.name == "the term of the variance is dropped"


# Matching ---------------------------------------------------------------------------------------------------------------


def test_names_of_other_houses_and_a_map():
    made = golden.make("ops.linear")
    own = arrays(made)
    given = {"x": own["x"], "y": own["y"], "weight.grad": own["dparams.weight"].T, "d_bias": own["dparams.bias"], "kernel": own["weight"]}
    found = checking.compare(made, given, {"weight": "kernel"})
    how = {row.name: (row.match.how, row.match.change) for row in found.rows}
    assert found.passed and how["weight"] == ("map", "")
    assert how["dparams.weight"] == ("name", "transposed") and how["dparams.bias"] == ("name", "")
    turned = checking.compare(made, {"fc": own["weight"].T}, {"fc.T": "weight"})
    assert turned.rows[0].match.change == "transposed" and turned.passed


def test_guesses_by_content_and_by_shape_are_shown(norm):
    own = arrays(norm)
    found = checking.compare(norm, {"normed": own["xhat"], "grad_input": own["dx"] * 1.5, "y": own["y"]})
    how = {row.name: row.match.how for row in found.rows}
    assert how["xhat"] == "content" and how["y"] == "name"
    assert "guessed by content" in str(found)


def test_missing_left_over_and_of_another_shape_are_listed(norm):
    found = checking.compare(norm, {"y": norm.tensors["y"].array, "rstd": np.ones(4), "hidden": np.ones((99, 2))})
    assert found.passed and found.matching.left_over == ["hidden"] and "xhat" in found.matching.missing
    assert found.matching.shapes == [("rstd", "rstd", (3, 7, 1), (4,))]
    assert "another shape: rstd" in str(found)


def test_where_nothing_matches_it_is_an_error(norm):
    with pytest.raises(InputError, match="nothing matches"):
        checking.compare(norm, {"something": np.ones((99, 2))})
    with pytest.raises(InputError, match="the map pairs"):
        checking.compare(norm, {"y": np.ones((3, 7, 11))}, {"yy": "zz"})


# Hostile files ----------------------------------------------------------------------------------------------------------


class Loud:
    def __reduce__(self):
        return print, ("this was run",)


def test_pickles_are_refused(tmp_path, norm, capsys):
    np.save(tmp_path / "y.npy", np.array([Loud()]), allow_pickle=True)
    np.savez(tmp_path / "all.npz", y=np.array([Loud()], dtype=object))
    (tmp_path / "y.pt").write_bytes(b"not ours")
    for file in ("y.npy", "all.npz", "y.pt"):
        with pytest.raises(InputError):
            checking.compare(norm, tmp_path / file)
    assert "this was run" not in capsys.readouterr().out


def header_of(shape, descr="<f8"):
    line = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}"
    line += " " * (-(len(line) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + len(line).to_bytes(2, "little") + line.encode("latin-1")


@pytest.mark.parametrize(
    "data",
    [b"", b"\x93NUMPY", header_of((10**15,)), header_of((3, 7, 11)) + b"\0" * 8, header_of((-1,)), header_of("(((((("),
     header_of((2,), "|O") + b"\0" * 16, header_of((2,), "<U1000000000"), header_of((1,) * 40) + b"\0" * 8],
)  # fmt: skip
def test_a_npy_that_cannot_be_is_refused(tmp_path, norm, data):
    (tmp_path / "y.npy").write_bytes(data)
    with zipfile.ZipFile(tmp_path / "y.npz", "w") as archive:
        archive.writestr("y.npy", data)
    for file in ("y.npy", "y.npz"):
        with pytest.raises(InputError):
            theirs.of(tmp_path / file)


def test_a_bomb_is_not_unpacked(tmp_path, norm):
    """Its numbers are as many as it says, and far more than any golden tensor has: they are never read."""
    many = 1 << 22
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive, archive.open("y.npy", "w") as file:
        file.write(header_of((many,)))
        for _ in range(8 * many >> 24):
            file.write(bytes(1 << 24))
    (entry,) = theirs.of(tmp_path / "bomb.npz").values()
    assert entry.size == many
    import tracemalloc

    tracemalloc.start()
    with pytest.raises(InputError, match="nothing matches"):
        checking.compare(norm, tmp_path / "bomb.npz")
    assert tracemalloc.get_traced_memory()[1] < 1 << 23
    tracemalloc.stop()


def test_what_leads_out_of_the_folder_is_passed_over(tmp_path, norm):
    (tmp_path / "theirs").mkdir()
    np.save(tmp_path / "y.npy", norm.tensors["y"].array)
    np.save(tmp_path / "theirs" / "dx.npy", norm.tensors["dx"].array)
    try:
        (tmp_path / "theirs" / "y.npy").symlink_to(tmp_path / "y.npy")
    except OSError:
        pytest.skip("no symbolic links here")
    assert [row.name for row in checking.compare(norm, tmp_path / "theirs").rows] == ["dx"]


# The command ------------------------------------------------------------------------------------------------------------


def test_the_commands(tmp_path, capsys):
    out = tmp_path / "g"
    assert main(["golden", "softmax", "--size", "keys=5", "--seed", "3", "--out", str(out)]) == 0
    made = golden.read(out)
    assert made.about["sizes"]["keys"] == 5 and made.about["seed"] == 3
    own = arrays(made)
    safetensors.write(tmp_path / "right.safetensors", {"y": own["y"], "dx": own["dx"]})
    assert main(["compare", str(out), str(tmp_path / "right.safetensors")]) == 0
    np.savez(tmp_path / "wrong.npz", y=own["y"], dx=own["y"] * own["dy"])
    report, page = tmp_path / "report.json", tmp_path / "page.html"
    assert main(["compare", str(out), str(tmp_path / "wrong.npz"), "--json", str(report), "--html", str(page)]) == 1
    said = capsys.readouterr().out
    assert "likely cause: the sum over the row is dropped" in said and "\x1b[" not in said
    content = json.loads(report.read_text(encoding="utf-8"))
    assert content["first"] == "dx" and content["cause"]["where"] == "ops.softmax:backward" and not content["passed"]
    assert "the sum over the row is dropped" in page.read_text(encoding="utf-8")
    assert main(["golden", "--list"]) == 0 and "ops.softmax" in capsys.readouterr().out
    assert main(["golden", "sofmax"]) == 2 and "did you mean" in capsys.readouterr().err
    assert main(["golden", "softmax", "--size", "keys"]) == 2 and "NAME=NUMBER" in capsys.readouterr().err
    assert main(["compare", str(out), str(tmp_path / "nowhere")]) == 2


def test_nothing_of_theirs_is_printed_raw(norm):
    found = checking.compare(norm, {"y": norm.tensors["y"].array, "\x1b[31m<script>": np.ones((99, 2))})
    assert "\x1b" not in str(found) and "<script>" not in text.page(found)
    assert comparing.Comparison is type(found)


@pytest.mark.slow
def test_a_folder_and_a_text(tmp_path, capsys):
    """A trained model's golden numbers, which are right against themselves."""
    from minilm.recipes import translation

    translation.untrained(translation.PRESETS["tiny"], "我喜欢编程", "I like programming").save(tmp_path / "run")
    out = tmp_path / "g"
    words = ["golden", str(tmp_path / "run"), "我喜欢编程", "--target", "I like programming", "--out", str(out)]
    assert main(words) == 0
    made = golden.read(out)
    assert made.about["subject"]["model"] == "encoder_decoder" and {"batch.source", "after_10.source_embedding.weight"} <= set(made.tensors)
    assert main(["compare", str(out), str(out), "--wrong"]) == 0
    assert main(["golden", str(tmp_path / "run"), "我", "--size", "width=3"]) == 2
