"""The recipe of a tagger: labelled tokens -> vocabularies, batches, training, a run folder.

What is learnt is measured after each epoch by the F1 of whole entities on the validation part, with the running average
of the weights. The best of these weights, from half of the epochs on, are what the run keeps, and the training ends
where `patience` epochs brought nothing better.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np

from minilm import loading, tree
from minilm.data import conll, sequences, tag_schemes
from minilm.errors import InputError, said
from minilm.metrics import entities
from minilm.models import lstm_tagger, outline
from minilm.recipes import checkpoints, presets
from minilm.storage import best_weights
from minilm.tasks import piece_tagging, tagging
from minilm.tasks.piece_tagging import PieceTagger
from minilm.tasks.tagging import Tagger
from minilm.text import columns, units
from minilm.text.vocabulary import Vocabulary
from minilm.training import evaluate, loop, ranks, schedules

EXAMPLE = "张三在北京工作"  # a text to look at an untrained model with
EXAMPLE_TYPES = ("LOC", "NAME")
VALIDATION_ROWS = 64
SHOWN = 5  # sentences that were repaired


@dataclass(frozen=True, kw_only=True)
class Preset:
    """Sizes and training of a tagger."""

    embedding: int
    feature_embedding: int
    hidden: int
    rows: int
    epochs: int
    peak: float
    dropout: float = 0.5
    token_dropout: float = 0.0  # of whole tokens
    decay: float = 0.01
    clip: float = 5.0
    kept: float = 0.999  # of the average, at each step
    patience: int = 8
    minimum: int = 2  # how often a token or feature must occur to be known


FINE_TUNED = Preset(  # of a BERT's body; the sizes are its own
    embedding=1, feature_embedding=1, hidden=1, rows=16, epochs=4, peak=1e-4, clip=1.0, patience=2
)  # fmt: skip
PRESETS = {name: Preset(**numbers) for name, numbers in presets.TAGGING.items()}


@dataclass
class Prepared:
    """An untrained tagger with its data: `train` gives batch i, `validation` all batches in order.

    `folder` is where the best weights go, None: nowhere. `metrics` are those of the last epoch.
    """

    tagger: Tagger | PieceTagger
    parts: dict[str, list[conll.Sentence]]
    train: sequences.SequenceBatches
    validation: list
    preset: Preset
    seed: int
    scheme: str
    broken: list[str]
    folder: Path | None = None
    metrics: dict[str, float] = field(default_factory=dict)

    @property
    def trained(self):
        """What the training trains."""
        return self.tagger

    @property
    def epoch(self):
        """The steps of an epoch."""
        return len(self.train)

    @property
    def ripe(self):
        """The step from which on weights may be kept: before, the rate is high and the average holds early weights."""
        return self.epoch * -(-self.preset.epochs // 2)

    @property
    def steps(self):
        """The steps of the whole training, if it is not ended before."""
        return self.epoch * self.preset.epochs


def prepare(path, preset, seed=0, validation=None, repair=False, body=None):
    """Read the sentences, and hold a tenth back where no file of them is given; draw random weights.

    `body`: the folder of a BERT, which is fine-tuned; otherwise an LSTM learns from nothing.
    Raises InputError, naming file and line, for what conll.read refuses, for a file without entities, and for a type
    that the validation file has and the training file has not.
    """
    labelled = conll.read(path, repair)
    types = labelled.types
    if not types:
        raise InputError(f"{path}: every tag is O, so there is nothing to learn; tag some entities")
    if validation is None:
        parts = hold_back(labelled.sentences, path, seed)
    else:
        held = conll.read(validation, repair)
        labelled.broken.extend(held.broken)
        parts = {"train": labelled.sentences, "validation": held.sentences}
        require_types(held.sentences, types, validation, path)
    tokens = [sentence.tokens for sentence in parts["train"]]
    unit = units.kind_of(tokens)
    tagger = on_body(body, unit, types, seed) if body else untrained_on(preset, tokens, unit, types, seed)
    files = {"train": path, "validation": validation or path}
    numbered = {part: [in_numbers(tagger, each, files[part]) for each in found] for part, found in parts.items()}
    by_length = sorted(numbered["validation"], key=lambda each: len(each.inputs))
    given = {"batch_of": tagger.batch_of}
    return Prepared(
        tagger, parts, sequences.SequenceBatches(numbered["train"], seed=seed, rows=preset.rows, **given),
        sequences.in_order(by_length, rows=VALIDATION_ROWS, **given), preset, seed, labelled.scheme, labelled.broken,
    )  # fmt: skip


def in_numbers(tagger, sentence, path):
    """What batches are made of. Raises InputError, naming the line, for a sentence that the model cannot read."""
    try:
        return tagger.numbered(sentence.tokens, sentence.entities)
    except InputError as error:
        raise InputError(f"{path}:{sentence.line}: {error}") from None


def on_body(folder, unit, types, seed=0):
    """A tagger of a BERT's body, its head random. Raises InputError for a folder of another model."""
    loaded = loading.read(folder)
    heads = getattr(loaded.model, "HEADS", None)
    if heads is None:
        raise InputError(f"{folder}: holds a {loaded.name}; --from wants the folder of a BERT")
    names = tag_schemes.names(types)
    config = replace(loaded.config, labels=len(names))
    head = loaded.model.outline(config, heads=(piece_tagging.HEAD,))[piece_tagging.HEAD]
    params = {name: part for name, part in loaded.params.items() if name not in (*heads, "pooler")}
    params[piece_tagging.HEAD] = outline.draw(np.random.default_rng(seed), head)
    hub = {name: value for name, value in loaded.hub.items() if name not in ("id2label", "label2id", "num_labels")}
    tokenizer = loading.tokenizer(folder)
    return PieceTagger(params, config, tokenizer, names=names, unit=unit, hub=hub)


