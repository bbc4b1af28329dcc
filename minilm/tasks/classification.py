"""Classification: which class, which labels, or which number is a text's? Sentiment, intents, topics, marks. And a
trained classifier with its tokenizer: text in, labels with their probabilities out.

A batch is what objectives.read takes, with what is to be learnt, which says how:

    "label" (B) of ids         one label of several      softmax, cross-entropy
    "labels" (B, C) of bools   each label there or not   sigmoids, their cross-entropy
    "values" (B, 1) of floats  a number                  squared error

The model's head "sequence_classifier" makes logits (B, C). (Devlin et al. 2019, section 4.1, fine-tune a BERT so.)

OUT OF SCOPE: where every text has one label and some texts have none of them, a text whose largest probability is below
a threshold is said to be outside (Hendrycks and Gimpel 2017, section 2). It is chosen on the validation part.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from minilm import catalogue, loading
from minilm.arrays.sigmoid import sigmoid
from minilm.data.labelled import NUMBER, ONE, PROBLEMS, SEVERAL
from minilm.decoding.finite import require_finite
from minilm.errors import InputError, said
from minilm.ops import cross_entropy, sigmoid_cross_entropy, softmax, squared_error
from minilm.tasks import framing, objectives, shown, windows
from minilm.tasks.with_tokenizer import WithTokenizer

HEAD = "sequence_classifier"
NAME = "classification"  # of this application, in a run folder and in the catalogue
LOSSES = {"label": cross_entropy, "labels": sigmoid_cross_entropy, "values": squared_error}  # by what a batch has


@dataclass(frozen=True)
class Task:
    """Train `model`, a module whose head "sequence_classifier" makes logits (B, C).

    `frozen`: what a BERT has below its pooler stays as it is, reads without dropout, and has no gradient.
    """

    model: Any
    frozen: bool = False

    def count(self, batch):
        """The number of texts."""
        return len(batch["inputs"])

    def loss(self, params, batch, *, config, rng=None, count=None):
        """The mean loss of a text, and the cache."""
        bits = None if self.frozen else rng
        outputs, cache = objectives.read(self.model, params, batch, config=config, rng=bits)
        value, loss_cache = answered(outputs[HEAD], batch, count)
        return value, cache | {"loss": loss_cache}

    def loss_backward(self, params, cache, dloss=1.0, *, config, consume=False):
        """dloss, a scalar -> dparams. `consume`: the cache is read no more, and backward lets go of it as it goes."""
        ((asked, loss_cache),) = cache["loss"].items()
        dlogits = LOSSES[asked].backward(loss_cache, dloss)                # (B, C)
        more = {"frozen": True} if self.frozen else {}
        return self.model.backward(params, cache, {HEAD: dlogits}, config=config, consume=consume, **more)


def answered(logits, batch, count=None):
    """Logits (B, C) against what the batch says -> the mean loss of a text, {what it says: the loss's cache}."""
    (asked,) = LOSSES.keys() & batch.keys()
    value, cache = LOSSES[asked].forward(logits, batch[asked], count=count)
    return value, {asked: cache}


class Classifier(WithTokenizer):
    """`labels` are the classes by id (of a regression there is none), `problem` is one of data.labelled.PROBLEMS.

    `outside` is what a text is called whose largest probability is below `threshold`; None: no text is.
    """

    def __init__(
        self, model, params, config, tokenizer=None, *, labels=(), problem=ONE, outside=None, threshold=None,
        folder=None, hub=None,
    ):  # fmt: skip
        super().__init__(model, params, config, tokenizer, folder=folder, hub=hub)
        self.labels, self.problem = list(labels), problem
        self.outside, self.threshold = outside, threshold

    def __repr__(self) -> str:
        what = "a number" if self.problem == NUMBER else f"{len(self.labels)} labels"
        return shown.line(self, f"{self.config.vocabulary:,}, {what}")

    def classify(self, text: Any) -> Any:
        """{label: probability} of a text, the largest first; a list of them for a list of texts.

        Of several labels each has a probability of its own; a regression gives {"value": number}. Raises InputError for
        an empty text.
        """
        texts = [text] if isinstance(text, str) else list(text)
        names = self.labels or ["value"]
        found = []
        for row in self.scores(self.logits(texts)):
            order = np.argsort(-row, kind="stable") if self.labels else [0]
            found.append({names[i]: float(row[i]) for i in order})
        return found[0] if isinstance(text, str) else found

    def predict(self, texts: Any) -> list[Any]:
        """What each text is: its label (or `outside`), a tuple of labels, or a number."""
        return self.predicted(self.scores(self.logits(texts)))

    def predicted(self, scores):
        """Scores (N, C) -> a list of labels, tuples of labels, or numbers."""
        if self.problem == NUMBER:
            return [float(row[0]) for row in scores]
        if self.problem == SEVERAL:
            return [tuple(label for label, p in zip(self.labels, row, strict=True) if p > 0.5) for row in scores]
        best = scores.argmax(-1)                                           # (N)
        inside = np.ones(len(best), bool)                                  # (N)
        if self.outside is not None and self.threshold is not None:
            inside = scores.max(-1) >= self.threshold
        return [self.labels[i] if within else self.outside for i, within in zip(best, inside, strict=True)]

    def scores(self, logits):
        """logits (N, C) -> probabilities (N, C) in float64, or the numbers of a regression."""
        whole = logits.astype(np.float64)                                  # (N, C)
        if self.problem == NUMBER:
            return whole
        return sigmoid(whole) if self.problem == SEVERAL else softmax.forward(whole)[0]

    def logits(self, texts, progress=None):
        """The logits (N, C) of texts; of a text in several windows their mean, weighted by length.

        Raises InputError for an empty text, naming which.
        """
        cut = [self.windows(text, number) for number, text in enumerate(texts, start=1)]
        return self.logits_of(cut, progress)

    def logits_of(self, cut, progress=None):
        """`logits` of texts that are cut into windows of ids."""
        found = [ids for each in cut for ids in each]
        owners = np.repeat(np.arange(len(cut)), [len(each) for each in cut])
        weights = np.array([float(len(ids)) for ids in found])
        rows = windows.run(self.read, found, self.config.labels, self.params.get("blocks"), progress)  # (N, C)
        return require_finite(windows.mean(rows, owners, weights, len(cut)))

    def windows(self, text, number=1):
        """A text's ids, framed by [CLS] and [SEP]; in several windows where it is longer than the model reads."""
        if not text.strip():
            raise InputError(f"text {number} is empty; give some text to classify")
        ids, _ = framing.framed(self.tokenizer, text)
        loading.check_ids([ids], self.config.vocabulary)
        return windows.cut(ids, self.config.max_positions)

    def read(self, inputs, attend):
        """inputs (B, T) of ids, attend (B, T), True = counts -> logits (B, C)."""
        outputs, _ = self.model.forward(
            self.params, inputs, None, attend, np.zeros(inputs.shape, bool), config=self.config
        )
        return outputs[HEAD]

    def save(self, folder, training=None):
        """Write a run folder: settings, weights and the tokenizer's files."""
        own = {"problem": self.problem, "labels": self.labels, "outside": self.outside, "threshold": self.threshold}
        if NAME in catalogue.of(self.model).others:
            own["application"] = NAME
        super().save(folder, {**(training or {}), **own})

    def export(self, folder):
        """Write a folder that Transformers loads as BertForSequenceClassification. Raises InputError for a model that
        it has not."""
        names = self.labels or ["LABEL_0"]
        self.written(
            folder, architectures=["BertForSequenceClassification"], problem_type=self.problem,
            id2label={str(i): label for i, label in enumerate(names)},
            label2id={label: i for i, label in enumerate(names)},
        )  # fmt: skip

    @classmethod
    def load(cls, folder):
        """Read a run folder or a hub folder. Raises InputError, naming file and field, for whatever does not fit."""
        loaded = loading.read(folder, cls)
        if HEAD not in loaded.params:
            raise InputError(f"{folder}: no classifier in it; `minilm train classifier --from {folder}` makes one")
        given = of_hub(loaded) if loaded.hub else of_run(loaded)
        size = len(given["labels"]) or 1
        if size != loaded.config.labels:
            found = f"{size} labels are named, and the weights make {loaded.config.labels}"
            raise InputError(f"{folder}: {found}; train again")
        return cls(loaded.model, loaded.params, loaded.config, folder=loaded.folder, hub=loaded.hub, **given)


def of_hub(loaded):
    """Labels and problem as a config.json says them: where it says none, one label of several, LABEL_0 and so on."""
    problem = loaded.hub.get("problem_type") or (ONE if loaded.config.labels > 1 else NUMBER)
    if problem not in PROBLEMS:
        raise InputError(f"config.json: problem_type is {said(problem)}; known are {', '.join(PROBLEMS)}")
    names = loaded.hub.get("id2label")
    names = names if isinstance(names, dict) else {}
    labels = [str(names.get(str(i), f"LABEL_{i}")) for i in range(loaded.config.labels)]
    return {"labels": [] if problem == NUMBER else labels, "problem": problem}


def of_run(loaded):
    """Labels, problem, threshold as a run folder's settings have them. Raises InputError for what they cannot be."""
    place = f"{loaded.folder}/settings.json: training"
    said_by = {name: loaded.training.get(name) for name in ("labels", "problem", "outside", "threshold")}
    labels, problem, outside, threshold = said_by.values()
    if problem not in PROBLEMS:
        raise InputError(f"{place}.problem is {said(problem)}, not one of {', '.join(PROBLEMS)}; train again")
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels) or (
        len(set(labels)) != len(labels)
    ):
        raise InputError(f"{place}.labels is no list of different labels; train again")
    if not (outside is None or isinstance(outside, str)):
        raise InputError(f"{place}.outside is {said(outside)}, not a label; train again")
    if not (threshold is None or type(threshold) in (int, float)):
        raise InputError(f"{place}.threshold is {said(threshold)}, not a number; train again")
    return said_by
