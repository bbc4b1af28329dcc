"""Right implementations are not called wrong: PyTorch in float32, by its own functions and its own autograd.

The inputs, weights and upstream gradients are those of golden files; outputs, gradients and, of models, the loss, the
clipped gradients and the weights after steps of torch.optim must pass `compare` in float32.
"""

import numpy as np
import pytest

from minilm import checking, tree
from minilm.checking import golden
from minilm.checking.golden import subject

torch = pytest.importorskip("torch")
F = torch.nn.functional


def leaf(array):
    narrow = np.asarray(array, np.float32 if array.dtype.kind == "f" else None)
    return torch.tensor(narrow, requires_grad=narrow.dtype.kind == "f")


def norm_(p, x, eps=1e-3):
    return F.layer_norm(x, x.shape[-1:], p["gain"], p["bias"], eps)


def linear_(p, x):
    return F.linear(x, p["weight"].T, p["bias"])


def attention_(p, x, memory, heads, mask):
    q, k, v = (linear_(p[name], array).unflatten(-1, (heads, -1)).transpose(1, 2)
               for name, array in (("query", x), ("key", memory), ("value", memory)))  # fmt: skip
    return linear_(p["output"], F.scaled_dot_product_attention(q, k, v, mask).transpose(1, 2).flatten(2))


def feed_forward_(p, x, activation):
    return linear_(p["contract"], activation(linear_(p["expand"], x)))


def tanh_gelu(x):
    return F.gelu(x, approximate="tanh")


def causal(positions):
    return torch.ones(positions, positions).tril().bool()


def pre_norm_(p, x, heads, mask):
    n = norm_(p["attention_norm"], x)
    a = x + attention_(p["attention"], n, n, heads, mask)
    return a + feed_forward_(p["feed_forward"], norm_(p["feed_forward_norm"], a), tanh_gelu)


def post_norm_(p, x, heads, mask, activation=F.relu):
    a = norm_(p["attention_norm"], x + attention_(p["attention"], x, x, heads, mask))
    return norm_(p["feed_forward_norm"], a + feed_forward_(p["feed_forward"], a, activation))


def post_norm_cross_(p, x, memory, heads, mask, memory_mask):
    a = norm_(p["attention_norm"], x + attention_(p["attention"], x, x, heads, mask))
    c = norm_(p["cross_attention_norm"], a + attention_(p["cross_attention"], a, memory, heads, memory_mask))
    return norm_(p["feed_forward_norm"], c + feed_forward_(p["feed_forward"], c, F.relu))


def rotary_(x, base=100.0):
    half = x.shape[-1] // 2
    angle = torch.arange(x.shape[-2])[:, None] * base ** (-torch.arange(half) / half)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * angle.cos() - b * angle.sin(), a * angle.sin() + b * angle.cos()], -1)


def softmax_(x, mask):
    return torch.softmax(x.masked_fill(~mask, float("-inf")), -1)


def smoothed_(logits, targets, mask):
    log_p = torch.log_softmax(logits, -1)
    plain = log_p.gather(-1, targets[..., None])[..., 0]
    return -(0.9 * plain + 0.1 * log_p[..., 1:].mean(-1))[mask].mean()


def lstm_(p, x, h0, c0):
    order = torch.nn.LSTM(x.shape[-1], h0.shape[-1], batch_first=True)
    weights = {"weight_ih_l0": p["input"].T, "weight_hh_l0": p["recurrent"].T, "bias_ih_l0": p["bias"],
               "bias_hh_l0": torch.zeros_like(p["bias"])}  # fmt: skip
    h, (h_last, c_last) = torch.func.functional_call(order, weights, (x, (h0[None], c0[None])))
    return {"h": h, "h_last": h_last[0], "c_last": c_last[0]}


def lstm_cell_(p, x, h, c):
    y = torch._VF.lstm_cell(x, (h, c), p["input"].T, p["recurrent"].T, p["bias"], torch.zeros_like(p["bias"]))
    return {"h": y[0], "c": y[1]}


def masked_head_(p, x, table):
    return norm_(p["norm"], F.gelu(linear_(p["transform"], x))) @ table["weight"].T + p["bias"]


def rotary_attention_(p, x):
    q, k, v = (linear_(p[name], x).unflatten(-1, (5, -1)).transpose(1, 2) for name in ("query", "key", "value"))
    y = F.scaled_dot_product_attention(rotary_(q), rotary_(k), v, causal(x.shape[1]))
    return linear_(p["output"], y.transpose(1, 2).flatten(2))