def untrained_on(preset, tokens, unit, types, seed=0):
    """A tagger with random weights, which knows what occurs in these rows of tokens."""
    known = Vocabulary.build(tokens, preset.minimum)
    features = Vocabulary.build((units.features(row, unit) for row in tokens), preset.minimum)
    config = lstm_tagger.Config(
        vocabulary=len(known), features=len(features), tags=tag_schemes.number_of_tags(len(types)),
        embedding=preset.embedding, feature_embedding=preset.feature_embedding, hidden=preset.hidden,
        dropout=preset.dropout, token_dropout=preset.token_dropout,
    )  # fmt: skip
    params = lstm_tagger.init(np.random.default_rng(seed), config)
    return Tagger(lstm_tagger, params, config, unit=unit, tokens=known, features=features, types=types)


def untrained(preset, text, target=None):
    """A tagger with random weights and the characters of `text` alone, without dropout: to be looked at."""
    tokens = [unit.text for unit in units.cut(text, units.CHARACTERS)]
    plain = replace(preset, dropout=0.0, token_dropout=0.0, minimum=1)
    return untrained_on(plain, [tokens], units.CHARACTERS, EXAMPLE_TYPES)


def hold_back(sentences, path, seed):
    """{"train", "validation"}: a tenth of the different sentences, by chance, and no sentence in both.

    What is held back with a type that is left nowhere else goes back. Raises InputError where nothing can be held back.
    """

    def chance(sentence):
        return hashlib.sha256("\t".join((str(seed), *sentence.tokens)).encode()).digest()

    different = sorted({chance(sentence) for sentence in sentences})
    if len(different) < 2:
        raise InputError(f"{path}: one sentence, so none can be held back; give more, or --validation FILE")
    edge = different[max(1, round(0.1 * len(different))) - 1]
    parts: dict[str, list] = {"train": [], "validation": []}
    for sentence in sentences:
        parts["validation" if chance(sentence) <= edge else "train"].append(sentence)
    there = {entity.type for sentence in parts["train"] for entity in sentence.entities}
    for sentence in list(parts["validation"]):
        if any(entity.type not in there for entity in sentence.entities):
            parts["validation"].remove(sentence)
            parts["train"].append(sentence)
            there |= {entity.type for entity in sentence.entities}
    if not parts["validation"]:
        raise InputError(f"{path}: no sentence can be held back; give more, or --validation FILE")
    return parts


