"""The samples as `compare` is fed: a golden run of the same case in memory, with names both ways."""

from functools import cache

import numpy as np

from broken import ground
from minilm.checking import golden as making
from minilm.checking.golden import subject as subjects


@cache
def case(subject):
    """The case that a golden run is of: of a model that of its sizes."""
    return subjects.of(ground.case_of(subject).name).case


@cache
def golden(subject):
    """The golden numbers of a subject, tolerances and all."""
    return making.make(ground.case_of(subject).name)


@cache
def given(subject):
    """What a sample is given: the tensors by every address, a batch's by their own names, and the settings."""
    made, found = golden(subject), ground.settings_of(case(subject))
    every = [(name, tensor) for tensor in made.tensors.values() for name in (*reversed(tensor.also), tensor.name)]
    for name, tensor in sorted(every, key=lambda pair: pair[0].startswith("batch.")):  # the batch's own names last
        found[name.removeprefix("batch.")] = tensor.array
    for tensor in made.tensors.values():
        if tensor.role == "upstream" and not tensor.array.ndim:
            found["dloss"] = tensor.array
    return found


@cache
def names(subject):
    """{a sample's name: the golden tensor's}: a parameter's gradient is dparams.NAME there, a model's loss its value."""
    made = golden(subject)
    found = dict(made.addresses())
    for name in made.tensors:
        if name.startswith("dparams."):
            base, _, last = name.removeprefix("dparams.").rpartition(".")
            found[f"{base}.d{last}" if base else f"d{last}"] = name
    scalars = [tensor.name for tensor in made.tensors.values() if tensor.role == "forward" and not tensor.array.ndim]
    if scalars:
        found["loss"] = "returned" if "returned" in scalars else scalars[-1]
    return found


def theirs(sample):
    """What a sample makes, under the golden tensors' names; what it names and the golden run does not is left out."""
    ground.INSTEAD[sample.subject] = case(sample.subject)
    try:
        with np.errstate(all="ignore"):
            made = sample.theirs(given(sample.subject))
    finally:
        del ground.INSTEAD[sample.subject]
    known = names(sample.subject)
    return {known[name]: np.asarray(array) for name, array in made.items() if name in known}
