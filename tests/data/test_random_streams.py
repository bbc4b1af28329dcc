"""Each use of a seed has a stream of its own, and nothing outside the table makes one."""

import ast
from pathlib import Path

import numpy as np

import minilm
from minilm.data import random_streams

PACKAGE = Path(minilm.__file__).parent
STREAMS = {name: value for name, value in vars(random_streams).items() if name.isupper()}


def test_no_number_is_given_twice():
    assert len(set(STREAMS.values())) == len(STREAMS) == 8


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