def require_types(sentences, types, path, training):
    """Raise InputError, naming the line, for an entity of a type that the training file has not."""
    for sentence in sentences:
        for entity in sentence.entities:
            if entity.type not in types:
                place = f"{path}:{sentence.line + entity.start}"
                raise InputError(f"{place}: the type {said(entity.type)} never occurs in {training}; tag some there")


def train(prepared, state=None):
    """Train; yields (Step, state) after each step, and ends early where nothing better comes."""
    preset, tagger, world = prepared.preset, prepared.tagger, ranks.world()
    state = state or loop.start(tagger.params, checkpoints.optimiser(tagger))
    best = read_best(prepared, state.step)
    # The first rank knows: of the others none has read the checkpoint.
    begun, found_at, score = world.first((state.step, *((best.step, best.score) if best else (0, -1.0))))
    shape = {"peak": preset.peak, "warmup": prepared.epoch, "steps": prepared.steps, "floor": preset.peak / 20}
    patience, ripe = preset.patience * prepared.epoch, prepared.ripe
    going_on = begun - max(found_at, ripe) < patience
    steps = running(prepared, state, partial(schedules.cosine, **shape)) if going_on else ()
    for step in steps:
        tagger.params = state.optimiser.get("average", state.params)
        if step.number % prepared.epoch == 0:
            f1 = tagger.score(prepared.parts["validation"]).whole.f1
            prepared.metrics = {"validation_f1": f1}
            if f1 > score and step.number >= ripe:
                found_at, score = step.number, f1
                best = best_weights.Best(found_at, score, tree.map(np.array, tagger.params))
                if prepared.folder is not None and not world.rank:
                    best_weights.write(prepared.folder, best)
            prepared.metrics["best_f1"] = max(score, 0.0)
        yield step, state
        if step.number - max(found_at, ripe) >= patience:
            break
    if best is not None:
        tagger.params = best.params


def running(prepared, state, schedule):
    """The loop's steps."""
    preset, tagger = prepared.preset, prepared.tagger
    settings = {"decay": preset.decay} | ({"kept": preset.kept} if "average" in state.optimiser else {})
    return loop.run(
        tagger.task, tagger.config, state, prepared.train, steps=prepared.steps, settings=settings,
        optimiser=checkpoints.optimiser(tagger), schedule=schedule, seed=prepared.seed, clip=preset.clip, shards=2,
    )  # fmt: skip


def read_best(prepared, step):
    """The best weights that the run knew after `step` steps, or None."""
    if prepared.folder is None or step == 0:
        return None
    return best_weights.read(prepared.folder, prepared.tagger.params, step)


def validation_loss(prepared, most=None):
    """Loss and perplexity of a tag over the validation part (its first `most` batches)."""
    tagger = prepared.tagger
    return evaluate.evaluate(tagger.task, tagger.config, tagger.params, prepared.validation[:most])


def describe(prepared):
    """One line: what is trained on what; and a line for each type that occurs once."""
    tagger = prepared.tagger
    sizes = ", ".join(f"{len(found)} {part}" for part, found in prepared.parts.items())
    held = getattr(tagger, "tokens", None)
    known = f"{tagger.config.vocabulary} pieces known" if held is None else f"{len(held)} {tagger.unit} known"
    times = Counter(entity.type for sentence in prepared.parts["train"] for entity in sentence.entities)
    lines = [
        f"{sizes} sentences of {tagger.unit}, tags in {prepared.scheme}; {len(tagger.types)} types: "
        f"{', '.join(columns.printable(kind) for kind in tagger.types)}; {known}; "
        f"{tree.size(tagger.params)} parameters; at most {prepared.preset.epochs} epochs of {prepared.epoch} steps"
    ]
    lines += [f"repaired: {columns.printable(line)}" for line in prepared.broken[:SHOWN]]
    if len(prepared.broken) > SHOWN:
        lines.append(f"and {len(prepared.broken) - SHOWN} more sentences whose tags break their scheme")
    once = [columns.printable(kind) for kind in times if times[kind] == 1]
    lines += [f"{kind} occurs once: little can be learnt of it" for kind in once]
    return "\n".join(lines)


