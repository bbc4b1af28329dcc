"""The run folder's files, damaged in ways that JSON and safetensors themselves allow: one line each, nothing lost."""

import json
from dataclasses import asdict

import numpy as np
import pytest

from minilm import tree
from minilm.errors import InputError
from minilm.models import encoder_decoder, gpt2
from minilm.storage import run_folder, safetensors
from minilm.training import checkpoint, loop


@pytest.fixture
def state():
    config = encoder_decoder.Config(source_vocabulary=5, target_vocabulary=6, width=4, heads=2, inner=6, encoder_layers=1, decoder_layers=1, max_positions=8)
    return loop.start(encoder_decoder.init(np.random.default_rng(0), config))


def test_a_history_that_is_not_text_loses_only_the_bad_lines(tmp_path):
    run_folder.append_history(tmp_path, {"step": 1, "loss": 2.0})
    with open(tmp_path / "history.jsonl", "ab") as file:
        file.write(b"\xff\xfe\n" + b"[" * 100_000 + b'\n{"step": "many"}\n{"loss": 1}\n')
    run_folder.append_history(tmp_path, {"step": 2, "loss": 1.0})
    assert run_folder.read_history(tmp_path) == [{"step": 1, "loss": 2.0}, {"step": 2, "loss": 1.0}]
    run_folder.cut_history(tmp_path, 1)
    assert run_folder.read_history(tmp_path) == [{"step": 1, "loss": 2.0}]


def test_a_history_that_cannot_be_written_names_the_file(tmp_path):
    (tmp_path / "history.jsonl").mkdir()
    with pytest.raises(InputError, match=r"history\.jsonl"):
        run_folder.append_history(tmp_path, {"step": 1})


@pytest.mark.parametrize("training", [5, None, [1]])
def test_settings_whose_training_is_no_object(tmp_path, training):
    content = {"format": run_folder.FORMAT, "model": "gpt2", "config": {}, "training": training}
    (tmp_path / "settings.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(InputError, match="settings.json"):
        run_folder.read_settings(tmp_path)


def test_a_folder_from_before_attention_in_blocks_is_read():
    config = asdict(gpt2.Config(vocabulary=9, sliced=True))
    assert run_folder.config_from({"config": config}, gpt2.Config, "run") == gpt2.Config(vocabulary=9, sliced=True)
    older = {name: value for name, value in config.items() if name not in ("blocked", "sliced")}
    assert run_folder.config_from({"config": older}, gpt2.Config, "run") == gpt2.Config(vocabulary=9)
    for name, value in (("blocked", "no"), ("blocked", 1), ("layers", True)):
        with pytest.raises(InputError, match=f"config.{name} is"):
            run_folder.config_from({"config": config | {name: value}}, gpt2.Config, "run")


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    config = encoder_decoder.Config(source_vocabulary=5, target_vocabulary=6)
    with pytest.raises(InputError, match="file.*another --out"):
        run_folder.write_settings(tmp_path / "file" / "run", "encoder_decoder", config, {})


def test_a_checkpoint_with_a_name_of_thousands_of_parts(tmp_path):
    name = ".".join("a" * 20_000)
    safetensors.write(tmp_path / "checkpoint.safetensors", {name: np.zeros(1)})
    with pytest.raises(InputError, match="checkpoint.safetensors") as raised:
        run_folder.read_checkpoint(tmp_path)
    assert len(str(raised.value)) < 500


@pytest.mark.parametrize("name", ["carry", "optimiser", "params", "step"])
def test_a_checkpoint_with_an_array_where_a_tree_should_be(state, name):
    whole = checkpoint.to_tree(state) | {name: np.zeros(2)}
    with pytest.raises(InputError):
        checkpoint.from_tree(whole, state.params)


def test_weights_of_two_dtypes(tmp_path, state):
    tensors = tree.flatten(state.params)
    tensors["source_embedding.weight"] = tensors["source_embedding.weight"].astype(np.float64)
    safetensors.write(tmp_path / "weights.safetensors", tensors)
    with pytest.raises(InputError, match="weights.safetensors.*float64"):
        run_folder.read_weights(tmp_path, state.params)
