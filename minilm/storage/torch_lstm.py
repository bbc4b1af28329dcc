"""Weights between layers.lstm_stack, layers.bidirectional_lstm and torch.nn.LSTM's state dict, as NumPy arrays.

    weight_ih_l{k} (4H, D) = inputᵀ      weight_hh_l{k} (4H, H) = recurrentᵀ      bias_ih_l{k} + bias_hh_l{k} = bias

The gates have the same order, i, f, g, o. PyTorch's two biases are only ever added; here they are one. On the way
back it is bias_ih, and bias_hh is zero, so a round trip from PyTorch computes the same but may move numbers from one
bias to the other. Of an LSTM that reads from both ends, the tensors of the second end in _reverse.
"""

import numpy as np

from minilm.errors import InputError


def from_torch(weights, layers=None):
    """{"weight_ih_l0": array, ...} -> the list of layers. `layers` None takes as many as there are.

    Raises InputError, naming the tensor, for one that is missing, left over (a projected LSTM, or a bidirectional one,
    which `both_from_torch` reads) or of the wrong shape.
    """
    number = sum(name.startswith("weight_ih_l") and name[11:].isdecimal() for name in weights)
    layers = number if layers is None else layers
    if layers < 1:
        raise InputError("no tensor weight_ih_l0: these are not the weights of a torch.nn.LSTM")
    biased = any(name.startswith("bias_") for name in weights)
    params, wanted = [], set()
    inputs = hidden = None
    for layer in range(layers):
        names = [f"{kind}_l{layer}" for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")[: 4 if biased else 2]]
        wanted.update(names)
        for name in names:
            if name not in weights:
                raise InputError(f"the tensor {name} is missing from an LSTM of {layers} layers")
        if hidden is None:
            shape = np.shape(weights["weight_hh_l0"])
            hidden = shape[-1] if shape else 0
            inputs = np.shape(weights["weight_ih_l0"])[-1] if np.ndim(weights["weight_ih_l0"]) else 0
        shapes = [(4 * hidden, inputs), (4 * hidden, hidden), (4 * hidden,), (4 * hidden,)]
        for name, shape in zip(names, shapes, strict=False):
            if np.shape(weights[name]) != shape:
                raise InputError(f"the tensor {name} has shape {np.shape(weights[name])}, but {shape} is needed")
        weight_ih, weight_hh = weights[names[0]], weights[names[1]]
        bias = weights[names[2]] + weights[names[3]] if biased else np.zeros(4 * hidden, weight_ih.dtype)
        params.append(
            {"input": np.ascontiguousarray(weight_ih.T), "recurrent": np.ascontiguousarray(weight_hh.T), "bias": bias}
        )
        inputs = hidden
    if left := sorted(set(weights) - wanted):
        raise InputError(f"the tensor {left[0]} is left over: only plain LSTMs in one direction are supported")
    return params


def to_torch(params):
    """The list of layers -> {"weight_ih_l0": array, ...}, for torch.nn.LSTM(..., batch_first=True).load_state_dict."""
    weights = {}
    for layer, parameters in enumerate(params):
        weights[f"weight_ih_l{layer}"] = np.ascontiguousarray(parameters["input"].T)
        weights[f"weight_hh_l{layer}"] = np.ascontiguousarray(parameters["recurrent"].T)
        weights[f"bias_ih_l{layer}"] = parameters["bias"].copy()
        weights[f"bias_hh_l{layer}"] = np.zeros_like(parameters["bias"])
    return weights


REVERSE = "_reverse"


def both_from_torch(weights):
    """Those of torch.nn.LSTM(..., bidirectional=True), of one layer -> {"forward", "backward"}.

    Raises InputError, naming the tensor, for what is missing, left over or of the wrong shape.
    """
    parts: dict[str, dict] = {"forward": {}, "backward": {}}
    for name, leaf in weights.items():
        parts["backward" if name.endswith(REVERSE) else "forward"][name.removesuffix(REVERSE)] = leaf
    found = {}
    for direction, part in parts.items():
        try:
            (found[direction],) = from_torch(part, 1)
        except InputError as error:
            raise InputError(f"the {direction} direction: {error}") from None
    shapes = [{name: leaf.shape for name, leaf in part.items()} for part in found.values()]
    if shapes[0] != shapes[1]:
        raise InputError("the two directions of an LSTM have tensors of the same shapes, these have not")
    return found


def both_to_torch(params):
    """{"forward", "backward"} -> the state dict of torch.nn.LSTM(..., batch_first=True, bidirectional=True)."""
    ends = {"forward": "", "backward": REVERSE}
    return {
        f"{name}{end}": leaf
        for direction, end in ends.items() for name, leaf in to_torch([params[direction]]).items()
    }  # fmt: skip
