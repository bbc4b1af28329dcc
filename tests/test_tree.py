"""Trees: names, the way back, pairs by name, refusals."""


import numpy as np
import pytest

from minilm import tree


def grow(rng, depth=0):
    """A random tree: up to four levels of dicts and lists, none of them empty."""
    kind = rng.integers(3 if depth < 4 else 1)
    if kind == 0:
        return rng.standard_normal(rng.integers(0, 4, rng.integers(0, 3)))
    children = [grow(rng, depth + 1) for _ in range(rng.integers(1, 4))]
    return children if kind == 1 else {f"{'abcxyz_'[rng.integers(7)]}{i}": child for i, child in enumerate(children)}


TREES = [grow(np.random.default_rng(seed), depth) for seed in range(60) for depth in (0, 3)]


def small():
    return {"embedding": {"weight": np.ones((2, 3))}, "blocks": [{"gain": np.zeros(4)}, {"gain": np.full(4, 2.0)}]}


def test_leaves_have_dotted_names_in_the_order_written():
    assert [name for name, _ in tree.leaves(small())] == ["embedding.weight", "blocks.0.gain", "blocks.1.gain"]
    assert [name for name, _ in tree.leaves(np.ones(2))] == [""]
    assert list(tree.leaves({})) == [] and tree.size(small()) == 14


@pytest.mark.parametrize("given_tree", TREES, ids=map(str, range(len(TREES))))
def test_unflatten_is_the_inverse_of_flatten(given_tree):
    back = tree.unflatten(tree.flatten(given_tree))
    tree.require_same(back, given_tree)
    tree.require_same(given_tree, back)
    for (name, a), (other, b) in zip(tree.leaves(given_tree), tree.leaves(back), strict=True):
        assert name == other and a is b


@pytest.mark.parametrize("given_tree", TREES, ids=map(str, range(len(TREES))))
def test_map_keeps_the_form_and_writes_to_nothing(given_tree):
    before = {name: leaf.copy() for name, leaf in tree.leaves(given_tree)}
    doubled = tree.map(lambda a, b: a + b, given_tree, given_tree)
    assert list(tree.flatten(doubled)) == list(before)
    for name, leaf in tree.leaves(doubled):
        np.testing.assert_array_equal(leaf, 2 * before[name])
        np.testing.assert_array_equal(tree.flatten(given_tree)[name], before[name])


def test_leaves_are_paired_by_name_not_by_order():
    a = {"x": np.array(1.0), "y": np.array(10.0)}
    b = {"y": np.array(20.0), "x": np.array(2.0)}
    summed = tree.add(a, b)
    assert summed["x"] == 3 and summed["y"] == 30 and list(summed) == ["x", "y"]


def test_eleven_blocks_stay_in_their_order():
    blocks = {"blocks": [np.array(float(n)) for n in range(11)]}
    shuffled = dict(sorted(tree.flatten(blocks).items()))  # "10" before "2"
    assert [float(leaf) for leaf in tree.unflatten(shuffled)["blocks"]] == list(range(11))


@pytest.mark.parametrize("other", [{"x": 1.0}, {"x": 1.0, "y": 2.0, "z": 3.0}, {"x": 1.0, "z": 2.0}, {"x": [1.0], "y": 2.0}])
def test_trees_that_differ_are_refused(other):
    with pytest.raises(ValueError, match="trees differ"):
        tree.map(lambda a, b: a, {"x": 1.0, "y": 2.0}, other)
    with pytest.raises(ValueError, match="trees differ"):
        tree.add({"x": 1.0, "y": 2.0}, other)


@pytest.mark.parametrize("key", ["", "a.b", "0", 3, None])
def test_keys_that_could_not_be_read_back_are_refused(key):
    with pytest.raises(ValueError, match="words without dots"):
        tree.flatten({"outer": {key: np.ones(1)}})


@pytest.mark.parametrize(
    "flat", [{"a": 1, "a.b": 2}, {"a.0": 1, "a.2": 2}, {"a.0": 1, "a.b": 2}, {"a..b": 1}, {".a": 1}, {"a.": 1, "a.b": 2}]
)
def test_names_that_contradict_each_other_are_refused(flat):
    with pytest.raises(ValueError):
        tree.unflatten(flat)


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        (lambda t: t["blocks"].pop(), "blocks.1.gain is missing"),
        (lambda t: t["blocks"].append({"gain": np.ones(4)}), "blocks.2.gain is left over"),
        (lambda t: t["embedding"].update(weight=np.ones((3, 2))), r"embedding.weight has shape \(3, 2\), not \(2, 3\)"),
        (lambda t: t["embedding"].update(weight=np.ones((2, 3), np.float32)), "embedding.weight has dtype float32"),
        (lambda t: t["blocks"][0].update(gain=np.array(0.0)), r"blocks.0.gain has shape \(\)"),
    ],
    ids=["missing", "left over", "shape", "dtype", "scalar"],
)
def test_require_same_names_the_leaf_that_differs(change, wanted):
    changed = small()
    change(changed)
    with pytest.raises(ValueError, match=wanted):
        tree.require_same(changed, small())
    tree.require_same(small(), small())
