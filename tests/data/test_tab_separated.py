"""Files of sentence pairs, good and bad, and their parts."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minilm.data import tab_separated
from minilm.errors import InputError


def written(folder, data):
    path = folder / "pairs.tsv"
    path.write_bytes(data)
    return path


def test_columns_can_be_chosen_and_others_are_passed_over(tmp_path):
    path = written(tmp_path, "Hi.\t嗨。\tby someone\nRun.\t跑。\n".encode())
    assert tab_separated.read(path) == [("Hi.", "嗨。"), ("Run.", "跑。")]
    assert tab_separated.read(path, source=2, target=1) == [("嗨。", "Hi."), ("跑。", "Run.")]


def test_lines_end_at_newlines_only(tmp_path):
    data = "\ufeffa\x0bb\u2028c\x85d\re\tf\r\n\n \ng\th"
    assert tab_separated.read(written(tmp_path, data.encode())) == [("a\x0bb\u2028c\x85d\re", "f"), ("g", "h")]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "pairs.tsv: no sentence pair"), (b"\n \n", "pairs.tsv: no sentence pair"),
        (b"a\tb\nno tab here\n", "pairs.tsv:2: no tab"), (b"a\t\n", "pairs.tsv:1: column 2 is empty"),
        (b"a\tb\n\n \tb", "pairs.tsv:3: column 1 is empty"), (b"\t\n", "pairs.tsv:1: column 1 is empty"),
        (b"a\tb\na\t\xff", "pairs.tsv:2: not UTF-8 at byte 3"), (b"a\xed\xa0\x80\tb", "pairs.tsv:1: not UTF-8"),
    ],
)  # fmt: skip
def test_bad_files_are_named_with_their_line(tmp_path, data, problem):
    with pytest.raises(InputError, match=problem) as caught:
        tab_separated.read(written(tmp_path, data))
    assert "\n" not in str(caught.value)


def test_a_missing_file_a_folder_a_third_column_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="none.tsv: No such file"):
        tab_separated.read(tmp_path / "none.tsv")
    with pytest.raises(InputError, match="directory"):
        tab_separated.read(tmp_path)
    with pytest.raises(InputError, match="null byte"):
        tab_separated.read("a\0b")
    with pytest.raises(InputError, match="pairs.tsv:1: only 2 columns, but columns 1 and 3"):
        tab_separated.read(written(tmp_path, b"a\tb\n"), target=3)


@pytest.mark.parametrize(("source", "target"), [(0, 1), (1, -1), (2, 2)])
def test_impossible_columns(tmp_path, source, target):
    with pytest.raises(InputError, match="counted from 1"):
        tab_separated.read(written(tmp_path, b"a\tb\n"), source=source, target=target)


letter = st.sampled_from("abcdefgh")


@given(st.lists(st.tuples(letter, letter)), st.integers(0, 3), st.sampled_from([0, 1]), st.sampled_from([0.0, 0.2]))
def test_no_sentence_is_in_two_parts_and_no_pair_is_lost(pairs, seed, side, test):
    distinct = {pair[side] for pair in pairs}
    if len(distinct) < 3:
        return
    parts = tab_separated.split(pairs, seed=seed, test=test, side=side)
    assert sorted(sum(parts.values(), [])) == sorted(pairs)
    sides = [{pair[side] for pair in part} for part in parts.values()]
    assert sum(map(len, sides)) == len(distinct)
    assert parts["train"] and parts["validation"] and bool(parts["test"]) == bool(test)


def test_parts_follow_from_the_pairs_and_the_seed_alone():
    pairs = [(f"s{number}", f"t{number % 50}") for number in range(100)]
    mixed = random.Random(0).sample(pairs, 100)
    parts = tab_separated.split(pairs, seed=1)
    assert parts == tab_separated.split(mixed, seed=1)
    assert parts != tab_separated.split(pairs, seed=2)
    assert {part: len(some) for part, some in parts.items()} == {"train": 92, "validation": 4, "test": 4}
    assert parts["train"] != sorted(parts["train"])
    assert parts["test"] == [("s20", "t20"), ("s73", "t23"), ("s70", "t20"), ("s23", "t23")]  # on any machine


def test_too_few_to_train_on():
    with pytest.raises(InputError, match="more sentence pairs"):
        tab_separated.split([("a", "b"), ("c", "d"), ("e", "b")])
