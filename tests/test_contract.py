"""What the contract promises, held against every case: pure functions, the same bits twice, dtypes that stay."""

import ast
import graphlib
import importlib
import pkgutil
from pathlib import Path

import numpy as np
import pytest

import minilm
from minilm import tree
from minilm.checking import cases, gradcheck
from minilm.models import encoder_decoder, gpt, gpt2, lstm_lm

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


def frozen(tree_of_things):
    """A copy whose arrays raise when they are written to."""

    def copy(leaf):
        if not isinstance(leaf, np.ndarray):
            return leaf
        kept = leaf.copy()
        kept.setflags(write=False)
        return kept

    return tree.map(copy, tree_of_things)


def writes_to_nothing(case):
    """Run a case on arrays that cannot be written, its cache and its upstream gradient among them."""
    given = [frozen(case.params)] if case.params is not None else []
    inputs = frozen(case.inputs)
    settings = {key: frozen(value) if isinstance(value, np.ndarray) else gradcheck.fresh(value)
                for key, value in case.settings.items()}  # fmt: skip
    y, cache = case.forward(*given, *inputs.values(), **settings)
    cotangent = frozen(tree.map(lambda leaf: np.full(np.shape(leaf), 0.7), y))
    held = arrays([cache, y])
    before = [np.array(leaf) for leaf in held]
    for leaf in held:
        if isinstance(leaf, np.ndarray):
            leaf.setflags(write=False)
    case.backward(*given, cache, cotangent, **case.backward_settings)
    for was, leaf in zip(before, held, strict=True):
        np.testing.assert_array_equal(was, leaf)


@pytest.mark.parametrize("name", CASES)
def test_no_function_writes_to_its_arguments(name):
    writes_to_nothing(CASES[name])


def test_a_function_that_writes_is_noticed():
    def into_x(x):
        x *= 2
        return x, {"y": x}

    def into_cache(cache, dy):
        cache["y"] *= dy
        return cache["y"]

    def into_cotangent(cache, dy):
        dy *= cache["y"]
        return dy

    x, good = {"x": np.ones(3)}, (lambda x: (x + 1, {"y": x * 1}))
    for forward, backward in ((into_x, lambda cache, dy: dy), (good, into_cache), (good, into_cotangent)):
        with pytest.raises(ValueError, match="read-only"):
            writes_to_nothing(cases.Case("planted", forward, backward, None, x))


def bits(tree_of_things):
    return [(leaf.dtype, leaf.shape, leaf.tobytes()) for leaf in arrays(tree_of_things)]


def same_bits_twice(case):
    """Forward and backward again, and backward alone again on the cache of before: not a bit differs."""
    first, second = run(case), run(case)
    assert bits(list(first)) == bits(list(second))
    given = [case.params] if case.params is not None else []
    again = case.backward(*given, first[1], first[2], **case.backward_settings)
    assert bits([again]) == bits([first[3]])


@pytest.mark.parametrize("name", CASES)
def test_backward_twice_gives_identical_bits(name):
    same_bits_twice(CASES[name])


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
            assert leaf.dtype.kind in "iub" or leaf.dtype == np.float32, f"{part} of {name}: {leaf.dtype} {leaf.shape}"
    assert params is None or all(leaf.dtype == np.float32 for leaf in arrays([gradients]))


@pytest.mark.parametrize("name", CASES)
def test_the_sizes_of_a_case_hide_no_mixed_up_axes(name):
    """Sizes are above one (but in cases that are about that) and different, in what goes in and in queries and keys."""
    case = CASES[name]
    _, cache, _, _ = run(case)
    shapes = [leaf.shape for leaf in arrays([case.inputs]) if leaf.dtype != bool]  # a mask may broadcast
    shapes += [leaf.shape for path, leaf in tree.leaves(cache) if path.rpartition(".")[2] in ("q", "k")]
    for shape in shapes:
        assert case.ones or len(set(shape)) == len(shape), f"{name}: {shape} has two equal sizes"
        assert case.ones or min(shape, default=2) > 1, f"{name}: {shape}"
    for path, leaf in tree.leaves(case.params or {}):
        assert len(np.unique(leaf)) == leaf.size, f"{name}: {path} is not random"


def test_every_module_with_a_backward_has_a_case():
    """A new operation, layer, block or model without a case fails here."""
    covered = {
        function.__module__ for case in CASES.values() for function in (case.forward, case.backward)
    } | {name.split(" ")[0].join(("minilm.", "")) for name in CASES}
    for room in ("ops", "fast", "layers", "blocks", "models"):
        package = importlib.import_module(f"minilm.{room}")
        for info in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"minilm.{room}.{info.name}")
            if hasattr(module, "backward"):
                assert module.__name__ in covered, f"minilm/cases has no case of {module.__name__}"


