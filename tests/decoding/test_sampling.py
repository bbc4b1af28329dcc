"""Sampling: the filters in their order, seeds, batches, ends, and what happens past the context."""

import numpy as np
import pytest

from minilm import tree
from minilm.decoding import sampling
from minilm.errors import InputError
from minilm.models import gpt, gpt2, lstm_lm


def model_of(module, positions=12):
    if module is lstm_lm:
        config = lstm_lm.Config(vocabulary=9, embedding=4, hidden=6, layers=2)
        outline = lstm_lm.init(np.random.default_rng(0), config)
    else:
        config = module.Config(vocabulary=9, max_positions=positions, width=6, heads=2, inner=8, layers=2)
        outline = module.outline(config)
    rng = np.random.default_rng(7)
    return module, tree.map(lambda leaf: rng.standard_normal(leaf.shape), outline), config


class Fixed:
    """A model whose logits are the same whatever it reads."""

    def __init__(self, *logits):
        self.logits = np.array(logits)

    def start(self, params, config, prompts, lengths):
        return {"length": np.asarray(lengths)}

    def step(self, params, config, state, tokens):
        return np.tile(self.logits, (len(tokens), 1)), {"length": state["length"] + 1}


def drawn(logits, number=4000, **settings):
    texts = sampling.decode(Fixed(*logits), None, None, [[0]], tokens=number, **settings)
    return np.bincount(texts[0], minlength=len(logits)) / number


def test_frequencies_are_the_probabilities():
    p = np.array([0.5, 0.2, 0.2, 0.1])
    assert np.abs(drawn(np.log(p)) - p).max() < 0.03
    sharper = p**2 / (p**2).sum()
    assert np.abs(drawn(np.log(p), temperature=0.5) - sharper).max() < 0.03


def test_top_k_keeps_exactly_k_and_the_lower_ids_of_equal_ones():
    p = np.array([0.1, 0.2, 0.2, 0.5])
    assert np.abs(drawn(np.log(p), top_k=2) - np.array([0, 2, 0, 5]) / 7).max() < 0.03
    assert drawn(np.log(p), number=50, top_k=1)[3] == 1
    assert (drawn(np.log(p), top_k=99) > 0).all()


@pytest.mark.parametrize(("top_p", "kept"), [(0.4, 1), (0.5, 1), (0.51, 2), (0.74, 2), (0.76, 3), (1.0, 4), (1e-9, 1)])
def test_top_p_keeps_the_token_that_crosses_the_threshold(top_p, kept):
    p = np.array([0.125, 0.25, 0.5, 0.125])  # exact in binary
    frequencies = drawn(np.log2(p), number=800, temperature=1 / np.log(2), top_p=top_p)
    assert (frequencies > 0).sum() == kept and frequencies[2] > 0


def test_top_p_counts_what_top_k_and_temperature_leave():
    p = np.array([0.4, 0.3, 0.2, 0.1])
    # after top_k = 2 the first has 4/7 = 0.571, so 0.55 is reached by it alone; of all four it would take two
    assert (drawn(np.log(p), number=400, top_k=2, top_p=0.55) > 0).sum() == 1
    assert (drawn(np.log(p), number=400, top_p=0.55) > 0).sum() == 2
    # temperature comes first: at 0.5 the first has 0.16 / 0.3 = 0.53
    assert (drawn(np.log(p), number=400, temperature=0.5, top_p=0.52) > 0).sum() == 1


def test_temperature_zero_is_greedy_and_small_ones_approach_it():
    logits = [0.0, 3.0, 3.0, 1.0]
    assert drawn(logits, number=20, temperature=0)[1] == 1  # the lowest id of equal ones
    assert drawn([0.0, 3.0, 2.0], number=20, temperature=1e-300)[1] == 1


