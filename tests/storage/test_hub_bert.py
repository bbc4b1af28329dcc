"""BERT against Transformers: digits, gradients, every head, files that go both ways."""

import json
from dataclasses import replace

import numpy as np
import pytest

from minilm import tree
from minilm.errors import InputError
from minilm.models import bert
from minilm.storage import hub_bert, safetensors
from minilm.tasks import pretraining

CONFIG = bert.Config(vocabulary=19, max_positions=11, segments=3, width=12, heads=3, inner=20, layers=2, labels=4)
ODD = [
    {"hidden_size": 12, "num_attention_heads": 3, "num_hidden_layers": 2, "intermediate_size": 20},
    {"hidden_size": 10, "num_attention_heads": 1, "num_hidden_layers": 3, "intermediate_size": 7, "type_vocab_size": 3},
    {"hidden_size": 14, "num_attention_heads": 7, "num_hidden_layers": 1, "intermediate_size": 9, "layer_norm_eps": .1},
]
HEADS = {
    "BertForMaskedLM": ("masked", "logits"),
    "BertForNextSentencePrediction": ("next_sentence", "logits"),
    "BertForSequenceClassification": ("sequence_classifier", "logits"),
    "BertForTokenClassification": ("token_classifier", "logits"),
    "BertModel": ("pooled", "pooler_output"),
}


def peer_of(architecture, settings):
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)
    labels = 2 if architecture == "BertForQuestionAnswering" else 4
    rates = {"hidden_dropout_prob": 0, "attention_probs_dropout_prob": 0}
    config = transformers.BertConfig(vocab_size=19, max_position_embeddings=11, num_labels=labels, **rates, **settings)
    peer = getattr(transformers, architecture)(config).double().eval()
    with torch.no_grad():
        for parameter in peer.parameters():
            parameter.normal_(0.05, 0.5)
    return peer


def batch():
    rng = np.random.default_rng(1)
    inputs = rng.integers(1, 19, (3, 9))
    inputs[1, 5:] = 0
    segments = (np.arange(9) > 3).astype(int) * np.ones((3, 1), int)
    mask = (rng.random((3, 9)) < 0.5) & (inputs != 0)
    return {
        "inputs": inputs, "segments": segments, "targets": rng.integers(0, 19, (3, 9)), "mask": mask,
        "next_sentence": np.array([0, 1, 1]),
    }  # fmt: skip


def asked(peer, given, **more):
    import torch

    inputs = given["inputs"]
    tensors = {"input_ids": inputs, "token_type_ids": given["segments"], "attention_mask": inputs != 0}
    return peer(**{name: torch.tensor(array.astype(np.int64)) for name, array in (tensors | more).items()})


@pytest.mark.parametrize("settings", ODD)
def test_logits_and_all_gradients_of_both_objectives_equal_the_framework(tmp_path, settings):
    peer = peer_of("BertForPreTraining", settings)
    peer.save_pretrained(tmp_path)
    params, config, _ = hub_bert.load(tmp_path, bert)
    given = batch()
    labels = np.where(given["mask"], given["targets"], -100)
    theirs = asked(peer, given, labels=labels, next_sentence_label=given["next_sentence"])
    theirs.loss.backward()
    outputs, _ = bert.forward(params, given["inputs"], given["segments"], given["inputs"] != 0, config=config)
    assert np.abs(outputs["masked"] - theirs.prediction_logits.detach().numpy()).max() < 1e-10
    assert np.abs(outputs["next_sentence"] - theirs.seq_relationship_logits.detach().numpy()).max() < 1e-10
    task = pretraining.Task(bert)
    value, cache = task.loss(params, given, config=config)
    assert abs(value - theirs.loss.item()) < 1e-10
    dparams = tree.flatten(task.loss_backward(params, cache, config=config))
    parameters = dict(peer.named_parameters())
    parts = ("pooler", "masked", "next_sentence")
    for entry in hub_bert.entries(config, parts, "bert."):
        mine = dparams[entry.leaves[0]]
        gradient = parameters[entry.name].grad.numpy()
        assert np.abs((mine.T if entry.transposed else mine) - gradient).max() < 1e-10, entry.name


@pytest.mark.parametrize("architecture", HEADS)
def test_every_head_equals_the_framework(tmp_path, architecture):
    head, output = HEADS[architecture]
    peer = peer_of(architecture, ODD[0])
    peer.save_pretrained(tmp_path)
    params, config, _ = hub_bert.load(tmp_path, bert)
    given = batch()
    mine, _ = bert.forward(params, given["inputs"], given["segments"], given["inputs"] != 0, config=config)
    theirs = asked(peer, given)[output].detach().numpy()
    assert mine[head].shape == theirs.shape and np.abs(mine[head] - theirs).max() < 1e-10


def test_question_answering_equals_the_framework(tmp_path):
    peer = peer_of("BertForQuestionAnswering", ODD[1])
    peer.save_pretrained(tmp_path)
    params, config, _ = hub_bert.load(tmp_path, bert)
    given = batch()
    mine, _ = bert.forward(params, given["inputs"], given["segments"], given["inputs"] != 0, config=config)
    theirs = asked(peer, given)
    assert np.abs(mine["question_answering"][..., 0] - theirs.start_logits.detach().numpy()).max() < 1e-10
    assert np.abs(mine["question_answering"][..., 1] - theirs.end_logits.detach().numpy()).max() < 1e-10


