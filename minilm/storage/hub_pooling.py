"""How a folder makes one vector of a text, as sentence-transformers writes it down.

    modules.json                  the steps: a Transformer, a Pooling and, where vectors have length one, Normalize
    1_Pooling/config.json         which pooling: the mean over the positions, the first position, or the largest
    sentence_bert_config.json     how many tokens are read at once, and whether the text is put into small letters
"""

from dataclasses import dataclass
from pathlib import Path

from minilm.errors import InputError, bare, said
from minilm.storage import fields, json_file

FILE = "modules.json"
STEPS = ("Transformer", "Pooling", "Normalize")
KINDS = {"pooling_mode_mean_tokens": "mean", "pooling_mode_cls_token": "first", "pooling_mode_max_tokens": "largest"}
MODES = {"mean": "mean", "cls": "first", "max": "largest"}  # as newer files say it


@dataclass(frozen=True)
class Pooling:
    """`kind`: "mean" over the positions, the "first", or the "largest" of each number. `unit`: of length one.

    `tokens`: how many the model reads at once, None: as many as it has positions. `lower`: in small letters first.
    """

    kind: str = "mean"
    unit: bool = True
    tokens: int | None = None
    lower: bool = False


def read(folder):
    """The Pooling of a folder; the mean, of length one, where it says nothing. Raises InputError, naming the file and
    the field, for what is not computed here."""
    folder = Path(folder)
    path = folder / FILE
    if not path.exists():
        return Pooling()
    steps = json_file.read(path, json_file.SMALL)
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        raise InputError(f"{path}: not a list of steps; download the folder again")
    kinds = [str(step.get("type")).rpartition(".")[2] for step in steps]
    if kinds not in (list(STEPS[:2]), list(STEPS)):
        known = f"{' and '.join(STEPS[:2])}, and {STEPS[2]} after them where it is wanted"
        raise InputError(f"{path}: the steps are {said(kinds, 100)}, and minilm computes only {known}")
    kind = kind_of(place(folder, path, steps[1].get("path")) / "config.json")
    settings_path = place(folder, path, steps[0].get("path")) / "sentence_bert_config.json"
    settings = json_file.read_object(settings_path) if settings_path.exists() else {}
    tokens, lower = settings.get("max_seq_length"), settings.get("do_lower_case", False)
    if tokens is not None:
        fields.SIZE.check(tokens, f"{settings_path}: max_seq_length", "correct it there")
    fields.FLAG.check(lower, f"{settings_path}: do_lower_case", "correct it there")
    return Pooling(kind, kinds == list(STEPS), tokens, lower)


def place(folder, path, name):
    """The folder of a step. Raises InputError for one that is not in `folder`."""
    if name == "":
        return folder
    if not isinstance(name, str) or name != Path(name).name or name in (".", "..") or not name.isprintable():
        raise InputError(f"{path}: the path {said(name, 80)} is not a folder in this one; download the folder again")
    return folder / name


def kind_of(path):
    """How a pooling's config.json pools."""
    content = json_file.read_object(path)
    mode = content.get("pooling_mode")
    if mode is not None:
        if not isinstance(mode, str) or mode not in MODES:
            raise InputError(f"{path}: pooling_mode is {said(mode)}, and minilm computes only {', '.join(MODES)}")
        return MODES[mode]
    chosen = [name for name, value in content.items() if name.startswith("pooling_mode_") and value]
    if len(chosen) != 1 or chosen[0] not in KINDS:
        found = " and ".join(bare(name, 60) for name in chosen[:4]) or "none"
        raise InputError(f"{path}: the pooling is {found}, and minilm computes one of {', '.join(KINDS)}")
    return KINDS[chosen[0]]
