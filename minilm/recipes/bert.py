"""The recipe of a BERT: a text file -> WordPiece, documents, both objectives, a run folder.

The file is running text, a sentence a line with empty lines between documents, or tab-separated: then each line is a
document of its own, and its first two columns are its sentences. (With translations in them, the next-sentence
objective asks whether the second is the translation of the first.) A tenth of the documents is held back; they are
shuffled before. The loss that is shown of them is that of the masked tokens alone.
"""

import re
from dataclasses import dataclass
from functools import partial

import numpy as np

from minilm import tree
from minilm.data import masked_tokens, random_streams
from minilm.errors import InputError
from minilm.models import bert
from minilm.recipes import plain_text, presets
from minilm.tasks import pretraining
from minilm.tasks.masked_tokens import CLASS, MASK, SEPARATOR, MaskedModel, Task
from minilm.text.chinese import HAN
from minilm.text.wordpiece import WordPiece
from minilm.training import evaluate, loop, schedules

_VALIDATION = 1_000_003  # the seed's offset for batches that are validated on
VALIDATION_ROWS, VALIDATION_BATCHES = 64, 16
WORD = re.compile(f"[{HAN}]|[^\\W{HAN}]+|\\S")
SHORTEST = 5  # tokens of a pair: its three marks, and one of each sentence
EXAMPLE = "to be or not to be"  # a text to look at an untrained model with


@dataclass(frozen=True, kw_only=True)
class Preset:
    """Sizes and training of a BERT."""

    vocabulary: int
    layers: int
    heads: int
    width: int
    length: int
    rows: int
    steps: int
    peak: float
    warmup: int
    dropout: float = 0.0
    decay: float = 0.01


PRESETS = {name: Preset(**numbers) for name, numbers in presets.BERT.items()}


@dataclass
class Prepared:
    """An untrained BERT with its data: `train` gives batch i, `validation` all batches, `first` their loss by now."""

    masked_model: MaskedModel
    train: partial
    validation: list
    preset: Preset
    seed: int
    documents: int
    example: str
    form: str = "sentences, a line each"
    first: float = 0.0

    @property
    def trained(self):
        """What the training trains."""
        return self.masked_model

    @property
    def steps(self):
        """The steps of the whole training."""
        return self.preset.steps


