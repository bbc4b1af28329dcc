"""Cases are found, not listed: a file with a function `cases` is enough, and every file has one."""

import sys

import pytest

from minilm.checking import cases
from minilm.checking.cases import ops


def test_a_new_file_is_found_without_another_line(tmp_path, monkeypatch):
    (tmp_path / "sine.py").write_text(
        "import numpy as np\nfrom minilm.checking.cases.case import Case\n\n\ndef cases():\n"
        "    yield Case('ops.sine', lambda x: (np.sin(x), x), lambda x, dy: np.cos(x) * dy, None, {'x': np.ones((2, 3))})\n",
        encoding="utf-8",
    )  # fmt: skip
    monkeypatch.setattr(ops, "__path__", [*ops.__path__, str(tmp_path)])
    found = cases.everything()
    assert "ops.sine" in found and all(row.passed for row in found["ops.sine"].check())
    assert list(found)[0].startswith("ops."), "in the order of the rooms"
    sys.modules.pop("minilm.checking.cases.ops.sine")


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "has no function `cases`"),
     ("from minilm.checking.cases.ops.relu import cases\n", "a case is called ops.relu already")],
)  # fmt: skip
def test_a_file_without_cases_or_with_anothers_names_is_refused(tmp_path, monkeypatch, text, words):
    (tmp_path / "unfinished.py").write_text(text, encoding="utf-8")
    monkeypatch.setattr(ops, "__path__", [*ops.__path__, str(tmp_path)])
    with pytest.raises(ValueError, match=words):
        cases.everything()
    sys.modules.pop("minilm.checking.cases.ops.unfinished", None)


def test_each_case_is_named_after_its_file():
    for file in cases.files():
        room, name = file.split(".")[3:5] if file.count(".") == 4 else (None, None)
        if room in ("ops", "layers", "blocks"):
            module = sys.modules[file]
            assert all(case.name.split(" ")[0] == f"{room}.{name}" for case in module.cases()), file


def test_the_kinds_of_numbers_that_hide_bugs_elsewhere_have_cases():
    """More queries than keys, one row, one query, a batch of one, and tails."""
    names = " ".join(cases.everything())
    for room in ("ops.scaled_dot_product", "layers.multi_head_attention", "blocks.post_norm_cross"):
        assert [name for name in cases.everything() if name.startswith(room) and "T > S" in name], room
    for words in ("one row", "one query", "batch of one", "left tail", "right tail", "large"):
        assert words in names
