"""Proofs: gradients held against numeric derivatives, and the small random cases on which they are held.

`assert_gradients` is for the test suites of others: it raises AssertionError with a line for each tensor that is wrong.
"""

from typing import Any

__all__ = ["assert_gradients"]


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
