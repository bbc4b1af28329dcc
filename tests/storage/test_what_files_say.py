"""Numbers, names and sizes from files: held by one description, quoted in one way, and no memory on their word."""

import json
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import minilm
from minilm import tree
from minilm.errors import InputError, bare, said
from minilm.models import bert, encoder_decoder, gpt2, lstm_lm
from minilm.storage import fields, hub_bert, json_file, run_folder, safetensors
from minilm.text import text_lines

CONFIGS = {
    "gpt2": gpt2.Config(vocabulary=12, max_positions=8, width=4, heads=2, inner=6, layers=2), "bert": bert.Config(vocabulary=12, max_positions=8, segments=2, width=4, heads=2, inner=6, layers=2), "lstm_lm": lstm_lm.Config(vocabulary=12, embedding=3, hidden=4, layers=2),
    "encoder_decoder": encoder_decoder.Config(source_vocabulary=12, target_vocabulary=11, width=4, heads=2, inner=6, encoder_layers=1, decoder_layers=2, max_positions=9),
}  # fmt: skip
MODELS = {"gpt2": gpt2, "bert": bert, "lstm_lm": lstm_lm, "encoder_decoder": encoder_decoder}
HOSTILE = "\x1b[2J\x1b[31mYOU\nARE\r" + "x" * 300_000


def run(folder, name):
    rng = np.random.default_rng(0)
    outline = MODELS[name].outline(CONFIGS[name])
    language = {"kind": "spaced", "frequencies": {}}
    training = {"source_language": language, "target_language": language} if name == "encoder_decoder" else {"seed": 0}
    run_folder.write_settings(folder, name, CONFIGS[name], training)
    run_folder.write_weights(folder, tree.map(lambda leaf: rng.standard_normal(leaf.shape).astype(np.float32), outline))
    for side, size in (("source", 12), ("target", 11)):
        words = ["<pad>", "<start>", "<end>", "<unknown>", *"abcdefgh"][:size]
        (folder / f"{side}_vocabulary.json").write_text(json.dumps(words), encoding="utf-8")
    return folder / "settings.json"


NUMBERS = [(model, field) for model, config in CONFIGS.items() for field in vars(config)]


@pytest.mark.parametrize(("model", "field"), NUMBERS)
def test_every_number_of_a_runs_settings_is_held_at_load(tmp_path, model, field):
    path = run(tmp_path, model)
    minilm.load(tmp_path)
    content = json.loads(path.read_text(encoding="utf-8"))
    usual = content["config"][field]
    wrong = [None, "1", [], -1, 10**400, float("nan"), float("inf"), not usual if not isinstance(usual, bool) else 1]
    if isinstance(usual, float):
        wrong += [1.5, 1] if field != "eps" else [1.5, 2]
    elif not isinstance(usual, bool):
        wrong += [0, 1.5, 2**40]
    for value in wrong:
        content["config"][field] = value
        path.write_text(json.dumps(content), encoding="utf-8")
        with pytest.raises(InputError, match=rf"settings.json: config.{field} is "):
            minilm.load(tmp_path)


@pytest.mark.parametrize("value", [10**400, float("nan"), [0, {"a": float("-inf")}], {"rate": -(2**64)}])
def test_every_number_of_how_a_run_was_trained_is_held_at_load(tmp_path, value):
    path = run(tmp_path, "gpt2")
    content = json.loads(path.read_text(encoding="utf-8"))
    content["training"]["odd"] = value
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(InputError, match="settings.json: training.odd.* is .*, which no setting is"):
        minilm.load(tmp_path)


BERT_FIELDS = [
    "vocab_size", "max_position_embeddings", "type_vocab_size", "hidden_size", "num_attention_heads", "intermediate_size",
    "num_hidden_layers", "attention_probs_dropout_prob", "hidden_dropout_prob", "classifier_dropout", "layer_norm_eps",
]  # fmt: skip


@pytest.mark.parametrize("field", BERT_FIELDS)
@pytest.mark.parametrize("value", [-1, 10**400, 1.5, float("nan"), "\x1b[2J", [1], True])
def test_every_number_of_a_config_json_is_held_at_load(tmp_path, field, value):
    config = CONFIGS["bert"]
    hub_bert.save(tmp_path, tree.map(lambda leaf: np.ones(leaf.shape, np.float32), bert.outline(config)), config)
    content = json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))
    (tmp_path / "config.json").write_text(json.dumps(content | {field: value}), encoding="utf-8")
    with pytest.raises(InputError, match=f"config.json: {field} is ") as raised:
        minilm.load(tmp_path)
    assert "\x1b" not in str(raised.value)


