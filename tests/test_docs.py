"""The pages of docs/ are true: generated ones are current, the count of files is the code's, and links lead somewhere."""

import re
from pathlib import Path

import numpy as np
import pytest

from minilm import catalogue
from minilm.checking import cases
from minilm.showing import derivatives, intermediates

ROOT = Path(__file__).resolve().parents[1]
PACKAGE, DOCS = ROOT / "minilm", ROOT / "docs"
REMAKE = "python -m minilm.showing.derivatives > docs/derivatives.md"


def test_all_derivatives_is_current():
    page = (DOCS / "derivatives.md").read_text(encoding="utf-8")
    assert page == derivatives.page(), f"a docstring has changed: {REMAKE}"


def test_all_intermediates_is_current():
    page = (DOCS / "intermediates.md").read_text(encoding="utf-8")
    remake = "python -m minilm.showing.intermediates > docs/intermediates.md"
    assert page == intermediates.page(), f"a named array has changed: {remake}"
    assert all(f"## {name}\n" in page for name in catalogue.ROWS)
    row = "| `blocks.0.attention.attention.scores` | (B, H, T, S) | 1 × 2 × 17 × 17 | d | [ops.scaled_dot_product]"
    assert row in page


def test_every_operation_with_a_derivative_is_on_the_page():
    page = derivatives.page()
    for room in derivatives.ROOMS:
        for name in derivatives.reading_order(room):
            assert f"### [{name}](../minilm/{room}/{name}.py)" in page
    order = derivatives.reading_order("layers")
    assert order.index("feed_forward") >= 0 and order.index("lstm") < order.index("lstm_stack")


@pytest.mark.parametrize("page", ["accuracy.md", "adding.md", "derivatives.md", "intermediates.md", "semantics.md"])
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)\)", (DOCS / page).read_text(encoding="utf-8")):
        assert (DOCS / target).exists(), target


def mentioning(word):
    """The files of the package in which a word stands as a module's name."""
    pattern = re.compile(rf"\b{word}\b")
    return {path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py")
            if path.stem == word or pattern.search(path.read_text(encoding="utf-8"))}  # fmt: skip


def test_an_operation_is_two_files():
    """Whatever else names rms_norm uses it: a block, its cases, a table. Without those two files nothing of it is left."""
    users = {"blocks/pre_rms.py", "checking/cases/blocks/pre_rms.py", "checking/accuracy/norms.py"}
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


def test_the_readmes_samples_are_the_files_lines_and_run():
    for readme in READMES:
        text = (ROOT / readme).read_text(encoding="utf-8")
        samples = re.findall(r"<!-- code: (\S+) -->\n```python\n(.*?)```", text, re.DOTALL)
        assert samples, readme
        for path, code in samples:
            source = (ROOT / path).read_text(encoding="utf-8")
            assert code in source, f"{readme}: {path} has other lines now"
            space: dict = {}
            exec(source[: source.index(code)] + code, space)
            y, cache = space["forward"](np.array([[1.0, 2.0, 4.0]]))
            assert np.isclose(y.sum(), 1) and abs(space["backward"](cache, np.ones((1, 3)))).max() < 1e-15


READMES = ("README.md", "README.zh-CN.md")


def commands(text):
    """All that a README tells a person to type: its commands in fences, and those between backquotes."""
    fenced = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    return fenced, sorted(set(re.findall(r"`(minilm [a-z][^`]*)`", text)))


def test_both_readmes_name_the_same_commands():
    english, chinese = (commands((ROOT / name).read_text(encoding="utf-8")) for name in READMES)
    assert english[0] == chinese[0] and len(english[0]) == 4

    def without_text(found):
        return sorted(re.sub(r'"[^"]*"', "TEXT", command) for command in found)

    assert without_text(english[1]) == without_text(chinese[1])


@pytest.mark.parametrize("name", READMES)
def test_a_readmes_links_lead_somewhere(name):
    for target in re.findall(r"\]\(([^)#]+)\)", (ROOT / name).read_text(encoding="utf-8")):
        assert (ROOT / target).exists(), target


def test_both_readmes_have_the_same_structure():
    english, chinese = ((ROOT / name).read_text(encoding="utf-8") for name in READMES)
    for pattern in (r"^## ", r"^\| ", r"^- \*\*", r"<!-- \w+", r"!\["):
        assert len(re.findall(pattern, english, re.M)) == len(re.findall(pattern, chinese, re.M)), pattern
