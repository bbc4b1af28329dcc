"""A BERT that tags: one label a word by its first piece; trained, kept, exported, and as the hub's folders have it."""

import json
from dataclasses import replace

import numpy as np
import pytest

import minilm
from minilm import tree
from minilm.checking import gradcheck
from minilm.checking.cases.case import randomised
from minilm.cli.main import main
from minilm.data import conll, tag_schemes
from minilm.data.tag_schemes import Entity
from minilm.errors import InputError
from minilm.models import bert
from minilm.recipes import tagging as recipe
from minilm.tasks import piece_tagging
from minilm.tasks.masked_tokens import MaskedModel
from minilm.tasks.piece_tagging import PieceTagger
from minilm.text.wordpiece import WordPiece

TEXT = "Maria lives in Lima . Anna lives in New York . John Smith lives in Oslo . unbelievable"
TYPES = ["NAME", "PLACE"]
ROWS = [["Maria", "lives", "in", "New", "York"], ["unbelievable", "Lima"], ["Oslo"]]
FOUND = [[Entity(0, 1, "NAME"), Entity(3, 5, "PLACE")], [Entity(1, 2, "PLACE")], []]


def tagger(seed=0, scale=0.6, positions=24, names=None, dtype=np.float64):
    tokenizer = WordPiece.train([TEXT] * 3, 60)
    names = names or tag_schemes.names(TYPES)
    config = bert.Config(
        vocabulary=tokenizer.size, max_positions=positions, segments=2, width=6, heads=2, inner=8, layers=1, labels=len(names),
        dropout=0.1, attention_dropout=0.2, classifier_dropout=0.3,
    )  # fmt: skip
    rng = np.random.default_rng(seed)
    params = randomised(rng, bert.init(rng, config, heads=(piece_tagging.HEAD,)), scale)
    return PieceTagger(tree.map(lambda leaf: leaf.astype(dtype), params), config, tokenizer, names=names)


def test_a_word_is_asked_at_its_first_piece():
    made = tagger()
    found = made.numbered(*ROWS[1:2], FOUND[1])
    first = len(made.pieces("unbelievable"))
    assert first > 1 and [place for place, asked in enumerate(found.asked) if asked] == [1, 1 + first]
    assert found.tags[1] == 0 and made.names[found.tags[1 + first]] == "S-PLACE" and sum(found.tags) == found.tags[1 + first]
    assert made.tokenizer.decode(found.inputs[1:-1]) == "unbelievable lima"


def test_every_gradient_by_the_complex_step_and_shards_add_up():
    made = tagger(1, 0.4)
    batch = piece_tagging.batch_of([made.numbered(*pair) for pair in zip(ROWS, FOUND, strict=True)])
    task, settings = made.task, {"config": made.config, "rng": np.random.default_rng(3)}
    assert task.count(batch) == 8
    rows = gradcheck.check(
        "pieces", lambda params, **given: task.loss(params, batch, **given), task.loss_backward, made.params, {}, settings,
        backward_settings={"config": made.config}, central=False,
    )  # fmt: skip
    assert rows and all(row.passed for row in rows), [str(row) for row in rows if not row.passed]
    whole, _ = task.loss(made.params, batch, config=made.config)
    parts = [{name: array[part] for name, array in batch.items()} for part in (slice(1), slice(1, 3))]
    assert whole == pytest.approx(sum(task.loss(made.params, part, config=made.config, count=8)[0] for part in parts), rel=1e-12)


def test_what_is_found_keeps_the_scheme_and_does_not_depend_on_the_other_texts():
    made = tagger(2, 2.0)
    texts = ["Maria lives in New York.", "Lima", "unbelievable Anna, Oslo in 北京"]
    together = made.tag(texts)
    assert together == [made.tag(text) for text in texts] and sum(map(len, together)) > 2
    for text, found in zip(texts, together, strict=True):
        assert all(text[each.start : each.end] == each.text and each.type in TYPES for each in found)
    rows = [made.numbered(row) for row in ROWS]
    logits = bert.forward(made.params, piece_tagging.batch_of(rows)["inputs"][:1], config=made.config)[0][piece_tagging.HEAD]
    best = made.best(logits[0][np.array(rows[0].asked, bool)])
    assert tag_schemes.problem([made.names[tag] for tag in best], "BIOES") is None
    assert made.unknown(["Maria", "Ω"]) == ["Ω"]


def test_a_long_text_is_read_in_windows_and_a_long_word_is_named():
    made = tagger(2, 2.0, positions=12)
    text = "Lima Oslo Anna lives . " * 8
    found = made.tag(text)
    assert found and found[-1].end > 100
    assert made.window([]) == (1, 0) and made.window(["lima"] * 3) == (3, 0)
    long = ["unbelievable", "lima", "oslo"] * 9
    size, shared = made.window(long)
    assert size // 5 == shared and max(sum(len(made.pieces(w)) for w in long[i : i + size]) for i in range(27)) <= 10
    assert max(sum(len(made.pieces(w)) for w in long[i : i + size + 1]) for i in range(26)) > 10
    with pytest.raises(InputError, match="pieces, and the model reads at most 1; cut the sentence"):
        tagger(positions=3).tag("Lima unbelievable")


