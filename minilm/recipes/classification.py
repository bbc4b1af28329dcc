"""The recipe of a classifier: labelled texts -> a tokenizer, batches, training, a run folder. From nothing, or from any
BERT's folder, which is fine-tuned whole (Devlin et al. 2019, section 4.1; warm-up, then half a cosine).

After each epoch the accuracy (of several labels their F1, of a regression the correlation) on the validation part is
measured. The best weights are what the run keeps, and the training ends where `patience` epochs brought nothing better.
From nothing it is the running average of the weights that is measured and kept.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from minilm import tree
from minilm.data import labelled
from minilm.data.labelled import NUMBER, ONE, SEVERAL, Labelled, TextBatches
from minilm.errors import InputError
from minilm.metrics import calibration, classes, numbers
from minilm.models import bert, text_classifier
from minilm.models import outline as shape_of
from minilm.recipes import checkpoints, presets
from minilm.storage import best_weights
from minilm.tasks import classification
from minilm.tasks.classification import HEAD, Classifier, Task
from minilm.tasks.masked_tokens import MaskedModel
from minilm.text import bert_words, columns
from minilm.text.wordpiece import SPECIAL, WordPiece
from minilm.training import adamw, evaluate, loop, ranks, schedules

EXAMPLE = "a book that I like very much"  # a text to look at an untrained model with
EXAMPLE_LABELS = ("bad", "good")
WORDS, PIECES = "words", "wordpiece"  # what a text is cut into
ACCEPTED = 0.95  # of the texts that are in scope, by the threshold chosen on the validation part


@dataclass(frozen=True, kw_only=True)
class Preset:
    """Sizes and training of a classifier. A BERT that is fine-tuned brings its own sizes."""

    rows: int
    epochs: int
    peak: float
    dropout: float
    layers: int = 1
    heads: int = 4
    width: int = 128
    length: int = 128
    embedding_dropout: float = 0.5
    classifier_dropout: float = 0.5
    forgotten: float = 0.0  # share of the tokens that are replaced by the unknown one, anew in each epoch
    warmup: float = 0.1  # share of the steps
    decay: float = 0.01
    kept: float = 0.998  # of the average, at each step
    patience: int = 5
    cut_into: str = WORDS  # or PIECES, what a text is cut into
    pieces: int = 8000  # of a WordPiece


PRESETS = {name: Preset(**given) for name, given in presets.CLASSIFIER.items()}


@dataclass
class Prepared:
    """An untrained classifier with its data: `train` gives batch i, `held` are the windows of the validation texts.

    `folder` is where the best weights go, None: nowhere. `metrics` are those of the last epoch.
    """

    classifier: Classifier
    data: Labelled
    parts: dict[str, list[labelled.Example]]
    train: TextBatches
    held: list
    preset: Preset
    seed: int
    frozen: bool
    long: int  # texts in several windows
    outsiders: dict[str, list[labelled.Example]] = field(default_factory=dict)
    folder: Path | None = None
    metrics: dict[str, float] = field(default_factory=dict)
    counted: str = "texts"  # what the loss is a mean over
    measured: Any = None  # the validation part's loss, by the weights that the metrics are of

    @property
    def trained(self):
        """What the training trains."""
        return self.classifier

    @property
    def epoch(self):
        """The steps of an epoch."""
        return len(self.train)

    @property
    def steps(self):
        """The steps of the whole training, if it is not ended before."""
        return self.epoch * self.preset.epochs

    @property
    def metric(self):
        """The name of what the weights are chosen by."""
        return {ONE: "accuracy", SEVERAL: "f1", NUMBER: "r"}[self.data.problem]


def prepare(
    data, preset, seed=0, validation=None, *, body=None, frozen=False, outside=None
):  # fmt: skip
    """`data`, and `validation` or None (then a tenth of the texts is held back), as data.labelled.read gives them.

    `body`: the folder of a BERT to fine-tune, `frozen`: but its pooler and classifier only. `outside`: the label of
    texts that have none of the others: nothing is learnt of them. Raises InputError, naming file and line, where there
    are fewer than two labels, and for a label that is in the validation file alone.
    """
    if outside is not None and data.problem != ONE:
        raise InputError("--out-of-scope is for texts that have one label each")
    data, out_train = parted(data, outside)
    if validation is None:
        train, held = labelled.hold_back(data, seed)
        out_held = out_train
    else:
        validation, out_held = parted(validation, outside)
        train, held = data.examples, validation.examples
    labels = labelled.labels_of(train, data.problem)
    if data.problem != NUMBER and len(labels) < (2 if data.problem == ONE else 1):
        raise InputError(f"{data.path}: {len(labels)} label, so there is nothing to tell apart; give texts of another")
    if validation is not None:
        labelled.require_known(validation, labels, data.path)
    texts = [each.text for each in train]
    if body is None:
        classifier = untrained_on(preset, texts, labels, data.problem, seed)
    else:
        classifier = from_folder(body, preset, labels, data.problem, seed)
    classifier.outside = outside
    cut = {part: windows_of(classifier, found, data.path) for part, found in (("train", train), ("held", held))}
    rows = [(ids, number) for number, each in enumerate(cut["train"]) for ids in each]
    owners = np.array([number for _, number in rows])
    answers = {
        name: array[owners] for name, array in labelled.answers(train, labels, data.problem).items()
    }
    ids = classifier.tokenizer.ids
    batches = TextBatches(
        [ids for ids, _ in rows], answers, seed=seed, rows=preset.rows, forgotten=0.0 if body else preset.forgotten,
        unknown=ids.get("[UNK]", 0), kept=[ids[mark] for mark in SPECIAL if mark in ids],
    )  # fmt: skip
    long = sum(len(each) > 1 for each in [*cut["train"], *cut["held"]])
    return Prepared(
        classifier, data, {"train": train, "validation": held}, batches, cut["held"], preset, seed, frozen, long,
        {"validation": out_held},
    )  # fmt: skip


def parted(data, outside):
    """(the labelled texts without those that are out of scope, those)."""
    if outside is None:
        return data, []
    inside = [each for each in data.examples if each.answer != outside]
    return data._replace(examples=inside), [each for each in data.examples if each.answer == outside]


def windows_of(classifier, examples, path):
    """The texts in windows of ids. Raises InputError, naming the line."""
    found = []
    for each in examples:
        try:
            found.append(classifier.windows(each.text))
        except InputError as error:
            raise InputError(f"{path}:{each.line}: {error}") from None
    return found


def untrained_on(preset, texts, labels, problem, seed=0):
    """A classifier with random weights, which knows the words (or word pieces) of these texts."""
    tokenizer = words_of(texts) if preset.cut_into == WORDS else WordPiece.train(texts, preset.pieces)
    config = text_classifier.Config(
        vocabulary=tokenizer.size, max_positions=preset.length, width=preset.width, heads=preset.heads,
        inner=2 * preset.width, layers=preset.layers, labels=len(labels) or 1, dropout=preset.dropout,
        embedding_dropout=preset.embedding_dropout, attention_dropout=min(0.1, preset.dropout),
        classifier_dropout=preset.classifier_dropout,
    )  # fmt: skip
    params = text_classifier.init(np.random.default_rng(seed), config)
    return Classifier(text_classifier, params, config, tokenizer, labels=labels, problem=problem)


def words_of(texts):
    """A tokenizer that knows whole words alone, the most frequent of `texts` first: a WordPiece without pieces."""
    cleaned = (bert_words.clean(text, True, None, True) for text in texts)
    counts = Counter(word for text in cleaned for word in bert_words.words(text))
    ordered = sorted(counts, key=lambda word: (-counts[word], word))
    return WordPiece({token: number for number, token in enumerate(dict.fromkeys([*SPECIAL, *ordered]))})


def from_folder(folder, preset, labels, problem, seed=0):
    """A classifier on the BERT of a folder: its body and pooler, and a new head, normal with deviation 0.02.

    Raises InputError where the folder holds another model, or a tokenizer that does not fit.
    """
    body = MaskedModel.load(folder)
    if body.tokenizer.size > body.config.vocabulary:
        found = f"its tokenizer has {body.tokenizer.size} tokens, its model {body.config.vocabulary}"
        raise InputError(f"{folder}: {found}; take the tokenizer that belongs to it")
    config = replace(
        body.config, labels=len(labels) or 1, dropout=preset.dropout, attention_dropout=preset.dropout,
        classifier_dropout=preset.dropout,
    )  # fmt: skip
    rng = np.random.default_rng(seed)
    dtype = next(iter(tree.leaves(body.params)))[1].dtype
    outline = bert.outline(config, heads=(HEAD,))
    new = [part for part in outline if part not in body.params or part == HEAD]
    fresh = {part: shape_of.draw(rng, outline[part], dtype) for part in new}
    params = {part: fresh[part] if part in fresh else body.params[part] for part in outline}
    params = tree.map(np.ascontiguousarray, params)
    kept = {name: value for name, value in body.hub.items() if name not in ("architectures", "id2label", "label2id")}
    return Classifier(bert, params, config, body.tokenizer, labels=labels, problem=problem, hub=kept)


def untrained(preset, text, target=None):
    """A classifier with random weights and the words of `text` alone, without dropout: to be looked at."""
    still = replace(preset, dropout=0.0, embedding_dropout=0.0, classifier_dropout=0.0)
    return untrained_on(still, [text], EXAMPLE_LABELS, ONE)


def train(prepared, state=None):
    """Train; yields (Step, state) after each step, and ends early where nothing better comes."""
    preset, classifier, world = prepared.preset, prepared.classifier, ranks.world()
    optimiser = checkpoints.optimiser(classifier)
    state = state or loop.start(classifier.params, optimiser)
    best = read_best(prepared, state.step)
    found_at, score = world.first((best.step, best.score) if best else (0, -2.0))
    patience = preset.patience * prepared.epoch
    steps = running(prepared, state, optimiser) if state.step - found_at < patience else ()
    for step in steps:
        prepared.measured = None
        classifier.params = state.optimiser.get("average", state.params)
        if step.number % prepared.epoch == 0:
            value = measure(prepared)
            if value > score:
                found_at, score = step.number, value
                best = best_weights.Best(found_at, score, tree.map(np.array, classifier.params))
                if prepared.folder is not None:
                    best_weights.write(prepared.folder, best)
            prepared.metrics[f"best_{prepared.metric}"] = score
        yield step, state
        if step.number - found_at >= patience:
            break
    if best is not None:
        classifier.params, prepared.measured = best.params, None


def running(prepared, state, optimiser):
    """The loop's steps."""
    preset, classifier = prepared.preset, prepared.classifier
    warmup = max(1, round(preset.warmup * prepared.steps))
    settings: dict[str, Any] = {"decay": preset.decay}
    if optimiser is not adamw:
        settings["kept"] = preset.kept
    return loop.run(
        Task(classifier.model, prepared.frozen), classifier.config, state, prepared.train, steps=prepared.steps,
        optimiser=optimiser, seed=prepared.seed, settings=settings, shards=2,
        schedule=partial(schedules.cosine, peak=preset.peak, warmup=warmup, steps=prepared.steps),
        decay_mask=unfrozen if prepared.frozen else None,
    )  # fmt: skip


