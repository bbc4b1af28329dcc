"""A formula in a precision: every array is rounded to it after the statement that named it.

NumPy has no bfloat16, and of float16 not every function; so the numbers stay in float64 and are rounded to what the
precision can hold: to the nearest, ties to even, or at random to one of the two neighbours. The latter is how other
orders of the same sums, and other kernels, come out: a measured error does not hang on one lucky rounding.
"""

import ast
import contextlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from minilm.checking import swapping

ROOMS = ("ops", "fast", "layers", "blocks", "models", "tasks")
BESIDE_ONE = ("cdf", "sigmoid")  # others compute them as (1 + erf) / 2 and (1 + tanh) / 2
FUNCTIONS = ("exp", "log", "tanh", "sin", "cos", "density")  # kernels are right to two units in the last place
SUMS = ("sum", "dot", "mean", "mean_product")
HOOK = "_rounded_after_each_statement"


@dataclass(frozen=True)
class Precision:
    """A binary floating point: `bits` of the significand, the implicit one counted, and the range of the exponent."""

    name: str
    bits: int
    least: int  # exponent of the smallest normal number
    largest: float

    @property
    def unit(self) -> float:
        """The distance from 1 to the next number."""
        return float(2.0 ** (1 - self.bits))


PRECISIONS = {
    each.name: each
    for each in (
        Precision("float64", 53, -1022, float(np.finfo(np.float64).max)),
        Precision("float32", 24, -126, float(np.finfo(np.float32).max)),
        Precision("float16", 11, -14, 65504.0),
        Precision("bfloat16", 8, -126, float(2.0**127 * (2 - 2.0**-7))),
    )
}


def rounded(array, precision, rng=None, least=0.0):
    """The array, float64, in the numbers of a precision; with `rng` at random up or down. Itself if it fits.

    `least`: no finer than so; what is computed as 1 less something has the places of 1, however small it is.
    """
    if not isinstance(array, np.ndarray | np.generic) or array.dtype != np.float64 or not array.size:
        return array
    places = np.maximum(spacing(array, precision), least)
    with np.errstate(over="ignore", invalid="ignore"):
        steps = array / places
        whole = np.rint(steps) if rng is None else np.floor(steps + rng.random(np.shape(array)))
        found = np.where(np.isfinite(array), whole * places, array)
        # The least number of float64 stands for the least of any precision, as a formula names it.
        found = np.where(np.abs(array) == PRECISIONS["float64"].largest, np.sign(array) * precision.largest, found)
        found = np.where(np.abs(found) > precision.largest, np.sign(found) * np.inf, found)
    return array if np.array_equal(found, array, equal_nan=True) else np.asarray(found)[()]


def spacing(array, precision):
    """The distance between two numbers of a precision at each entry: (...) -> (...). A unit in the last place."""
    _, exponent = np.frexp(np.asarray(array, np.float64))
    low = np.maximum(exponent - 1, precision.least)
    return np.ldexp(1.0, np.maximum(low - (precision.bits - 1), -1074))


def fits(array, precision):
    """Whether every entry is a number of the precision."""
    numbers = np.asarray(array, np.float64)
    return rounded(numbers, precision) is numbers


@contextlib.contextmanager
def after_each_statement(functions, precision, rng=None):
    """Within the block, whatever a statement of these functions names or returns is rounded.

    With `rng` so is every sum, product, quotient and result of a function inside it, each at random up or down.
    """

    def hook(thing, kind="", summed=()):
        if summed:  # a partial sum is rounded as the largest of its terms is, however small the whole comes out
            term = np.prod([np.abs(each[np.isfinite(each)]).max(initial=0) for each in map(np.asarray, summed)])
            return rounded(thing, precision, rng, float(term) * precision.unit / 2)
        if kind == "beside one":
            return rounded(thing, precision, rng, precision.unit)
        if kind == "function" and isinstance(thing, np.ndarray) and thing.dtype == np.float64:
            return rounded(thing, precision, rng, 2 * spacing(thing, precision))
        if isinstance(thing, tuple):
            return tuple(hook(each) for each in thing)
        if isinstance(thing, dict) and thing and all(isinstance(each, np.ndarray) for each in thing.values()):
            found = {key: rounded(each, precision, rng) for key, each in thing.items()}
            return thing if all(found[key] is thing[key] for key in thing) else found
        return rounded(thing, precision, rng)

    others = {function: _with_hooks(function, rng is not None) for function in functions}
    spaces = [function.__globals__ for function in others]
    try:
        for space in spaces:
            space[HOOK] = hook
        with swapping.swapped(others):
            yield
    finally:
        for space in spaces:
            space.pop(HOOK, None)