def test_labels_of_another_order_are_read_as_they_come():
    made = tagger(2, 2.0, names=["B-PER", "I-PER", "O"])
    assert made.rules is None and made.types == ["PER"]
    for entity in made.tag("Maria lives in New York."):
        assert entity.type == "PER"


def test_an_exported_folder_says_the_same_in_transformers(tmp_path):
    transformers = pytest.importorskip("transformers")
    torch = pytest.importorskip("torch")
    made = tagger(3, 1.0, dtype=np.float32)
    made.export(tmp_path)
    theirs = transformers.AutoModelForTokenClassification.from_pretrained(tmp_path).double().eval()
    assert list(theirs.config.id2label.values()) == made.names
    row = made.numbered(ROWS[0])
    with torch.no_grad():
        logits = theirs(torch.tensor([row.inputs])).logits.numpy()
    params = tree.map(lambda leaf: leaf.astype(np.float64), made.params)
    ours = bert.forward(params, np.array([row.inputs]), config=made.config)[0][piece_tagging.HEAD]
    np.testing.assert_allclose(ours, logits, rtol=0, atol=1e-10)
    loaded = minilm.load(tmp_path)
    assert type(loaded) is PieceTagger and loaded.names == made.names and loaded.tag(TEXT) == made.tag(TEXT)


@pytest.mark.parametrize("labels", [None, {"0": "NOUN", "1": "VERB"}, {"0": "O", "1": "B-"}])
def test_labels_that_are_no_tags_are_named(tmp_path, labels):
    tagger(dtype=np.float32, names=["O", "B-X"]).export(tmp_path)
    path = tmp_path / "config.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    content |= {"id2label": labels, "num_labels": 2}
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(InputError, match="config.json: id2label is .*, and tags such as O, B-PER, I-PER are wanted"):
        minilm.load(tmp_path)


def labelled(path, number=60):
    rng, rows = np.random.default_rng(0), []
    for _ in range(number):
        name, place = rng.choice(["Maria", "John Smith", "Anna"]), rng.choice(["Lima", "New York", "Oslo"])
        tokens = [*name.split(), "lives", "in", *place.split(), "."]
        found = [Entity(0, len(name.split()), "NAME"), Entity(len(name.split()) + 2, len(tokens) - 1, "PLACE")]
        rows.append(conll.text(tokens, tag_schemes.tags(found, len(tokens), "BIO")))
    path.write_text("\n\n".join(rows), encoding="utf-8")
    return str(path)


def body(folder, positions=16):
    tokenizer = WordPiece.train([TEXT] * 3, 60)
    config = bert.Config(vocabulary=tokenizer.size, max_positions=positions, width=16, heads=2, inner=24, layers=1)
    params = bert.init(np.random.default_rng(0), config, heads=("masked", "next_sentence"), deviation=0.3)
    MaskedModel(params, config, tokenizer).export(folder)
    return str(folder)


def test_a_body_is_fine_tuned_and_resumed_and_tags(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(recipe, "FINE_TUNED", replace(recipe.FINE_TUNED, patience=12))
    data = labelled(tmp_path / "train.conll")
    words = ["train", "tagger", "--data", data, "--validation", data, "--from", body(tmp_path / "body"), "--epochs", "12"]
    words += ["--rate", "0.01", "--batch", "8", "--out", str(tmp_path / "run")]
    assert main(words) == 0
    out = capsys.readouterr().out
    assert "pieces known" in out and float(out.rpartition("validation: F1 ")[2].partition("%")[0]) > 90
    loaded = minilm.load(tmp_path / "run")
    assert type(loaded) is PieceTagger and "masked" not in loaded.params and loaded.types == TYPES
    assert main(["tag", str(tmp_path / "run"), "Anna lives in New York."]) == 0
    assert capsys.readouterr().out == "[Anna|NAME] lives in [New York|PLACE].\n"
    weights = (tmp_path / "run" / "weights.safetensors").read_bytes()
    assert main([*words, "--resume"]) == 0
    assert (tmp_path / "run" / "weights.safetensors").read_bytes() == weights


def test_what_cannot_be_fine_tuned_is_named(tmp_path, capsys):
    data, folder = labelled(tmp_path / "train.conll"), body(tmp_path / "body", positions=6)
    recipe.untrained(recipe.PRESETS["tiny"], "a").save(tmp_path / "other")
    for more, words in (
        (["--from", folder], "pieces, and the model reads at most 4; cut the sentence"),
        (["--from", str(tmp_path / "other")], "--from wants the folder of a BERT"),
        (["--from", folder, "--width", "3"], "--width and --dropout are those of the BERT"),
    ):  # fmt: skip
        assert main(["train", "tagger", "--data", data, *more, "--out", str(tmp_path / "run")]) == 2
        err = capsys.readouterr().err
        assert words in err and err.count("\n") == 1
