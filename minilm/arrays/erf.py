"""The error function, which NumPy lacks: erf x = 2/√π ∫_0^x exp(-t²) dt, vectorised, in the dtype of x.

Two formulas, each used where it loses nothing:

    |x| < 1     erf x = x + x p(x²)                              p a polynomial, made for erf x / x - 1
    else        erf x = ± (1 - exp(-x²) r(|x|))                  r ≈ erfcx

    erfcx a = exp(a²) (1 - erf a)

The scaled complement erfcx falls slowly and smoothly from 1 at a = 0 towards 1 / (a √π): one quotient of two
polynomials covers it from 0 to where exp(-a²) is zero in any dtype. All its coefficients are positive, so nothing
in it cancels. It was fitted to its values at 60 digits (rational interpolation at the Chebyshev nodes of
(a - 2) / (a + 2)): to 2e-18 for float64, and to 1e-8, at half of the work, for float32. With it the tails keep
their relative accuracy too: arrays.normal uses the quotient directly.

Each piece is analytic and is chosen by the real part, so x may be complex with a tiny imaginary part: the complex
step goes through, and is itself compared with 2/√π exp(-x²) in the tests.
"""

import numpy as np

from minilm.arrays.in_blocks import in_blocks

LIMIT = 28.0  # exp(-28²) is zero in float64 and float32

SMALL = {
    8: (
        0.12837916709551257,
        -0.3761263890318375,
        0.11283791670954881,
        -0.026866170645076794,
        0.00522397762481801,
        -0.000854832698083379,
        0.00012055331111642711,
        -1.4925595266831182e-5,
        1.6461000484121367e-6,
        -1.6350312701054695e-7,
        1.4659775274047435e-8,
        -1.1372848856791675e-9,
        5.957176147748911e-11,
    ),
    4: (
        0.128379165848351,
        -0.376126266667203,
        0.112835947151602,
        -0.0268542120106264,
        0.00518908742343397,
        -0.000801686428716587,
        7.87587512685488e-5,
    ),
}

NUMERATOR = {
    8: (
        1.0,
        2.3480920579990747,
        2.7324426609880548,
        2.036683471236088,
        1.0668973235107613,
        0.40857889339893894,
        0.11569639112382131,
        0.023951153751494203,
        0.0034826810735195364,
        0.00032349956791045807,
        1.4759943556253303e-05,
    ),
    4: (
        1.00000000352,
        1.23859857132,
        0.731471490154,
        0.229022720929,
        0.0327038958926,
    ),
}

DENOMINATOR = {
    8: (
        1.0,
        3.4764712250945875,
        5.655220366391789,
        5.693697870976201,
        3.9515121553972516,
        1.990505746978287,
        0.7451266983077873,
        0.20813987897971525,
        0.042739008730540325,
        0.006185972139577478,
        0.0005733880549098815,
        2.6161318795424984e-05,
    ),
    4: (
        1.0,
        2.36697814537,
        2.40231303768,
        1.32506695152,
        0.405957001502,
        0.0579655128523,
    ),
}


def erf(x):
    """``np.vectorize(math.erf, otypes=[x.dtype])(x)``: (...) of floats -> (...).

    Within 2 units in the last place, in float64 and float32.
    """
    return in_blocks(piece, x)


def scaled_complement(a):
    """a (...) with 0 <= a <= LIMIT -> erfcx a = exp(a²) (1 - erf a)  (...)."""
    digits = a.real.dtype.itemsize
    return horner(NUMERATOR[digits], a) / horner(DENOMINATOR[digits], a)


def magnitude(x):
    """|x|, as an analytic piece on either side of zero where x is complex."""
    return np.where(x.real < 0, -x, x) if np.iscomplexobj(x) else np.maximum(x, -x)


def horner(coefficients, x):
    """coefficients[0] + coefficients[1] x + coefficients[2] x² + ..., in place in one new array."""
    y = coefficients[-1] * x                                               # (...)
    for coefficient in coefficients[-2:0:-1]:
        y += coefficient
        y *= x
    y += coefficients[0]
    return y


def piece(x):
    """x (N) -> erf x (N)."""
    a = magnitude(x)                                                       # (N)
    inner = np.minimum(a, 1)                                               # (N)
    outer = np.minimum(a, LIMIT)                                           # (N)
    small = inner + inner * horner(SMALL[x.real.dtype.itemsize], inner * inner)  # (N)
    large = 1 - np.exp(-(outer * outer)) * scaled_complement(outer)        # (N)
    return np.where(a.real < 1, small, large) * np.copysign(1, x.real)