@lru_cache(maxsize=1024)
def _with_hooks(function, deep):
    """The function in which all that is named, and all that is returned, passes through HOOK; compiled once.

    Of a fast twin, which works within buffers of its own, only what it returns does.
    """
    alone = ".fast." in function.__module__
    return swapping.transformed(function, _Wrapper(function.__name__, alone, deep and not alone).visit)


class _Wrapper(ast.NodeTransformer):
    """Wraps the values of assignments, and of `return` but for the cache, which is known by its identity."""

    def __init__(self, name, returned_alone, deep):
        self.back = name == "backward" or name.endswith("_backward")
        self.returned_alone, self.deep = returned_alone, deep

    def visit_Assign(self, node):
        if not self.returned_alone:
            node.value = self.each(node.value)
        return node

    def visit_Return(self, node):
        if isinstance(node.value, ast.Tuple) and not self.back:
            node.value.elts = [self.each(each) for each in node.value.elts[:-1]] + node.value.elts[-1:]
        elif node.value is not None:
            node.value = self.each(node.value)
        return node

    def visit_FunctionDef(self, node):
        node.body = [self.visit(each) for each in node.body]
        return node

    def each(self, value):
        if isinstance(value, ast.Tuple):
            value.elts = [self.each(each) for each in value.elts]
            return value
        if isinstance(value, ast.Name | ast.Constant | ast.Attribute | ast.Subscript | ast.GeneratorExp | ast.Starred):
            return value
        return hooked(_Inside().visit(value) if self.deep else value)


class _Inside(ast.NodeTransformer):
    """Wraps the operations within an expression, from the inside out."""

    def visit_BinOp(self, node):
        self.generic_visit(node)
        return summing(node, [node.left, node.right]) if isinstance(node.op, ast.MatMult) else hooked(node)

    def visit_Call(self, node):
        self.generic_visit(node)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        of_arrays = isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") in ("rows", "leading")
        return (
            summing(node, node.args)
            if name in SUMS and of_arrays
            else hooked(node, "beside one" if name in BESIDE_ONE else "function" if name in FUNCTIONS else "")
        )

    def visit_Lambda(self, node):
        return node

    visit_GeneratorExp = visit_ListComp = visit_DictComp = visit_JoinedStr = visit_Lambda


@contextlib.contextmanager
def multiplied_out(functions):
    """Within the block products of sums are sums of products: another right way to compute the same."""
    with swapping.swapped({function: _multiplied_out(function) for function in functions}):
        yield


@lru_cache(maxsize=1024)
def _multiplied_out(function):
    """a * (b - c) as a * b - a * c, wherever it stands; a fast twin as it is. Compiled once."""
    return function if ".fast." in function.__module__ else swapping.transformed(function, _MultipliedOut().visit)


class _MultipliedOut(ast.NodeTransformer):
    def visit_BinOp(self, node):
        self.generic_visit(node)
        if not isinstance(node.op, ast.Mult):
            return node
        for whole, factor, first in ((node.left, node.right, False), (node.right, node.left, True)):
            if isinstance(whole, ast.BinOp) and isinstance(whole.op, ast.Add | ast.Sub):
                terms = [
                    ast.copy_location(
                        ast.BinOp(*((factor, ast.Mult(), term) if first else (term, ast.Mult(), factor))), node
                    )
                    for term in (whole.left, whole.right)
                ]
                return ast.copy_location(ast.BinOp(terms[0], whole.op, terms[1]), node)
        return node

    def visit_Subscript(self, node):
        return node


def summing(value, operands):
    """HOOK of a sum of products of its operands, which it is handed too: plain names are, and of the rest none."""
    if not all(isinstance(each, ast.Name) for each in operands):
        return hooked(value)
    call = hooked(value)
    handed = ast.Tuple([ast.Name(each.id, ast.Load()) for each in operands], ast.Load())
    call.args += [ast.Constant(""), handed]
    return call


def hooked(value, kind=""):
    """The expression HOOK(value), in the place of the value."""
    more = [ast.Constant(kind)] if kind else []
    return ast.copy_location(ast.Call(ast.Name(HOOK, ast.Load()), [value, *more], []), value)
