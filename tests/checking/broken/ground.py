"""What the implementations are given, and held against: a case of minilm in float64, every named array by its name.

A golden folder without the folder: made here from a traced run, so that the samples can be judged by themselves.
"""

import dataclasses
import re
from functools import cache

import numpy as np

from minilm import tree
from minilm.checking import cases, handing
from minilm.tracing import trace

CASES = {
    "ops.softmax": "ops.softmax (masked)", "ops.layer_norm": "ops.layer_norm (3-D)", "ops.rms_norm": "ops.rms_norm (3-D)",
    "ops.cross_entropy": "ops.cross_entropy (smoothed)", "ops.scaled_dot_product": "ops.scaled_dot_product (masked)",
    "ops.rotary": "ops.rotary (halves, from zero)", "ops.dropout": "ops.dropout (rate 0.9)", "layers.lstm": "layers.lstm (5 steps)", "layers.multi_head_attention": "layers.multi_head_attention (cross, padded, dropout)",
    "models.bert": "models.bert (both)", "models.text_classifier": "models.text_classifier (one label)",
}  # fmt: skip
WHOLE = 1 << 28
BEYOND = 1e38


INSTEAD: dict = {}  # cases that stand for a subject's own, while another golden run is looked at


def case_of(subject):
    if subject in INSTEAD:
        return INSTEAD[subject]
    every = cases.everything()
    name = CASES.get(subject, subject)
    return every[name] if name in every else next(case for key, case in every.items() if key.startswith(subject))


def settings_of(case):
    """The settings that are numbers, words or arrays, those of a config among them."""
    config = case.settings.get("config")
    found = dataclasses.asdict(config) if config is not None else {}
    found |= {key: value for key, value in case.settings.items() if key not in ("config", "rng")}
    return {key: np.asarray(value) for key, value in found.items() if not callable(value) and value is not None}


@cache
def golden(subject):
    """{name: array} in the order of computation: inputs, parameters, settings, and all that a line named."""
    case = case_of(subject)
    given = [case.params] if case.params is not None else []
    with trace(whole=WHOLE, budget=WHOLE) as recording:
        y, kept = case.forward(*given, *case.inputs.values(), **handing.copied(case.settings))
        rng = np.random.default_rng(5)
        dy = tree.map(lambda leaf: np.asarray(rng.standard_normal(np.shape(leaf)) if np.ndim(y) or isinstance(y, dict) else 1.3), y)
        gradients = case.backward(*given, kept, dy, **case.backward_settings)
    found = settings_of(case)
    for path, leaf in tree.leaves(case.inputs):
        found[path.removeprefix("batch.")] = np.asarray(leaf)
    found |= dict(tree.leaves(case.params)) if given else {}
    if not isinstance(y, dict) and not np.ndim(y):
        found["dloss"] = dy
    for value in recording.values:
        if value.kind in ("array", "buffer") and value.array is not None and value.whole:
            if recording.calls[value.call].direction == "backward" and "loss" not in found and "dloss" in found:
                found["loss"] = np.asarray(y)
            found.setdefault(value.address, np.asarray(value))
    for path, leaf in tree.leaves(gradients[-1] if isinstance(gradients, tuple) and given else gradients if given else {}):
        base, _, last = path.rpartition(".")
        gradient = f"{base}.d{last}" if base else f"d{last}"
        found.pop(gradient, None)  # of a tied table a part of it has that name too
        found[gradient] = leaf
    return found


def is_gradient(name):
    return any(re.match("d(?!ropout|ecoder|ropped)", part) for part in name.split("."))


def divergent(wanted, found, tolerance=3e-5):
    """The names, in the order of `wanted`, at which float32's `found` is not float64's `wanted`."""
    gradients = max((np.abs(array).max(initial=0) for name, array in wanted.items() if is_gradient(name)), default=0)
    for name, array in wanted.items():
        if name not in found or array.dtype.kind != "f":
            continue
        theirs = np.asarray(found[name], np.float64)
        if theirs.shape != array.shape:
            yield name, f"shape {theirs.shape}, not {array.shape}"
            continue
        finite = np.abs(array) < BEYOND  # what is barred is -inf, or the least number of its dtype, in both
        if not (np.abs(theirs[~finite]) > BEYOND).all() or (np.sign(theirs) != np.sign(array))[~finite].any():
            yield name, "other entries are finite"
            continue
        theirs, array = theirs[finite], array[finite]
        scale = max(np.abs(array).max(initial=0), 1e-2 * gradients if is_gradient(name) else 1e-3)
        if not np.abs(theirs - array).max(initial=0) <= tolerance * scale:
            yield name, f"{np.abs(theirs - array).max(initial=0) / scale:.1e} of its largest entry"
