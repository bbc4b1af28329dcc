"""The pages of docs/ are true: generated ones are current, the count of files is the code's, and links lead somewhere."""

import re
from pathlib import Path

import pytest

from minilm.checking import cases
from minilm.showing import derivatives

ROOT = Path(__file__).resolve().parents[1]
PACKAGE, DOCS = ROOT / "minilm", ROOT / "docs"
REMAKE = "python -m minilm.showing.derivatives > docs/derivatives.md"


def test_all_derivatives_is_current():
    page = (DOCS / "derivatives.md").read_text(encoding="utf-8")
    assert page == derivatives.page(), f"a docstring has changed: {REMAKE}"


def test_every_operation_with_a_derivative_is_on_the_page():
    page = derivatives.page()
    for room in derivatives.ROOMS:
        for name in derivatives.reading_order(room):
            assert f"### [{name}](../minilm/{room}/{name}.py)" in page
    order = derivatives.reading_order("layers")
    assert order.index("feed_forward") >= 0 and order.index("lstm") < order.index("lstm_stack")


@pytest.mark.parametrize("page", ["adding.md", "derivatives.md"])
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)\)", (DOCS / page).read_text(encoding="utf-8")):
        assert (DOCS / target).exists(), target


def mentioning(word):
    """The files of the package in which a word stands as a module's name."""
    pattern = re.compile(rf"\b{word}\b")
    return {path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py")
            if path.stem == word or pattern.search(path.read_text(encoding="utf-8"))}  # fmt: skip


def test_an_operation_is_two_files():
    """Whatever else names rms_norm uses it: a block, and its cases. Without those two files nothing of it is left."""
    users = {"blocks/pre_rms.py", "checking/cases/blocks/pre_rms.py"}
    assert mentioning("rms_norm") - users == {"ops/rms_norm.py", "checking/cases/ops/rms_norm.py"}
    assert any(name.startswith("ops.rms_norm") for name in cases.everything())
    assert "An operation: 2 files" in (DOCS / "adding.md").read_text(encoding="utf-8")


def test_a_model_is_its_file_its_cases_a_row_and_what_the_row_names():
    text = (DOCS / "adding.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\(\.\./minilm/([\w/]+\.py)\)", text.split("## A model")[1].split("## An application")[0]))
    imports = re.compile(r"from minilm\.models import .*\blstm_lm\b|import_module\(.*lstm_lm")
    found = {path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py")
             if imports.search(path.read_text(encoding="utf-8"))}  # fmt: skip
    assert found <= named and {"models/lstm_lm.py", "catalogue.py"} <= named, found - named
