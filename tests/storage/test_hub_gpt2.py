"""GPT-2 and GPT against Transformers: digits, gradients, files that go both ways, and files that are wrong."""

import json

import numpy as np
import pytest

from minilm import tree
from minilm.errors import InputError
from minilm.models import gpt, gpt2
from minilm.storage import hub, hub_gpt2, safetensors
from minilm.tasks.language_modelling import Task

CONFIG = gpt2.Config(vocabulary=17, max_positions=11, width=12, heads=3, inner=20, layers=2)
ODD = [
    {"n_embd": 12, "n_head": 3, "n_layer": 2, "n_inner": 20},
    {"n_embd": 10, "n_head": 1, "n_layer": 3, "n_inner": None},
    {"n_embd": 14, "n_head": 7, "n_layer": 1, "layer_norm_epsilon": 1e-3, "activation_function": "gelu_pytorch_tanh"},
]


def random_params(dtype=np.float64, config=CONFIG):
    rng = np.random.default_rng(5)
    return tree.map(lambda leaf: rng.standard_normal(leaf.shape).astype(dtype), gpt2.outline(config))


def peer_of(settings, seed=0):
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(seed)
    rates = {"resid_pdrop": 0, "embd_pdrop": 0, "attn_pdrop": 0}
    config = transformers.GPT2Config(vocab_size=17, n_positions=11, **rates, **settings)
    peer = transformers.GPT2LMHeadModel(config).double().eval()
    with torch.no_grad():
        for parameter in peer.parameters():
            parameter.normal_(0.05, 0.5)
    return peer


def batch(vocabulary=17):
    rng = np.random.default_rng(1)
    ids = rng.integers(0, vocabulary, (3, 10))
    return {"inputs": ids[:, :-1], "targets": ids[:, 1:], "mask": rng.random((3, 9)) < 0.7}


def peer_loss(peer, given):
    import torch

    logits = peer(torch.tensor(given["inputs"])).logits
    targets = torch.tensor(np.where(given["mask"], given["targets"], -100))
    loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
    return logits, loss


@pytest.mark.parametrize("settings", ODD)
@pytest.mark.parametrize("headless", [False, True])
def test_logits_and_all_gradients_equal_the_framework(tmp_path, settings, headless):
    peer = peer_of(settings)
    (peer.transformer if headless else peer).save_pretrained(tmp_path)
    params, config, _ = hub_gpt2.load(tmp_path, gpt2)
    given = batch()
    value, cache = Task(gpt2).loss(params, given, config=config)
    logits, loss = peer_loss(peer, given)
    loss.backward()
    assert np.abs(cache["logits"] - logits.detach().numpy()).max() < 1e-10
    assert abs(value - loss.item()) < 1e-10
    gradients = Task(gpt2).loss_backward(params, cache, config=config)
    tree.require_same(gradients, params)
    dparams = tree.flatten(gradients)
    theirs = dict(peer.named_parameters())
    for entry in hub_gpt2.entries(config, "transformer."):
        mine = np.concatenate([dparams[leaf] for leaf in entry.leaves], axis=-1)
        assert np.abs(mine - theirs[entry.name].grad.numpy()).max() < 1e-10, entry.name


