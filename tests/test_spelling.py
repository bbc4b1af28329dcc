"""One English: British, in every comment and docstring (names of others' interfaces and titles of papers stay theirs)."""

import io
import re
import tokenize
from pathlib import Path

import pytest

import minilm

PACKAGE = Path(minilm.__file__).parent

AMERICAN = re.compile(
    r"(?<![\w.`])(colors?|colored|centers?|centered|behaviors?|neighbors?|gray|labeled|canceled|traveling|modeling|"
    r"artifacts?|catalogs?|analyzes?d?|fulfills?|defense|judgment|(?!(?:re)?siz|priz|seiz|tokenize)\w+iz(?:e|es|ed|ing|ations?))"
    r"(?![\w(.`])"
)
TITLES = re.compile(r'"[A-Z][^"]*"|``[^`]*``|`[^`]*`')
NAMES_OF_OTHERS = {"normalized", "Regularization"}  # a field of the hub's added tokens; the title of a paper


def american(source):
    """The American words in the comments and docstrings of a Python source."""
    found = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT or token.type == tokenize.STRING and token.string.startswith('"""'):
            said = TITLES.sub("", token.string)
            found += [word for word in AMERICAN.findall(said) if word not in NAMES_OF_OTHERS]
    return found


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_one_spelling(path):
    assert american(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("line", "words"),
    [("# the color of a cell", ["color"]), ("# normalized and centered", ["centered"]), ("# optimized", ["optimized"]),
     ("# its size, resized; `normalize(x)` of unicodedata.normalize", []), ('x = "color"', []), ("# colours, centred", [])],
)  # fmt: skip
def test_a_spelling_is_noticed(line, words):
    assert american(line + "\n") == words