@pytest.mark.parametrize("described", [fields.SIZE, fields.INDEX, fields.COUNT, fields.RATE, fields.EPSILON, fields.FLAG])
def test_descriptions_hold_no_odd_number(described):
    for value in (float("nan"), float("inf"), -1, -0.5, 10**400, None, "1", [1], 2.0):
        assert not described.holds(value)
    assert not fields.RATE.holds(1) and not fields.RATE.holds(1.0) and fields.RATE.holds(0) and fields.EPSILON.holds(1)
    assert type(fields.RATE.check(0, "", "")) is float


@pytest.mark.parametrize("value", [HOSTILE, [HOSTILE] * 9, {HOSTILE: HOSTILE}, 10**4000, [[[[[1]]]]] * 99, "ü" * 99, b"\x1b" * 99])
def test_what_a_file_says_is_one_short_printable_line(value):
    for quote in (said, bare):
        assert quote(value).isprintable() and len(quote(value)) <= 200
    assert len(said(value)) <= 60


def test_every_message_is_one_short_printable_line():
    text = str(InputError(f"/a/folder/file.json: {HOSTILE}; the way out"))
    assert text.isprintable() and len(text) == 300
    assert text.startswith("/a/folder/file.json: \\x1b[2J\\x1b[31mYOU\\nARE") and text.endswith("; the way out")


@pytest.mark.parametrize("name", ["\x1b[2J", "a\nb", "y" * 200_000])
def test_names_in_a_file_are_not_printed_as_they_stand(tmp_path, name):
    path = tmp_path / "weights.safetensors"
    run(tmp_path, "gpt2")
    tensors = {key: np.array(array) for key, array in safetensors.read(path).items()}
    safetensors.write(path, tensors | {name: np.zeros(1, np.float32)})
    with pytest.raises(InputError, match="is left over") as raised:
        minilm.load(tmp_path)
    assert str(raised.value).isprintable() and len(str(raised.value)) <= 300


def peak(function):
    """(bytes, what was raised)."""
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1], None
    except InputError as error:
        return tracemalloc.get_traced_memory()[1], str(error)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("field", ["layers", "hidden", "vocabulary", "embedding", "width", "inner", "encoder_layers", "decoder_layers"])
