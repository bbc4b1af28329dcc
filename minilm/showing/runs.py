"""A run worth following: a model and a text, and the call that takes the one through the other.

`of(name, text, ...)` finds the model (a folder, or a recipe's preset with random weights), makes the batch of one text,
and returns a Run; nothing of the model has been computed then. `minilm trace` records what `call()` does.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from minilm import catalogue, loading
from minilm.data import labelled, sequences, tag_schemes
from minilm.errors import InputError, said
from minilm.models import bert, encoder_decoder
from minilm.tasks import classification, language_modelling, pretraining, tagging, translation
from minilm.tasks.classification import Classifier
from minilm.tasks.language_modelling import LanguageModel
from minilm.tasks.masked_tokens import MASK, SEPARATOR, MaskedModel
from minilm.tasks.tagging import Tagger
from minilm.tasks.translation import Translator
from minilm.text.vocabulary import END, START
from minilm.training import clipping

CLIP, RATE = 1.0, 1e-3  # of the update that is shown
MOST_WORDS = 3000  # in a vocabulary that a page names the columns of its logits by


@dataclass
class Run:
    """`call()` runs it, and returns the text that came out where one did; `params` is the tree whose paths are the
    addresses; `subject`: the text and, where it is known before, what should become of it.

    `labels` names the words on the axes: "source" and "target" by position, "source_vocabulary" and
    "target_vocabulary" by id. `backward`: whether the way back is part of it, and then `loss` repeats the way there: a
    function of the parameters, the scalar whose gradient was taken.
    """

    kind: str
    subject: list[str]
    params: Any
    call: Callable[[], Any]
    backward: bool
    labels: dict[str, list[str]] = field(default_factory=dict)
    loss: Callable[[Any], Any] | None = None
    rooms: tuple[str, ...] = ()  # of the package, to be followed beside those of the model
    learned: tuple[Any, Any, dict[str, Any]] | None = None  # of a run with a way back: task, Config, batch


def of(name: str, text: str | None = None, target: str | None = None, backward: bool = False, tokens: int = 0) -> Run:
    """The Run of a model by its name and a text.

    `name`: a folder, or gpt, lstm, bert, encoder-decoder, tagger with random weights, with a preset as gpt:nanogpt-cpu
    (tiny otherwise). `target`: what the model should say; it makes the run a training step's. `tokens`: generate so
    many. Raises InputError, naming what there is, for what cannot be.
    """
    recipe, _, preset = name.partition(":")
    known = recipes()
    if Path(name).is_dir():
        example = loading.row_of(name)[1].part("recipe").EXAMPLE
        model, text = loading.load(name), example if text is None else text
    elif recipe in known:
        found = known[recipe]
        if (preset or "tiny") not in found.PRESETS:
            raise InputError(f"{recipe} has no preset {said(preset)}; there are {', '.join(found.PRESETS)}")
        text = found.EXAMPLE if text is None else text
        if backward and target is None:
            target = getattr(found, "EXAMPLE_TARGET", None)
        model = found.untrained(found.PRESETS[preset or "tiny"], text, target)
    else:
        names = ", ".join((*known, *(f"{recipe}:PRESET" for recipe in known)))
        raise InputError(f"{said(name)} is no folder and no model; there are {names}")
    return of_model(model, text, target, backward, tokens)


def of_model(model: Any, text: str, target: str | None = None, backward: bool = False, tokens: int = 0) -> Run:
    """`of` a model that is there already: a Translator, a LanguageModel, a MaskedModel, a Classifier or a Tagger."""
    if isinstance(model, Translator):
        return of_translator(model, text, target, backward, tokens)
    if isinstance(model, MaskedModel):
        return of_masked_model(model, text, target, backward, tokens)
    if isinstance(model, Classifier):
        return of_classifier(model, text, target, backward, tokens)
    if isinstance(model, Tagger):
        return of_tagger(model, text, target, backward, tokens)
    return of_language_model(model, text, target, backward, tokens)


def recipes() -> dict[str, Any]:
    """{name on the command line: the recipe's module}."""
    return {name: catalogue.imported(module) for name, module in catalogue.columns("recipe", "command").items()}


def of_translator(translator: Translator, text: str, target: str | None, backward: bool, tokens: int = 0) -> Run:
    """Translate `text` word by word or, with a target or the way back, one training step on the pair."""
    if tokens:
        raise InputError("--generate is for a model that goes on with a text; a translation ends by itself")
    source = translator.encode(text)
    known = translator.target_vocabulary.words
    labels = {"source": translator.words(text)}
    for side, vocabulary in (("source", translator.source_vocabulary), ("target", translator.target_vocabulary)):
        if len(vocabulary) <= MOST_WORDS:
            labels[f"{side}_vocabulary"] = list(vocabulary.words)
    if not backward and target is None:
        return Run("encoder_decoder", [text], translator.params, lambda: translator.translate(text), False, labels)
    if target is None:
        (answer,) = translator.search([source])
        target = translator.decode(answer)  # of a model that knows nothing it may be empty: the end mark alone
    else:
        words = translator.target_language.split(target)
        answer = translator.target_vocabulary.encode(translation.with_known_spaces(words, translator.target_vocabulary))
        if not answer:
            raise InputError("the target has no words; give another --target")
    longest = translator.config.max_positions
    if len(answer) >= longest:
        found = f"the target has {len(answer)} words"
        raise InputError(f"{found}, the model writes at most {longest - 1}; give another --target")
    ids = [START, *answer, END]
    labels["target"] = [known[number] for number in ids[:-1]]
    task = translation.Task(encoder_decoder)

    def batch_of():
        return {"source": np.array([translator.encode(text)]), "target": np.array([ids])}

    def call():
        batch = batch_of()

        def spoken(cache):
            best = cache["logits"][0].argmax(-1).tolist()
            translator.decode(best[: best.index(END)] if END in best else best)

        return step(task, translator, batch, backward, spoken)

    loss = repeated(task, translator, batch_of()) if backward else None
    learned = (task, translator.config, batch_of()) if backward else None
    return Run("encoder_decoder", [text, target], translator.params, call, backward, labels, loss, learned=learned)


def of_language_model(model: LanguageModel, text: str, target: str | None, backward: bool, tokens: int = 0) -> Run:
    """Read `text` and, with the way back, learn from it; or go on with it by `tokens` tokens."""
    if target is not None:
        raise InputError("--target is for a translator; a language model's targets are its text's own next tokens")
    (ids,) = model.encode([text])
    if model.context is not None and len(ids) > model.context:
        raise InputError(f"the text has {len(ids)} tokens, the model reads at most {model.context}; shorten it")
    labels = {"source": [spelt(model, token) for token in ids]}
    if model.config.vocabulary <= MOST_WORDS:
        labels["target_vocabulary"] = [spelt(model, token) for token in range(model.config.vocabulary)]
    if tokens:
        if backward:
            raise InputError("--generate and --backward exclude each other: generation has no way back")

        def generate():
            return model.generate(text, tokens, temperature=0)

        return Run(model.name, [text], model.params, generate, False, labels)
    if len(ids) < 2:
        raise InputError(f"the text {said(text)} has {len(ids)} token; give two or more")
    labels["source"] = labels["source"][:-1]
    task = language_modelling.Task(model.model)

    def batch_of():
        (read,) = model.encode([text])
        return {"inputs": np.array([read[:-1]]), "targets": np.array([read[1:]])}

    def call():
        return step(task, model, batch_of(), backward)

    loss = repeated(task, model, batch_of()) if backward else None
    learned = (task, model.config, batch_of()) if backward else None
    return Run(model.name, [text], model.params, call, backward, labels, loss, learned=learned)


def of_masked_model(model: MaskedModel, text: str, target: str | None, backward: bool, tokens: int = 0) -> Run:
    """Read `text`, answer its masks and, with the way back, learn what stands there (`target`, or the text itself).

    A text with a [SEP] in it is two, of which the second follows the first: the model is asked that too, where it can.
    """
    if tokens:
        raise InputError("--generate is for a model that goes on with a text; this one fills masks")
    first, between, second = (part.strip() for part in text.partition(model.spelling(SEPARATOR)))
    pair = (first, second) if between and "next_sentence" in model.params else (text,)
    inputs, segments = model.encode(*pair)
    mask_id = model.id_of(MASK)
    places, targets = inputs == mask_id, inputs.copy()
    if target is not None:
        answer = model.words(target, [])
        if len(answer) != places.sum():
            found = f"--target has {len(answer)} tokens and the text {int(places.sum())} {MASK}"
            raise InputError(f"{found}; give a token for each")
        targets[places] = answer
    elif backward and places.any():
        raise InputError(f"the text has a {MASK}; say with --target what stands there")
    elif not places.any():  # the middle token is hidden, and asked for
        places[0, inputs.shape[1] // 2] = True
    names = {number: token for token, number in model.tokenizer.ids.items()}
    labels = {"source": [names.get(int(token), str(token)) for token in np.where(places, mask_id, inputs)[0]]}
    if model.config.vocabulary <= MOST_WORDS:
        labels["target_vocabulary"] = [names.get(number, "") for number in range(model.config.vocabulary)]
    asked_for = {"masked": "masked" in model.params, "next_sentence": len(pair) == 2}
    if not any(asked_for.values()):
        if backward:
            raise InputError("this BERT has no head for masked tokens, so there is no way back; leave out --backward")

        def read():
            return model.outputs(inputs, segments)

        return Run(model.name, [text], model.params, read, False, labels)
    task = pretraining.Task(bert)

    def batch_of():
        given = model.encode(*pair)[0]                                     # (1, T)
        batch = {"inputs": given, "segments": segments}
        if asked_for["masked"]:
            batch |= {"inputs": np.where(places, mask_id, given), "targets": targets, "mask": places}
        return batch | ({"next_sentence": np.array([0])} if asked_for["next_sentence"] else {})

    def call():
        return step(task, model, batch_of(), backward)

    loss = repeated(task, model, batch_of()) if backward else None
    learned = (task, model.config, batch_of()) if backward else None
    return Run(model.name, [text], model.params, call, backward, labels, loss, learned=learned)


def of_classifier(model: Classifier, text: str, target: str | None, backward: bool, tokens: int = 0) -> Run:
    """Classify `text` or, with a label as the target or the way back, one training step."""
    if tokens:
        raise InputError("--generate is for a model that goes on with a text; this one classifies it")
    (ids, *more) = model.windows(text)
    if more:
        raise InputError(f"the text is longer than the {model.config.max_positions} tokens that are read; shorten it")
    names = {number: token for token, number in model.tokenizer.ids.items()}
    labels = {"source": [names.get(token, str(token)) for token in ids], "target_vocabulary": list(model.labels)}
    if not backward and target is None:
        return Run(model.name, [text], model.params, lambda: model.classify(text), False, labels)
    if target is None:
        (target,) = map(str, model.predict([text]))
    try:
        asked = labelled.example(1, target, text, model.problem, "--target")
        answers = labelled.answers([asked], model.labels, model.problem)
    except KeyError:
        raise InputError(f"--target {said(target)} is none of {', '.join(model.labels[:20])}") from None
    task = classification.Task(model.model)

    def batch_of():
        return {"inputs": np.array(model.windows(text)), **answers}

    def call():
        return step(task, model, batch_of(), backward)

    loss = repeated(task, model, batch_of()) if backward else None
    return Run(model.name, [text, target], model.params, call, backward, labels, loss)


def of_tagger(tagger: Tagger, text: str, target: str | None, backward: bool, tokens: int = 0) -> Run:
    """Find the entities of `text` or, with a tag for each token as the target or the way back, one training step."""
    if tokens:
        raise InputError("--generate is for a model that goes on with a text; this one tags it")
    units = [unit.text for unit in tagger.cut(text)]
    labels = {"source": units}
    if not backward and target is None:
        return Run(
            tagger.name, [text], tagger.params, lambda: tagging.marked(text, tagger.tag(text)), False, labels
        )  # fmt: skip
    if target is None:
        (found,) = tagger.tag_tokens([units])
    else:
        tags = target.split()
        if len(tags) != len(units):
            number = f"{len(tags)} tags and the text {len(units)} {tagger.unit}"
            raise InputError(f"--target has {number}; give one for each")
        scheme = tag_schemes.scheme_of([tags])
        if wrong := tag_schemes.problem(tags, scheme):
            raise InputError(f"--target, tag {wrong[0] + 1}: {wrong[1]}")
        found = tag_schemes.entities(tags, scheme)
    task = tagging.Task(tagger.model)

    def batch_of():
        return sequences.batch_of_numbered([tagger.numbered([unit.text for unit in tagger.cut(text)], found)])

    def call():
        return step(task, tagger, batch_of(), backward)

    loss = repeated(task, tagger, batch_of()) if backward else None
    said_of = " ".join(tag_schemes.tags(found, len(units), "BIOES"))
    return Run(tagger.name, [text, said_of], tagger.params, call, backward, labels, loss)


def spelt(model: LanguageModel, token: int) -> str:
    """A token as an axis names it: white space is seen."""
    vocabulary: Any = getattr(model.tokenizer, "vocabulary", None)
    if vocabulary is not None:
        text = vocabulary.words[token]
    else:
        text = model.decode([token])
    return text.replace(" ", "␣").replace("\n", "↵") or f"id {token}"


def step(task, model, batch, backward, output=None):
    """A training step's computation without its update: the loss and, where asked for, the gradients.

    `output` is told of the cache before the way back, which may consume it: what the model would say is read there.
    """
    value, cache = task.loss(model.params, batch, config=model.config)
    if output is not None:
        output(cache)
    return (value, task.loss_backward(model.params, cache, config=model.config)) if backward else (value, None)


def repeated(task, model, batch):
    """The loss alone, as a function of the parameters."""
    return lambda params: task.loss(params, batch, config=model.config)[0]


def updated(run: Run) -> Run:
    """A run with the rest of its training step after it: the gradient clipped, and the model's optimiser's step.

    What the step makes of the parameters is new arrays; the model's own stay what they are.
    """
    optimiser = catalogue.imported(f"minilm.training.{catalogue.ROWS[run.kind].optimiser}")
    state = optimiser.init(run.params)

    def call():
        value, dparams = run.call()
        clipped, _ = clipping.clip(dparams, CLIP)
        optimiser.update(run.params, clipped, state, RATE)
        return value, dparams

    return replace(run, call=call, rooms=("training",))
