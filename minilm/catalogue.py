"""The one list of models: what belongs to each, by name. No other file compares models by name or identity.

The names are text and are imported when they are asked for, so that the list costs nothing to read. A new model is its
file, what is new under it, and a row here.
"""

from importlib import import_module
from typing import Any, NamedTuple


class Row(NamedTuple):  # no dataclass, whose import takes longer than all of `minilm --help`
    """A model. `name` is that of its module, of a run folder's settings.json, and of a config.json's model_type."""

    name: str
    application: str  # module:class, a trained model with text in and text out
    task: str  # module: the Task that its training drives
    recipe: str  # module: PRESETS, prepare, train ...
    command: str  # `minilm train COMMAND`, and RECIPE in `minilm cost RECIPE:PRESET`
    costs: str  # module: its parts, counted
    optimiser: str = "adamw"  # module of minilm.training: what it is trained with
    hub: str | None = None  # module: the adapter for folders as Transformers keeps them
    benchmarks: dict[str, str] = {}  # cases of a training step, and what each measures
    others: dict[str, str] = {}  # {name: module:class}, what else a folder may say that its model is for
    released: str | None = None  # what the defaults of its Config are, where `minilm cost NAME` asks for them

    def application_of(self, name: str | None) -> str | None:
        """module:class of the application called so, None for the model's first; None where there is none."""
        return self.application if name is None else self.others.get(name)

    @property
    def module(self) -> Any:
        """minilm.models.NAME."""
        return import_module(f"minilm.models.{self.name}")

    def part(self, column: str) -> Any:
        """What a column names, imported."""
        return imported(getattr(self, column))


LANGUAGE: dict[str, Any] = {
    "application": "minilm.tasks.language_modelling:LanguageModel", "task": "minilm.tasks.language_modelling",
}  # fmt: skip

ROWS = {
    row.name: row
    for row in (
        Row(
            name="gpt2", **LANGUAGE, recipe="minilm.recipes.gpt", command="gpt", costs="minilm.costs.gpt2",
            hub="minilm.storage.hub_gpt2", released="GPT-2 of 124M parameters",
            benchmarks={
                "gpt-small": "GPT: 4 layers, 4 heads, width 128, context 64, batch 12, vocabulary 65; a training step",
                "gpt-medium": "GPT: 6 layers, 6 heads, width 384, context 256, batch 8, vocabulary 65; a training step",
            },
        ),
        Row(name="gpt", **LANGUAGE, recipe="minilm.recipes.gpt", command="gpt", costs="minilm.costs.gpt"),
        Row(
            name="encoder_decoder", application="minilm.tasks.translation:Translator", task="minilm.tasks.translation",
            recipe="minilm.recipes.translation", command="encoder-decoder", costs="minilm.costs.encoder_decoder",
            benchmarks={
                "encoder-decoder": "3+3 layers, width 256, inner 1,024, vocabulary 8,000, batch 64 of 20+20; "
                "a training step",
            },
        ),
        Row(
            name="lstm_lm", **LANGUAGE, recipe="minilm.recipes.lstm", command="lstm", costs="minilm.costs.recurrent",
            optimiser="adam",
            benchmarks={"lstm": "the article's LSTM: 10,000 / 256 / 512, batch 32, 35 positions; a training step"},
        ),
        Row(
            name="bert", application="minilm.tasks.masked_tokens:MaskedModel", task="minilm.tasks.pretraining",
            recipe="minilm.recipes.bert", command="bert", costs="minilm.costs.bert", hub="minilm.storage.hub_bert",
            others={
                "sentence_vectors": "minilm.tasks.sentence_vectors:SentenceEncoder",
                "classification": "minilm.tasks.classification:Classifier",
                "tagger": "minilm.tasks.piece_tagging:PieceTagger",
            },
            benchmarks={"bert": "BERT: 4 layers, width 256, length 128, batch 16, masked tokens; a training step"},
        ),
        Row(
            name="text_classifier", application="minilm.tasks.classification:Classifier",
            task="minilm.tasks.classification", recipe="minilm.recipes.classification", command="classifier",
            costs="minilm.costs.text_classifier", optimiser="averaged",
        ),
        Row(
            name="lstm_tagger", application="minilm.tasks.tagging:Tagger", task="minilm.tasks.tagging",
            recipe="minilm.recipes.tagging", command="tagger", costs="minilm.costs.tagger", optimiser="averaged",
            benchmarks={
                "tagger": "BiLSTM and random field: embeddings 64 + 64, hidden 128, batch 20 of 32, 33 tags; "
                "a training step"
            },
        ),
    )
}  # fmt: skip


def imported(text: str) -> Any:
    """The module, or with a colon what is in it, that `text` names."""
    module, _, attribute = text.partition(":")
    return getattr(import_module(module), attribute) if attribute else import_module(module)


def of(model: Any) -> Row:
    """The row of a model's module."""
    return ROWS[model.__name__.rpartition(".")[2]]


def columns(column: str, key: str = "name") -> dict[str, Any]:
    """{row's key: what it has in that column}, of the rows that have something there."""
    return {getattr(row, key): getattr(row, column) for row in ROWS.values() if getattr(row, column)}


def benchmarked(case: str) -> Row | None:
    """The model whose training step a case of `minilm bench` measures, or None."""
    return next((row for row in ROWS.values() if case in row.benchmarks), None)


def case(name: str) -> Any:
    """The module of a case of `minilm bench`."""
    return imported(f"minilm.benchmarks.{name.replace('-', '_')}")
