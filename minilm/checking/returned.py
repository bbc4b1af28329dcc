"""What goes into a check and what backward gives back: numbers, names, shapes, dtypes, each wrong in its own words."""

import difflib
from typing import Any

import numpy as np

from minilm import tree
from minilm.errors import InputError


def is_float(value: Any) -> bool:
    """Whether this input has a gradient: an array, or a tree of arrays, of floats."""
    leaves = [leaf for _, leaf in tree.leaves(value)]
    return bool(leaves) and all(isinstance(leaf, np.ndarray) and leaf.dtype.kind in "fc" for leaf in leaves)


def require_numbers(name: str, params: tree.Tree, inputs: dict[str, Any]) -> dict[str, Any]:
    """{"params": params, "x": x, ...}: what has a gradient. Raises InputError unless all of it is float64."""
    if not isinstance(inputs, dict):
        raise InputError(f"{name}: inputs are a dict of names and arrays, as {{'x': x}}, not a {type(inputs).__name__}")
    for key, value in inputs.items():
        if isinstance(value, list | tuple) and all(isinstance(leaf, float | int) for _, leaf in tree.leaves(value)):
            raise InputError(
                f"{name}: {key} is a {type(value).__name__} of numbers, not an array: hand over np.array({key}, float)"
            )
        if isinstance(value, float | np.floating):
            raise InputError(
                f"{name}: {key} is a number, not an array: hand over np.array({value!r}), or name it among the settings"
            )
    arguments = {"params": params} if params is not None else {}
    arguments |= {key: value for key, value in inputs.items() if is_float(value)}
    for tensor, array in tree.leaves(arguments):
        if not isinstance(array, np.ndarray):
            raise InputError(f"{name}: {tensor} is a {type(array).__name__}, not an array: make it one with np.array")
        if array.dtype != np.float64:
            why = {"f": "", "c": ", and the step is complex already"}.get(
                array.dtype.kind, ", and a whole number has no gradient"
            )
            raise InputError(
                f"{name}: gradients are checked in float64, but {tensor} is {array.dtype}{why}: hand over "
                f"{tensor}.astype(np.float64)"
            )
    if not any(True for _ in tree.leaves(arguments)):
        what = ", ".join(f"{key} is {described(value)}" for key, value in inputs.items()) or "there are no inputs"
        raise InputError(f"{name}: nothing has a gradient here: {what}; hand floats over as x.astype(np.float64)")
    return arguments


def described(value: Any) -> str:
    return f"{value.dtype}" if isinstance(value, np.ndarray) else f"a {type(value).__name__}"


def require_output(name: str, y: Any) -> None:
    """Raise InputError unless forward's output is an array, or a tree of arrays, of float64."""
    for path, leaf in tree.leaves(y):
        what = "forward's output" + (f" {path}" if path else "")
        if not isinstance(leaf, np.ndarray | np.generic | float):
            raise InputError(f"{name}: {what} is {described(leaf)}, not an array: forward returns (y, cache)")
        if np.asarray(leaf).dtype != np.float64:
            raise InputError(
                f"{name}: {what} is {np.asarray(leaf).dtype} though all that goes in is float64: something in it casts"
            )


def in_order(name: str, gradients: Any, arguments: dict[str, Any], inputs: dict[str, Any]) -> dict[str, Any]:
    """{"x": dx, ..., "params": dparams} of what backward returned. Raises InputError for another number of them."""
    names = [key for key in arguments if key != "params"] + (["params"] if "params" in arguments else [])
    wanted = ", ".join(names)
    if gradients is None:
        raise InputError(f"{name}: backward returned nothing (None) for {wanted}: return the gradients in this order")
    several = gradients if isinstance(gradients, tuple) else (gradients,)
    every = [*inputs, *(["params"] if "params" in arguments else [])]
    if len(several) == len(every) != len(names):  # a None for each input that has no gradient
        pairs = dict(zip(every, several, strict=True))
        if all(pairs[key] is None for key in every if key not in names):
            several = tuple(pairs[key] for key in names)
    if len(several) != len(names):
        without = [f"{key} is {described(inputs[key])} and has none" for key in inputs if key not in names]
        hint = f" ({'; '.join(without)}; a gradient wants float64)" if without else ""
        raise InputError(
            f"{name}: backward returned {len(several)} gradients for {wanted}{hint}: return one each, in this order"
        )
    for key, gradient in zip(names, several, strict=True):
        if gradient is None:
            raise InputError(
                f"{name}: backward returned None as the gradient of {key}: where it has no influence, return zeros"
            )
    return dict(zip(names, several, strict=True))


def as_named(name: str, gradients: Any, arguments: dict[str, Any], inputs: dict[str, Any]) -> dict[str, Any]:
    """As `in_order`, and each has the names, shapes and dtypes of what it belongs to. Raises InputError otherwise."""
    named = in_order(name, gradients, arguments, inputs)
    flat = _flat(name, named)
    wanted = tree.flatten(arguments)
    for tensor in wanted:
        if tensor not in flat:
            extra = [key for key in flat if key not in wanted]
            near = difflib.get_close_matches(tensor, extra, 1, 0.6)
            hint = f" (there is a {near[0]}, which is no parameter: is it that one?)" if near else ""
            raise InputError(f"{name}: gradients: {tensor} is missing{hint}: dparams has every name that params has")
    for tensor, leaf in flat.items():
        if tensor not in wanted:
            raise InputError(f"{name}: gradients: {tensor} is left over: params has no such name")
        if not isinstance(leaf, np.ndarray | np.generic):
            raise InputError(
                f"{name}: gradients: {tensor} is {'None' if leaf is None else described(leaf)}, not an array"
            )
    swapped = _swapped(flat, wanted)
    for tensor, leaf in flat.items():
        of = wanted[tensor]
        if np.shape(leaf) != of.shape:
            why = swapped or _why(np.shape(leaf), of.shape)
            raise InputError(f"{name}: gradients: {tensor} has shape {np.shape(leaf)}, not {of.shape}{why}")
        if leaf.dtype != of.dtype:
            raise InputError(
                f"{name}: gradients: {tensor} has dtype {leaf.dtype}, not {of.dtype}: a gradient has the dtype of what "
                "it belongs to (look for an array that is made without dtype=x.dtype)"
            )
    return named


def _flat(name, named):
    try:
        return tree.flatten(named)
    except ValueError as error:
        raise InputError(f"{name}: gradients: {error}") from error


def _why(found, wanted):
    """The likely cause of a wrong shape, as words to add."""
    if found == wanted[::-1] and len(wanted) > 1:
        return ": it is transposed"
    if len(found) > len(wanted) and found[len(found) - len(wanted) :] == wanted:
        return ": it is not summed over the leading axes, along which the forward pass repeats it"
    if len(found) == len(wanted) and all(w in (1, f) for f, w in zip(found, wanted, strict=True)):
        return ": it is not summed over the axes of size one, along which the forward pass repeats it"
    return ""


def _swapped(flat, wanted):
    tensors = [key for key in flat if np.shape(flat[key]) != wanted[key].shape]
    if len(tensors) == 2:
        a, b = tensors
        if np.shape(flat[a]) == wanted[b].shape and np.shape(flat[b]) == wanted[a].shape:
            return f": the gradients of {a} and {b} are in each other's place"
    return ""