def memory_mask(memory):
    from minilm.checking.cases.sizes import lengths

    return torch.tensor(lengths(*memory.shape[:2]).astype(bool))[:, None, None, :]


RULES = {
    "ops.softmax": softmax_,
    "ops.layer_norm": norm_,
    "ops.rms_norm": lambda p, x: F.rms_norm(x, x.shape[-1:], p["gain"], 1e-3),
    "ops.linear": linear_,
    "ops.embedding": lambda p, ids: F.embedding(ids, p["weight"]),
    "ops.relu": F.relu,
    "ops.tanh": torch.tanh,
    "ops.gelu_tanh": tanh_gelu,
    "ops.gelu_exact": F.gelu,
    "ops.tied_head": lambda p, y: y @ p["weight"].T,
    "ops.rotary": lambda x, positions: rotary_(x),
    "ops.scaled_dot_product": F.scaled_dot_product_attention,
    "ops.cross_entropy": smoothed_,
    "ops.lstm_cell": lstm_cell_,
    "layers.lstm": lstm_,
    "layers.multi_head_attention": lambda p, x, memory: attention_(p, x, memory, 5, torch.tensor(MASK())),
    "layers.rotary_self_attention": rotary_attention_,
    "layers.feed_forward": lambda p, x: feed_forward_(p, x, tanh_gelu),
    "layers.pooler": lambda p, hidden: torch.tanh(linear_(p, hidden[:, 0])),
    "layers.classifier": linear_,
    "layers.masked_head": masked_head_,
    "layers.token_positions": lambda p, ids: p["tokens"]["weight"][ids] + p["positions"]["weight"][: ids.shape[1]],
    "blocks.pre_norm": lambda p, x: pre_norm_(p, x, 5, causal(x.shape[1])),
    "blocks.post_norm": lambda p, x: post_norm_(p, x, 5, causal(x.shape[1])),
    "blocks.post_norm_cross": lambda p, x, memory: post_norm_cross_(p, x, memory, 5, causal(x.shape[1]), memory_mask(memory)),
}


def MASK():
    from minilm.checking.cases.sizes import padded

    return padded(3, 7, 9)


def theirs_of(made, found, rule):
    """Their output and gradients, named as ours."""
    given = [tree.map(leaf, value) for value in found.arguments.values()]
    y = rule(*given)
    upstream = {each.name: each.array for each in made.tensors.values() if each.role == "upstream"}
    outputs = tree.flatten(y)
    pairs = [(outputs[name.partition(".")[2]], dy) for name, dy in upstream.items()]
    sum((part * torch.tensor(dy, dtype=torch.float32)).sum() for part, dy in pairs).backward()
    named = {f"y.{path}" if path else "y": part for path, part in outputs.items()}
    known = made.addresses()
    named = {name if name in known else {"y": "loss"}.get(name, name): part for name, part in named.items()}
    for key, value in zip(found.arguments, given, strict=True):
        for path, part in tree.leaves(value):
            if part.requires_grad:
                gradient = torch.zeros_like(part) if part.grad is None else part.grad
                named[f"d{key}.{path}" if path else f"d{key}"] = gradient
    return {name: part.detach().numpy() for name, part in named.items()}


QUICK = ("ops.softmax", "ops.layer_norm", "ops.cross_entropy", "ops.gelu_exact", "ops.lstm_cell", "ops.scaled_dot_product")


@pytest.mark.parametrize("name", QUICK)
def test_pytorch_in_float32_is_right(name):
    pytorch_is_right(name, 0)


@pytest.mark.slow
@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("seed", [0, 1])
def test_all_of_pytorch_in_float32_is_right(name, seed):
    pytorch_is_right(name, seed)


def pytorch_is_right(name, seed):
    made, found = golden.make(name, seed=seed), subject.of(name, seed)
    theirs = theirs_of(made, found, RULES[name])
    compared = checking.compare(made, theirs, precision="float32")
    assert compared.passed, compared
    gradients = [each for each in made.tensors.values() if each.role == "gradient"]
    assert len([row for row in compared.rows if row.tensor.role == "gradient"]) == len(gradients)
    assert checking.compare(made, theirs).precision == "float32"
    spoilt = {key: array * np.float32(1.001) for key, array in theirs.items()}
    assert not checking.compare(made, spoilt, look_for_causes=False).passed


# Models -----------------------------------------------------------------------------------------------------------------


