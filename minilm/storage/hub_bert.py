"""BERT as Transformers keeps it: torch's linear layers hold (out, in); old files call gain and bias gamma and beta."""

from minilm.errors import InputError
from minilm.storage import fields, hub

# The parts that an architecture must have; others that the file holds are loaded too.
ARCHITECTURES = {
    "BertModel": ("pooler",),
    "BertForPreTraining": ("pooler", "masked", "next_sentence"),
    "BertForMaskedLM": ("masked",),
    "BertForNextSentencePrediction": ("pooler", "next_sentence"),
    "BertForSequenceClassification": ("pooler", "sequence_classifier"),
    "BertForTokenClassification": ("token_classifier",),
    "BertForQuestionAnswering": ("question_answering",),
}
PARTS = {
    "pooler": "pooler.dense.", "masked": "cls.predictions.", "next_sentence": "cls.seq_relationship.",
    "sequence_classifier": "classifier.", "token_classifier": "classifier.", "question_answering": "qa_outputs.",
}  # fmt: skip


def load(folder, model):
    """(params, config, the content of config.json) of a folder. Raises InputError, naming file and field.

    `model` is the module models.bert, handed in because storage knows no model.
    """
    settings = hub.Settings(folder)
    architecture = settings.architecture(ARCHITECTURES)
    config = read_config(settings, model.Config)
    tensors = hub.open_tensors(folder)
    try:
        params = read(folder, settings, config, tensors, model, architecture)
    except InputError as error:
        raise settings.explained(error) from None
    return params, config, settings.content


def read(folder, settings, config, tensors, model, architecture):
    """The tree of the parameters from the tensors of the file."""
    hub.require_room(settings, config, tensors, lambda config: len(entries(config, (), "")))
    prefix = "bert." if any(name.startswith("bert.") for name in tensors) else ""
    other = "token_classifier" if architecture == "BertForSequenceClassification" else "sequence_classifier"
    wanted = () if architecture == "BertModel" else ARCHITECTURES.get(architecture, ())  # that has a pooler or none
    parts = [
        part
        for part, start in PARTS.items()
        if part in wanted or (part != other and any(name.removeprefix(prefix).startswith(start) for name in tensors))
    ]
    heads = [part for part in parts if part != "pooler"]
    ballast = [f"{prefix}embeddings.position_ids"]
    where = hub.place(folder)
    if "masked" in parts:  # the tied decoder, once more
        hub.require_tied(where, tensors, "cls.predictions.decoder.weight", f"{prefix}embeddings.word_embeddings.weight")
        hub.require_tied(where, tensors, "cls.predictions.decoder.bias", "cls.predictions.bias")
        ballast += ["cls.predictions.decoder.weight", "cls.predictions.decoder.bias"]
    outline = model.outline(config, heads, with_pooler="pooler" in parts)
    return hub.read(where, tensors, entries(config, parts, prefix), outline, ballast)


def read_config(settings, kind):
    """The Config, a `kind`, from config.json. Raises InputError for what this code does not compute."""
    settings.require("hidden_act", ("gelu",), "gelu")
    settings.require("tie_word_embeddings", (True,), True)
    settings.require("position_embedding_type", ("absolute",), "absolute")
    settings.require("is_decoder", (False,), False)
    settings.require("add_cross_attention", (False,), False)
    dropout = settings.get("hidden_dropout_prob", fields.RATE, 0.1)
    names = settings.content.get("id2label")
    return kind(
        vocabulary=settings.get("vocab_size", fields.SIZE, 30522),
        max_positions=settings.get("max_position_embeddings", fields.SIZE, 512),
        segments=settings.get("type_vocab_size", fields.SIZE, 2),
        width=settings.get("hidden_size", fields.SIZE, 768),
        heads=settings.get("num_attention_heads", fields.SIZE, 12),
        inner=settings.get("intermediate_size", fields.SIZE, 3072),
        layers=settings.get("num_hidden_layers", fields.SIZE, 12),
        labels=len(names) if isinstance(names, dict) and names else settings.get("num_labels", fields.SIZE, None) or 2,
        attention_dropout=settings.get("attention_probs_dropout_prob", fields.RATE, 0.1),
        dropout=dropout,
        classifier_dropout=settings.get("classifier_dropout", fields.RATE, dropout),
        eps=settings.get("layer_norm_eps", fields.EPSILON, 1e-12),
    )


