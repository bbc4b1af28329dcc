"""The catalogue is the one list of models: its names exist, every model has an outline, and no other file knows the list."""

import ast
import inspect
import pkgutil
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

import minilm
from minilm import catalogue, models, tree

PACKAGE = Path(minilm.__file__).parent
SMALL = {
    "vocabulary": 11, "source_vocabulary": 9, "target_vocabulary": 11, "max_positions": 7, "width": 12, "heads": 3,
    "inner": 20, "layers": 2, "encoder_layers": 2, "decoder_layers": 3, "embedding": 5, "hidden": 6,
    "features": 8, "feature_embedding": 4, "tags": 13,
}  # fmt: skip


def small(model):
    """A Config of small sizes, all different."""
    return model.Config(**{field.name: SMALL[field.name] for field in fields(model.Config) if field.name in SMALL})


def test_every_model_has_a_row():
    """A module of models with a Config is a model."""
    found = {info.name for info in pkgutil.iter_modules(models.__path__)
             if hasattr(catalogue.imported(f"minilm.models.{info.name}"), "Config")}  # fmt: skip
    assert found == set(catalogue.ROWS)


@pytest.mark.parametrize("row", catalogue.ROWS.values(), ids=lambda row: row.name)
def test_what_a_row_names_is_there(row):
    assert catalogue.of(row.module) is row
    for column in ("application", "task", "recipe", "costs"):
        assert row.part(column) is not None
    assert row.part("task").Task(row.module).model is row.module
    assert row.part("recipe").PRESETS
    assert {"of_preset", "batch", "step"} <= set(dir(row.part("costs")))
    assert catalogue.imported(f"minilm.training.{row.optimiser}").update_in_place
    assert row.hub is None or {"load", "save"} <= set(dir(row.part("hub")))
    for case in row.benchmarks:
        assert isinstance(catalogue.case(case).CONFIG, row.module.Config)
        assert catalogue.benchmarked(case) is row


@pytest.mark.parametrize("row", catalogue.ROWS.values(), ids=lambda row: row.name)
def test_an_outline_has_the_shapes_of_random_parameters_and_no_memory(row):
    config = small(row.module)
    outline = row.module.outline(config)
    params = row.module.init(np.random.default_rng(0), config)
    assert {name: leaf.shape for name, leaf in tree.leaves(outline)} == {n: leaf.shape for n, leaf in tree.leaves(params)}
    assert all(leaf.strides == (0,) * leaf.ndim for _, leaf in tree.leaves(outline))


@pytest.mark.parametrize("row", catalogue.ROWS.values(), ids=lambda row: row.name)
def test_settings_are_keywords_and_reach_backward_as_arguments(row):
    with pytest.raises(TypeError, match="positional"):
        row.module.Config(11)
    with pytest.raises(TypeError, match="positional"):
        next(iter(row.part("recipe").PRESETS.values())).__class__(1)
    for name in ("forward", "backward"):
        config = inspect.signature(getattr(row.module, name)).parameters["config"]
        assert config.kind is config.KEYWORD_ONLY and config.default is config.empty
    assert inspect.signature(row.module.backward).parameters["consume"].default is False


def batch_of(name):
    """What a model's forward reads: (arrays, what init is told beyond the settings)."""
    ids = np.array([[1, 4, 5, 4, 6], [1, 6, 4, 0, 0]])
    every = {"heads": catalogue.ROWS["bert"].module.HEADS}
    tagged = (ids, ids, np.array([5, 3]))
    return {"encoder_decoder": ((ids, ids[:, :3]), {}), "bert": ((ids,), every), "lstm_tagger": (tagged, {})}.get(
        name, ((ids,), {})
    )


@pytest.mark.parametrize("row", catalogue.ROWS.values(), ids=lambda row: row.name)
def test_the_paths_of_the_cache_are_those_of_the_parameters(row):
    """Whatever part of the parameters an operation has, what it keeps for backward stands on the same path."""
    config, (arrays, given) = small(row.module), batch_of(row.name)
    params = row.module.init(np.random.default_rng(0), config, **given)
    _, cache = row.module.forward(params, *arrays, config=config)
    for name, _ in tree.leaves(params):
        place = cache
        for key in name.split(".")[:-1]:
            assert isinstance(place, dict | list), f"{name}: nothing is kept at {key}"
            place = place[int(key)] if isinstance(place, list) else place[key]
        assert isinstance(place, dict) and place, name
    assert not any(isinstance(leaf, row.module.Config) for _, leaf in tree.leaves(cache)), "settings are arguments"


def test_of_a_name_that_no_benchmark_has_there_is_no_model():
    assert catalogue.benchmarked("prefill") is None


# No other file compares models -----------------------------------------------------------------------------------------

NAMES = set(catalogue.ROWS)


def modules_in(tree_of_file):
    """The names under which a file has imported modules of minilm.models that are models."""
    for node in ast.walk(tree_of_file):
        if isinstance(node, ast.ImportFrom) and node.module == "minilm.models":
            yield from (alias.asname or alias.name for alias in node.names if alias.name in NAMES)


def comparisons(text):
    """Lines that compare something with a model's name or module, or list two models or more."""
    parsed = ast.parse(text)
    imported = set(modules_in(parsed))

    def is_model(node):
        if isinstance(node, ast.Constant):
            return node.value in NAMES if isinstance(node.value, str) else False
        return isinstance(node, ast.Name) and node.id in imported

    def listed(node):
        return sum(is_model(each) for each in ast.iter_child_nodes(node) if isinstance(each, ast.expr))

    for node in ast.walk(parsed):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            if any(is_model(side) or isinstance(side, ast.Tuple | ast.List | ast.Set) and listed(side) for side in sides):
                yield f"{node.lineno}: {ast.unparse(node)}"
        elif isinstance(node, ast.match_case) and any(is_model(each) for each in ast.walk(node.pattern)):
            yield f"{node.pattern.lineno}: case {ast.unparse(node.pattern)}"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("startswith", "endswith"):
            if any(is_model(each) for each in ast.walk(node) if isinstance(each, ast.Constant)):
                yield f"{node.lineno}: {ast.unparse(node)}"
        elif isinstance(node, ast.Dict | ast.List | ast.Set | ast.Tuple) and listed(node) > 1:
            yield f"{node.lineno}: {ast.unparse(node)[:80]}"


LISTS = {  # files that try several models and choose nothing by them
    "text/hub_tokenizer.py",  # whose tokenizers it knows, by a config.json's model_type, whether or not we have the model
}


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_other_file_compares_models(path):
    place = path.relative_to(PACKAGE).as_posix()
    if place != "catalogue.py":
        found = list(comparisons(path.read_text(encoding="utf-8")))
        assert not found or place in LISTS and all(" in " not in line and " is " not in line for line in found), found


def test_the_exceptions_are_needed():
    for place in LISTS:
        assert list(comparisons((PACKAGE / place).read_text(encoding="utf-8"))), place


@pytest.mark.parametrize(
    ("line", "noticed"),
    [("model is bert", True), ("x = gpt2 if name else 0", False), ('name == "gpt2"', True), ('name in ("gpt", "x")', True),
     ('{"gpt": 1, "gpt2": 2}[name]', True), ("{'a': gpt2, 'b': bert}", True), ("model is not known", False), ("m != bert", True),
     ('name == "recipe"', False), ("bert.init(rng)", False), ('name.startswith("gpt")', True), ("[gpt2]", False)],
)  # fmt: skip
def test_a_comparison_is_noticed(line, noticed):
    assert bool(list(comparisons(f"from minilm.models import bert, gpt2\n{line}\n"))) == noticed