def language_model_(p, batch, config, block, last):
    x = p["embedding"]["tokens"]["weight"][batch["inputs"]] + p["embedding"]["positions"]["weight"][: batch["inputs"].shape[1]]
    for each in p["blocks"]:
        x = block(each, x, config.heads, causal(x.shape[1]))
    logits = (norm_(p["norm"], x) if last else x) @ p["embedding"]["tokens"]["weight"].T
    return F.cross_entropy(logits[batch["mask"]], batch["targets"][batch["mask"]])


def gpt_(p, batch, config):
    return language_model_(p, batch, config, lambda *given: post_norm_(*given, tanh_gelu), False)


def gpt2_(p, batch, config):
    return language_model_(p, batch, config, pre_norm_, True)


def lstm_lm_(p, batch, config):
    x = p["embedding"]["weight"][batch["inputs"]]
    for place, layer in enumerate(p["encoder"]):
        x = lstm_(layer, x, batch["h"][:, place], batch["c"][:, place])["h"]
    logits = linear_(p["output"], x)
    return F.cross_entropy(logits[batch["mask"]], batch["targets"][batch["mask"]])


def bert_(p, batch, config):
    x = p["embedding"]["tokens"]["weight"][batch["inputs"]] + p["embedding"]["positions"]["weight"][: batch["inputs"].shape[1]]
    x = norm_(p["embedding_norm"], x + p["segments"]["weight"][batch["segments"]])
    for block in p["blocks"]:
        x = post_norm_(block, x, config.heads, (batch["inputs"] != 0)[:, None, None, :], F.gelu)
    logits = masked_head_(p["masked"], x[batch["mask"]], p["embedding"]["tokens"])
    follows = linear_(p["next_sentence"], torch.tanh(linear_(p["pooler"], x[:, 0])))
    return F.cross_entropy(logits, batch["targets"][batch["mask"]]) + F.cross_entropy(follows, batch["next_sentence"])


def encoder_decoder_(p, batch, config):
    from minilm.ops import positions

    source, target = batch["source"], batch["target"]
    x, y = (
        p[f"{side}_embedding"]["weight"][ids] * config.width**0.5 + torch.tensor(positions.table(ids.shape[1], config.width))
        for side, ids in (("source", source), ("target", target[:, :-1]))
    )
    mask = (source != 0)[:, None, None, :]
    for block in p["encoder"]:
        x = post_norm_(block, x, config.heads, mask)
    for block in p["decoder"]:
        y = post_norm_cross_(block, y, x, config.heads, causal(y.shape[1]), mask)
    return smoothed_(y @ p["target_embedding"]["weight"].T, target[:, 1:], target[:, 1:] != 0)


MODELS = {"gpt": gpt_, "gpt2": gpt2_, "lstm_lm": lstm_lm_, "bert": bert_, "encoder_decoder": encoder_decoder_}


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_pytorchs_models_and_optimisers_in_float32_are_right(name):
    made, found = golden.make(f"models.{name}"), subject.of(f"models.{name}")
    config, how = found.case.settings["config"], made.about["steps"]
    params = tree.map(leaf, found.case.params)
    batch = {key: torch.tensor(np.asarray(array, np.float32) if array.dtype.kind == "f" else array)
             for key, array in found.case.inputs["batch"].items()}  # fmt: skip
    flat = tree.flatten(params)
    decays = {key for key, each in flat.items() if each.ndim >= 2 and how["optimiser"] == "adamw"}
    settings = {"lr": how["learning_rate"], "betas": (how["beta1"], how["beta2"]), "eps": how["eps"]}
    optimiser = torch.optim.AdamW(
        [{"params": [each for key, each in flat.items() if key in decays], "weight_decay": how.get("decay", 0.0)},
         {"params": [each for key, each in flat.items() if key not in decays], "weight_decay": 0.0}], **settings,
    )  # fmt: skip
    theirs = {}
    for step in range(1, 11):
        optimiser.zero_grad()
        loss = MODELS[name](params, batch, config)
        loss.backward()
        if step == 1:
            theirs |= {"loss": loss.detach()} if "loss" in made.addresses() else {}
            theirs |= {f"dparams.{key}": each.grad.clone() for key, each in flat.items()}
        torch.nn.utils.clip_grad_norm_(list(flat.values()), how["clip"])
        if step == 1:
            theirs |= {f"clipped.{key}": each.grad.clone() for key, each in flat.items()}
        optimiser.step()
        if step in (1, 10):
            theirs |= {f"after_{step}.{key}": each.detach().clone() for key, each in flat.items()}
    compared = checking.compare(made, theirs)
    assert compared.precision == "float32" and compared.passed, compared
    assert len(compared.rows) >= 4 * len(flat)
