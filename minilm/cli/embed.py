"""`minilm embed FOLDER [TEXT ...]`: texts as vectors."""

DESCRIPTION = """\
Turn texts into vectors: texts of like meaning get vectors that lie close together. FOLDER is a BERT's, from the Hugging
Face hub or a run of yours. Where it is a folder of sentence-transformers, its own files say how a vector is made;
otherwise it is the mean over the text's positions, of length one.

Each text gives one line of numbers, separated by tabs. A text that is longer than the model reads is read in windows.

examples:
  minilm embed all-MiniLM-L6-v2 "a cat on the sofa" "a kitten lies on the couch" "stocks fell" --similarities
  minilm embed all-MiniLM-L6-v2 < sentences.txt > vectors.tsv      one text a line
  minilm embed all-MiniLM-L6-v2 --out vectors.npy < sentences.txt  for NumPy: numpy.load("vectors.npy")
"""


def add_parser(subparsers):
    import argparse

    parser = subparsers.add_parser(
        "embed", help="texts as vectors, by a BERT", description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("folder", metavar="FOLDER", help="a BERT's folder, such as all-MiniLM-L6-v2")
    parser.add_argument("texts", nargs="*", metavar="TEXT", help="texts (default: the lines of standard input)")
    parser.add_argument("--similarities", action="store_true", help="print how close each two texts are, instead")
    parser.add_argument("--out", metavar="FILE.npy", help="write the vectors to a file for NumPy, instead")
    parser.set_defaults(run=run, words="texts")


def run(arguments):
    import sys

    from minilm.cli.loaded import sentence_encoder
    from minilm.cli.progress import Progress
    from minilm.cli.translate import lines
    from minilm.errors import InputError

    if arguments.out and not arguments.out.endswith(".npy"):
        raise InputError(f"--out {arguments.out}: written in NumPy's own form; name a file that ends in .npy")
    encoder = sentence_encoder(arguments.folder)
    texts = arguments.texts or lines(sys.stdin)
    with Progress(len(texts), "embedding", unit="text") as progress:
        vectors = encoder.embed(texts, progress.advance)
    if arguments.out:
        save(arguments.out, vectors)
        print(f"{len(vectors)} vectors of {vectors.shape[1]} numbers are in {arguments.out}")
    elif arguments.similarities:
        print("\n".join(similarities(texts, vectors)))
    else:
        for vector in vectors:
            print("\t".join(f"{number:.8g}" for number in vector))
    return 0


def similarities(texts, vectors):
    """The lines of a table of cosines."""
    from minilm.tasks.sentence_vectors import unit
    from minilm.text import columns

    cosines = unit(vectors) @ unit(vectors).T
    names = [columns.cut(columns.printable(text), 40) for text in texts]
    width = max(map(columns.width, names))
    yield " " * (width + 4) + "".join(f"{number:7}" for number in range(1, len(texts) + 1))
    for number, (name, row) in enumerate(zip(names, cosines, strict=True), start=1):
        yield f"{number:3} {columns.left(name, width)}" + "".join(f"{cosine:7.3f}" for cosine in row)


def save(path, vectors):
    """Write vectors as NumPy's .npy, whole or not at all."""
    import numpy as np

    from minilm.storage import atomic

    atomic.write_stream(path, lambda file: np.save(file, vectors, allow_pickle=False))