def prepare(path, preset, seed=0):
    """Read documents, hold a tenth back, learn WordPiece, draw random weights. Raises InputError, naming the file."""
    if preset.length < SHORTEST:
        raise InputError(f"--context {preset.length}: a pair of sentences has {SHORTEST} tokens or more; give as many")
    documents = read_documents(path)
    order = random_streams.generator(random_streams.SPLIT_OF_DOCUMENTS, seed).permutation(len(documents))
    held = max(2, len(documents) // 10)
    parts = {"validation": [documents[i] for i in order[:held]], "train": [documents[i] for i in order[held:]]}
    text = [sentence for document in parts["train"] for sentence in document]
    tokenizer = WordPiece.train(text, preset.vocabulary)
    given = {
        "length": preset.length, "vocabulary": tokenizer.size, "start": tokenizer.ids[CLASS],
        "separator": tokenizer.ids[SEPARATOR], "mask_id": tokenizer.ids[MASK], "pad": tokenizer.ids["[PAD]"],
        "unknown": tokenizer.ids["[UNK]"],
    }  # fmt: skip
    try:
        ids = {
            part: masked_tokens.Documents([[tokenizer.encode(one) for one in document] for document in found])
            for part, found in parts.items()
        }
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    validation = [
        masked_tokens.pretraining_batch(
            ids["validation"], seed=seed + _VALIDATION, step=step, rows=VALIDATION_ROWS, **given
        )
        for step in range(VALIDATION_BATCHES)
    ]
    config = bert.Config(
        vocabulary=tokenizer.size, max_positions=preset.length, segments=2, width=preset.width, heads=preset.heads,
        inner=4 * preset.width, layers=preset.layers,
        attention_dropout=preset.dropout, dropout=preset.dropout,
    )  # fmt: skip
    params = bert.init(np.random.default_rng(seed), config, deviation=preset.width**-0.5)
    example = max(parts["validation"][:20], key=lambda document: len(document[0]))[0]
    batch = partial(batch_at, ids["train"], seed, preset.rows, given)
    masked_model = MaskedModel(params, config, tokenizer)
    prepared = Prepared(masked_model, batch, validation, preset, seed, len(documents), example, form_of(path))
    prepared.first = validation_loss(prepared, 4).loss
    return prepared


def untrained(preset, text, target=None):
    """A BERT with random weights and the pieces of `text` (and `target`) alone, without dropout: to be looked at."""
    tokenizer = WordPiece.train(f"{text} {target or ''}", preset.vocabulary)
    config = bert.Config(
        vocabulary=tokenizer.size, max_positions=preset.length, segments=2, width=preset.width, heads=preset.heads,
        inner=4 * preset.width, layers=preset.layers, attention_dropout=0.0, dropout=0.0,
    )  # fmt: skip
    params = bert.init(np.random.default_rng(0), config, deviation=preset.width**-0.5)
    return MaskedModel(params, config, tokenizer)


def batch_at(documents, seed, rows, given, index):
    """Batch `index`."""
    return masked_tokens.pretraining_batch(documents, seed=seed, step=index, rows=rows, **given)


def form_of(path):
    """How `read_documents` reads a file, in words."""
    pairs = "\t" in plain_text.read(path).strip("\n").split("\n")[0]
    return "tab-separated pairs, a line each" if pairs else "a sentence a line, an empty line between documents"


def read_documents(path):
    """[[sentence, ...], ...]. Raises InputError, naming the file, where there are fewer than four documents."""
    lines = [line.strip() for line in plain_text.read(path).split("\n")]
    filled = [number for number, line in enumerate(lines, start=1) if line]
    paired = [number for number in filled if "\t" in lines[number - 1]]
    if 2 * len(paired) > len(filled) and len(paired) < len(filled):  # one line must not decide what all the others are
        number = next(number for number in filled if "\t" not in lines[number - 1])
        raise InputError(
            f"{path}:{number}: no tab, and {len(paired)} of {len(filled)} lines have one; give pairs in all or in none"
        )
    if filled and len(paired) == len(filled):
        documents = [[column.strip() for column in line.split("\t")[:2] if column.strip()] for line in lines if line]
    else:
        documents = [[]]
        for line in lines:
            if line:
                documents[-1].append(line)
            elif documents[-1]:
                documents.append([])
    documents = [document for document in documents if document]
    if len(documents) < 4 or not any(len(document) > 1 for document in documents):
        raise InputError(
            f"{path}: {len(documents)} documents are too few; a sentence a line, and an empty line between documents"
        )
    return documents


def train(prepared, state=None):
    """Train on both objectives; yields (Step, state) after each step."""
    preset, masked_model = prepared.preset, prepared.masked_model
    shape = {"peak": preset.peak, "warmup": preset.warmup, "steps": preset.steps, "floor": preset.peak / 100}
    state = state or loop.start(masked_model.params)
    for step in loop.run(
        pretraining.Task(bert), masked_model.config, state, prepared.train, steps=preset.steps, seed=prepared.seed,
        schedule=partial(schedules.cosine, **shape), settings={"decay": preset.decay}, shards=2,
    ):  # fmt: skip
        masked_model.params = state.params
        yield step, state


def validation_loss(prepared, most=None):
    """Loss and perplexity of a masked token over the held-back documents (their first `most` batches)."""
    model = prepared.masked_model
    return evaluate.evaluate(Task(bert), model.config, model.params, prepared.validation[:most])


def validation_objective(prepared, most=None):
    """What training lowers, masked tokens and next sentences together, over the same documents: beside its curve."""
    model = prepared.masked_model
    return evaluate.evaluate(pretraining.Task(bert), model.config, model.params, prepared.validation[:most])


def following(prepared):
    """The share of the held-back pairs of which the model knows whether the second follows the first."""
    model, right, pairs = prepared.masked_model, 0, 0
    for batch in prepared.validation:
        none = np.zeros(batch["inputs"].shape, bool)
        outputs, _ = bert.forward(
            model.params, batch["inputs"], batch["segments"], batch["attend"], none, config=model.config
        )
        right += int((outputs["next_sentence"].argmax(-1) == batch["next_sentence"]).sum())
        pairs += len(none)
    return right / pairs


def describe(prepared):
    """One line: what is trained on what."""
    model, preset = prepared.masked_model, prepared.preset
    return (
        f"{prepared.documents} documents, read as {prepared.form}; {model.tokenizer.size} word pieces; "
        f"{tree.size(model.params)} parameters; "
        f"{preset.steps} steps; masked-token loss before the first: {prepared.first:.3f}"
    )


def masked_example(prepared):
    """A held-back sentence as it stands in the file, with a word near its middle masked, and that word.

    The word is one token where there is such a word. Of a sentence that is longer than the model reads the end goes.
    """
    encode, text = prepared.masked_model.tokenizer.encode, prepared.example
    words = [match.span() for match in WORD.finditer(text)]
    while len(words) > 1 and len(encode(text)) > prepared.preset.length - 2:
        text = text[: words.pop()[0]].rstrip()
    middle = len(words) // 2
    whole = [i for i, (begin, end) in enumerate(words) if text[begin].isalnum() and len(encode(text[begin:end])) == 1]
    begin, end = words[min(whole, key=lambda i: abs(i - middle), default=middle)]
    return f"{text[:begin]}{MASK}{text[end:]}", text[begin:end]


def sample(prepared, tokens=3):
    """What the model fills in by now."""
    text, answer = masked_example(prepared)
    found = prepared.masked_model.fill(text, min(tokens, 5))[0]
    return f"{text} → " + ", ".join(f"{token} {p:.0%}" for token, p in found) + f"   (it was: {answer})"


def summary(folder, prepared):
    """The last lines: what the held-back documents say."""
    measured = validation_loss(prepared)
    return (
        f"next sentence: {following(prepared):.1%} of the held-back pairs right\n"
        f"masked tokens: loss {prepared.first:.3f} before training, {measured.loss:.3f} after it\n"
        f"validation: perplexity {measured.perplexity:.2f}, loss {measured.loss:.4f}"
    )


def next_command(folder, prepared):
    """What to try now: words of a command line."""
    return ["minilm", "fill", str(folder), masked_example(prepared)[0]]
