"""Every default of the mathematics and of the loops, as its source has it: a default that drifts is another model.

The papers: layer norm's eps 1e-5 is that of GPT and of the encoder-decoder's implementations; BERT's is 1e-12; beta2
0.999 and eps 1e-8 Adam's; the length penalty 0.6 that of Vaswani et al. 2017, section 6.1; deviations 0.02 GPT's and
BERT's; the configurations are those of the models that were published (the LSTM's is the article's).
"""

import dataclasses
import importlib
import inspect
import pkgutil

import numpy as np
import pytest

from minilm.models import bert, encoder_decoder, gpt, gpt2, lstm_lm, lstm_tagger

EPS = {"eps": 1e-5}
WANTED = {
    "ops.layer_norm.forward": EPS,
    "ops.cross_entropy.forward": {"smoothing": 0.0, "never": (), "count": None, "mask": None},
    "ops.cross_entropy.backward": {"smoothing": 0.0, "never": (), "dloss": 1.0},
    "ops.scaled_dot_product.forward": {"mask": None, "rate": 0.0, "rng": None},
    "ops.dropout.forward": {"rng": None},
    "fast.cross_entropy.backward": {"consume": False},
    "fast.blocked_attention.forward": {"rate": 0.0, "first": 0, "block": 128, "keys": 512},
    "fast.blocked_attention.backward": {"rate": 0.0, "first": 0, "block": 128, "keys": 512},
    "fast.sliced_cross_entropy.forward": {"smoothing": 0.0, "never": (), "count": None, "size": 512},
    "layers.multi_head_attention.forward": {"mask": None, "rate": 0.0, "rng": None},
    "layers.masked_head.forward": {"eps": 1e-12},
    "layers.token_positions.init": {"deviation": 0.02},
    "layers.lstm_stack.forward": {"rate": 0.0, "rng": None},
    "layers.classifier.forward": {"rate": 0.0, "rng": None},
    "blocks.post_norm.forward": EPS | {"rate": 0.0, "attention_rate": 0.0, "rng": None, "mask": None},
    "blocks.post_norm.step": EPS, "blocks.pre_norm.forward": EPS, "blocks.post_norm_cross.forward": EPS,
    "blocks.post_norm_cross.step": EPS,
    "models.gpt.init": {"deviation": 0.02}, "models.gpt2.init": {"deviation": 0.02}, "models.bert.init": {"deviation": 0.02},
    "training.adam.update": {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
    "training.adam.update_in_place": {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "scale": 1.0},
    "training.adamw.update": {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "decay": 0.01, "mask": None, "scale": 1.0},
    "training.adamw.update_in_place": {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "decay": 0.01, "mask": None},
    "training.averaged.update": {"kept": 0.999}, "training.averaged.update_in_place": {"kept": 0.999},
    "decoding.beam.decode": {"beam": 4, "length_penalty": 0.6, "forbidden": ()},
    "decoding.greedy.decode": {"forbidden": ()},
    "data.masked_tokens.mask_tokens": {"rate": 0.15},
    "data.masked_tokens.pretraining_batch": {"rate": 0.15, "pad": 0},
    "data.masked_tokens.sentence_pairs": {"pad": 0},
}  # fmt: skip


def function(name):
    module, _, word = name.rpartition(".")
    return getattr(importlib.import_module(f"minilm.{module}"), word)


@pytest.mark.parametrize("name", WANTED)
def test_the_defaults_of_a_function(name):
    found = {p.name: p.default for p in inspect.signature(function(name)).parameters.values()}
    assert {key: found.get(key, "no such argument") for key in WANTED[name]} == WANTED[name]


@pytest.mark.parametrize(
    ("name", "activation"),
    [("layers.feed_forward", "relu"), ("blocks.post_norm", "relu"), ("blocks.post_norm_cross", "relu"),
     ("blocks.pre_norm", "gelu_tanh"), ("layers.masked_head", "gelu_exact")],
)  # fmt: skip
def test_the_default_activation(name, activation):
    module = importlib.import_module(f"minilm.{name}")
    for word in ("forward", "backward", "step"):
        if hasattr(module, word) and "activation" in inspect.signature(getattr(module, word)).parameters:
            default = inspect.signature(getattr(module, word)).parameters["activation"].default
            assert default.__name__.rpartition(".")[2] == activation, word


def test_forward_backward_and_step_have_the_same_defaults():
    """A setting that two of them take means the same in both where it is not given."""
    seen = 0
    for room in ("ops", "fast", "layers", "blocks", "models"):
        package = importlib.import_module(f"minilm.{room}")
        for info in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"minilm.{room}.{info.name}")
            if not hasattr(module, "forward"):
                continue
            of_forward = inspect.signature(module.forward).parameters
            for word in ("backward", "step"):
                if hasattr(module, word):
                    for p in inspect.signature(getattr(module, word)).parameters.values():
                        if p.name in of_forward and p.default is not p.empty and of_forward[p.name].default is not p.empty:
                            assert p.default == of_forward[p.name].default, f"{module.__name__}.{word}: {p.name}"
                            seen += 1
    assert seen >= 10