def unfrozen(params):
    """The decay's mask where a body is frozen: nothing of it decays, and so, without a gradient, nothing moves."""
    mask = adamw.decay_mask(params)
    return {part: mask[part] if part in ("pooler", HEAD) else tree.map(lambda _: False, mask[part]) for part in mask}


def read_best(prepared, step):
    """The best weights that the run knew after `step` steps, or None."""
    if prepared.folder is None or step == 0:
        return None
    return best_weights.read(prepared.folder, prepared.classifier.params, step)


def measure(prepared):
    """Measure the validation part; what the weights are chosen by."""
    classifier, held = prepared.classifier, prepared.parts["validation"]
    logits = classifier.logits_of(prepared.held)                           # (N, C)
    batch = labelled.answers(held, classifier.labels, classifier.problem)
    loss = float(classification.answered(logits.astype(np.float64), batch)[0])
    prepared.measured = evaluate.Evaluation(loss, float(np.exp(min(loss, 700))), len(held))
    value = chosen_by(classifier, classifier.scores(logits), held)
    prepared.metrics = {f"validation_{prepared.metric}": value}
    return value


def chosen_by(classifier, scores, examples):
    """Accuracy, micro F1 or correlation of scores (N, C)."""
    if classifier.problem == NUMBER:
        return numbers.correlation(scores[:, 0], np.array([each.answer for each in examples]))
    there = labelled.answers(examples, classifier.labels, classifier.problem)
    if classifier.problem == SEVERAL:
        return classes.micro_f1(classes.of_labels(scores > 0.5, there["labels"]))
    return classes.accuracy(scores.argmax(-1), there["label"])


