"""Another project's golden tensors: minGPT that sorts six letters, with its intermediates, passes `compare`."""

import base64
import json
from pathlib import Path

import numpy as np
import pytest

from minilm import checking
from minilm.checking import golden
from minilm.checking.cases import Case
from minilm.checking.golden.subject import Subject
from minilm.models import gpt2
from minilm.ops import linear

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "models" / "gpt-nano-sort"
BLOCK = "body.blocks.0"
OURS = {  # theirs: ours, of the first block
    "tok_emb": "body.embedding.of_tokens", "pos_emb": "body.embedding.of_positions", "x": "body.embedding.x",
    "ln1": f"{BLOCK}.attention_norm.y", "q": f"{BLOCK}.attention.attention.q", "k": f"{BLOCK}.attention.attention.k",
    "v": f"{BLOCK}.attention.attention.v", "att": f"{BLOCK}.attention.attention.softmax.allowed",
    "attSm": f"{BLOCK}.attention.attention.weights", "y": f"{BLOCK}.attention.output.x",
    "yProj": f"{BLOCK}.attention.output.y", "attnResid": f"{BLOCK}.a", "ln2": f"{BLOCK}.feed_forward_norm.y",
    "fc": f"{BLOCK}.feed_forward.expand.y", "gelu": f"{BLOCK}.feed_forward.active",
    "mlp": f"{BLOCK}.feed_forward.contract.y", "mlpResid": f"{BLOCK}.y", "block1": "body.blocks.1.y",
    "block2": "body.blocks.2.y", "ln_f": "body.norm.y", "lm_head": "head.y",
}  # fmt: skip


def tensors(file):
    content = json.loads((FOLDER / file).read_text(encoding="utf-8"))
    config = content.pop("config")
    return config, {
        name: np.frombuffer(base64.b64decode(each["data"]), "<f4").reshape(each["shape"]) for name, each in content.items()
    }  # fmt: skip


def weights(found, layers):
    """Their names and layout (out, in), to ours."""

    def of(name, bias=True):
        return {"weight": found[f"{name}.weight"].T} | ({"bias": found[f"{name}.bias"]} if bias else {})

    def norm(name):
        return {"gain": found[f"{name}.weight"], "bias": found[f"{name}.bias"]}

    def block(name):
        joined = of(f"{name}.attn.c_attn")
        parts = zip(np.split(joined["weight"], 3, 1), np.split(joined["bias"], 3), strict=True)
        attention = {part: {"weight": w, "bias": b} for part, (w, b) in zip(("query", "key", "value"), parts, strict=True)}
        return {
            "attention_norm": norm(f"{name}.ln_1"), "attention": attention | {"output": of(f"{name}.attn.c_proj")},
            "feed_forward_norm": norm(f"{name}.ln_2"),
            "feed_forward": {"expand": of(f"{name}.mlp.c_fc"), "contract": of(f"{name}.mlp.c_proj")},
        }  # fmt: skip

    body = {
        "embedding": {part: {"weight": found[f"transformer.{key}.weight"]} for part, key in (("tokens", "wte"), ("positions", "wpe"))},
        "blocks": [block(f"transformer.h.{n}") for n in range(layers)], "norm": norm("transformer.ln_f"),
    }  # fmt: skip
    head = of("lm_head", bias=False)
    return {"body": body, "head": head | {"bias": np.zeros(head["weight"].shape[1])}}


def forward(params, inputs, config):
    y, cache = gpt2.encode(params["body"], inputs, config=config)
    logits, head_cache = linear.forward(params["head"], y)
    return logits, {"body": cache, "head": head_cache}


def backward(params, cache, dlogits, config):
    dy, dhead = linear.backward(params["head"], cache["head"], dlogits)
    table = params["body"]["embedding"]["tokens"]["weight"]
    return {"body": gpt2.encode_backward(params["body"], cache["body"], dy, {"weight": np.zeros_like(table)}, config=config),
            "head": dhead}  # fmt: skip


@pytest.mark.slow
@pytest.mark.skipif(not FOLDER.exists(), reason="../shared/models/gpt-nano-sort is not there")
def test_another_projects_golden_tensors_pass():
    size, found = tensors("model.json")
    _, partials = tensors("partials.json")
    config = gpt2.Config(
        vocabulary=size["vocab_size"], max_positions=size["block_size"], width=size["n_embd"], heads=size["n_head"],
        inner=4 * size["n_embd"], layers=size["n_layer"], dropout=0.0, attention_dropout=0.0, embedding_dropout=0.0,
    )  # fmt: skip
    params = weights({name: array.astype(np.float64) for name, array in found.items()}, size["n_layer"])
    how = {"config": config}
    ids = partials["idx"].astype(np.int64)
    made = golden.of_subject(Subject("gpt-nano-sort", Case("gpt-nano-sort", forward, backward, params, {"inputs": ids}, how, how)))
    theirs = {name: partials[name] for name in OURS}
    known = made.addresses()
    assert [ours for ours in OURS.values() if ours not in known] == []
    compared = checking.compare(made, theirs, {ours: name for name, ours in OURS.items()})
    assert compared.passed and compared.precision == "float32" and len(compared.rows) == len(OURS) == 21, compared
    spoilt = theirs | {"ln2": theirs["ln2"] * np.float32(1.0001)}
    off = checking.compare(made, spoilt, {ours: name for name, ours in OURS.items()}, look_for_causes=False)
    assert off.first.name == known[OURS["ln2"]]
