"""Sizes and training on the command line, beside a preset: `--layers 6 --width 192 --batch 32`.

One table says which field of a recipe's Preset an option replaces; what else hangs on it (the feed-forward part, the
floor of the rate, the warm-up) follows in the preset's own proportions.
"""

# option: (type, metavar, help)
SIZES = {
    "layers": (int, "N", "blocks, of either side"),
    "heads": (int, "N", "attention heads of a block; they divide the width"),
    "width": (int, "N", "numbers that stand for a token"),
    "context": (int, "N", "positions that the model sees at once"),
    "batch": (int, "N", "rows in a step"),
    "steps": (int, "N", "steps of training"),
    "epochs": (int, "N", "passes over the text"),
    "rate": (float, "X", "the largest learning rate"),
    "dropout": (float, "X", "share of the activations that are dropped, 0 up to below 1"),
}
OTHER_NAMES = {  # of an option in a Preset: the first that it has
    "layers": ("layers",), "heads": ("heads",), "width": ("width", "hidden"),
    "context": ("context", "max_positions", "length"), "batch": ("rows", "tokens"), "steps": ("steps",),
    "epochs": ("epochs",), "rate": ("peak", "rate"), "dropout": ("dropout",),
}  # fmt: skip
VOCABULARY = 1000  # tokens of a byte-level BPE, unasked
WORDS = {"tokens": "tokens in a batch, both sides, padding included", "hidden": "numbers in the state"}


def add(parser, recipe_fields):
    """The options of a recipe whose Preset has these fields, in a group of their own."""
    group = parser.add_argument_group("sizes and training, in place of the preset's")
    for name, (kind, metavar, said) in SIZES.items():
        field = field_of(name, recipe_fields)
        if field:
            group.add_argument(f"--{name}", type=kind, metavar=metavar, help=WORDS.get(field, said))
    group.add_argument("--eval-every", type=int, metavar="N", help="steps between looks at the held-back part")


def field_of(option, fields):
    """The field of a Preset that an option replaces, or None."""
    return next((field for field in OTHER_NAMES[option] if field in fields), None)


def given(arguments):
    """{option: value} of those on the command line."""
    return {name: getattr(arguments, name) for name in SIZES if getattr(arguments, name, None) is not None}


def check(arguments):
    """Raise InputError, naming the option, for a number that cannot be: of any training."""
    import math

    from minilm.errors import InputError

    if arguments.seed < 0:
        raise InputError(f"--seed is {arguments.seed}; a seed is 0 or more")
    for name in ("save-every", "eval-every", *(name for name in SIZES if SIZES[name][0] is int)):
        value = getattr(arguments, name.replace("-", "_"), None)
        if value is not None and value < 1:
            raise InputError(f"--{name} is {value}; it must be a whole number from 1 up")
    rate, dropout = getattr(arguments, "rate", None), getattr(arguments, "dropout", None)
    if rate is not None and not (rate > 0 and math.isfinite(rate)):
        raise InputError(f"--rate is {rate}; it must be a number above 0, such as 0.001")
    if dropout is not None and not 0 <= dropout < 1:
        raise InputError(f"--dropout is {dropout}; it must be a number from 0 up and below 1")


def replaced(preset, arguments):
    """The preset with what the command line says. Raises InputError where two of its numbers contradict each other."""
    from dataclasses import fields, replace

    from minilm.errors import InputError

    check(arguments)
    names = [field.name for field in fields(preset)]
    said = given(arguments)
    new = {field_of(name, names): value for name, value in said.items()}
    if "width" in said and "inner" in names:
        new["inner"] = max(1, said["width"] * preset.inner // preset.width)
    if "rate" in said and "floor" in names:
        new["floor"] = preset.floor * said["rate"] / preset.peak
    if "steps" in said and "warmup" in names and preset.warmup >= said["steps"]:
        new["warmup"] = said["steps"] // 10
    if getattr(arguments, "vocabulary", None) is not None and arguments.tokenizer != "bpe":
        raise InputError(f"--vocabulary {arguments.vocabulary} is for --tokenizer bpe; add that, or leave it out")
    if getattr(arguments, "tokenizer", None) == "bpe":
        new["pieces"] = VOCABULARY if arguments.vocabulary is None else arguments.vocabulary
        if new["pieces"] < 258:
            raise InputError(f"--vocabulary is {new['pieces']}; a byte-level BPE has 258 tokens or more")
        if preset.lines:
            found = f"--tokenizer bpe is for running text, and --preset {arguments.preset} learns lines"
            raise InputError(f"{found}; leave one of them out")
    found = replace(preset, **new)
    if "heads" in names and found.width % found.heads:
        by = [f"--{name} {getattr(found, name)}" + ("" if name in said else f" (of --preset {arguments.preset})")
              for name in ("width", "heads")]  # fmt: skip
        raise InputError(f"{by[0]} is no multiple of {by[1]}: each head has the same share of the width; change one")
    return found


def settings(preset):
    """{option: value} of a preset: what a resume is held against."""
    from dataclasses import fields

    names = [field.name for field in fields(preset)]
    held = {name: field_of(name, names) for name in SIZES if name != "steps"}
    return {name: getattr(preset, field) for name, field in held.items() if field}


def words(arguments):
    """What of the command line a command that goes on has to say again."""
    pieces = {name: getattr(arguments, name, None) for name in ("tokenizer", "vocabulary")}
    every = {**given(arguments), **pieces, "eval-every": arguments.eval_every}
    return [word for name, value in every.items() if value is not None for word in (f"--{name}", str(value))]
