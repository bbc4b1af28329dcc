"""Proofs: gradients held against numeric derivatives, and the small random cases on which they are held.

`assert_gradients` is for the test suites of others: it raises AssertionError with a line for each tensor that is wrong.
`compare` holds the tensors of another implementation against golden files (minilm.checking.golden).
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minilm.checking.comparing import Comparison

__all__ = ["assert_gradients", "compare"]


def compare(golden: Any, theirs: Any, names: dict[str, str] | None = None, **how: Any) -> "Comparison":
    """Hold the tensors of another implementation against a golden folder; for pytest, or any other runner.

        def test_softmax():
            found = checking.compare("softmax.golden", {"y": y, "dx": dx})
            assert found.passed, found

    `golden`: a folder of `minilm golden`, or what minilm.checking.golden.make gives. `theirs`: a dict of arrays or
    tensors, or the path of a folder or file. The rest is told at minilm.checking.comparing.compare. The Comparison has
    `passed`, `first` (the first tensor that diverges), `cause` (the likely one), `rows`; its text is the report.
    """
    from minilm.checking import comparing

    return comparing.compare(golden, theirs, names, **how)


def assert_gradients(
    forward, backward, params: Any = None, inputs: Any = None, settings: Any = None, **how: Any
) -> None:
    """Hold a backward of one's own against its forward; for pytest, or any other runner.

        def test_gradients():
            x = np.random.default_rng(0).standard_normal((3, 5))
            assert_gradients(softmax, softmax_backward, inputs={"x": x})

    The arguments are those of minilm.checking.gradcheck.check, where the contract is told. Raises AssertionError with
    one line for each tensor that is wrong, and InputError where nothing can be compared: float32 or integer inputs, a
    gradient that is missing or has another name, shape or dtype.
    """
    from minilm.checking import gradcheck

    how = {"name": getattr(forward, "__qualname__", "forward"), "float32": True, **how}
    rows = gradcheck.check(how.pop("name"), forward, backward, params, inputs, settings, **how)
    wrong = [str(row) for row in rows if not row.passed]
    if wrong:
        raise AssertionError("\n".join(wrong))
