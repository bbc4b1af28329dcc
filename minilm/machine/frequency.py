"""The processor's clock, measured: a chain of multiplications, each of which waits for the one before.

    hertz = cycles of a multiplication / seconds of a link of the chain

A chain cannot be overlapped, so its speed is the latency, which is the same on almost all processors: 3 cycles for
integers of 64 bits, and 3 or 4 for float64. Both chains are measured. Where they do not fit together, the loops were
compiled in some other way or the processor is another one, and the clock stays unknown.

Source: Agner Fog, "Instruction tables" (latencies of IMUL and MULSD).
"""

import numpy as np

from minilm.machine import clock

LINKS = 1 << 15
CYCLES = 3
PLAUSIBLE = (0.5e9, 7e9)


def measure(seconds=0.03):
    """Hertz, while one thread works; None where it cannot be told."""
    integers = np.ones(LINKS, np.int64)                                    # (N)
    out = np.empty_like(integers)                                          # (N)
    floats = np.ones(LINKS)                                                # (N)
    return from_links(
        clock.best(lambda: np.multiply.accumulate(integers, out=out), seconds) / LINKS,
        clock.best(lambda: np.multiply.reduce(floats), seconds) / LINKS,
    )


def from_links(of_integers, of_floats):
    """Hertz from the seconds of a link of either chain, or None where the two do not fit together."""
    ratio = of_floats / of_integers
    fits = any(0.93 < ratio / expected < 1.07 for expected in (1, 4 / 3))
    hertz = CYCLES / of_integers
    return hertz if fits and PLAUSIBLE[0] < hertz < PLAUSIBLE[1] else None