def test_the_2018_model_equals_the_framework():
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    rates = {"resid_pdrop": 0, "embd_pdrop": 0, "attn_pdrop": 0}
    peer = transformers.OpenAIGPTLMHeadModel(
        transformers.OpenAIGPTConfig(vocab_size=17, n_positions=11, n_embd=12, n_head=3, n_layer=2, **rates)
    ).double().eval()  # fmt: skip
    with torch.no_grad():
        for parameter in peer.parameters():
            parameter.normal_(0.05, 0.5)
    config = gpt.Config(vocabulary=17, max_positions=11, width=12, heads=3, inner=48, layers=2)
    names = {"wte": "tokens_embed", "wpe": "positions_embed"}
    table = []
    for entry in hub_gpt2.entries(config, "transformer.")[:-2]:
        parts = [names.get(part, part) for part in entry.name.split(".")]
        table.append(hub.Entry(".".join(parts), entry.leaves))
    theirs = dict(peer.named_parameters())
    tensors = {name: parameter.detach().numpy() for name, parameter in theirs.items()}
    params = hub.read("memory", tensors, table, gpt.outline(config), ["lm_head.weight"])
    given = batch()
    value, cache = Task(gpt).loss(params, given, config=config)
    logits, loss = peer_loss(peer, given)
    loss.backward()
    assert np.abs(cache["logits"] - logits.detach().numpy()).max() < 1e-10 and abs(value - loss.item()) < 1e-10
    dparams = tree.flatten(Task(gpt).loss_backward(params, cache, config=config))
    for entry in table:
        mine = np.concatenate([dparams[leaf] for leaf in entry.leaves], axis=-1)
        assert np.abs(mine - theirs[entry.name].grad.numpy()).max() < 1e-10, entry.name


@pytest.mark.parametrize("seed", range(4))
def test_float32_errs_at_most_twice_as_much_as_the_framework(tmp_path, seed):
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(seed)
    config = transformers.GPT2Config(vocab_size=211, n_positions=64, n_embd=96, n_head=4, n_layer=4)
    peer = transformers.GPT2LMHeadModel(config).eval()
    peer.save_pretrained(tmp_path)
    params, ours, _ = hub_gpt2.load(tmp_path, gpt2)
    ids = np.random.default_rng(seed).integers(0, 211, (4, 50))
    mine, _ = gpt2.forward(params, ids, config=ours)
    assert mine.dtype == np.float32
    with torch.no_grad():
        single = peer(torch.tensor(ids)).logits.numpy()
        exact = peer.double()(torch.tensor(ids)).logits.numpy()
    root_mean_square = lambda error: float(np.sqrt((error * error).mean()))
    assert root_mean_square(mine - exact) <= 2 * root_mean_square(single - exact)
    assert np.abs(mine - exact).max() <= 2 * np.abs(single - exact).max()


@pytest.mark.parametrize("max_bytes", [None, 3000])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_transformers_loads_what_is_saved_here(tmp_path, max_bytes, dtype):
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    params = random_params(dtype)
    hub_gpt2.save(tmp_path, params, CONFIG, {"task_specific_params": {"a": 1}}, max_bytes)
    peer, notes = transformers.GPT2LMHeadModel.from_pretrained(
        tmp_path, output_loading_info=True, dtype=torch.float64 if dtype == np.float64 else torch.float32
    )
    assert not notes["missing_keys"] and not notes["unexpected_keys"] and not notes["mismatched_keys"]
    ids = batch()["inputs"]
    mine, _ = gpt2.forward(params, ids, config=CONFIG)
    with torch.no_grad():
        theirs = peer.eval()(torch.tensor(ids)).logits.numpy()
    assert theirs.dtype == dtype and np.abs(mine - theirs).max() < (1e-10 if dtype == np.float64 else 1e-3)
    back, config, settings = hub_gpt2.load(tmp_path, gpt2)
    assert config == CONFIG and settings["task_specific_params"] == {"a": 1}
    for (name, leaf), (_, other) in zip(tree.leaves(back), tree.leaves(params), strict=True):
        assert np.array_equal(leaf, other) and leaf.dtype == dtype, name


def test_old_files_without_prefix_with_masks_and_head_and_in_half_precision(tmp_path):
    params = random_params(np.float16)
    hub_gpt2.save(tmp_path, params, CONFIG)
    tensors = dict(safetensors.read(tmp_path / "model.safetensors"))
    old = {name.removeprefix("transformer."): np.array(array) for name, array in tensors.items()}
    old |= {"h.0.attn.bias": np.ones((1, 1, 11, 11), np.uint8), "lm_head.weight": old["wte.weight"]}
    safetensors.write(tmp_path / "model.safetensors", old)
    back, _, _ = hub_gpt2.load(tmp_path, gpt2)
    assert all(leaf.dtype == np.float32 for _, leaf in tree.leaves(back))
    read, written = (tree.flatten(both)["blocks.1.attention.key.weight"] for both in (back, params))
    assert np.array_equal(read, written)
    old["lm_head.weight"] = old["wte.weight"] + 1
    safetensors.write(tmp_path / "model.safetensors", old)
    with pytest.raises(InputError, match="lm_head.weight is not wte.weight"):
        hub_gpt2.load(tmp_path, gpt2)