def example(prepared):
    """A sentence of the validation part with entities, of middling length."""
    filled = [each for each in prepared.parts["validation"] if each.entities] or prepared.parts["validation"]
    tokens = sorted(filled, key=lambda each: len(each.tokens))[len(filled) // 3].tokens
    return ("" if prepared.tagger.unit == units.CHARACTERS else " ").join(tokens)


def sample(prepared, tokens=None):
    """What the tagger finds by now."""
    text = example(prepared)
    return columns.printable(tagging.marked(text, prepared.tagger.tag(text)))


def summary(folder, prepared):
    """The last lines: precision, recall and F1 of each type on the validation part."""
    return table(prepared.tagger.score(prepared.parts["validation"]), "validation")


def table(score, title):
    """Scores as lines, the last of all types together."""
    names = {kind: columns.cut(columns.printable(str(kind)), 30) for kind in score.types}
    width = max(map(columns.width, [*names.values(), "type"]))
    rows = [(names[kind], counts) for kind, counts in score.types.items()] + [("all", score.whole)]
    lines = [f"{columns.left('type', width)}  precision  recall       F1  there"]
    lines += [
        f"{columns.left(name, width)}  {each.precision:9.2%} {each.recall:7.2%} {each.f1:8.2%} {each.there:6}"
        for name, each in rows
    ]
    return "\n".join([*lines, f"{title}: F1 {score.whole.f1:.2%} of whole entities"])


def mistakes(prepared, most=50):
    """What was taken for what on the validation part, and its sentences with the most wrong entities, as lines."""
    tagger, held = prepared.tagger, prepared.parts["validation"]
    found, there = tagger.score(held).found, [sentence.entities for sentence in held]
    names = [*tagger.types, None]
    shown = {kind: "nothing" if kind is None else columns.cut(columns.printable(kind), 12) for kind in names}
    counts = entities.confused(found, there)
    width = 2 + max(map(columns.width, shown.values()))
    lines = ["Entities of the validation part: what is there in a row, what was found in a column.", ""]
    lines.append("".join([" " * width, *(columns.right(shown[kind], width) for kind in names)]))
    for kind in names:
        row = (columns.right(str(counts[kind, other] or "."), width) for other in names)
        lines.append("".join([columns.left(shown[kind], width), *row]))
    wrong = [len(set(row) ^ set(answer)) for row, answer in zip(found, there, strict=True)]
    order = sorted((index for index in range(len(held)) if wrong[index]), key=lambda index: -wrong[index])
    lines += ["", f"{len(order)} of {len(held)} sentences have a mistake" + ("; those with the most:" if order else "")]
    for index in order[:most]:
        tokens = held[index].tokens
        lines += ["", f"line {held[index].line}, {wrong[index]} wrong"]
        for title, row in (("there", there[index]), ("found", found[index])):
            lines.append(f"  {title}  {columns.printable(in_brackets(tokens, row, tagger.unit))}")
    return "\n".join(lines) + "\n"


def in_brackets(tokens, row, unit):
    """A row of tokens as a text with its entities in brackets."""
    gap = "" if unit == units.CHARACTERS else " "
    starts = [0, *np.cumsum([len(token) + len(gap) for token in tokens]).tolist()]
    text = gap.join(tokens)
    spans = [(starts[start], starts[end] - len(gap), kind) for start, end, kind in row]
    return tagging.marked(text, [tagging.Found(*span, text[span[0] : span[1]]) for span in spans])


def next_command(folder, prepared):
    """What to try now: words of a command line."""
    return ["minilm", "tag", str(folder), example(prepared)]
