"""Where a function stops being analytic: the line at which the complex step loses its imaginary part, and the way out.

NumPy's abs, norm, var and std of a complex number are real, conj turns the sign of the step, a buffer of float64 keeps
the real part alone, and some functions take no complex numbers at all. In each the function of real numbers may be as
smooth as any; it is the complex step that cannot see it.
"""

import linecache
import re
import sys
import warnings

import numpy as np

from minilm.checking import handing

WAYS_OUT = {
    "abs": "for real x, |x| is np.where(x.real < 0, -x, x)",
    "norm": "write np.sqrt(np.sum(x * x))",
    "var": "write c = x - x.mean() and (c * c).mean()",
    "std": "write c = x - x.mean() and np.sqrt((c * c).mean())",
    "hypot": "write np.sqrt(a * a + b * b)",
    "conj": "leave it out: the numbers are real",
    "vdot": "write np.sum(a * b)",
    "sign": "write np.where(x.real < 0, -1, 1)",
    "real": "take .real for comparisons alone",
    "buffer": "make the buffer with the dtype of what goes in, as in np.empty(shape, x.dtype)",
    "none": "write it with functions that take complex numbers",
}
ALIASES = {"absolute": "abs", "fabs": "abs", "nanvar": "var", "nanstd": "std", "conjugate": "conj"}
CALLS = re.compile(r"\b(abs|absolute|fabs|norm|var|std|nanvar|nanstd|hypot|conj|conjugate|vdot|sign)\s*\(")
REAL = re.compile(r"\.(real)\b|\bfloat\s*\(|\.astype\(\s*(?:float|np\.float\d+)")
BUFFER = re.compile(r"\b(?:zeros|empty|full|ones)(?:_like)?\s*\(")
OTHERWISE = 'or check with witness="central difference" (--central), to six digits'


def lost_at(call) -> str:
    """A sentence: the line of the code under `call` where the imaginary part is lost, and what to write instead.

    `call` runs the function on complex arrays. What casts away an imaginary part, or refuses complex numbers, is caught
    in the act; otherwise the lines that were executed are read for the names of functions that are known for it.
    """
    lines: dict[tuple[str, int], None] = {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            with lines_of(lines):
                call()
    except np.exceptions.ComplexWarning as warning:
        return sentence(handing.place(warning), "buffer")
    except Exception as error:
        return sentence(handing.place(error), "none")
    for pattern in (CALLS, REAL, BUFFER):
        for file, line in lines:
            text = linecache.getline(file, line).split("#")[0]
            if found := pattern.search(text):
                word = (found.group(1) or "real") if pattern is not BUFFER else "buffer"
                return sentence(handing.at(file, line), ALIASES.get(word, word))
    return sentence("", "")


def sentence(place: str, kind: str) -> str:
    where = f" at {place}" if place else " at a line that could not be found"
    way = f"{WAYS_OUT[kind]}, {OTHERWISE}" if kind else f"look for abs, norm, var, conj, real buffers, {OTHERWISE}"
    return f"forward is not analytic{where}: {way}"


class lines_of:
    """Within the block, every executed line of code that is no library's is noted, in order, once."""

    def __init__(self, lines):
        self.lines, self.foreign = lines, {}

    def __enter__(self):
        self.previous = sys.gettrace()
        sys.settrace(self.globally)

    def __exit__(self, *_):
        sys.settrace(self.previous)

    def globally(self, frame, event, argument):
        file = frame.f_code.co_filename
        if file not in self.foreign:
            self.foreign[file] = handing.is_foreign(file)
        return None if self.foreign[file] else self.locally

    def locally(self, frame, event, argument):
        if event == "line":
            self.lines[frame.f_code.co_filename, frame.f_lineno] = None
        return self.locally