def validation_loss(prepared, most=None):
    """The loss of a text over the validation part."""
    if prepared.measured is None:
        measure(prepared)
    return prepared.measured


def finish(prepared):
    """After the training: choose the threshold below which a text is out of scope, where texts may be."""
    classifier = prepared.classifier
    if classifier.outside is not None:
        largest = np.sort(classifier.scores(classifier.logits_of(prepared.held)).max(-1))
        classifier.threshold = float(largest[int((1 - ACCEPTED) * len(largest))])


def describe(prepared):
    """A few lines: what is trained on what, and what is odd in the data."""
    classifier, preset = prepared.classifier, prepared.preset
    sizes = ", ".join(f"{len(found)} {part}" for part, found in prepared.parts.items())
    what = "a number" if classifier.problem == NUMBER else f"{len(classifier.labels)} labels"
    what += ", any of them" if classifier.problem == SEVERAL else ""
    lines = [
        f"{prepared.data.form}; {sizes} texts of {what}; {classifier.tokenizer.size} tokens known; "
        f"{tree.size(classifier.params)} parameters{', all but the head frozen' if prepared.frozen else ''}; "
        f"at most {preset.epochs} epochs of {prepared.epoch} steps"
    ]
    if prepared.long:
        most = classifier.config.max_positions
        lines.append(f"{prepared.long} texts have more than {most} tokens: read in windows, each with the text's label")
    times = labelled.times(prepared.parts["train"], classifier.problem)
    once = [columns.printable(label) for label in classifier.labels if times[label] == 1]
    if once:
        lines.append(f"{len(once)} labels occur once, and little can be learnt of them: {', '.join(once[:5])}")
    return "\n".join(lines)


