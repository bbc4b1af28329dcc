"""Forward and backward as they behave: their gradients, and what they write to or give differently the second time."""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from minilm import tree
from minilm.checking import handing, returned
from minilm.checking.row import AGAIN, WRITES, Row, errors_of
from minilm.errors import InputError


@dataclass(frozen=True)
class Seen:
    gradients: dict[str, Any]
    cotangent: Any
    forward_writes: bool
    rows: list[Row]


def observe(rule, arguments, rng):
    """Forward, and backward twice, on what cannot be written to; once more on copies where the code tries to."""
    seed = int(rng.integers(2**63))  # of the upstream gradient, the same at each attempt
    writes: dict[str, str] = {}  # "backward writes to x": the line, where it is known
    found = _attempt(rule, arguments, seed, writes, frozen=True)
    lines = [line for line in writes.values() if line]
    if found is None:
        writes.clear()
        found = _attempt(rule, arguments, seed, writes, frozen=False)
    (first, second), cotangent = found
    if lines and not writes:  # what it wrote was what had stood there
        writes["something writes to what it was given"] = ""
    where = f" at {lines[0]}" if lines else ""
    way = "nothing that is handed in may change: work on a new array, as in dx = 2 * dy for dy *= 2"
    rows = [
        Row(
            rule.name,
            what.rpartition(" ")[2],
            WRITES,
            (),
            math.nan,
            math.nan,
            math.nan,
            math.inf,
            0.0,
            0,
            f"{what}{where}; {way}",
        )
        for what in writes
    ]
    forward_writes = any(what.startswith("forward") for what in writes)
    return Seen(first, cotangent, forward_writes, rows + _same_again(rule.name, first, second))


def _attempt(rule, arguments, seed, writes, frozen):
    """((the gradients of two calls), the upstream gradient); None where something frozen was written to.

    What is written to is noted in `writes`.
    """
    everything = {**rule.inputs, **arguments}
    given, before = handing.copied(everything, frozen), handing.snapshot(everything)
    plain = dataclasses.replace(rule, inputs={key: given[key] for key in rule.inputs})
    differentiated = {key: given[key] for key in arguments}
    run = _caught(plain.forward, "forward", rule.name, frozen, writes, (differentiated,))
    if run is None:
        return None
    y, cache = run
    by_forward = handing.changed(given, before)
    writes |= {f"forward writes to {path}": "" for path in by_forward}
    returned.require_output(rule.name, y)
    rng = np.random.default_rng(seed)
    cotangent = tree.map(lambda leaf: np.asarray(rng.standard_normal(np.shape(leaf))), y)
    before = handing.snapshot(given) | handing.snapshot({"cache": cache})
    results = []
    with handing.frozen_in_place([y, cache] if frozen else []):
        for call in ("backward", "the second call of backward"):
            dy = handing.copied(cotangent, frozen)
            run = _caught(plain.backward, call, rule.name, frozen, writes, (differentiated, cache, dy))
            if run is None:
                return None
            results.append(handing.copied(run))
            parts = (given, {"cache": cache}, {"dy": dy})
            now = {path: array for part in parts for path, array in handing.arrays(part)}
            changed = handing.changed(now, before | handing.snapshot({"dy": cotangent}))
            writes |= {f"backward writes to {path}": "" for path in changed if len(results) == 1}
    return results, cotangent


def _caught(function, what, name, frozen, writes, given):
    """What `function` returns; None where it wrote to a read-only array. Raises InputError with the line otherwise."""
    try:
        return function(*given)
    except InputError:
        raise
    except Exception as error:
        if frozen and handing.is_write(error):
            writes[f"{what} writes"] = handing.place(error)
            return None
        place = handing.place(error)
        words = " ".join(str(error).split())[:200]
        raise InputError(
            f"{name}: {what} raised {type(error).__name__}: {words}" + (f" (at {place})" if place else "")
        ) from error


def _same_again(name, first, second):
    """A row for each tensor whose gradient is not, bit for bit, that of the first call."""
    rows, later = [], tree.flatten(second)
    for tensor, array in tree.leaves(first):
        if not handing.same_bits(array, later[tensor]):
            errors = errors_of(array, later[tensor], 1.0)
            index = tuple(int(i) for i in np.unravel_index(np.argmax(errors), errors.shape))
            scale = float(np.abs(array).max(initial=0)) or 1.0
            note = "backward on the same cache gives other bits the second time: it changes its cache, or draws anew"
            rows.append(Row(name, tensor, AGAIN, index, float(array[index]), float(later[tensor][index]), scale,
                            float(errors[index]) / scale or math.inf, 0.0, array.size, note))  # fmt: skip
    return rows
