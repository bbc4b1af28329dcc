"""The tagging task, and the object with text in and entities out."""

import json

import numpy as np
import pytest

import minilm
from minilm import tree
from minilm.checking import gradcheck
from minilm.checking.cases.case import randomised
from minilm.data import conll, sequences, tag_schemes
from minilm.data.tag_schemes import Entity
from minilm.errors import InputError
from minilm.models import lstm_tagger
from minilm.recipes import tagging as recipe
from minilm.tasks import tagging
from minilm.text import units

SENTENCES = [["张", "三", "住", "北", "京"], ["王", "五", "来"], ["上", "海"], ["好"]]
TYPES = ["LOC", "NAME"]


def tagger(seed=0, scale=0.8):
    """One with random weights, far from zero."""
    preset = recipe.PRESETS["tiny"]
    made = recipe.untrained_on(preset, SENTENCES, units.CHARACTERS, TYPES)
    made.params = randomised(np.random.default_rng(seed), made.params, scale)
    return made


def batch_of(made):
    found = [[Entity(0, 2, "NAME"), Entity(3, 5, "LOC")], [Entity(0, 1, "NAME")], [Entity(0, 2, "LOC")], []]
    return sequences.batch_of_numbered([made.numbered(*pair) for pair in zip(SENTENCES, found, strict=True)])


def test_the_loss_of_a_batch_is_that_of_its_rows():
    made = tagger()
    task, batch = tagging.Task(lstm_tagger), batch_of(made)
    whole, cache = task.loss(made.params, batch, config=made.config)
    gradients = task.loss_backward(made.params, cache, config=made.config)
    tree.require_same(gradients, made.params)
    total, count = 0.0, task.count(batch)
    sums = tree.map(np.zeros_like, made.params)
    for row, length in enumerate(batch["lengths"]):
        alone = {name: array[row : row + 1, :length] if array.ndim > 1 else array[row : row + 1] for name, array in batch.items()}
        value, cache = task.loss(made.params, alone, config=made.config, count=count)
        total += value
        sums = tree.add(sums, task.loss_backward(made.params, cache, config=made.config))
    assert whole == pytest.approx(total, rel=1e-12) and count == 11
    tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-13), gradients, sums)


def test_every_gradient_of_the_loss_by_the_complex_step():
    """Padding, barred transitions and dropout together."""
    made = tagger(1, 0.5)
    task, batch = tagging.Task(lstm_tagger), batch_of(made)
    given = {"config": made.config, "rng": np.random.default_rng(3)}
    rows = gradcheck.check(
        "tagging", lambda params, **settings: task.loss(params, batch, **settings), task.loss_backward, made.params, {},
        given, backward_settings={"config": made.config}, central=False,
    )  # fmt: skip
    assert rows and all(row.passed for row in rows), [str(row) for row in rows if not row.passed]


def test_what_is_found_keeps_the_scheme_and_does_not_depend_on_the_other_texts():
    made = tagger(2, 2.0)
    texts = ["张三住北京", "王 五来上海好好", "上", "？？"]
    together = made.tag(texts)
    assert together == [made.tag(text) for text in texts] == list(reversed(made.tag(texts[::-1])))
    assert sum(map(len, together)) > 2, "random weights that find nothing test nothing"
    for text, found in zip(texts, together, strict=True):
        for entity in found:
            assert text[entity.start : entity.end] == entity.text and entity.type in TYPES
        assert all(before.end <= after.start for before, after in zip(found, found[1:], strict=False))


def test_many_texts_are_read_some_at_a_time(monkeypatch):
    made = tagger(2, 2.0)
    rows = [SENTENCES[i % 4] for i in range(9)] + [[]]
    whole = made.tag_tokens(rows)
    monkeypatch.setattr(tagging, "AT_ONCE", 7)
    assert made.tag_tokens(rows) == whole and whole[-1] == []


