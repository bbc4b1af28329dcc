"""Folders of tokenizers as people have them: the ids of Transformers' AutoTokenizer, or a refusal that names the field.

`python tests/text/folder_forms.py --texts 5000` compares more texts of each form.
"""

import pytest
from folder_forms import FORMS, REFUSED, compare, compare_random, real_forms, reference, texts

from minilm.errors import InputError
from minilm.text.tokenizers import load_tokenizer


@pytest.mark.parametrize("name", FORMS)
def test_the_ids_are_those_of_the_reference(name):
    pytest.importorskip("transformers")
    assert compare(FORMS[name], 60, seed=1) == (0, [])


@pytest.mark.parametrize("name", real_forms() or [None])
def test_real_vocabularies(name):
    pytest.importorskip("transformers")
    if name is None:
        pytest.skip("no ../shared/models/tokenizers beside the checkout")
    assert compare(real_forms()[name], 30, seed=2) == (0, [])


def test_random_forms():
    pytest.importorskip("transformers")
    found = [compare_random(seed, 20) for seed in range(50)]
    read = [one for one in found if one is not None]
    assert len(read) > 30 and read == [(0, [])] * len(read)


@pytest.mark.parametrize("name", FORMS)
def test_every_form_is_read_and_comes_back_from_what_we_save(tmp_path, name):
    FORMS[name](tmp_path)
    ours = load_tokenizer(tmp_path)
    again = tmp_path / "again"
    again.mkdir()
    ours.save(again)
    back = load_tokenizer(again)
    assert back.ids == ours.ids and ours.marks.items() <= back.marks.items()
    assert set(back.special) >= set(ours.special)
    text = "Covid xovid [E1] Graft grafts 龘 new token <|endoftext|>x [MASK] Ünï"
    assert back.encode(text) == ours.encode(text)


@pytest.mark.parametrize("name", FORMS)
def test_the_reference_reads_what_we_save(tmp_path, name):
    pytest.importorskip("transformers")
    FORMS[name](tmp_path)
    ours = load_tokenizer(tmp_path)
    (tmp_path / "again").mkdir()
    ours.save(tmp_path / "again")
    peer = reference(tmp_path / "again")
    for text in texts(15, seed=4):
        assert ours.encode(text) == peer(text), text


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_supported_is_refused_by_its_name(tmp_path, name):
    make, message = REFUSED[name]
    make(tmp_path)
    with pytest.raises(InputError, match=message) as raised:
        load_tokenizer(tmp_path)
    assert str(tmp_path) in str(raised.value)
