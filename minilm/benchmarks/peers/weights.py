"""minilm's parameters into a peer: the same numbers under the peer's names and in its layouts."""

import numpy as np
import torch

from minilm import tree

FUSED = {"query_key_value": ("query", "key", "value"), "key_value": ("key", "value")}
LSTM = {"weight_ih_l": "input", "weight_hh_l": "recurrent", "bias_ih_l": "bias"}
DIRECTIONS = {"0": "forward", "0_reverse": "backward"}  # of an LSTM that reads from both ends


def load(model, params):
    """Write `params` into the PyTorch module `model`."""
    flat = tree.flatten(params)
    model.load_state_dict({name: torch.tensor(of(name, flat, model)) for name in model.state_dict()})


def of(name, flat, model):
    """The array of minilm for the name of a peer; `flat` is the flat tree of parameters, or of gradients."""
    *path, kind, leaf = name.split(".")
    if kind in FUSED:
        parts = [flat[".".join([*path, part, leaf])] for part in FUSED[kind]]
        return np.concatenate(parts, axis=-1).T
    for prefix, ours in LSTM.items():
        if leaf.startswith(prefix):
            layer = leaf.removeprefix(prefix)
            both = ".".join([*path, kind, DIRECTIONS.get(layer, layer), ours])
            return flat[both if both in flat else ".".join([*path, kind, layer, ours])].T
    if leaf.startswith("bias_hh_l"):
        return np.zeros(model.get_parameter(name).shape, np.float32)
    module = model.get_submodule(name.rpartition(".")[0])
    if isinstance(module, torch.nn.LayerNorm) and leaf == "weight":
        return flat[".".join([*path, kind, "gain"])]
    return flat[name].T if isinstance(module, torch.nn.Linear) else flat[name]
