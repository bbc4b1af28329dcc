"""`minilm trace`: from the command line to a page, on presets, run folders and hub folders; and what it says of bad input."""

import json
import re

import pytest

from minilm.cli.main import main
from minilm.showing import runs


def book_in(path):
    return json.loads(re.search(r'id="book">(.*?)</script>', path.read_text("utf-8"), re.DOTALL).group(1))


def untrained(name, text):
    recipe = runs.recipes()[name]
    return recipe.untrained(recipe.PRESETS["tiny"], text)


@pytest.mark.parametrize("name, text", [("gpt", "to be or not"), ("lstm", "to be or not"), ("bert", "the model reads")])
@pytest.mark.parametrize("way", ["save", "export"])
def test_folders(name, text, way, tmp_path, capsys):
    if way == "export" and name == "lstm":
        pytest.skip("Transformers has no such LSTM")
    model = untrained(name, text)
    getattr(model, way)(tmp_path / "folder")
    assert main(["trace", str(tmp_path / "folder"), text, "--backward", "--out", str(tmp_path / "page.html")]) == 0
    book = book_in(tmp_path / "page.html")
    assert f"{len(book['steps']):,} steps" in capsys.readouterr().out
    assert book["about"]["subject"] == [text] and book["about"]["backward"]
    assert {call["way"] for call in book["calls"]} == {"forward", "backward"}


def test_a_translator_from_segmentation_to_output_and_back(tmp_path):
    model = untrained("encoder-decoder", "我喜欢编程")
    model.save(tmp_path / "folder")
    out = tmp_path / "page.html"
    assert main(["trace", str(tmp_path / "folder"), "我喜欢编程", "--target", "I like programming", "--backward", "--out", str(out)]) == 0
    book = book_in(out)
    assert book["labels"]["source"] == ["我", "喜欢", "编程"]
    assert book["labels"]["target"] == ["<start>", "I", "like", "programming"]
    numbers = {node["place"]: node["number"] for node in flat(book["map"]) if node.get("number")}
    order = [numbers[place] for place in book["places"] if place in numbers]
    assert order[0] == 1 and order[-1] == 2  # it begins with the words, and ends with the embedding's gradient
    assert set(order) == {1, 2, 3, 4, 5, 6, 7}
    words = next(made for step in book["steps"] for made in step[3] if made[0] == "words")
    assert "'喜欢'" in words[2]
    assert main(["trace", str(tmp_path / "folder"), "我喜欢编程", "--out", str(out)]) == 0
    assert {call["way"] for call in book_in(out)["calls"]} == {"forward"}


def test_a_tagger_and_its_tags(tmp_path, capsys):
    untrained("tagger", "张三在北京工作").save(tmp_path / "folder")
    command = ["trace", str(tmp_path / "folder"), "张三在", "--out", str(tmp_path / "page.html")]
    assert main(command) == 0
    assert {call["way"] for call in book_in(tmp_path / "page.html")["calls"]} == {"forward"}
    assert main([*command, "--target", "B-NAME I-NAME O"]) == 0
    book = book_in(tmp_path / "page.html")
    assert book["about"]["subject"] == ["张三在", "B-NAME E-NAME O"] and book["labels"]["source"] == ["张", "三", "在"]
    capsys.readouterr()
    for given, words in (
        (["--target", "B-NAME O"], "--target has 2 tags and the text 3 characters; give one for each"),
        (["--target", "B-NAME B-NAME E-X"], "--target, tag 2: "), (["--target", "O B-X O"], "the type 'X' is none of LOC, NAME"),
        (["--generate", "3"], "--generate is for a model that goes on"),
    ):  # fmt: skip
        assert main([*command, *given]) == 2
        errors = capsys.readouterr().err
        assert words in errors and errors.count("\n") == 1


def flat(nodes):
    for node in nodes:
        yield node
        yield from flat(node["parts"])


@pytest.mark.parametrize("name", runs.recipes())
def test_a_whole_training_step(name, tmp_path):
    assert main(["trace", name, "--update", "--out", str(tmp_path / "page.html")]) == 0
    book = book_in(tmp_path / "page.html")
    ways = list(dict.fromkeys(book["calls"][step[0]]["way"] for step in book["steps"]))
    assert ways == ["forward", "backward", "update"]
    assert {source["name"] for source in book["sources"]} >= {"global_norm", "factor", "update_in_place"}
    update = next(node["place"] for node in flat(book["map"]) if node["en"] == "update")
    assert book["places"][-1] == update


def test_generation_with_its_caches(tmp_path):
    assert main(["trace", "gpt", "to be", "--generate", "4", "--out", str(tmp_path / "page.html")]) == 0
    names = {source["name"] for source in book_in(tmp_path / "page.html")["sources"]}
    assert {"start", "step"} <= names


@pytest.mark.parametrize("arguments, says", [
    (["nothing"], "no folder and no model; there are gpt"),
    (["gpt:huge"], "no preset 'huge'; there are"),
    (["gpt", ""], "empty"),
    (["gpt", "a", "--backward"], "give two or more"),
    (["gpt", "ab", "--target", "x"], "--target is for a translator"),
    (["gpt", "ab", "--generate", "2000"], "--generate 2000"),
    (["gpt", "ab", "--generate", "2", "--backward"], "exclude each other"),
    (["gpt", "--megabytes", "nan"], "--megabytes nan: give 1 to 1000"),
    (["bert", "a [MASK] b", "--backward"], "say with --target"),
    (["bert", "a [MASK] b", "--target", "x y"], "give a token for each"),
    (["encoder-decoder", "我喜欢编程", "--target", " "], "give another --target"),
    (["gpt", "--out", "/nowhere/at/all.html"], "cannot be written"),
])  # fmt: skip
def test_bad_input_is_one_line(arguments, says, capsys):
    assert main(["trace", *arguments]) == 2
    error = capsys.readouterr().err
    assert says in error and error.count("\n") == 1


def test_a_small_budget_says_which_option_keeps_more(tmp_path, capsys):
    assert main(["trace", "bert:small", "--out", str(tmp_path / "page.html"), "--backward", "--megabytes", "1"]) == 0
    said = capsys.readouterr().out
    assert re.search(r"kept by a corner; --megabytes \d+ keeps them whole", said)
    enough = re.search(r"--megabytes (\d+) keeps", said).group(1)
    assert main(["trace", "bert:small", "--out", str(tmp_path / "page.html"), "--backward", "--megabytes", enough]) == 0
    assert "corner" not in capsys.readouterr().out
