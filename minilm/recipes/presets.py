"""The presets of the recipes, in numbers alone: by name, the one first that is taken unasked.

What the numbers mean stands with the Preset of each recipe, and what to expect of them in `minilm train MODEL -h`. That
help reads this file, so no NumPy is imported here.
"""

from typing import Any

TRANSLATION: dict[str, dict[str, Any]] = {
    "small": {
        "width": 192, "heads": 6, "inner": 768, "layers": 3, "steps": 3600, "tokens": 2800, "peak": 1.2e-3,
        "warmup": 300, "dropout": 0.2, "smoothing": 0.1, "minimum": 2,
    },
    "demo": {
        "width": 128, "heads": 4, "inner": 512, "layers": 2, "steps": 1550, "tokens": 1280, "peak": 2.5e-3,
        "warmup": 120, "dropout": 0.0, "smoothing": 0.05, "minimum": 1,
    },
    "tiny": {
        "width": 32, "heads": 2, "inner": 64, "layers": 1, "steps": 40, "tokens": 600, "peak": 3e-3,
        "warmup": 10, "dropout": 0.0, "smoothing": 0.0, "minimum": 1,
    },
}  # fmt: skip

LSTM: dict[str, dict[str, Any]] = {
    "article": {},  # the defaults
    "dropout": {"dropout": 0.5},
    "tiny": {"vocabulary": 200, "embedding": 16, "hidden": 24, "rows": 4, "length": 8, "epochs": 2, "rate": 1e-2},
}

_NANOGPT = {
    "layers": 4, "heads": 4, "width": 128, "context": 64, "rows": 12, "steps": 2000, "peak": 1e-3, "floor": 1e-4,
    "warmup": 100,
}  # fmt: skip
GPT: dict[str, dict[str, Any]] = {
    "nanogpt-cpu": _NANOGPT,
    "shakespeare": {**_NANOGPT, "steps": 1800, "peak": 3e-3},
    "names": {
        "layers": 4, "heads": 4, "width": 64, "context": 16, "rows": 128, "steps": 2200, "peak": 7e-3, "floor": 1e-4,
        "warmup": 100, "dropout": 0.05, "lines": True,
    },
    "gpt-2018": {**_NANOGPT, "model": "gpt"},
    "tiny": {
        "layers": 1, "heads": 2, "width": 32, "context": 32, "rows": 8, "steps": 40, "peak": 3e-3, "floor": 3e-4,
        "warmup": 10,
    },
}  # fmt: skip

GPT_CONTINUED = {  # without sizes: those are the model's that goes on
    "context": 256, "rows": 4, "steps": 100, "peak": 1e-4, "floor": 1e-5, "warmup": 10,
}  # fmt: skip

BERT: dict[str, dict[str, Any]] = {
    "small": {
        "vocabulary": 8000, "layers": 4, "heads": 4, "width": 128, "length": 40, "rows": 96, "steps": 1600,
        "peak": 1.5e-3, "warmup": 200,
    },
    "tiny": {
        "vocabulary": 200, "layers": 1, "heads": 2, "width": 32, "length": 24, "rows": 8, "steps": 40, "peak": 3e-3,
        "warmup": 10,
    },
}  # fmt: skip

TAGGING: dict[str, dict[str, Any]] = {
    "small": {"embedding": 64, "feature_embedding": 64, "hidden": 128, "rows": 10, "epochs": 7, "peak": 2e-3},
    "tiny": {
        "embedding": 8, "feature_embedding": 6, "hidden": 10, "rows": 4, "epochs": 10, "peak": 1e-2, "kept": 0.9,
        "minimum": 1,
    },
}  # fmt: skip

CLASSIFIER: dict[str, dict[str, Any]] = {
    "small": {
        "layers": 1, "heads": 6, "width": 192, "length": 128, "rows": 64, "epochs": 8, "peak": 1e-3,
        "embedding_dropout": 0.7, "dropout": 0.4, "forgotten": 0.5,
    },
    "intents": {
        "layers": 1, "heads": 6, "width": 192, "length": 64, "rows": 64, "epochs": 14, "peak": 2e-3,
        "embedding_dropout": 0.4, "dropout": 0.3, "forgotten": 0.2, "cut_into": "wordpiece", "pieces": 4000,
    },
    "fine-tuned": {"rows": 32, "epochs": 4, "peak": 6e-5, "dropout": 0.1},
    "tiny": {
        "layers": 1, "heads": 2, "width": 16, "length": 32, "rows": 8, "epochs": 3, "peak": 1e-2,
        "embedding_dropout": 0.1, "dropout": 0.1, "classifier_dropout": 0.1, "forgotten": 0.0,
    },
}  # fmt: skip