@pytest.mark.parametrize("model", CONFIGS)
def test_no_memory_on_the_word_of_the_settings(tmp_path, model, field):
    if field not in vars(CONFIGS[model]):
        return
    path = run(tmp_path, model)
    held = sum(array.size for array in safetensors.read(tmp_path / "weights.safetensors").values())
    content = json.loads(path.read_text(encoding="utf-8"))
    for value in (held // 2 * 2, 10**6, 2**40 - 1):
        content["config"][field] = value
        path.write_text(json.dumps(content), encoding="utf-8")
        used, message = peak(lambda: minilm.load(tmp_path))
        assert message and used < 2**22, (value, used)


def test_json_makes_no_more_memory_than_its_bound(tmp_path):
    path = tmp_path / "a.json"
    for part in ("[],", '"a",', "1.5,", "{},"):
        path.write_text("[" + part * (8 * 2**20 // len(part)) + "1]", encoding="utf-8")
        used, message = peak(lambda: json_file.read(path, json_file.SMALL))
        assert "so many entries" in message and used < 4 * path.stat().st_size
    path.write_text(json.dumps({f"token {i}": i for i in range(20_000)}), encoding="utf-8")
    used, message = peak(lambda: json_file.read(path, json_file.SMALL))
    assert message is None and used < json_file.SMALL


@pytest.mark.parametrize("size", [2**12, 2**16, 2**18])
def test_a_small_file_makes_little_memory(tmp_path, size):
    """What Python makes of JSON is held against the file's length, not against what the largest vocabulary takes."""
    path = tmp_path / "a.json"
    for part in ("[],", "{},", '{"a":1},', "1.5,", '"a",'):
        path.write_text("[" + part * (size // len(part)) + "1]", encoding="utf-8")
        for most in (json_file.SMALL, json_file.MIDDLE, json_file.LARGE):
            used, _ = peak(lambda most=most: json_file.read(path, most))
            assert used < json_file.FLOOR + 4 * path.stat().st_size


def test_the_densest_vocabularies_are_read(tmp_path):
    """20,000 Chinese characters, as each kind of file spells them."""
    characters = [chr(0x4E00 + i) for i in range(20_000)]
    path = tmp_path / "a"
    for content in (characters, {c: i for i, c in enumerate(characters)}, [[c, i] for i, c in enumerate(characters)]):
        path.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
        assert json_file.read(path) == content
    path.write_text("\n".join(characters), encoding="utf-8")
    assert text_lines.read(path) == characters


def test_a_file_longer_than_its_kind_is_not_read(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(b" " * 2**20 + b"1")
    used, message = peak(lambda: json_file.read(path, 2**20))
    assert "at most 1; it is damaged" in message and used < 2**18
    assert json_file.read(path, 2**20 + 1) == 1


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no file without an end")
def test_a_file_without_an_end_is_not_read():
    used, message = peak(lambda: json_file.read("/dev/zero"))
    assert "no plain file" in message and used < 2**18


def test_a_header_makes_no_more_memory_than_its_bound(tmp_path):
    entry = {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}
    header = json.dumps({str(i): entry for i in range(100_000)}).encode()
    (tmp_path / "a.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)
    used, message = peak(lambda: safetensors.read(tmp_path / "a.safetensors"))
    assert "so many entries" in message and used < 4 * len(header)


def test_a_history_keeps_the_latest_of_too_many_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(json_file, "SMALL", 10 * run_folder.ROW)
    monkeypatch.setattr(json_file, "FLOOR", 10 * run_folder.ROW)
    rows = "".join(f'{{"step":{i}}}\n' for i in range(2000)) + "x" * 50_000 + '\n{"step": 2000}\n[' + "[" * 100_000
    (tmp_path / "history.jsonl").write_text(rows, encoding="utf-8")
    found = [row["step"] for row in run_folder.read_history(tmp_path)]
    assert found[-1] == 2000 and len(found) == max(10, 4 * len(rows) // run_folder.ROW)
    (tmp_path / "history.jsonl").write_bytes(b"\n" * 10**6)
    assert peak(lambda: run_folder.read_history(tmp_path))[0] < 2**20


@pytest.mark.parametrize("notes", [{"step": 3}, {"a": None}, {1: "a"}, {"a": "\ud800"}])
def test_notes_that_are_not_text_are_not_written(tmp_path, notes):
    path = tmp_path / "a.safetensors"
    with pytest.raises(InputError, match="note|half a character"):
        safetensors.write(path, {"x": np.zeros(2)}, notes)
    assert not path.exists()


@pytest.mark.parametrize("name", ["__metadata__", 3, "\ud800"])
def test_names_that_the_format_does_not_have_are_not_written(tmp_path, name):
    with pytest.raises(InputError):
        safetensors.write(tmp_path / "a.safetensors", {name: np.zeros(2), "b": np.zeros(3)})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("stop", range(5))
def test_a_crash_while_shards_replace_older_ones_leaves_one_whole_set(tmp_path, monkeypatch, stop):
    old, new = ({f"t{i}": np.full(10, value, np.float32) for i in range(3)} for value in (1.0, 2.0))
    safetensors.write_sharded(tmp_path, old, 50)
    real, calls = safetensors.atomic.write_stream, []

    def write_stream(path, write):
        calls.append(path)
        if len(calls) > stop:
            raise KeyboardInterrupt
        real(path, write)

    monkeypatch.setattr(safetensors.atomic, "write_stream", write_stream)
    if stop < 4:
        with pytest.raises(KeyboardInterrupt):
            safetensors.write_sharded(tmp_path, new, 50)
    else:
        safetensors.write_sharded(tmp_path, new, 50)
    found = safetensors.read_folder(tmp_path)
    assert {float(array[0]) for array in found.values()} == {2.0 if stop == 4 else 1.0} and found.keys() == old.keys()
    monkeypatch.undo()
    safetensors.write_sharded(tmp_path, new, 50)
    assert {float(array[0]) for array in safetensors.read_folder(tmp_path).values()} == {2.0}
    assert len(list(tmp_path.glob("model-*"))) == 3