def sample(prepared, tokens=None):
    """What the classifier says of a text of the validation part by now."""
    each = prepared.parts["validation"][prepared.seed % len(prepared.parts["validation"])]
    return line(each.text, prepared.classifier.classify(each.text), 2) + f"   ({shown(each.answer)})"


def line(text, scores, most=3):
    """A text and its best labels, in a line."""
    best = ", ".join(f"{columns.printable(label)} {value:.3g}" for label, value in list(scores.items())[:most])
    return f"{columns.cut(columns.printable(text), 70)} → {best}"


def shown(answer):
    """An answer, as a person reads it."""
    if isinstance(answer, tuple):
        return columns.printable(", ".join(answer)) or "none"
    return columns.printable(answer) if isinstance(answer, str) else f"{answer:.4g}"


# Scoring -------------------------------------------------------------------------------------------------------------


@dataclass
class Report:
    """What a classifier is worth on labelled texts: figures by name, lines of a table, the worst mistakes.

    `table` (C, C) counts what each label (row) was taken for (column), where texts have one label.
    """

    figures: dict[str, float]
    lines: list[str]
    worst: list[str]
    table: np.ndarray | None = None


def score(classifier, examples, outsiders=(), progress=None):
    """The Report of a classifier on labelled texts; `outsiders` are texts that are out of its scope."""
    if not examples:
        raise InputError("every text is out of scope, so nothing can be scored; give some that are not")
    scores = classifier.scores(classifier.logits([each.text for each in examples], progress))  # (N, C)
    one = classifier.problem == ONE  # in scope, whether or not the threshold says so
    found = [classifier.labels[i] for i in scores.argmax(-1)] if one else classifier.predicted(scores)
    figures: dict[str, float] = {}
    if classifier.problem == NUMBER:
        there = np.array([each.answer for each in examples])
        figures |= {"mean squared error": numbers.mean_squared_error(scores[:, 0], there)}
        figures |= {"correlation": numbers.correlation(scores[:, 0], there)}
        cost = np.square(scores[:, 0] - there)                             # (N)
        return Report(figures, [], worst_of(examples, found, cost, cost > 0))
    if classifier.problem == SEVERAL:
        labels = labelled.answers(examples, classifier.labels, SEVERAL)["labels"]
        counts = classes.of_labels(scores > 0.5, labels)
        right = ((scores > 0.5) == labels).all(-1)                         # (N)
        figures |= {"micro F1": classes.micro_f1(counts), "all labels right": float(right.mean())}
        sure = np.abs(scores - labels).max(-1)                             # (N)
        return Report(figures, table_of(classifier.labels, counts), worst_of(examples, found, sure, ~right))
    ids = labelled.answers(examples, classifier.labels, ONE)["label"]      # (N)
    right, sure = scores.argmax(-1) == ids, scores.max(-1)                 # (N), (N)
    table = classes.confusion(scores.argmax(-1), ids, len(classifier.labels))
    figures |= {"accuracy": float(right.mean()), "macro F1": classes.macro_f1(table)}
    figures["calibration error"] = calibration.expected_error(sure, right)
    if outsiders and classifier.threshold is not None:
        beyond = classifier.scores(classifier.logits([each.text for each in outsiders], progress)).max(-1)
        figures["in-scope recall"] = float((sure >= classifier.threshold).mean())
        figures["out-of-scope recall"] = float((beyond < classifier.threshold).mean())
    return Report(
        figures, table_of(classifier.labels, classes.by_class(table)), worst_of(examples, found, sure, ~right), table
    )