PUBLISHED = {
    encoder_decoder: {"width": 512, "heads": 8, "inner": 2048, "encoder_layers": 6, "decoder_layers": 6,
                      "max_positions": 512, "dropout": 0.1, "smoothing": 0.1, "eps": 1e-5},
    gpt: {"vocabulary": 40478, "max_positions": 512, "width": 768, "heads": 12, "inner": 3072, "layers": 12,
          "embedding_dropout": 0.1, "attention_dropout": 0.1, "dropout": 0.1, "eps": 1e-5},
    gpt2: {"vocabulary": 50257, "max_positions": 1024, "width": 768, "heads": 12, "inner": 3072, "layers": 12,
           "embedding_dropout": 0.1, "attention_dropout": 0.1, "dropout": 0.1, "eps": 1e-5, "blocked": False,
           "sliced": False},
    bert: {"vocabulary": 30522, "max_positions": 512, "segments": 2, "width": 768, "heads": 12, "inner": 3072,
           "layers": 12, "labels": 2, "attention_dropout": 0.1, "dropout": 0.1, "classifier_dropout": 0.1, "eps": 1e-12},
    lstm_lm: {"vocabulary": 10_000, "embedding": 256, "hidden": 512, "layers": 1, "dropout": 0.0},
    lstm_tagger: {"embedding": 50, "feature_embedding": 50, "hidden": 128, "dropout": 0.5, "token_dropout": 0.0},  # our own
}  # fmt: skip


@pytest.mark.parametrize("model", PUBLISHED, ids=lambda model: model.__name__.rpartition(".")[2])
def test_a_config_is_that_of_the_model_that_was_published(model):
    fields = {field.name: field.default for field in dataclasses.fields(model.Config)}
    assert {name: default for name, default in fields.items() if default is not dataclasses.MISSING} == PUBLISHED[model]


def deviation(leaf):
    return float(leaf.std())


@pytest.mark.parametrize("asked", [0.02, 0.3])
@pytest.mark.parametrize("model", [gpt, gpt2, bert], ids=lambda model: model.__name__.rpartition(".")[2])
def test_weights_are_drawn_with_the_deviation_that_is_asked_for(model, asked):
    """Of GPT-2 what is added to the residual stream with less: 1 / √(2 L) of it."""
    config = model.Config(vocabulary=200, max_positions=60, width=60, heads=3, inner=90, layers=2)
    given = {} if asked == 0.02 else {"deviation": asked}
    params = model.init(np.random.default_rng(0), config, **given)
    for leaf in (params["embedding"]["tokens"]["weight"], params["embedding"]["positions"]["weight"],
                 params["blocks"][1]["attention"]["query"]["weight"], params["blocks"][0]["feed_forward"]["expand"]["weight"]):
        assert abs(deviation(leaf) / asked - 1) < 0.05
    less = 0.5 if model is gpt2 else 1.0
    for leaf in (params["blocks"][1]["attention"]["output"]["weight"], params["blocks"][0]["feed_forward"]["contract"]["weight"]):
        assert abs(deviation(leaf) / (asked * less) - 1) < 0.05


def test_tables_and_maps_are_drawn_as_their_papers_say():
    """Embeddings normal with D^-½ (so that √D times them has deviation 1), linear maps uniform in Glorot's bound."""
    from minilm.layers import token_positions
    from minilm.ops import embedding, linear, lstm_cell

    rng = np.random.default_rng(0)
    assert abs(deviation(embedding.init(rng, 400, 100)["weight"]) / 0.1 - 1) < 0.02
    weight = linear.init(rng, 100, 200)["weight"]
    assert 0.99 < np.abs(weight).max() / (6 / 300) ** 0.5 <= 1.0
    assert abs(deviation(weight) / (2 / 300) ** 0.5 - 1) < 0.02
    both = token_positions.init(rng, 300, 200, 50, deviation=0.5)
    assert all(abs(deviation(both[name]["weight"]) / 0.5 - 1) < 0.03 for name in both)
    cell = lstm_cell.init(rng, 50, 60)
    assert all(leaf.dtype == np.float32 for leaf in cell.values())