def test_a_long_text_is_read_in_windows_and_nothing_is_cut_off(monkeypatch):
    """A tagger that looks at its neighbours alone finds in windows what it finds at once."""
    made = tagger(2, 2.0)
    for direction in made.params["encoder"].values():
        direction["recurrent"][:] = 0
        direction["bias"][10:20] = -30  # the forget gates
    made.params["output"]["bias"][[2, 6]] = -60  # no entity of three tokens or more
    text = "".join("张三住北京王五来上海好"[i] for i in np.random.default_rng(0).integers(0, 11, 300))
    assert tagging.WINDOW == 2000 and [*tagging.window_starts(2000, 2000, 400)] == [0]
    starts = {n: [*tagging.window_starts(n, 2000, 400)] for n in (0, 1, 2001, 3600, 3601)}
    assert starts == {0: [], 1: [0], 2001: [0, 1600], 3600: [0, 1600], 3601: [0, 1600, 3200]}
    whole = made.tag(text)
    for window, overlap in ((50, 40), (101, 60), (299, 40), (280, 260)):
        monkeypatch.setattr(tagging, "WINDOW", window)
        monkeypatch.setattr(tagging, "OVERLAP", overlap)
        assert made.tag(text) == whole and len(whole) > 20, (window, overlap)


def test_an_empty_text_is_named():
    with pytest.raises(InputError, match="text 2 is empty; give some text to look for entities in"):
        tagger().tag(["好", " \n"])


def test_unknown_characters_are_read_and_can_be_named():
    made = tagger(2, 2.0)
    assert made.unknown(list("张龘三龘")) == ["龘"]
    places = [[entity[:3] for entity in made.tag(text)] for text in ("龘龘三", "龖龖三")]
    assert places[0] == places[1] != []


def test_a_mark_and_a_line_of_json():
    found = [tagging.Found(0, 2, "NAME", "张三"), tagging.Found(3, 5, "LOC", "北京")]
    assert tagging.marked("张三在北京。", found) == "[张三|NAME]在[北京|LOC]。"
    assert tagging.marked("好", []) == "好"
    assert json.loads(tagging.as_json("张三在北京。", found)) == {
        "text": "张三在北京。",
        "entities": [{"start": 0, "end": 2, "type": "NAME", "text": "张三"}, {"start": 3, "end": 5, "type": "LOC", "text": "北京"}],
    }


def test_the_score_is_of_whole_entities(monkeypatch):
    made = tagger()
    sentences = [conll.Sentence(list("张三住北京"), [Entity(0, 2, "NAME"), Entity(3, 5, "LOC")]), conll.Sentence(["好"], [])]
    monkeypatch.setattr(made, "tag_tokens", lambda rows: [[Entity(0, 2, "NAME"), Entity(3, 4, "LOC")], []])
    score = made.score(sentences)
    assert (score.whole.right, score.whole.found, score.whole.there) == (1, 2, 2) and score.types["NAME"].f1 == 1


def test_a_run_folder_gives_it_back(tmp_path):
    made = tagger(2, 2.0)
    made.params = tree.map(lambda leaf: leaf.astype(np.float32), made.params)
    made.save(tmp_path, {"steps": 0})
    loaded = minilm.load(tmp_path)
    assert loaded.tag("张三住北京") == made.tag("张三住北京") and loaded.types == TYPES
    assert repr(loaded).startswith("<Tagger: lstm_tagger, ") and "types LOC, NAME" in repr(loaded)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"unit": "bytes"}, "training.unit is 'bytes', not characters or words"),
        ({"unit": ["words"]}, "training.unit"),
        ({"types": "LOC"}, "training.types is no list of types"),
        ({"types": ["LOC", ""]}, "training.types is no list"),
        ({"types": ["LOC"]}, "training.types: 1 types, and the model has 9 tags"),
        ({"types": ["LOC", "LOC"]}, "training.types: 2 types"),
    ],
)
def test_a_damaged_folder_is_named(tmp_path, change, words):
    made = tagger()
    made.save(tmp_path)
    path = tmp_path / "settings.json"
    settings = json.loads(path.read_text(encoding="utf-8"))
    settings["training"] |= change
    path.write_text(json.dumps(settings), encoding="utf-8")
    with pytest.raises(InputError) as error:
        minilm.load(tmp_path)
    assert words in str(error.value) and "settings.json" in str(error.value)


def test_a_vocabulary_of_another_run_is_named(tmp_path):
    tagger().save(tmp_path)
    recipe.untrained_on(recipe.PRESETS["tiny"], SENTENCES[:1], units.CHARACTERS, TYPES).features.save(tmp_path / "features.json")
    with pytest.raises(InputError, match="features.json: .* entries, the settings say"):
        minilm.load(tmp_path)


def test_a_type_that_it_does_not_know_is_named():
    with pytest.raises(InputError, match="the type 'ORG' is none of LOC, NAME"):
        tagger().numbered(["a"], [Entity(0, 1, "ORG")])
    assert tag_schemes.number_of_tags(2) == tagger().config.tags
