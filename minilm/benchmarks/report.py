"""What was measured, as a table of 100 columns and as data."""

COLUMNS = ("minilm", "eager", "compile", "other", "ratio", "floor", "ratio", "memory", "peer's")
RESTLESS = 0.2  # of the median: where the middle half of the runs is wider, a ratio says little
SHORT = {"torch eager": "eager", "torch.compile": "compile"}
LEGEND = """\
Times are medians in milliseconds. The first ratio is minilm's time over that of its fastest peer: below 1 minilm is
faster. The floor is the least that the machine can do the work in (a step's bare matrix products; a token's weights
over the memory's bandwidth), and the second ratio how many times as long minilm takes. Memory is the peak of minilm's
process and that of the peer that took least, without what importing PyTorch costs, in MB."""


def header(described):
    """What was measured and where: `described` is machine.describe(), and under "environment" its environment()."""
    environment = {"OPENBLAS_CORETYPE": "not set"} | described["environment"]
    yield f"minilm {described['minilm']}, Python {described['python']}, NumPy {described['numpy']}"
    yield f"{described['processor']}, {described['cores']} cores; {described['system']}"
    kernel = described["kernel"] or "not known (pip install threadpoolctl tells)"
    yield f"BLAS {described['blas']}, kernel {kernel}, {described['threads']} threads; " + ", ".join(
        f"{name} {value}" for name, value in environment.items()
    )


def summary(measured):
    """The figures of a case that follow from {contestant: Measured}."""
    peers = {name: one for name, one in measured.items() if name not in ("minilm", "floor")}
    ours = measured["minilm"].median
    best = min(peers, key=lambda name: peers[name].median, default=None)
    nets = [one.net for one in peers.values() if one.net is not None]
    return {
        "best_peer": best,
        "ratio": ours / peers[best].median if best else None,
        "floor_ratio": ours / measured["floor"].median if "floor" in measured else None,
        "peak_memory": measured["minilm"].peak,
        "peer_memory": min(nets, default=None),
    }


def as_data(name, title, unit, measured):
    """One case for the JSON file; seconds and bytes."""
    contestants = {
        contestant: {
            "median": one.median, "quartiles": list(one.quartiles), "runs": len(one.times), "times": one.times,
            "peak_memory": one.peak, "import_memory": one.imported, "versions": one.versions,
        }
        for contestant, one in measured.items()
    }  # fmt: skip
    return {"case": name, "title": title, "unit": unit, "contestants": contestants} | summary(measured)


def details(measured, unit):
    """One line for each contestant: median, middle half and least of the runs, memory; then the peers' versions."""
    width = max(map(len, measured))
    for name, one in measured.items():
        low, high = one.quartiles
        line = f"  {name:{width}}  {milliseconds(one.median):>8} ms   ({milliseconds(low)} to {milliseconds(high)}"
        line += f", least {milliseconds(min(one.times))})"
        if unit == "token":
            line += f"   {1 / one.median:.1f} tokens a second"
        if one.peak is not None and name != "floor":
            line += f"   peak {megabytes(one.peak)} MB"
            line += f", {megabytes(one.net)} without importing PyTorch" if one.imported and one.versions else ""
        yield line
    restless = [name for name, one in measured.items() if one.quartiles[1] - one.quartiles[0] > RESTLESS * one.median]
    if restless:
        yield f"  the runs of {', '.join(restless)} differ by much: was something else running? Measure again"
    versions = {name: version for one in measured.values() for name, version in one.versions.items()}
    if versions:
        yield "  with " + ", ".join(f"{name} {version}" for name, version in versions.items())


def table(rows):
    """The summary: `rows` are (name, {contestant: Measured})."""
    yield f"{'':15}" + "".join(f"{column:>9}" for column in COLUMNS)
    for name, measured in rows:
        figures = summary(measured)
        medians = {contestant: milliseconds(one.median) for contestant, one in measured.items()}
        other = [medians[contestant] for contestant in medians if contestant not in ("minilm", "floor", *SHORT)]
        cells = [
            medians["minilm"], medians.get("torch eager"), medians.get("torch.compile"), *(other or [None])[:1],
            ratio(figures["ratio"]), medians.get("floor"), ratio(figures["floor_ratio"]),
            megabytes(figures["peak_memory"]), megabytes(figures["peer_memory"]),
        ]  # fmt: skip
        yield f"{name:16}" + "".join(f"{cell or '-':>9}" for cell in cells)[1:]


def milliseconds(seconds):
    """Three digits: 0.123, 1.23, 12.3, 123, 1234."""
    value = 1000 * seconds
    digits = 0 if value >= 99.95 else 1 if value >= 9.995 else 2
    return f"{value:.{digits}f}"


def ratio(value):
    return None if value is None else f"{value:.2f}"


def megabytes(value):
    return None if value is None else f"{value / 2**20:.0f}"
