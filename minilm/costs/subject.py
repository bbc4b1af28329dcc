"""What is asked about: from the MODEL of the command line to a model's module, its settings and its batch."""

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from minilm import catalogue, loading
from minilm.errors import InputError


@dataclass(frozen=True)
class Subject:
    """`length` positions a row (of each side), `rows` rows a batch; `given` are init's keywords beyond the settings."""

    title: str
    model: Any
    config: Any
    rows: int
    length: int
    clip: float | None = 1.0
    given: Any = None

    @property
    def row(self):
        """The model's row of the catalogue."""
        return catalogue.of(self.model)

    @property
    def costs(self):
        """The module that counts it."""
        return self.row.part("costs")

    @property
    def task(self):
        """What a training of it does."""
        return self.row.part("task").Task(self.model)

    @property
    def optimiser(self):
        """The module that updates it."""
        return catalogue.imported(f"minilm.training.{self.row.optimiser}")

    @property
    def most(self):
        """The most positions that the model reads; None: no limit."""
        return getattr(self.config, "max_positions", None)

    def shapes(self):
        """The parameters in shapes alone."""
        return self.model.outline(self.config, **(self.given or {}))

    def batch(self):
        """A batch of random ids."""
        return self.costs.batch(self, np.random.default_rng(0))

    def least(self):
        """The same structure with all sizes as small as they can be: what is left is Python and NumPy's calls."""
        small = {field.name: 8 for field in fields(self.config) if "vocabulary" in field.name}
        small |= {name: 4 for name in ("embedding", "hidden") if hasattr(self.config, name)}
        if hasattr(self.config, "heads"):
            small |= {"width": self.config.heads, "inner": 4, "max_positions": 1000}
        shortest = getattr(self.costs, "shortest", lambda length: min(2, length))
        config = replace(self.config, **small)
        return replace(self, config=config, rows=min(2, self.rows), length=shortest(self.length))


def find(name, rows=None, length=None, vocabulary=None):
    """The Subject called `name`. Raises InputError, naming what there is, for a name or a size that cannot be."""
    subject = known(name, vocabulary)
    rows, length = rows or subject.rows, length or subject.length
    if subject.most is not None and length > subject.most:
        raise InputError(f"--length is {length}, and {name} reads at most {subject.most} positions")
    return replace(subject, rows=rows, length=length)


def known(name, vocabulary):
    recipe, colon, preset = name.partition(":")
    if colon and recipe in recipes() and not Path(name).exists():
        return from_preset(name, recipe, preset, vocabulary)
    if vocabulary is not None:
        raise InputError(f"--vocabulary is for a preset that takes it from the text, not for {name}")
    if Path(name).is_dir():
        return from_folder(Path(name))
    if row := catalogue.benchmarked(name):
        return from_benchmark(name, row)
    released = catalogue.columns("released")
    if name in released:
        return from_release(catalogue.ROWS[name])
    cases = [case for row in catalogue.ROWS.values() for case in row.benchmarks]
    there = [*released, *cases, *(f"{recipe}:PRESET" for recipe in recipes())]
    raise InputError(f"{name} is no folder and no name; there are {', '.join(there)}")


def recipes():
    """{the name of a recipe on the command line: a row that has it}."""
    return {row.command: row for row in catalogue.ROWS.values()}


def from_release(row):
    config = row.module.Config()
    undropped = {field.name: 0.0 for field in fields(config) if field.name.endswith("dropout")}
    return Subject(row.released, row.module, replace(config, **undropped), 1, config.max_positions)


def from_benchmark(name, row):
    case = catalogue.case(name)
    length = case.POSITIONS if hasattr(case, "POSITIONS") else case.CONFIG.max_positions
    clip, given = getattr(case, "CLIP", 1.0), getattr(case, "GIVEN", None)
    return Subject(row.benchmarks[name], row.module, case.CONFIG, case.ROWS, length, clip, given)


def from_folder(folder):
    loaded = loading.read(folder)
    costs = catalogue.of(loaded.model).part("costs")
    rows, most = getattr(costs, "ROWS", 8), getattr(loaded.config, "max_positions", 1024)
    given = costs.given(loaded.params) if hasattr(costs, "given") else None
    length = min(getattr(costs, "LENGTH", 1024), most)
    return Subject(str(folder), loaded.model, loaded.config, rows, length, given=given)


def from_preset(name, recipe, preset, vocabulary):
    row = recipes()[recipe]
    presets = row.part("recipe").PRESETS
    if preset not in presets:
        raise InputError(f"{recipe} has no preset {preset!r}; there are {', '.join(presets)}")
    return row.part("costs").of_preset(name, presets[preset], vocabulary)
