"""What a core could do at most: its clock times the operations of its vector units in a cycle.

    operations a cycle  =  2 (multiply and add) · numbers in a vector · units

The vectors are known from what NumPy found, the number of units is not: it is estimated from the processor's family.
"""

from minilm.machine import frequency, identity

OPERATIONS = {"AVX-512": 64, "AVX2": 32, "SVE": 32, "NEON": 16}  # float32; two units of each
HALF = {("AuthenticAMD", 25), ("HygonGenuine", 25)}  # Zen 4: vectors of 512 bits in units of 256


def estimate(hertz=None):
    """{"operations": a second, of one core, "hertz", "a_cycle", "how": in words}; None for what cannot be known."""
    hertz = frequency.measure() if hertz is None else hertz
    vectors = identity.vectors()
    a_cycle = OPERATIONS.get(vectors)
    if vectors == "AVX-512" and identity.family() in HALF:
        a_cycle = OPERATIONS["AVX2"]
    if hertz is None or a_cycle is None:
        missing = "clock" if hertz is None else "vector units"
        how = f"its {missing} cannot be told here; take the products above as what it does"
        return {"operations": None, "hertz": hertz, "a_cycle": a_cycle, "how": how}
    how = f"{hertz / 1e9:.2f} GHz (measured) x {a_cycle} operations a cycle ({vectors}; units estimated)"
    return {"operations": hertz * a_cycle, "hertz": hertz, "a_cycle": a_cycle, "how": how}
