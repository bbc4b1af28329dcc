"""Each use of a seed has a stream of its own, and nothing outside the table makes one."""

import ast
from pathlib import Path

import numpy as np
import pytest

import minilm
from minilm.data import batches, lines, masked_tokens, random_streams, sequences, windows

PACKAGE = Path(minilm.__file__).parent
STREAMS = {name: value for name, value in vars(random_streams).items() if name.isupper()}


def test_no_number_is_given_twice():
    assert len(set(STREAMS.values())) == len(STREAMS) >= 8


def test_the_numbers_are_those_of_the_runs_that_there_are():
    """A run that is resumed must draw on: these numbers never change."""
    drawn = random_streams.generator(random_streams.WINDOWS, 5, 7).integers(0, 1000, 4)
    same = np.random.Generator(np.random.PCG64(np.random.SeedSequence((3, 5, 7)))).integers(0, 1000, 4)
    assert drawn.tolist() == same.tolist()
    drawn = random_streams.fast_generator(random_streams.DROPOUT, 5, 7, 0).integers(0, 1000, 4)
    same = np.random.Generator(np.random.SFC64(np.random.SeedSequence((1, 5, 7, 0)))).integers(0, 1000, 4)
    assert drawn.tolist() == same.tolist()


def test_streams_are_made_here_alone():
    """Elsewhere a seed sequence begins with something that is drawn (a plan's seed), or there is none."""
    for path in [*(PACKAGE / "data").glob("*.py"), *(PACKAGE / "training").glob("*.py"), *(PACKAGE / "recipes").glob("*.py")]:
        if path.name != "random_streams.py":
            names = {node.attr for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Attribute)}
            assert "SeedSequence" not in names, path.name


ROWS = [[10 + i, 20 + i] for i in range(24)]
DOCUMENTS = masked_tokens.Documents([ROWS, ROWS])
MASKING = {"vocabulary": 50, "mask_id": 4, "special": [0, 4]}
USES = {  # each use of a stream, with a seed and at a place: an epoch, or a batch
    "WINDOWS": lambda seed, place: windows.random_windows(np.arange(90), place, seed=seed, rows=4, length=3),
    "ORDER_OF_LINES": lambda seed, place: lines.shuffled(ROWS, 2 * place, seed=seed, rows=12, mark=9),
    "ORDER_OF_PAIRS": lambda seed, place: batches.PairBatches(ROWS, ROWS, seed=seed, rows=12)(2 * place),
    "ORDER_OF_SEQUENCES": lambda seed, place: sequences.SequenceBatches(
        [sequences.Numbered(row, row, row) for row in ROWS], seed=seed, rows=12
    )(2 * place),
    "MASKED_TOKENS": lambda seed, place: masked_tokens.mask_tokens(np.array(ROWS), seed=seed, step=place, **MASKING),
    "SENTENCE_PAIRS": lambda seed, place: masked_tokens.sentence_pairs(
        DOCUMENTS, seed=seed, step=place, rows=4, length=9, start=2, separator=3
    ),
    "SPLIT_OF_LINES": lambda seed, place: lines.split([str(row) for row in ROWS], seed),
}


@pytest.mark.parametrize("stream", USES)
def test_the_seed_comes_first_and_then_the_place(monkeypatch, stream):
    """The two in each other's place would draw as well, and alike for seeds and places that change places."""
    asked = []
    generator = random_streams.generator
    monkeypatch.setattr(random_streams, "generator", lambda *given: asked.append(given) or generator(*given))
    USES[stream](5, 2)
    assert asked == [(STREAMS[stream], 5, 2)[: 2 if stream.startswith("SPLIT") else 3]]
