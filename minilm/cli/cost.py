"""`minilm cost`: what a model takes before it runs."""

DESCRIPTION = """\
What a model takes, before it is trained: parameters, operations, bytes, and the time of a training step, of a generated
token and of reading a prompt on this machine; layer by layer.

MODEL is one of
  FOLDER                    a run folder, or one downloaded for Transformers
  gpt2                      the shape of GPT-2 with 124M parameters
  RECIPE:PRESET             a preset of `minilm train`: gpt:nanogpt-cpu, lstm:article, bert:small, encoder-decoder:small
  gpt-small  gpt-medium  encoder-decoder  lstm  bert       a case of `minilm bench`

How to read the table:
  operations   multiplications and additions of the matrix products. Forward and backward of a layer with n weights are
               6 n a token, so a step takes about 6 x parameters x tokens
  bytes        read and written by all products and all passes over arrays, from memory or from a cache
  time         what this machine takes for it: the speed of each product and each pass is measured first, for its
               shape, with as many threads as the step has. A part that takes far more time than its operations ask for
               is bound by bytes; make it do less, not compute faster
  calls        what Python and NumPy take before the first number is computed, the same for any size. Where it is a
               large share, a larger batch is almost free

The expected time is that of an idle machine, and within a quarter of what --measure finds on one. While something else
runs, what is measured takes longer, and what each thread computed for is said beside it.

examples:
  minilm cost gpt:nanogpt-cpu
  minilm cost gpt:nanogpt-cpu --batch 48         what a batch four times as large takes
  minilm cost gpt2 --context 512 --no-step       a token after 512 others
  minilm cost encoder-decoder --measure          expected beside measured
"""

ROOM = 5  # positions left for tokens that are timed, two of them to warm up
COLLAPSED = 3  # times as long with all threads as with one: no product of an idle machine is so slow
RUNS = 15  # at most, of what is timed


