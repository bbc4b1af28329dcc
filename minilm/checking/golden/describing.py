"""A subject as the manifest describes it, and back: what `compare` runs again with a mistake in it.

A case is found by its name and drawn again from its seed; a model by its name, its Config and its batch. The arrays
that went in are the file's either way, so that what is run again is what the folder holds.
"""

import dataclasses
from types import ModuleType
from typing import Any

import numpy as np

from minilm import catalogue, tree
from minilm.checking.cases import Case
from minilm.checking.golden import subject
from minilm.checking.golden.folder import Golden
from minilm.checking.golden.subject import Subject
from minilm.errors import InputError, said


def described(made: Subject) -> dict[str, Any]:
    """What a subject is made again from."""
    if made.origin == "model":
        task = made.task
        return {
            "kind": "model", "model": catalogue.of(task.model).name, "task": type(task).__module__,
            "config": dataclasses.asdict(made.case.settings["config"]),
        }  # fmt: skip
    return {"kind": "case", "name": made.name, "seed": made.seed, "sizes": made.sizes, "dtype": made.dtype}


def settings(given: dict[str, Any]) -> dict[str, Any]:
    """The settings as JSON has them: modules by their names; arrays and generators are no settings, but tensors."""
    found: dict[str, Any] = {}
    for key, value in given.items():
        if isinstance(value, ModuleType):
            found[key] = value.__name__.removeprefix("minilm.")
        elif dataclasses.is_dataclass(value) and not isinstance(value, type):
            found[key] = dataclasses.asdict(value)
        elif isinstance(value, bool | int | float | str | None):
            found[key] = value
        elif isinstance(value, tuple | list):
            found[key] = list(value)
    return found


def made_again(golden: Golden) -> Subject:
    """The Subject of a golden folder, on the folder's own arrays. Raises InputError where this program has none."""
    about = golden.about.get("subject")
    if not isinstance(about, dict):
        raise InputError("the manifest does not say what it is of")
    if about.get("kind") == "model":
        blank = of_model(about, golden)
    else:
        sizes = about.get("sizes")
        blank = subject.of(
            str(about.get("name")), about.get("seed", 0), sizes if isinstance(sizes, dict) else {},
            str(about.get("dtype", "float64")),
        )  # fmt: skip
    return dataclasses.replace(blank, case=dataclasses.replace(
        blank.case, params=filled(golden, blank.case.params, ""),
        inputs={key: filled(golden, value, key) for key, value in blank.case.inputs.items()},
    ))  # fmt: skip


def filled(golden: Golden, thing: Any, prefix: str) -> Any:
    """A tree with the folder's arrays in the places of its own, where there are any of that name and shape."""
    if thing is None:
        return None
    known = golden.addresses()

    def fill(path: str, leaf: Any) -> Any:
        name = ".".join(part for part in (prefix, path) if part)
        found = golden.tensors.get(known.get(name, ""))
        if not isinstance(leaf, np.ndarray) or found is None or found.array.shape != leaf.shape:
            return leaf
        return np.array(found.array, np.float64 if found.array.dtype.kind == "f" else leaf.dtype)

    if not isinstance(thing, dict | list):
        return fill("", thing)
    return tree.unflatten({path: fill(path, leaf) for path, leaf in tree.leaves(thing)})


def of_model(about: dict[str, Any], golden: Golden) -> Subject:
    """A model's Subject with the folder's weights and batch."""
    row = catalogue.ROWS.get(str(about.get("model")))
    tasks = {name for each in catalogue.ROWS.values() for name in (each.task, "minilm.tasks.masked_tokens")}
    if row is None or about.get("task") not in tasks | {"minilm.tasks.next_sentence"}:
        raise InputError(f"the manifest is of {said(about.get('model'))}, a model that this program has not")
    model = row.module
    try:
        config = model.Config(**about.get("config", {}))
    except TypeError:
        raise InputError(f"the manifest's config is not one of {row.name}; make it again") from None
    task = catalogue.imported(f"{about['task']}:Task")(model)
    arrays = {name: each.array for name, each in golden.tensors.items()}
    params = tree.unflatten({
        name: array.astype(np.float64) for name, array in arrays.items() if golden.tensors[name].role == "parameter"
    })  # fmt: skip
    known = {other: name for name, each in golden.tensors.items() for other in (name, *each.also)}
    batch = {name.removeprefix("batch."): np.array(arrays[known[name]]) for name in known if name.startswith("batch.")}
    case = Case(
        f"models.{row.name}",
        task.loss,
        task.loss_backward,
        params,
        {"batch": batch},
        {"config": config},
        {"config": config},
    )
    return Subject(str(golden.about.get("what")), case, origin="model")
