"""The same rule in float32, held against float64 to what float32 can hold, which is measured."""

import dataclasses
import math
import warnings

import numpy as np

from minilm import tree
from minilm.checking import handing, returned
from minilm.checking.row import FLOAT32, Row, errors_of, scale_of

FACTOR = 32


def check(rule, arguments, cotangent, floor):
    """Output and gradients in float32, held against float64's at the same numbers.

    What float32 can hold is measured: in float64 every number that goes in, and every number in the cache between
    forward and backward, is moved by up to half a unit of float32, as rounding would; the most that a result moves is
    its due, and at least a unit of the tensor's largest entry. FACTOR dues pass, for all that is rounded and
    stands in no cache. (Over the cases of this package the largest error measured is 16 dues, in a key bias, whose gradient is zero.)
    """
    unit = 0.5 * float(np.finfo(np.float32).eps)
    narrow = _cast({**rule.inputs, **arguments}, np.float32)
    rounded = _cast(narrow, np.float64)
    dy = tree.map(lambda leaf: np.asarray(leaf, np.float32), cotangent)

    def run(everything, dtype, rng=None):
        given = handing.copied(everything)
        plain = dataclasses.replace(rule, inputs={key: given[key] for key in rule.inputs})
        differentiated = {key: given[key] for key in arguments}
        y, cache = plain.forward(differentiated)
        outputs = {"y": handing.copied(y)}
        for _, array in handing.arrays(cache) if rng is not None else ():
            if array.dtype == np.float64 and array.flags.writeable:
                array *= 1 + unit * rng.uniform(-1, 1, array.shape)
        gradients = plain.run_backward(
            *([given["params"]] if rule.has_params else []), cache, tree.map(lambda leaf: leaf.astype(dtype), dy),
            **handing.copied(rule.backward_settings),
        )  # fmt: skip
        named = returned.in_order(rule.name, gradients, arguments, rule.inputs)
        named = outputs | {f"d{key}": value for key, value in named.items()}
        return {name: np.array(leaf) for name, leaf in tree.leaves(named)}

    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found, wanted = run(narrow, np.float32), run(rounded, np.float64)
            rng, dues = np.random.default_rng(7), dict.fromkeys(wanted, 0.0)
            for _ in range(3):
                moved = {
                    key: tree.map(lambda leaf: leaf * (1 + unit * rng.uniform(-1, 1, leaf.shape)), value)
                    if key in arguments
                    else value
                    for key, value in rounded.items()
                }
                for name, array in run(moved, np.float64, rng).items():
                    dues[name] = max(dues[name], float(np.abs(array - wanted[name]).max(initial=0)))
    except Exception as error:
        note = f"in float32 it raises {type(error).__name__}: {' '.join(str(error).split())[:150]}"
        note += f" (at {handing.place(error)})" if handing.place(error) else ""
        return [Row(rule.name, "y", FLOAT32, (), math.nan, math.nan, math.nan, math.inf, 0.0, 0, note)]
    rows = []
    largest = max(
        (float(np.abs(array).max(initial=0)) for name, array in wanted.items() if name.startswith("d")), default=0.0
    )
    for name, array in wanted.items():
        if not array.size:
            continue
        scale = scale_of(array, largest if name.startswith("d") else 0.0, floor)
        tolerance = FACTOR * max(2 * unit, dues[name] / scale)
        other, note = found[name], ""
        if other.dtype != np.float32:
            note = f"in float32 it is {other.dtype}: something promotes it (a NumPy scalar, an array of no dtype)"
            note += "; float32=False (--no-float32) leaves this run out"
        errors = errors_of(other.astype(np.float64), array, scale)
        index = tuple(int(i) for i in np.unravel_index(np.argmax(errors), errors.shape))
        values = (float(other[index]), float(array[index]), scale, math.inf if note else float(errors[index]))
        rows.append(Row(rule.name, name, FLOAT32, index, *values, tolerance, array.size, note))
    return rows


def _cast(thing, dtype):
    """The same with all arrays of floats in `dtype`."""

    def cast(leaf):
        return leaf.astype(dtype) if isinstance(leaf, np.ndarray) and leaf.dtype.kind == "f" else leaf

    return {key: tree.map(cast, value) for key, value in thing.items()}