LANGUAGE = {"vocabulary": 11, "max_positions": 9, "width": 12, "heads": 3, "inner": 20, "layers": 2}
CAUSAL = {
    "encoder_decoder": (encoder_decoder, encoder_decoder.Config(source_vocabulary=9, target_vocabulary=11, width=12, heads=3, inner=20, encoder_layers=2, decoder_layers=2, max_positions=20)),
    "gpt": (gpt, gpt.Config(**LANGUAGE)),
    "gpt2": (gpt2, gpt2.Config(**LANGUAGE)),
    "lstm_lm": (lstm_lm, lstm_lm.Config(vocabulary=11, embedding=5, hidden=7, layers=2)),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("position", [1, 3, 5])
@pytest.mark.parametrize("name", CAUSAL)
def test_a_later_token_changes_no_bit_of_earlier_logits(name, position, dtype):
    model, config = CAUSAL[name]
    rng = np.random.default_rng(position)
    params = model.init(rng, config, dtype)
    source, target = rng.integers(1, 9, (4, 5)), rng.integers(1, 11, (4, 6))
    changed = target.copy()
    changed[:, position:] = (changed[:, position:] + 3) % 10 + 1
    given = [source] if name == "encoder_decoder" else []
    logits, _ = model.forward(params, *given, target, config=config)
    others, _ = model.forward(params, *given, changed, config=config)
    assert logits[:, :position].tobytes() == others[:, :position].tobytes()
    assert not np.isclose(logits[:, position:], others[:, position:]).all(-1).any()


@pytest.mark.parametrize("model", [gpt, gpt2])
def test_earlier_logits_have_no_gradient_at_later_positions(model):
    config = model.Config(**LANGUAGE)
    rng = np.random.default_rng(2)
    params = model.init(rng, config, np.float64)
    logits, cache = model.forward(params, rng.integers(1, 11, (4, 6)), config=config)
    dlogits = rng.standard_normal(logits.shape)
    dlogits[:, 3:] = 0
    dpositions = model.backward(params, cache, dlogits, config=config)["embedding"]["positions"]["weight"]
    assert not dpositions[3:].any() and dpositions[:3].all()


# Imports run downwards -------------------------------------------------------------------------------------------------

ROOMS = {
    "catalogue": 0, "errors": 0, "tree": 0, "arrays": 1, "machine": 1, "ops": 2, "storage": 2, "fast": 3, "layers": 4, "blocks": 5,
    "models": 6, "text": 3, "data": 4, "metrics": 4, "training": 7, "decoding": 7, "tracing": 7, "loading": 7,
    "tasks": 8, "checking": 9, "showing": 10, "recipes": 10, "benchmarks": 10, "costs": 11, "cli": 12,
}  # fmt: skip
KNOW_NO_MODEL = ("text", "data", "training", "decoding")


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        assert not getattr(node, "level", 0), f"{path}: a relative import"
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
        below = ROOMS[imported] < ROOMS[room] or imported == room
        assert below, f"{room} imports {imported}, which is not below it"
        if room in KNOW_NO_MODEL:
            assert imported not in ("models", "blocks", "layers"), f"{room} knows no model, but imports {imported}"


def edges():
    """{module: the modules of the package that it imports, wherever in the file}."""
    paths = {path.relative_to(PACKAGE.parent).with_suffix("").as_posix().replace("/", "."): path
             for path in PACKAGE.rglob("*.py")}  # fmt: skip
    files = {name.removesuffix(".__init__"): path for name, path in paths.items()}
    for name, path in files.items():
        found = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module in files:
                both = [f"{node.module}.{alias.name}" for alias in node.names]
                found |= {each if each in files else node.module for each in both}
            elif isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names if alias.name in files}
        yield name, found - {name}


def test_no_files_import_each_other_in_a_circle():
    list(graphlib.TopologicalSorter(dict(edges())).static_order())  # raises CycleError, which names them
    with pytest.raises(graphlib.CycleError):
        list(graphlib.TopologicalSorter({"a": {"b"}, "b": {"a"}}).static_order())
    assert {"minilm.blocks.stack", "minilm.blocks.pre_norm"} <= dict(edges())["minilm.models.gpt2"]


def test_the_rooms_are_those_of_the_map_and_few():
    """What stands at the front door, tracing included, and the map in the package's docstring."""
    there = {path.name.removesuffix(".py") for path in PACKAGE.iterdir() if path.name != "__pycache__"}
    assert len(there | {"tracing"}) <= 28
    rooms = there - {"__init__", "__main__", "py.typed"}
    assert rooms <= set(ROOMS)
    of_the_map = minilm.__doc__.split("THE ROOMS")[1].split("THE LETTERS")[0]
    named = [line[4:28].split() for line in of_the_map.split("\n")[2:] if line[:4] == "    " and line[4:5].strip()]
    assert {room for line in named for room in line} == rooms | {"tracing"}


# What the formulas are written in --------------------------------------------------------------------------------------

FORBIDDEN = {"einsum", "var", "std", "vectorize", "abs", "absolute", "fabs", "power"}


def objections(text):
    """What in a source is not analytic (variance, deviation, magnitude), or slow (einsum, cubes by **, add.at)."""
    for node in ast.walk(ast.parse(text)):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Attribute) and node.attr in FORBIDDEN:
            yield f"{line}: .{node.attr}"
        if isinstance(node, ast.Name) and node.id in FORBIDDEN - {"std", "var", "power"}:
            yield f"{line}: {node.id}"
        if isinstance(node, ast.Attribute) and node.attr == "at":
            yield f"{line}: .at"
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Pow):
            base, exponent = (node.left, node.right) if isinstance(node, ast.BinOp) else (node.target, node.value)
            if isinstance(exponent, ast.Constant) and exponent.value in (2, 3, 4) and not isinstance(base, ast.Constant):
                yield f"{line}: ** {exponent.value}"


@pytest.mark.parametrize("room", ["ops", "layers", "blocks", "models"])
def test_operations_stay_analytic_and_fast(room):
    for path in (PACKAGE / room).glob("*.py"):
        assert not list(objections(path.read_text(encoding="utf-8"))), path.name


@pytest.mark.parametrize(
    "line",
    ["x ** 3", "x **= 3", "x.var(-1)", "np.std(x)", "abs(x)", "np.abs(x)", "np.einsum('ij,jk', a, b)", "np.add.at(a, i, b)",
     "np.power(x, 3)", "np.absolute(x)"],
)  # fmt: skip
def test_a_line_that_is_not_is_noticed(line):
    assert list(objections(line))
