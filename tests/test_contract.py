"""What the contract promises, held against every case: pure functions, the same bits twice, dtypes that stay."""

import ast
import importlib
import pkgutil
from pathlib import Path

import numpy as np
import pytest

import minilm
from minilm import cases, gradcheck, tree
from minilm.models import encoder_decoder

CASES = cases.everything()
PACKAGE = Path(minilm.__file__).parent


def run(case, params=None, inputs=None):
    """(output, cache, cotangent, gradients) of a case, or of it with other arrays."""
    params = case.params if params is None else params
    inputs = case.inputs if inputs is None else inputs
    given = [params] if params is not None else []
    settings = {key: gradcheck.fresh(value) for key, value in case.settings.items()}
    y, cache = case.forward(*given, *inputs.values(), **settings)
    rng = np.random.default_rng(5)
    cotangent = tree.map(lambda leaf: np.asarray(rng.standard_normal(np.shape(leaf))).astype(np.asarray(leaf).dtype), y)
    return y, cache, cotangent, case.backward(*given, cache, cotangent, **case.backward_settings)


def arrays(tree_of_things):
    """The arrays of anything, in order; what is no array (a Config, None) is passed over."""
    if isinstance(tree_of_things, tuple):
        tree_of_things = list(tree_of_things)
    return [leaf for _, leaf in tree.leaves(tree_of_things) if isinstance(leaf, np.ndarray | np.generic)]


@pytest.mark.parametrize("name", CASES)
def test_no_function_writes_to_its_arguments(name):
    case = CASES[name]
    params = tree.map(np.array, case.params) if case.params is not None else None
    inputs = {key: tree.map(np.array, value) for key, value in case.inputs.items()}
    for leaf in arrays([params or {}, inputs]):
        leaf.setflags(write=False)  # a write raises
    y, cache, cotangent, _ = run(case, params, inputs)
    before = [np.array(leaf) for leaf in arrays([cache, cotangent])]
    given = [params] if params is not None else []
    case.backward(*given, cache, cotangent, **case.backward_settings)
    for was, leaf in zip(before, arrays([cache, cotangent]), strict=True):
        np.testing.assert_array_equal(was, leaf)


@pytest.mark.parametrize("name", CASES)
def test_backward_twice_gives_identical_bits(name):
    first, second = run(CASES[name]), run(CASES[name])
    for a, b in zip(arrays(list(first)), arrays(list(second)), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", CASES)
def test_float32_stays_float32(name):
    case = CASES[name]

    def narrow(leaf):
        return leaf.astype(np.float32) if leaf.dtype == np.float64 else leaf

    params = tree.map(narrow, case.params) if case.params is not None else None
    inputs = {key: tree.map(narrow, value) for key, value in case.inputs.items()}
    y, cache, _, gradients = run(case, params, inputs)
    for part, value in (("output", y), ("cache", cache), ("gradients", gradients)):
        for leaf in arrays([value]):
            assert leaf.dtype != np.float64, f"{part} of {name} has an array of float64, shape {leaf.shape}"


def test_every_module_with_a_backward_has_a_case():
    """A new operation, layer, block or model without a case fails here."""
    covered = {
        function.__module__ for case in CASES.values() for function in (case.forward, case.backward)
    } | {name.split(" ")[0].join(("minilm.", "")) for name in CASES}
    for room in ("ops", "layers", "blocks", "models"):
        package = importlib.import_module(f"minilm.{room}")
        for info in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"minilm.{room}.{info.name}")
            if hasattr(module, "backward"):
                assert module.__name__ in covered, f"minilm/cases has no case of {module.__name__}"


@pytest.mark.parametrize("position", [1, 3])
def test_a_later_token_changes_no_earlier_logits(position):
    config = encoder_decoder.Config(9, 11, 12, 3, 20, 2, 2, 20)
    rng = np.random.default_rng(1)
    params = encoder_decoder.init(rng, config)
    source, target = rng.integers(1, 9, (3, 5)), rng.integers(1, 11, (3, 6))
    changed = target.copy()
    changed[:, position:] = (changed[:, position:] + 3) % 10 + 1
    logits, _ = encoder_decoder.forward(params, source, target, config=config)
    others, _ = encoder_decoder.forward(params, source, changed, config=config)
    np.testing.assert_array_equal(logits[:, :position], others[:, :position])
    assert not np.array_equal(logits[:, position:], others[:, position:])


# Imports run downwards -------------------------------------------------------------------------------------------------

ROOMS = {
    "version": 0, "errors": 0, "tree": 0, "gradcheck": 1, "ops": 2, "layers": 3, "blocks": 4, "models": 5, "storage": 2,
    "text": 3, "data": 4, "training": 6, "decoding": 6, "cases": 6, "model_folder": 6,
    "translator": 7, "language_model": 7, "masked_model": 7,
    "pictures": 7,
    "walkthrough": 8, "recipes": 8, "loading": 9, "cli": 10,
}  # fmt: skip
KNOW_NO_MODEL = ("text", "data", "training", "decoding")


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "minilm":
            parts = node.module.split(".")[1:]
            yield from [parts[0]] if parts else [alias.name for alias in node.names]
        elif isinstance(node, ast.Import):
            yield from (alias.name.split(".")[1] for alias in node.names if alias.name.startswith("minilm."))


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_only_downwards(path):
    room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if room in ("__init__", "__main__"):
        return
    for imported in imports(path):
        if imported == "__version__":
            continue
        assert ROOMS[imported] <= ROOMS[room], f"{room} imports {imported}, which is above it"
        if room in KNOW_NO_MODEL:
            assert imported not in ("models", "blocks", "layers"), f"{room} knows no model, but imports {imported}"


# What the formulas are written in --------------------------------------------------------------------------------------

FORBIDDEN = {"einsum", "var", "std", "vectorize", "abs"}


@pytest.mark.parametrize("room", ["ops", "layers", "blocks", "models"])
def test_operations_stay_analytic_and_fast(room):
    """No np.var, np.std or np.abs (not analytic), no einsum, no cube by **, no add.at (slow)."""
    for path in (PACKAGE / room).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            place = f"{path.name}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "np":
                assert node.attr not in FORBIDDEN, f"{place}: np.{node.attr}"
            if isinstance(node, ast.Attribute) and node.attr == "at":
                assert not (isinstance(node.value, ast.Attribute) and node.value.attr == "add"), f"{place}: np.add.at"
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
                assert not (isinstance(node.right, ast.Constant) and node.right.value == 3), f"{place}: ** 3"