def worst_of(examples, found, sure, wrong, most=50):
    """The mistakes that the classifier was most sure of, a line each."""
    order = [i for i in np.argsort(-sure, kind="stable") if wrong[i]][:most]
    return [
        f"{sure[i]:.3f}  line {examples[i].line}  {shown(found[i])}, not {shown(examples[i].answer)}: "
        f"{columns.printable(examples[i].text)}"
        for i in order
    ]


def table_of(labels, counts):
    """Precision, recall and F1 of each label, as lines."""
    names = [columns.cut(columns.printable(label), 30) for label in labels]
    width = max(map(columns.width, [*names, "label"]))
    return [f"{columns.left('label', width)}  precision  recall       F1  there"] + [
        f"{columns.left(name, width)}  {each.precision:9.2%} {each.recall:7.2%} {each.f1:8.2%} {each.there:6}"
        for name, each in zip(names, counts, strict=True)
    ]


def in_words(figures):
    """Figures in a line: shares as percentages, but for what is none."""
    plain = ("mean squared error", "correlation", "calibration error")
    return ", ".join(f"{name} {value:{'.4f' if name in plain else '.2%'}}" for name, value in figures.items())


def confusions(classifier, table, most=20):
    """The pairs of labels that were mistaken for each other most often, a line each."""
    wrong = (table - np.diag(np.diag(table))).reshape(-1)                  # (C · C)
    names = [columns.printable(label) for label in classifier.labels]
    pairs = [(wrong[i], *divmod(int(i), len(names))) for i in np.argsort(-wrong, kind="stable")[:most] if wrong[i]]
    return [f"{number:5}  {names[there]} taken for {names[found]}" for number, there, found in pairs]


def summary(folder, prepared):
    """The last lines: what the validation part says."""
    report = score(prepared.classifier, prepared.parts["validation"], prepared.outsiders["validation"])
    lines = report.lines if len(report.lines) <= 12 else []
    return "\n".join([*lines, f"validation: {in_words(report.figures)}"])


def next_command(folder, prepared):
    """What to try now: words of a command line."""
    each = prepared.parts["validation"][0]
    return ["minilm", "classify", str(folder), columns.printable(each.text)]