@pytest.mark.parametrize("seed", range(3))
def test_float32_errs_at_most_twice_as_much_as_the_framework(tmp_path, seed):
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(seed)
    sizes = {"hidden_size": 96, "num_attention_heads": 4, "num_hidden_layers": 4, "intermediate_size": 384}
    peer = transformers.BertForMaskedLM(transformers.BertConfig(vocab_size=211, **sizes)).eval()
    peer.save_pretrained(tmp_path)
    params, config, _ = hub_bert.load(tmp_path, bert)
    ids = np.random.default_rng(seed).integers(0, 211, (4, 50))
    mine = bert.forward(params, ids, config=config)[0]["masked"]
    assert mine.dtype == np.float32
    with torch.no_grad():
        single = peer(torch.tensor(ids)).logits.numpy()
        exact = peer.double()(torch.tensor(ids)).logits.numpy()
    root_mean_square = lambda error: float(np.sqrt((error * error).mean()))
    assert root_mean_square(mine - exact) <= 2 * root_mean_square(single - exact)
    assert np.abs(mine - exact).max() <= 2 * np.abs(single - exact).max()


@pytest.mark.parametrize("architecture", [*HEADS, "BertForPreTraining", "BertForQuestionAnswering"])
def test_transformers_loads_what_is_saved_here(tmp_path, architecture):
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    parts = hub_bert.ARCHITECTURES[architecture]
    rng = np.random.default_rng(5)
    heads = [part for part in parts if part != "pooler"]
    ours = replace(CONFIG, labels=2) if "question_answering" in heads else CONFIG
    outline = bert.outline(ours, heads, with_pooler="pooler" in parts)
    params = tree.map(lambda leaf: rng.standard_normal(leaf.shape), outline)
    hub_bert.save(tmp_path, params, ours)
    peer, notes = getattr(transformers, architecture).from_pretrained(
        tmp_path, output_loading_info=True, dtype=torch.float64
    )
    assert not notes["missing_keys"] and not notes["unexpected_keys"] and not notes["mismatched_keys"]
    given = batch()
    mine, _ = bert.forward(params, given["inputs"], given["segments"], given["inputs"] != 0, config=CONFIG)
    theirs = asked(peer.eval(), given)
    names = {"BertForPreTraining": ("masked", "prediction_logits"), "BertForQuestionAnswering": (None, None)} | HEADS
    head, output = names[architecture]
    if head:
        assert np.abs(mine[head] - theirs[output].detach().numpy()).max() < 1e-10
    else:
        assert np.abs(mine["question_answering"][..., 1] - theirs.end_logits.detach().numpy()).max() < 1e-10
    back, config, _ = hub_bert.load(tmp_path, bert)
    assert config == ours
    tree.require_same(back, params)


def saved(folder, change=None):
    rng = np.random.default_rng(5)
    params = tree.map(lambda leaf: rng.standard_normal(leaf.shape), bert.outline(CONFIG))
    hub_bert.save(folder, params, CONFIG)
    if change:
        tensors = {name: np.array(array) for name, array in safetensors.read(folder / "model.safetensors").items()}
        safetensors.write(folder / "model.safetensors", change(tensors))
    return params


def test_old_names_and_ballast(tmp_path):
    def old(tensors):
        renamed = {
            name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): array
            for name, array in tensors.items()
        }
        table = renamed["bert.embeddings.word_embeddings.weight"]
        return renamed | {
            "bert.embeddings.position_ids": np.arange(11)[None], "cls.predictions.decoder.weight": table
        }  # fmt: skip

    params = saved(tmp_path, old)
    content = json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))
    content["architectures"] = ["BertForMaskedLM"]  # as bert-base-chinese says, with the other parts in the file
    (tmp_path / "config.json").write_text(json.dumps(content), encoding="utf-8")
    back, _, _ = hub_bert.load(tmp_path, bert)
    tree.require_same(back, params)
    assert np.array_equal(back["masked"]["norm"]["gain"], params["masked"]["norm"]["gain"])


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda t: {k: v for k, v in t.items() if k != "cls.predictions.bias"}, "cls.predictions.bias is missing"),
        (lambda t: {k: v for k, v in t.items() if "pooler" not in k}, "pooler.dense.weight is missing"),
        (lambda t: t | {"bert.encoder.layer.2.output.dense.bias": np.zeros(12)}, "2.output.dense.bias is left over"),
        (lambda t: t | {"bert.pooler.dense.weight": np.zeros((12, 13))}, r"dense.weight has shape \(12, 13\)"),
        (lambda t: t | {"cls.predictions.decoder.weight": np.zeros((19, 12))}, "minilm computes only tied heads"),
    ],
)
def test_a_wrong_tensor_is_named_in_one_line(tmp_path, change, named):
    saved(tmp_path, change)
    with pytest.raises(InputError, match=named) as caught:
        hub_bert.load(tmp_path, bert)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"architectures": ["BertLMHeadModel"]}, "BertLMHeadModel' is not supported"),
        ({"hidden_act": "relu"}, "hidden_act is 'relu'"),
        ({"position_embedding_type": "relative_key"}, "position_embedding_type"),
        ({"vocab_size": 20}, r"word_embeddings.weight has shape \(19, 12\), config.json asks for \(20, 12\)"),
    ],
)
def test_a_wrong_config_is_named_in_one_line(tmp_path, fields, named):
    saved(tmp_path)
    content = json.loads((tmp_path / "config.json").read_text(encoding="utf-8")) | fields
    (tmp_path / "config.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(InputError, match=named) as caught:
        hub_bert.load(tmp_path, bert)
    assert "\n" not in str(caught.value)
