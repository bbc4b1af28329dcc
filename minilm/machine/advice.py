"""What costs speed on this machine, and what to do: from the facts that `doctor` gathered, one line each."""

ORDER = {"AVX-512": 3, "AVX2": 2, "SVE": 2, "NEON": 1, "": 0}
NEEDS = {  # OpenBLAS's kernels by the vectors that they use
    "AVX-512": ("SkylakeX", "Cooperlake", "Sapphirerapids"),
    "AVX2": ("Haswell", "Zen", "Excavator"),
    "": ("Prescott", "Core2", "Nehalem", "Sandybridge", "Barcelona", "Bulldozer", "Piledriver", "Generic"),
}
LOSS = 1.05  # a kernel counts as slower where another is faster by more than this
GAIN = 1.2  # several threads are expected to be faster than one by this at the least
SLOW = 0.5  # of what a core could do


def lines(facts):
    """A list of lines, the dearest first; empty where nothing is known to cost anything.

    `facts` as `doctor.gather` makes them. What is None is not known and gives no advice.
    """
    return [line for rule in RULES if (line := rule(facts))]


def emulated(facts):
    if facts["emulated"]:
        return f"{facts['emulated']} translates this Python's instructions: install a Python built for the processor"
    return None


def debug_build(facts):
    if facts["debug"]:
        return f"{' and '.join(facts['debug'])} built for debugging, several times slower: install a release build"
    return None


def no_blas(facts):
    if facts["blas"].split()[0].lower() in ("none", "blas", "netlib"):
        return (
            f"NumPy multiplies without an optimised BLAS ({facts['blas']}): "
            "pip install --force-reinstall --only-binary numpy numpy brings one"
        )
    return None


def kernel(facts):
    """The kernel is set by OPENBLAS_CORETYPE: slower by the measured products, or made for lesser vectors."""
    chosen = facts["environment"].get("OPENBLAS_CORETYPE")
    if not chosen:
        return None
    free = facts["gflops_free_choice"]
    if free:
        for free_now, now, which in zip(free, measured(facts), ("", " in small products"), strict=True):
            if free_now > LOSS * now:
                return (
                    f"OPENBLAS_CORETYPE={chosen} costs {1 - now / free_now:.0%} of a core's speed{which} "
                    f"({now:.0f} GFLOP/s, {free_now:.0f} without it): unset it"
                )
        return None
    used = next((v for v, names in NEEDS.items() if any(chosen.lower() == name.lower() for name in names)), None)
    if used is not None and ORDER[used] < ORDER[facts["vectors"]]:
        return (
            f"OPENBLAS_CORETYPE={chosen} leaves the processor's {facts['vectors']} unused, and what that costs could "
            "not be measured: unset it"
        )
    return None


def other_kernel(facts):
    """OpenBLAS chose the kernel itself, and the one for AVX2 is faster: some processors halve AVX-512's width."""
    other = facts["gflops_avx2_kernel"]
    if not other:
        return None
    (large, small), (now, now_small) = other, measured(facts)
    if min(large / now, small / now_small) > 1 / LOSS and max(large / now, small / now_small) > LOSS:
        return (
            f"OpenBLAS chose its kernel {facts['kernel'] or 'for AVX-512'}; the one for AVX2 reaches {large:.0f} for "
            f"{now:.0f} GFLOP/s a core in large products and {small:.0f} for {now_small:.0f} in small ones: "
            "set OPENBLAS_CORETYPE=Haswell"
        )
    return None


def measured(facts):
    """GFLOP/s on one thread, in large and in small products."""
    return facts["gflops_one_thread"], facts["gflops_small"]


def oversubscribed(facts):
    if facts["threads"] and facts["threads"] > facts["cores"]:
        return (
            f"{facts['threads']} threads of BLAS share {facts['cores']} "
            f"core{'s' if facts['cores'] > 1 else ''}: set OPENBLAS_NUM_THREADS={facts['cores']}"
        )
    return None


def no_gain(facts):
    """Several threads of BLAS are hardly faster than one: the other cores are busy, or not whole ones."""
    threads, one, every = facts["threads"], facts["gflops_one_thread"], facts["gflops_all_threads"]
    if threads and 1 < threads <= facts["cores"] and every < GAIN * one:
        return (
            f"{threads} threads of BLAS reach {every:.0f} GFLOP/s and one {one:.0f}: something else runs on the cores; "
            "end it, or set OPENBLAS_NUM_THREADS=1"
        )
    return None


def cannot_hold(facts):
    """Replicas cannot hold BLAS to one thread: theirs and its own get in each other's way."""
    if not facts["can_hold"] and facts["cores"] > 1:
        return 'training shards would fight over the cores with BLAS: pip install threadpoolctl (or "minilm[speed]")'
    return None


def unknown_kernel(facts):
    if facts["kernel"] is None and facts["can_hold"]:
        return "which kernel BLAS chose is not known: pip install threadpoolctl tells"
    return None


def slow(facts):
    """Far below what the core could do, and no other reason was found."""
    share = facts["share"]
    if share is not None and share < SLOW:
        return f"a product reaches {share:.0%} of what a core could do: something else runs, or the clock is held down"
    return None


RULES = (
    emulated, debug_build, no_blas, kernel, other_kernel, oversubscribed, no_gain, cannot_hold, slow, unknown_kernel,
)  # fmt: skip
