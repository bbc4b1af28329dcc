"""What a tagger gets wrong, as a table and a list."""

from minilm.data.conll import Sentence
from minilm.data.tag_schemes import Entity
from minilm.recipes import tagging as recipe
from minilm.tasks.tagging import Score


def test_mistakes_are_counted_and_shown(tmp_path, monkeypatch):
    path = tmp_path / "train.conll"
    path.write_text("".join(f"{a} B-NAME\n{b} E-NAME\n在 O\n海 B-SEA\n里 E-SEA\n\n" for a in "张王李" for b in "三四五"), encoding="utf-8")
    prepared = recipe.prepare(path, recipe.PRESETS["tiny"])
    prepared.parts["validation"] = [
        Sentence(list("张三在海里"), [Entity(0, 2, "NAME"), Entity(3, 5, "SEA")], 1),
        Sentence(list("在海里"), [Entity(1, 3, "SEA")], 7), Sentence(list("王五"), [Entity(0, 2, "NAME")], 11),
    ]  # fmt: skip
    found = [[Entity(0, 1, "NAME"), Entity(3, 5, "NAME")], [], [Entity(0, 2, "NAME")]]
    monkeypatch.setattr(prepared.tagger, "score", lambda held: Score(None, {}, found))
    lines = recipe.mistakes(prepared).split("\n")
    assert [line.split() for line in lines[2:6]] == [
        ["NAME", "SEA", "nothing"], ["NAME", "1", ".", "1"], ["SEA", "1", ".", "1"], ["nothing", "1", ".", "."],
    ]  # fmt: skip
    assert "2 of 3 sentences have a mistake" in lines[7]
    assert lines[9:12] == ["line 1, 4 wrong", "  there  [张三|NAME]在[海里|SEA]", "  found  [张|NAME]三在[海里|NAME]"]
    assert recipe.in_brackets(["in", "New", "York", "."], [Entity(1, 3, "LOC")], "words") == "in [New York|LOC] ."
