"""GPT-2 as Transformers keeps it. Its Conv1D holds weights as (in, out), as we do; c_attn is query, key and value."""

from minilm.errors import InputError
from minilm.storage import fields, hub

ARCHITECTURES = ("GPT2LMHeadModel", "GPT2Model")
TANH_GELU = ("gelu_new", "gelu_pytorch_tanh")


def load(folder, model):
    """(params, config, the content of config.json) of a folder. Raises InputError, naming file and field.

    `model` is the module models.gpt2, handed in because storage knows no model.
    """
    settings = hub.Settings(folder)
    config = read_config(settings, model.Config)
    tensors = hub.open_tensors(folder)
    try:
        params = read(folder, settings, config, tensors, model)
    except InputError as error:
        raise settings.explained(error) from None
    return params, config, settings.content


def read(folder, settings, config, tensors, model):
    """The tree of the parameters from the tensors of the file."""
    hub.require_room(settings, config, tensors, lambda config: len(entries(config, "")))
    where = hub.place(folder)
    prefix = "transformer." if any(name.startswith("transformer.") for name in tensors) else ""
    # Old files hold the causal mask of each layer; and the tied head once more.
    masks = [f"{prefix}h.{i}.attn.{name}" for i in range(config.layers) for name in ("bias", "masked_bias")]
    hub.require_tied(where, tensors, "lm_head.weight", f"{prefix}wte.weight")
    return hub.read(where, tensors, entries(config, prefix), model.outline(config), [*masks, "lm_head.weight"])


def read_config(settings, kind):
    """The Config, a `kind`, from config.json. Raises InputError for what this code does not compute."""
    settings.architecture(ARCHITECTURES)
    settings.require("activation_function", TANH_GELU, "gelu_new")
    settings.require("tie_word_embeddings", (True,), True)
    settings.require("scale_attn_weights", (True,), True)
    settings.require("scale_attn_by_inverse_layer_idx", (False,), False)
    settings.require("add_cross_attention", (False,), False)
    width = settings.get("n_embd", fields.SIZE, 768, ("hidden_size",))
    return kind(
        vocabulary=settings.get("vocab_size", fields.SIZE, 50257),
        max_positions=settings.get("n_positions", fields.SIZE, 1024, ("max_position_embeddings",)),
        width=width,
        heads=settings.get("n_head", fields.SIZE, 12, ("num_attention_heads",)),
        inner=settings.get("n_inner", fields.SIZE, None) or 4 * width,
        layers=settings.get("n_layer", fields.SIZE, 12, ("num_hidden_layers",)),
        embedding_dropout=settings.get("embd_pdrop", fields.RATE, 0.1),
        attention_dropout=settings.get("attn_pdrop", fields.RATE, 0.1),
        dropout=settings.get("resid_pdrop", fields.RATE, 0.1),
        eps=settings.get("layer_norm_epsilon", fields.EPSILON, 1e-5),
    )


def save(folder, params, config, settings=None, max_bytes=None):
    """Write a folder that Transformers loads; `settings` are further fields of config.json."""
    known = {
        "model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": config.vocabulary,
        "n_positions": config.max_positions, "n_embd": config.width, "n_head": config.heads, "n_inner": config.inner,
        "n_layer": config.layers, "embd_pdrop": config.embedding_dropout, "attn_pdrop": config.attention_dropout,
        "resid_pdrop": config.dropout, "layer_norm_epsilon": config.eps, "activation_function": "gelu_new",
        "tie_word_embeddings": True,
    }  # fmt: skip
    given = {"bos_token_id": None, "eos_token_id": None} | (settings or {})  # absent they would be 50256 there
    for name in ("hidden_size", "max_position_embeddings", "num_attention_heads", "num_hidden_layers"):
        given.pop(name, None)  # other names of what `known` says
    hub.write(folder, params, entries(config, "transformer."), given | known, max_bytes)


def entries(config, prefix):
    """The table of the tensors."""
    table = [
        hub.Entry(f"{prefix}wte.weight", ("embedding.tokens.weight",)),
        hub.Entry(f"{prefix}wpe.weight", ("embedding.positions.weight",)),
    ]
    for i in range(config.layers):
        ours, theirs = f"blocks.{i}", f"{prefix}h.{i}"
        for kind in ("weight", "bias"):
            joined = tuple(f"{ours}.attention.{name}.{kind}" for name in ("query", "key", "value"))
            norm_kind = "gain" if kind == "weight" else "bias"
            table += [
                hub.Entry(f"{theirs}.ln_1.{kind}", (f"{ours}.attention_norm.{norm_kind}",)),
                hub.Entry(f"{theirs}.attn.c_attn.{kind}", joined),
                hub.Entry(f"{theirs}.attn.c_proj.{kind}", (f"{ours}.attention.output.{kind}",)),
                hub.Entry(f"{theirs}.ln_2.{kind}", (f"{ours}.feed_forward_norm.{norm_kind}",)),
                hub.Entry(f"{theirs}.mlp.c_fc.{kind}", (f"{ours}.feed_forward.expand.{kind}",)),
                hub.Entry(f"{theirs}.mlp.c_proj.{kind}", (f"{ours}.feed_forward.contract.{kind}",)),
            ]
    return [
        *table,
        hub.Entry(f"{prefix}ln_f.weight", ("norm.gain",)),
        hub.Entry(f"{prefix}ln_f.bias", ("norm.bias",)),
    ]
