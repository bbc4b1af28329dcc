"""`minilm doctor`: what runs here, how fast, and what costs speed."""

DESCRIPTION = """\
Look at what minilm runs on, and measure it: in about five seconds.

  BLAS       the library that multiplies matrices, in which nearly all time of a training goes. Its kernel is the
             version for one kind of processor, and decides more than all else
  product    two float32 matrices of 1,024 x 1,024 multiplied, in GFLOP/s (10^9 operations a second), beside what a core
             could do at most: its clock times the operations of its vector units in a cycle. 80 % is good. A small one
             is 32 x 512 by 512 x 1,024: a step of an LSTM, a short batch
  memory     bytes a second that all cores read together. It bounds the words a second of a text generator, which reads
             every weight once a word: 0.5 GB of weights at 25 GB/s are at most 50 words a second
  advice     one line for each thing that costs speed, and the way out

Let nothing else run meanwhile: what disturbs the machine shows as a slow product.

examples:
  minilm doctor
  minilm doctor --json identity.json             the same as a file, to keep with one's measurements
  OPENBLAS_CORETYPE=Haswell minilm doctor       the same with another kernel
"""


SMALL = (32, 512, 1024)


def add_parser(subparsers):
    import argparse

    parser = subparsers.add_parser(
        "doctor", help="what this machine can do, and what costs speed", description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--json", metavar="FILE", help="write everything to FILE")
    parser.set_defaults(run=run)


def run(arguments):
    import json

    from minilm.cli.progress import Progress
    from minilm.machine import advice
    from minilm.storage import atomic

    with Progress(5, "measuring", unit="part") as progress:
        facts = gather(progress.advance)
    facts["advice"] = advice.lines(facts)
    print("\n".join(report(facts)))
    if arguments.json:
        atomic.write_text(arguments.json, json.dumps(facts, indent=1) + "\n")
        print(f"\nAll of it is in {arguments.json}.")
    return 0


def gather(done=lambda: None):
    """Everything that is known and measured, fit for JSON; `done()` is called after each of five parts."""
    from minilm import __version__
    from minilm.machine import bandwidth, blas_threads, identity, matmul, peak

    facts = {"minilm": __version__, **identity.describe(), "environment": identity.environment()}
    facts |= {"debug": debug_builds(), "emulated": identity.emulated(), "can_hold": blas_threads.can_hold()}
    facts |= {"extras": extras()}
    one = matmul.measure(threads=1, seconds=0.5)
    done()
    small = matmul.measure(*SMALL, threads=1, seconds=0.2)
    every = matmul.measure(seconds=0.5)
    done()
    set_by_hand = "OPENBLAS_CORETYPE" in facts["environment"]
    free = elsewhere() if set_by_hand else None
    wide = facts["vectors"] == "AVX-512" and "openblas" in facts["blas"].lower()
    other = elsewhere("Haswell") if wide and not set_by_hand else None
    done()
    could = peak.estimate()
    done()
    facts |= {
        "gflops_one_thread": one / 1e9, "gflops_small": small / 1e9, "gflops_all_threads": every / 1e9,
        "gflops_free_choice": free, "gflops_avx2_kernel": other,
        "hertz": could["hertz"], "operations_a_cycle": could["a_cycle"],
        "gflops_possible": could["operations"] and could["operations"] / 1e9, "possible_how": could["how"],
        "share": could["operations"] and one / could["operations"], "bytes_per_second": bandwidth.measure(),
    }  # fmt: skip
    done()
    return facts


def elsewhere(kernel=None):
    """[large, small]: GFLOP/s on one thread in a process with another kernel (None: the one that OpenBLAS chooses).

    None where there is no such process.
    """
    import os
    import subprocess
    import sys

    from minilm.machine import identity

    code = f"from minilm.machine.matmul import measure as m\nfor s in ((), {SMALL}): print(m(*s, threads=1) / 1e9)"
    others = {name: value for name, value in os.environ.items() if name != identity.VARIABLES[0]}
    others |= {identity.VARIABLES[0]: kernel} if kernel else {}
    command = [sys.executable, "-c", code]
    try:
        done = subprocess.run(command, env=others, capture_output=True, text=True, timeout=20, check=True)
        large, small = map(float, done.stdout.split())
        return [large, small]
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def debug_builds():
    """Which of Python and NumPy were built for debugging, as far as they tell."""
    import sys
    import sysconfig

    from minilm.machine import identity

    found = ["Python"] if hasattr(sys, "gettotalrefcount") or sysconfig.get_config_var("Py_DEBUG") else []
    if "-O0" in identity.compiled_with():
        found.append("NumPy")
    return found


def extras():
    """{extra: the packages of it that are missing}, as minilm's own metadata lists them; {} where there is none."""
    import re
    from importlib import metadata

    from minilm.machine import identity

    try:
        asked = metadata.requires("minilm") or []
    except metadata.PackageNotFoundError:
        return {}
    found: dict[str, list[str]] = {}
    for line in asked:
        extra = re.search(r"""extra\s*==\s*["']([\w-]+)["']""", line)
        if extra is None or ("sys_platform" in line and not here(line)):
            continue
        package = re.split(r"[^\w.-]", line, maxsplit=1)[0]
        missing = found.setdefault(extra[1], [])
        if identity.installed(package) is None:
            missing.append(package)
    return found


def here(line):
    """Whether a requirement's sys_platform != "..." or == "..." holds on this system."""
    import re
    import sys

    marker = re.search(r"""sys_platform\s*(!=|==)\s*["'](\w+)["']""", line)
    return marker is None or (sys.platform == marker[2]) == (marker[1] == "==")


def report(facts):
    """The facts as lines."""
    cores = f"{facts['cores']} core{'s' if facts['cores'] > 1 else ''} for this process"
    kernel = facts["kernel"] or "unknown (pip install threadpoolctl tells)"
    variables = ", ".join(f"{name}={value}" for name, value in facts["environment"].items())
    yield f"minilm      {facts['minilm']}, NumPy {facts['numpy']}, Python {facts['python']}, {facts['system']}"
    yield f"processor   {facts['processor']}, {cores}" + (f", {facts['vectors']}" if facts["vectors"] else "")
    yield f"BLAS        {facts['blas']}, kernel {kernel}, {facts['threads'] or 'unknown number of'} threads"
    yield f"variables   {variables or 'none set that matters'}"
    one, every, threads = facts["gflops_one_thread"], facts["gflops_all_threads"], facts["threads"] or "all"
    free, other = facts["gflops_free_choice"], facts["gflops_avx2_kernel"]
    small = f"a small one {facts['gflops_small']:.0f}"
    yield f"product     {one:.0f} GFLOP/s on one thread, {every:.0f} on {threads}; {small}"
    for found, which in ((free, "OpenBLAS's own choice of kernel"), (other, "its kernel for AVX2")):
        if found:
            yield f"            with {which} {found[0]:.0f} on one thread, a small one {found[1]:.0f}"
    possible, how = facts["gflops_possible"], facts["possible_how"]
    yield f"            a core could do about {possible:.0f}: {how}; reached: {facts['share']:.0%}" if possible else (
        f"            what a core could do: {how}"
    )
    yield f"memory      {facts['bytes_per_second'] / 1e9:.1f} GB/s read by {cores.removesuffix(' for this process')}"
    for number, (extra, missing) in enumerate(facts["extras"].items()):
        says = f'without {", ".join(missing)}; pip install "minilm[{extra}]"' if missing else "installed"
        yield f"{'' if number else 'extras':12}{extra:10} {says}"
    if not facts["extras"]:
        yield 'extras      unknown: minilm is not installed; pip install "minilm[ui]" installs it with one'
    yield ""
    yield from (f"advice      {line}" for line in facts["advice"])
    if not facts["advice"]:
        yield "advice      nothing here is known to cost speed"
