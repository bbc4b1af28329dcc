"""Every number that a trained model is asked with has bounds where it is called from Python too, and is named."""

import numpy as np
import pytest

from minilm import tree
from minilm.errors import InputError
from minilm.models import bert, gpt2
from minilm.recipes import translation
from minilm.tasks.language_modelling import LanguageModel
from minilm.tasks.masked_tokens import MaskedModel
from minilm.text.characters import Characters
from minilm.text.wordpiece import WordPiece

NO_NUMBERS = [None, "4", [4], float("nan"), True]
NO_SIZES = [*NO_NUMBERS, 0, -1, 2.5, float("inf"), 10.0]
NO_COUNTS = [-1, 2.5, float("nan"), "4", True]


def drawn(outline):
    rng = np.random.default_rng(0)
    return tree.map(lambda leaf: rng.standard_normal(leaf.shape).astype(np.float32), outline)


@pytest.fixture(scope="module")
def models():
    characters, pieces = Characters("abc"), WordPiece.train("a b c", 20)
    gpt_config = gpt2.Config(vocabulary=3, max_positions=8, width=4, heads=2, inner=6, layers=1)
    bert_config = bert.Config(vocabulary=pieces.size, max_positions=8, width=4, heads=2, inner=6, layers=1)
    parts, languages = translation.shipped()
    translator = translation.prepare({part: pairs[:20] for part, pairs in parts.items()}, languages, translation.PRESETS["tiny"])
    return {
        "generate": LanguageModel(gpt2, drawn(gpt2.outline(gpt_config)), gpt_config, characters),
        "fill": MaskedModel(drawn(bert.outline(bert_config)), bert_config, pieces), "translate": translator.translator,
    }  # fmt: skip


WRONG = (
    [("fill", "a [MASK]", "top", value) for value in NO_SIZES]
    + [("translate", "我喜欢编程", "beam", value) for value in [*NO_SIZES, 65, 10**400]]
    + [("translate", "我喜欢编程", "length_penalty", value) for value in [*NO_NUMBERS, float("inf"), -101, 10**400]]
    + [("generate", "ab", "temperature", value) for value in [*NO_NUMBERS, -1, float("inf"), 10**400]]
    + [("generate", "ab", "top_k", value) for value in NO_SIZES[1:]]
    + [("generate", "ab", "top_p", value) for value in [*NO_NUMBERS[1:], 0, -0.5, 1.5, 10**400]]
    + [("generate", "ab", "tokens", value) for value in [None, *NO_COUNTS]]
    + [("generate", "ab", "seed", value) for value in [None, *NO_COUNTS]]
)


@pytest.mark.parametrize(("method", "text", "setting", "value"), WRONG)
def test_a_setting_out_of_bounds_is_named(models, method, text, setting, value):
    with pytest.raises(InputError, match=rf"^{setting} is ") as raised:
        getattr(models[method], method)(text, **{setting: value})
    assert len(str(raised.value)) < 200


def test_what_lies_within_is_taken(models):
    assert len(models["fill"].fill("a [MASK]", np.int64(2))[0]) == 2
    assert len(models["fill"].fill("a [MASK]", 10**6)[0]) == models["fill"].tokenizer.size
    model = models["generate"]
    assert model.generate("a", 0) == "" and len(model.generate("a", np.int64(3), temperature=np.float32(2), top_k=10**6)) == 3
    assert models["translate"].translate("我喜欢编程", beam=np.int64(2), length_penalty=0) is not None
