"""Why an error is larger than a framework's where neither roundings nor the inputs explain it: {(op, array): why}.

A row that is worse and has no reason here is a failure of `minilm accuracy`.
"""

PRODUCT = (
    "the sum is the BLAS's, in its own order: one term after the other, as PyTorch's on these inputs; JAX's adds "
    "in parts. The line is the product itself, and stays it: sums of so many terms are where float64 is for"
)
FIELD = (
    "a marginal is exp(α + β - log Z), and each of the three is of the size of the whole row's score, whose rounding "
    "is then the exponent's; automatic differentiation goes back by the probabilities of one step, of small numbers"
)
REASONS: dict[tuple[str, str], str] = {
    (op, array): PRODUCT
    for op, arrays in (
        ("linear", ("y", "dx", "dweight")),
        ("tied_head", ("y", "dy", "dweight")),
        ("fast.sliced_cross_entropy", ("dy", "dweight")),
    )
    for array in arrays
} | {("conditional_random_field", f"d{name}"): FIELD for name in ("emissions", "transitions", "first", "last")}


def of(row) -> str:
    """The reason of a row that is worse, "" where there is none."""
    return REASONS.get((row.subject.op, row.direction), "")
