"""`minilm golden WHAT`: every number of a formula, forward and backward, in files that any language reads."""

DESCRIPTION = """\
Write the golden numbers of an operation, a layer, a block or a model into a folder: inputs, parameters, every named
array of the forward pass, the upstream gradients, and the gradient of every named array, input and parameter; of a
model also the loss, the clipped gradients, and the weights after one and ten steps of its optimiser.

golden.safetensors holds the numbers, manifest.json says of each its address, shape, dtype, place in the order of
computation, the formula that made it with file and line, a checksum, and by how much an implementation in float64,
float32, float16 or bfloat16 may be off: twice the measured error of the formula itself in that precision.

Masks and dropout patterns are among the arrays, so nobody has to reproduce a random stream. Two runs write the same
bytes. `minilm compare` holds the numbers of another implementation against the folder; docs/golden.md tells the format,
with readers in C and in Python without NumPy.

WHAT is a name of `minilm golden --list`, a single case of `minilm check --list`, or a folder: a run folder, or one
downloaded for Transformers, and then a TEXT that the model reads.

examples:
  minilm golden --list                                       what there is, with its sizes
  minilm golden ops.layer_norm --out layer_norm.golden
  minilm golden softmax --size positions=5 --size keys=13 --dtype float32 --seed 7 --out softmax.golden
  minilm golden models.gpt2 --size dropout=0.1 --out gpt2.golden
  minilm golden runs/demo 我喜欢编程 --out demo.golden
"""


def add_parser(subparsers):
    import argparse

    parser = subparsers.add_parser(
        "golden", help="write every number of a formula, forward and backward, for others to compare with",
        description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("what", nargs="?", metavar="WHAT", help="a name of --list, or a folder")
    parser.add_argument("text", nargs="?", metavar="TEXT", help="of a folder: what its model reads")
    parser.add_argument("--out", metavar="FOLDER", help="where the two files go (WHAT.golden)")
    parser.add_argument("--target", metavar="TEXT", help="of a folder: what the model should say")
    parser.add_argument(
        "--size", action="append", default=[], metavar="NAME=NUMBER",
        help="a size, or a rate, in place of its default; may be given several times",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the random numbers (0)")
    parser.add_argument(
        "--dtype", default="float64", metavar="DTYPE",
        help="float64, or float32: all that goes in is rounded to it first, and what comes out last (float64)",
    )  # fmt: skip
    parser.add_argument("--list", action="store_true", help="only list the names and their sizes")
    parser.set_defaults(run=run)


def run(arguments):
    import time
    from pathlib import Path

    from minilm.checking import golden
    from minilm.checking.golden import subject
    from minilm.errors import InputError

    if arguments.list or arguments.what is None:
        for name, builder in subject.builders().items():
            if arguments.what is None or arguments.what in name:
                sizes = " ".join(f"{key}={value}" for key, value in subject.sizes_of(builder).items())
                print(f"{name:32}  {sizes}".rstrip())
        if not arguments.list:
            print("\n`minilm golden NAME --out FOLDER` writes one; -h says what stands in it.")
        return 0
    began = time.perf_counter()
    given = Path(arguments.what)
    if given.is_dir() or "models." in arguments.what:
        print("Running the formula, and again in each precision for what is granted: some seconds.", flush=True)
    if given.is_dir():
        if arguments.size:
            raise InputError("--size is for what is drawn at random; a folder's model has its own sizes")
        out = arguments.out or f"{given.resolve().name}.golden"
        made = golden.of_subject(of_folder(given, arguments))
    else:
        if arguments.text is not None or arguments.target is not None:
            raise InputError(f"a TEXT is for a folder's model, and {arguments.what} is no folder")
        out = arguments.out or f"{arguments.what.replace(' ', '_')}.golden"
        made = golden.make(arguments.what, seed=arguments.seed, sizes=sizes_of(arguments.size), dtype=arguments.dtype)
    golden.folder.write(made, out)
    size = sum(tensor.array.nbytes for tensor in made.tensors.values())
    print(f"{out}: {len(made.tensors):,} tensors, {size / 1e6:.2f} MB, in {time.perf_counter() - began:.1f} s.")
    print(f"`minilm compare {out} THEIRS` holds another implementation's numbers against them.")
    return 0


def of_folder(folder, arguments):
    """The Subject of a training step of a folder's model on the text."""
    from minilm.checking.golden import subject
    from minilm.errors import InputError
    from minilm.showing import runs

    chosen = runs.of(str(folder), arguments.text, arguments.target, backward=True)
    if chosen.learned is None:
        raise InputError(f"{folder}: nothing is learnt from this text, so there is no way back")
    task, config, batch = chosen.learned
    return subject.of_training(task, config, chosen.params, batch, arguments.dtype)


def sizes_of(given):
    """{name: number} of NAME=NUMBER. Raises InputError for what is none."""
    from minilm.errors import InputError, said

    found = {}
    for text in given:
        name, sign, number = text.partition("=")
        try:
            found[name] = float(number) if "." in number or "e" in number.lower() else int(number)
        except ValueError:
            raise InputError(f"--size {said(text)}: give NAME=NUMBER, as in --size positions=5") from None
        if not sign or not name:
            raise InputError(f"--size {said(text)}: give NAME=NUMBER, as in --size positions=5")
    return found
