"""The page "What is meant" is current, its tests exist, and what it says of minilm beside others is so."""

import ast
import re
from pathlib import Path

import pytest

from minilm.showing import semantics

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "semantics.md"
WANTED = ("may attend to nothing", "Padding", "smoothing", "Ties", "Kinks", "eps", "Adam", "bit-equal", "Rotary", "mask is", "Dropout")


def without_versions(text):
    return re.sub(r"^With NumPy .*$", "", text, flags=re.M)


def test_the_page_is_current():
    for package in ("torch", "jax", "transformers"):
        pytest.importorskip(package)
    remake = "python -m minilm.showing.semantics > docs/semantics.md"
    assert without_versions(PAGE.read_text(encoding="utf-8")) == without_versions(semantics.page()), remake


def test_every_topic_is_there_and_held_by_tests_that_exist():
    titles = [topic.title for topic in semantics.TOPICS]
    assert all(any(word in title for title in titles) for word in WANTED)
    for topic in semantics.TOPICS:
        assert topic.tests, topic.title
        for name in topic.tests:
            path, _, function = name.partition("::")
            tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
            assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, name


def test_without_the_others_the_way_out_is_said(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    with pytest.raises(semantics.MissingExtra, match="verify"):
        semantics.page()


def test_numbers_are_short():
    assert semantics.shown([0.0, -0.0, 1 / 3, float("nan")]) == "(0, 0, 0.3333, NaN)"
    assert semantics.shown(True) == "True" and semantics.shown("a word") == "a word"