def test_weights_are_views_of_the_file(tmp_path):
    hub_gpt2.save(tmp_path, random_params(np.float32), CONFIG)
    params, _, _ = hub_gpt2.load(tmp_path, gpt2)
    assert all(not leaf.flags.owndata and not leaf.flags.writeable for _, leaf in tree.leaves(params))


def change_config(folder, **fields):
    content = json.loads((folder / "config.json").read_text(encoding="utf-8")) | fields
    (folder / "config.json").write_text(json.dumps(content), encoding="utf-8")


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"architectures": ["GPT2ForSequenceClassification"]}, "GPT2ForSequenceClassification' is not supported"),
        ({"architectures": [["x"]]}, "is not supported"),
        ({"activation_function": "relu"}, "activation_function is 'relu'"),
        ({"tie_word_embeddings": False}, "tie_word_embeddings"),
        ({"scale_attn_by_inverse_layer_idx": True}, "scale_attn_by_inverse_layer_idx"),
        ({"n_layer": 10**13}, "n_layer"),
        ({"n_layer": 3}, "h.2.ln_1.weight is missing"),
        ({"n_layer": 1}, "h.1.attn.c_attn.bias is left over"),
        ({"n_layer": 100_000_000}, "asks for more"),
        ({"n_embd": 10**11}, "asks for more|no multiple"),
        ({"n_embd": "12"}, "n_embd is '12'"),
        ({"n_embd": True}, "n_embd"),
        ({"n_head": 5}, "no multiple of 5 heads"),
        ({"n_positions": -1}, "n_positions"),
        ({"vocab_size": 18}, r"wte.weight has shape \(17, 12\), config.json asks for \(18, 12\)"),
        ({"layer_norm_epsilon": float("nan")}, "layer_norm_epsilon"),
    ],
)
def test_a_wrong_config_is_named_in_one_line(tmp_path, fields, named):
    hub_gpt2.save(tmp_path, random_params(), CONFIG)
    change_config(tmp_path, **fields)
    with pytest.raises(InputError, match=named) as caught:
        hub_gpt2.load(tmp_path, gpt2)
    assert "\n" not in str(caught.value) and str(tmp_path) in str(caught.value)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda t: t.pop("transformer.h.1.attn.c_attn.bias"), "h.1.attn.c_attn.bias is missing"),
        (lambda t: t.update({"extra": np.zeros(2)}), "extra is left over"),
        (lambda t: t.update({"transformer.ln_f.bias": np.zeros(13)}), r"ln_f.bias has shape \(13,\)"),
        (lambda t: t.update({"transformer.ln_f.bias": np.zeros(12, np.int64)}), "ln_f.bias holds int64"),
        (lambda t: t.update({"transformer.ln_f.bias": np.zeros(12, np.float32)}), "dtypes are mixed"),
    ],
)
def test_a_wrong_tensor_is_named_in_one_line(tmp_path, change, named):
    hub_gpt2.save(tmp_path, random_params(), CONFIG)
    tensors = {name: np.array(array) for name, array in safetensors.read(tmp_path / "model.safetensors").items()}
    change(tensors)
    safetensors.write(tmp_path / "model.safetensors", tensors)
    with pytest.raises(InputError, match=named) as caught:
        hub_gpt2.load(tmp_path, gpt2)
    assert "\n" not in str(caught.value)


def test_a_folder_with_a_pickle_alone_is_refused(tmp_path):
    hub_gpt2.save(tmp_path, random_params(), CONFIG)
    (tmp_path / "model.safetensors").rename(tmp_path / "pytorch_model.bin")
    with pytest.raises(InputError, match="can run code"):
        hub_gpt2.load(tmp_path, gpt2)