def add_parser(subparsers):
    import argparse

    parser = subparsers.add_parser(
        "cost", help="what a model takes, before it runs", description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("model", metavar="MODEL", help="a folder, gpt2, RECIPE:PRESET or a case of `minilm bench`")
    parser.add_argument("--batch", type=int, metavar="N", help="rows in a training step (the preset's)")
    parser.add_argument("--length", type=int, metavar="N", help="positions of a row, of either side (the preset's)")
    parser.add_argument("--context", type=int, metavar="N", help="positions before a generated token (64)")
    parser.add_argument("--vocabulary", type=int, metavar="N", help="of a preset whose text decides (65; words: 8000)")
    parser.add_argument("--no-step", action="store_true", help="leave the training step out")
    parser.add_argument("--measure", action="store_true", help="run the real thing too, and print both")
    parser.add_argument("--json", metavar="FILE", help="write everything to FILE")
    parser.set_defaults(run=run)


def run(arguments):
    import json
    from contextlib import nullcontext

    from minilm import tree
    from minilm.cli.progress import Progress
    from minilm.costs import estimate, subject
    from minilm.errors import InputError
    from minilm.machine import blas_threads, matmul, small_products
    from minilm.storage import atomic

    for name in ("batch", "length", "context", "vocabulary"):
        value = getattr(arguments, name)
        if value is not None and value < 1:
            raise InputError(f"--{name} is {value}; it must be 1 or more")
    asked = subject.find(arguments.model, arguments.batch, arguments.length, arguments.vocabulary)
    shapes = asked.shapes()
    context = context_of(asked, arguments.context)
    estimates = {
        "step": None if arguments.no_step else estimate.step(asked, shapes),
        "token": estimate.token(asked, shapes, context),
        "prompt": estimate.prompt(asked, shapes, asked.most if arguments.context is None else context),
    }
    chosen = {kind: found for kind, found in estimates.items() if found is not None}
    parameters = tree.size(shapes)
    print(f"{asked.title}\n{parameters:,} parameters, {4 * parameters / 1e6:,.1f} MB as float32")
    machines: dict = {}
    with Progress(sum(len(found.parts) + 1 for found in chosen.values()), "measuring", unit="part") as progress:
        for kind, found in chosen.items():
            shards = min(found.shards, 2)
            calls = estimate.overhead(asked, kind, context)
            progress.advance()
            positions = {"token": 1, "prompt": found.positions}.get(kind)
            with small_products.held(shapes, positions) if positions else nullcontext():  # as decoding has it
                machine = machines.setdefault((shards, blas_threads.number()), estimate.machine_of(found))
                found.time(machine, calls, progress.advance)
        waiting = matmul.waiting()
    if waiting > COLLAPSED:
        print(
            f"A small product takes {waiting:.0f} times as long with all BLAS threads as with one: other programs have "
            "the cores, and the\nthreads wait for each other. Where they took part, what follows is a collapsed "
            "time and not this\nmachine's speed; close them and measure again."
        )
    real = {}
    for kind, found in chosen.items():
        print("\n" + "\n".join(table(found)))
        if arguments.measure:
            with Progress(RUNS, "running it", unit="run") as progress:
                real[kind] = measure(asked, kind, found, progress)
            print(verdict(found, *real[kind]), flush=True)
    if arguments.json:
        content = {kind: as_dict(found, real.get(kind)) for kind, found in chosen.items()}
        found = {"model": asked.title, "parameters": parameters, **content}
        atomic.write_text(arguments.json, json.dumps(found, indent=1) + "\n")
        print(f"\nAll of it is in {arguments.json}.")
    return 0


def context_of(asked, wanted):
    """The positions before a token. Raises InputError where the model leaves no room for some tokens more."""
    from minilm.errors import InputError

    room = None if asked.most is None else max(1, asked.most - ROOM)
    if wanted is not None and room is not None and wanted > room:
        raise InputError(f"--context is {wanted}; at most {room} leave room for some tokens of {asked.most} positions")
    return wanted or min(64, room or 64, max(1, (asked.most or 128) // 2))


def measure(asked, kind, found, progress):
    """Median seconds of the real thing."""
    from minilm.costs import measured

    if kind == "step":
        return measured.median(measured.step(asked), RUNS, done=progress.advance)
    if kind == "prompt":
        return measured.median(measured.prompt(asked, found.positions), RUNS, done=progress.advance)
    tokens = min(RUNS, asked.most - found.positions - 2) if asked.most else RUNS
    run = measured.token(asked, found.positions, tokens + 2)
    return measured.median(run, tokens, done=progress.advance)


def verdict(found, whole, computing):
    """Expected beside measured. A step's threads compute all the time; where they did not, something else ran."""
    said = f"measured {duration(whole)}: expected is {found.expected / whole:.2f} of it"
    each = computing / found.threads
    if found.shards > 1 and each < 0.85 * whole:
        said += (
            f"\n(each thread computed for {duration(each)} of it and waited for the rest, so something else runs here; "
            f"expected is {found.expected / each:.2f} of that)"
        )
    return said


def table(found):
    """An estimate as lines."""
    width = max(len(part.name) for part in found.parts)
    shards = f", {found.shards} shards side by side" if found.shards > 1 else ""
    yield f"{found.title}{shards}"
    yield f"{'':{width}}  {'parameters':>12}  {'operations':>12}  {'bytes':>10}  {'time':>9}  share"
    whole = found.expected
    for part, seconds in zip(found.parts, found.seconds, strict=True):
        yield (
            f"{part.name:{width}}  {part.parameters:12,}  {amount(found.operations(part)):>12}  "
            f"{amount(found.bytes(part)) + 'B':>10}  {duration(seconds):>9}  {seconds / whole:5.0%}"
        )
    yield f"{'calls':{width}}  {'':12}  {'':12}  {'':10}  {duration(found.overhead):>9}  {found.overhead / whole:5.0%}"
    operations = sum(found.operations(part) for part in found.parts)
    parameters, size = (sum(part.parameters for part in found.parts), sum(found.bytes(part) for part in found.parts))
    yield f"{'all':{width}}  {parameters:12,}  {amount(operations):>12}  {amount(size) + 'B':>10}  {duration(whole):>9}"
    yield f"expected {duration(whole)}, {1 / whole:,.1f} a second; {operations / whole / 1e9:,.1f} GFLOP/s"


def amount(number):
    """1234567 -> "1.23 M"."""
    for factor, name in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= factor:
            return f"{number / factor:.3g} {name}"
    return f"{number:.0f} "


def duration(seconds):
    """Seconds as a person reads them."""
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1e3:.1f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.0f} us"


def as_dict(found, real):
    """An estimate for the file."""
    parts = [
        {"name": part.name, "parameters": part.parameters, "operations": found.operations(part),
         "bytes": found.bytes(part), "seconds": seconds}
        for part, seconds in zip(found.parts, found.seconds, strict=True)
    ]  # fmt: skip
    return {"title": found.title, "parts": parts, "calls_seconds": found.overhead, "expected_seconds": found.expected,
            "measured_seconds": real and real[0], "processor_seconds": real and real[1]}  # fmt: skip
