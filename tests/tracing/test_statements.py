"""What a source file says about its lines."""

import pytest

from minilm.tracing import statements

SOURCE = '''"""The file."""


@decorated
def forward(params, x, mask=None):
    """The function."""
    # Above, first.
    # Above, second.
    scores, _ = attend(
        x, mask
    )  # (B, T)
    for t, (a, b) in enumerate(x):
        h[t + 1], losses["masked"] = a, b
    with opened(x) as file:
        total += (n := 3)  # fmt: skip
    bar = masks.barred(mask, x.dtype)
    y = np.empty_like(x)
    weights, softmax_cache = softmax.forward(scores, mask)
    gates, gates_cache = lstm_gates.forward(x)
    gates_caches.append(gates_cache)
    value, caches["loss"] = cross_entropy.forward(y)
    kept, x_cache = dropout.forward(y)
    return y, {"softmax": softmax_cache, "gates": gates_caches}


def backward(params, cache, dy):
    gates_caches = cache["gates"]
    dscores = softmax.backward(cache["softmax"], dy)
    dz = lstm_gates.backward(gates_caches[3], dy)
    dx = dropout.backward(cache[2]["dropout"], dz, 0.5)
    dk = linear.backward(params["key"], cache["key"], dy)
    return dx + dk
'''


@pytest.fixture(scope="module")
def source():
    return statements.parse(SOURCE)


def at(source, start):
    """The statement whose text begins so."""
    return next(found for found in source.statements.values() if found.text.startswith(start))


def test_statements_have_their_lines_texts_and_comments(source):
    found = at(source, "scores, _")
    assert (found.first, found.last) == (9, 11) and found.text == "scores, _ = attend(\n    x, mask\n)  # (B, T)"
    assert found.comment == "Above, first. Above, second. (B, T)"
    assert all(source.at(line) is found for line in (9, 10, 11))
    assert at(source, "total").comment == ""  # an instruction to a formatter says nothing of the line
    assert source.docstring == "The file." and source.functions == {4: 23, 26: 32}


def test_the_head_of_a_loop_is_a_statement_of_its_own(source):
    loop = at(source, "for t")
    assert (loop.first, loop.last, loop.body) == (12, 12, (13, 13))
    assert [target.name for target in loop.targets] == ["t", "a", "b"]
    assert [target.name for target in at(source, "with opened").targets] == ["file"]


def test_targets_have_a_name_and_a_text(source):
    found = at(source, "h[t + 1]").targets
    assert [(target.name, target.text) for target in found] == [
        ("h", "h[t + 1]"),
        ("losses.masked", "losses['masked']"),
    ]
    assert [target.name for target in at(source, "total").targets] == ["total", "n"]
    assert [target.name for target in at(source, "scores, _").targets] == ["scores"]


def test_what_is_read(source):
    assert set(at(source, "dscores = ").reads) >= {"cache['softmax']", "cache", "dy", "softmax"}
    assert "total" in at(source, "total").reads


def test_masks_and_buffers_are_known(source):
    assert at(source, "bar = ").infinite and not at(source, "y = ").infinite
    assert at(source, "y = ").unfilled and not at(source, "bar = ").unfilled


def test_what_is_returned_has_its_names(source):
    assert at(source, "return y").returned == ("y", None)
    assert at(source, "return dx").returned == (None,)


def test_a_call_and_its_way_back_have_one_key(source):
    lines = SOURCE.split("\n")
    found = {lines[place[0] - 1].split(" = ")[0].strip(): key for place, key in source.keys.items()
             if ".forward(" in lines[place[0] - 1] or ".backward(" in lines[place[0] - 1]}  # fmt: skip
    assert found["weights, softmax_cache"] == found["dscores"] == "softmax"
    assert found["gates, gates_cache"] == found["dz"] == "gates"
    assert found['value, caches["loss"]'] == "loss" and found["dx"] == "dropout" and found["dk"] == "key"
    assert found["kept, x_cache"] is None  # no dict keeps it: the operation's own name it is