def save(folder, params, config, settings=None, max_bytes=None):
    """Write a folder that Transformers loads; `settings` are further fields of config.json."""
    parts = [part for part in PARTS if part in params]
    named = (settings or {}).get("architectures") or []
    fits = [name for name, needs in ARCHITECTURES.items() if set(needs) <= set(parts)]
    most = max(fits, key=lambda name: len(ARCHITECTURES[name]), default="BertModel")
    architecture = named[0] if named else most
    known = {
        "model_type": "bert", "architectures": [architecture], "vocab_size": config.vocabulary,
        "max_position_embeddings": config.max_positions, "type_vocab_size": config.segments,
        "hidden_size": config.width, "num_attention_heads": config.heads, "intermediate_size": config.inner,
        "num_hidden_layers": config.layers, "attention_probs_dropout_prob": config.attention_dropout,
        "hidden_dropout_prob": config.dropout, "classifier_dropout": config.classifier_dropout,
        "layer_norm_eps": config.eps, "hidden_act": "gelu",
        "tie_word_embeddings": True,
    }  # fmt: skip
    if "id2label" not in (settings or {}):
        known["id2label"] = {str(i): f"LABEL_{i}" for i in range(config.labels)}
        known["label2id"] = {f"LABEL_{i}": i for i in range(config.labels)}
    prefix = "" if architecture == "BertModel" else "bert."
    hub.write(folder, params, entries(config, parts, prefix), (settings or {}) | known, max_bytes)


def entries(config, parts, prefix):
    """The table of the tensors."""
    table = [
        hub.Entry(f"{prefix}embeddings.word_embeddings.weight", ("embedding.tokens.weight",)),
        hub.Entry(f"{prefix}embeddings.position_embeddings.weight", ("embedding.positions.weight",)),
        hub.Entry(f"{prefix}embeddings.token_type_embeddings.weight", ("segments.weight",)),
        *norm(f"{prefix}embeddings.LayerNorm", "embedding_norm"),
    ]
    for i in range(config.layers):
        ours, theirs = f"blocks.{i}", f"{prefix}encoder.layer.{i}"
        for name in ("query", "key", "value"):
            table += linear(f"{theirs}.attention.self.{name}", f"{ours}.attention.{name}")
        table += linear(f"{theirs}.attention.output.dense", f"{ours}.attention.output")
        table += norm(f"{theirs}.attention.output.LayerNorm", f"{ours}.attention_norm")
        table += linear(f"{theirs}.intermediate.dense", f"{ours}.feed_forward.expand")
        table += linear(f"{theirs}.output.dense", f"{ours}.feed_forward.contract")
        table += norm(f"{theirs}.output.LayerNorm", f"{ours}.feed_forward_norm")
    for part in parts:
        if part == "masked":
            table += linear("cls.predictions.transform.dense", "masked.transform")
            table += norm("cls.predictions.transform.LayerNorm", "masked.norm")
            table.append(hub.Entry("cls.predictions.bias", ("masked.bias",), also=("cls.predictions.decoder.bias",)))
        else:
            table += linear((prefix if part == "pooler" else "") + PARTS[part].rstrip("."), part)
    return table


def linear(theirs, ours):
    return [
        hub.Entry(f"{theirs}.weight", (f"{ours}.weight",), transposed=True),
        hub.Entry(f"{theirs}.bias", (f"{ours}.bias",)),
    ]


def norm(theirs, ours):
    return [
        hub.Entry(f"{theirs}.weight", (f"{ours}.gain",), also=(f"{theirs}.gamma",)),
        hub.Entry(f"{theirs}.bias", (f"{ours}.bias",), also=(f"{theirs}.beta",)),
    ]