@pytest.mark.parametrize("module", [gpt, gpt2, lstm_lm])
def test_a_seed_repeats_its_text_and_rows_are_what_each_is_alone(module):
    model, params, config = model_of(module, positions=8)
    prompts = [[1, 2, 3], [4], [5, 6, 7, 8, 1, 2, 3, 4], [1, 2, 3]]
    settings = {"tokens": 30, "seed": 11, "temperature": 1.3, "top_k": 7, "top_p": 0.95, "end": 0}
    settings["context"] = None if module is lstm_lm else 8
    whole = sampling.decode(model, params, config, prompts, **settings)
    assert whole == sampling.decode(model, params, config, prompts, **settings)
    assert whole != sampling.decode(model, params, config, prompts, **settings | {"seed": 99})
    assert whole[0] != whole[3]  # the same prompt, but a seed of its own
    for row, prompt in enumerate(prompts):
        alone = sampling.decode(model, params, config, [prompt], **settings | {"seed": 11 + row})
        assert alone[0] == whole[row]
    assert any(len(text) < 30 for text in whole) and all(0 not in text for text in whole)


@pytest.mark.parametrize("module", [gpt, gpt2])
@pytest.mark.parametrize("positions", [7, 8])
def test_past_the_context_the_latest_half_is_read_anew(module, positions):
    model, params, config = model_of(module, positions)
    text = sampling.decode(model, params, config, [[3, 1, 4]], tokens=40, temperature=0, context=positions)[0]
    window, expected = [3, 1, 4], []
    for _ in range(40):
        if len(window) > positions:
            window = window[-((positions + 1) // 2) :]
        logits, _ = module.forward(params, np.array([window]), config=config)
        expected.append(int(logits[0, -1].argmax()))
        window.append(expected[-1])
    assert text == expected


def test_all_positions_are_used_before_half_of_them_are_forgotten():
    class Noting(Fixed):
        seen: list = []

        def step(self, params, config, state, tokens):
            self.seen.append(state["length"].tolist())
            return super().step(params, config, state, tokens)

    model = Noting(0.0, 1.0)
    sampling.decode(model, None, None, [[1, 1, 1], [1]], tokens=9, temperature=0, context=5)
    first, second = zip(*model.seen, strict=True)
    assert first == (2, 3, 4, 2, 3, 4, 2, 3, 4) and second == (0, 1, 2, 3, 4, 2, 3, 4, 2)


def test_stream_yields_turn_by_turn_and_number_of_tokens_may_differ():
    model, params, config = model_of(gpt2)
    settings = {"tokens": [3, 0, 1], "context": 12}
    turns = list(sampling.stream(model, params, config, [[1], [2], [3, 4]], **settings))
    assert [[row for row, _ in turn] for turn in turns] == [[0, 2], [0], [0]]
    generator = sampling.stream(model, params, config, [[1]], tokens=10**9, context=12)
    assert len([next(generator) for _ in range(20)]) == 20  # nothing is prepared for the rest


def test_forbidden_ids_and_ends():
    assert drawn([5.0, 1.0, 0.0], number=50, forbidden=(0,))[0] == 0
    assert sampling.decode(Fixed(9.0, 0.0), None, None, [[1], [1]], tokens=5, temperature=0, end=0) == [[], []]


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"temperature": -1}, "temperature is -1"), ({"temperature": float("nan")}, "temperature is nan"),
        ({"top_k": 0}, "top_k is 0"), ({"top_p": 0}, "top_p is 0"), ({"top_p": 1.1}, "top_p is 1.1"),
        ({"context": 2}, "prompt 1 has 3 tokens, the model reads at most 2"),
    ],
)  # fmt: skip
def test_bad_settings_are_named(settings, named):
    with pytest.raises(InputError, match=named):
        sampling.decode(Fixed(0.0, 1.0), None, None, [[1, 1, 1]], tokens=1, **settings)


def test_an_empty_prompt_and_damaged_weights_are_named():
    with pytest.raises(InputError, match="prompt 2 is empty"):
        sampling.decode(Fixed(0.0, 1.0), None, None, [[1], []], tokens=1)
    with pytest.raises(InputError, match="not all finite"):
        sampling.decode(Fixed(0.0, float("nan")), None, None, [[1]], tokens=1)
