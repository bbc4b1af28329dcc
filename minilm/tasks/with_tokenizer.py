"""What a language model and a BERT with text in and text out share: a tokenizer, and the folders that they write."""

from functools import cached_property
from pathlib import Path

from minilm import catalogue, loading
from minilm.errors import InputError
from minilm.storage import run_folder
from minilm.tasks import shown


class WithTokenizer:
    """`model` (the module), `params`, `config`; `tokenizer` None means: look into `folder` when text is first needed.

    `hub` is the content of config.json, where the model came from a folder as Transformers keeps it.
    """

    steps_trained: int | None = None  # how far its training has come, and how far it was to go: minilm.load says so
    steps_planned: int | None = None

    def __init__(self, model, params, config, tokenizer=None, *, folder=None, hub=None):
        self.model, self.params, self.config, self.folder, self.hub = model, params, config, folder, hub or {}
        if tokenizer is not None:
            self.tokenizer = tokenizer

    def __repr__(self) -> str:
        return shown.line(self, f"{self.config.vocabulary:,}")

    @cached_property
    def tokenizer(self):
        """The tokenizer that was given, or the folder's. Raises InputError where there is neither."""
        if self.folder is None:
            raise InputError("this model has no tokenizer; give it one")
        return loading.tokenizer(self.folder)

    @property
    def name(self):
        """The name of the model's module."""
        return self.model.__name__.rpartition(".")[2]

    def save(self, folder, training=None):
        """Write a run folder: settings, weights and the tokenizer's files."""
        run_folder.write_settings(folder, self.name, self.config, training or {})
        run_folder.write_weights(folder, self.params)
        self.save_tokenizer(folder)

    def written(self, folder, **said):
        """Write a folder that Transformers loads, with `said` in its config.json. Raises InputError for a model that
        Transformers does not have."""
        known = catalogue.columns("hub")
        if self.name not in known:
            raise InputError(f"a {self.name} cannot be written for Transformers; only {' and '.join(known)} can")
        catalogue.imported(known[self.name]).save(folder, self.params, self.config, self.hub | said)
        self.save_tokenizer(folder)

    def export(self, folder):
        """Write a folder that Transformers loads. Raises InputError for a model that it lacks."""
        self.written(folder)

    def save_tokenizer(self, folder):
        """Write the tokenizer's files, but not over those that it would be read from."""
        if self.folder is not None and Path(self.folder).resolve() == Path(folder).resolve():
            return
        if "tokenizer" in self.__dict__ or self.folder is not None:
            self.tokenizer.save(folder)
