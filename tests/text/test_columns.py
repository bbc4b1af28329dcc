"""Widths as a terminal has them, and tables that stay aligned and inside their columns."""

from minilm.text import columns


def test_widths():
    assert columns.width("我喜欢编程") == 10
    assert columns.width("like") == 4
    assert columns.width("，！") == 4  # full-width signs
    assert columns.width("é") == columns.width("e\u0301") == 1
    assert columns.left("我", 4) == "我  "
    assert columns.right("我", 4) == "  我"


def test_cut_never_halves_a_character():
    assert columns.cut("我喜欢", 6) == "我喜欢"
    assert columns.cut("我喜欢", 5) == "我喜…"
    assert columns.cut("我喜欢", 4) == "我…"


def test_wrap():
    assert columns.wrap("我 like 编程", 7) == ["我 like", "编程"]
    assert columns.wrap("", 5) == []


def test_table_is_aligned():
    lines = columns.table(["我", "like"], ["喜欢", "b"], [["1.0", "-22.5"], ["0.25", "3"]])
    assert lines == ["      喜欢      b", "我     1.0  -22.5", "like  0.25      3"]
    assert len({columns.width(line) for line in lines}) == 1


def test_table_leaves_out_what_does_not_fit():
    names = [f"词{i}" for i in range(40)]
    lines = columns.table(names, names, [["0.123"] * 40] * 40, most=60, longest=7)
    assert len(lines) == 1 + 7 + 1
    assert all(columns.width(line) <= 60 for line in lines)
    assert lines[0].endswith("  …") and lines[-1] == "…"


def test_no_sign_reaches_the_terminal_as_a_command():
    lines = columns.table(["\x1b[31m"], ["a"], [["\u202e1"]])
    assert "\x1b" not in "".join(lines) and "\u202e" not in "".join(lines)
