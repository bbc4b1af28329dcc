"""Lines as rows: framed by their mark, split without overlap, each epoch all of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minilm.data import lines
from minilm.errors import InputError


def test_a_row_is_a_whole_line_between_two_marks():
    batch = lines.framed([[5, 6, 7], [8]], mark=4)
    assert batch["inputs"].tolist() == [[4, 5, 6, 7], [4, 8, 0, 0]]
    assert batch["targets"].tolist() == [[5, 6, 7, 4], [8, 4, 0, 0]]
    assert batch["mask"].tolist() == [[True] * 4, [True, True, False, False]]


@given(st.lists(st.sampled_from(["", *"abcdefghijklmnop"]), min_size=8, max_size=60), st.integers(0, 5))
def test_parts_share_no_line_and_lose_none(found, seed):
    different = {line for line in found if line}
    if len(different) < 10:
        with pytest.raises(InputError):
            lines.split(found, seed)
        return
    parts = lines.split(found, seed)
    assert sorted(sum(parts.values(), [])) == sorted(line for line in found if line)
    kinds = [set(part) for part in parts.values()]
    assert sum(map(len, kinds)) == len(different) and all(kinds)


def test_an_epoch_has_each_line_once_in_an_order_of_its_own():
    rows = [[i + 10] * (1 + i % 3) for i in range(12)]
    seen = []
    for index in range(6):
        batch = lines.shuffled(rows, index, seed=3, rows=4, mark=9)
        again = lines.shuffled(rows, index, seed=3, rows=4, mark=9)
        assert all(np.array_equal(batch[name], again[name]) for name in batch)
        seen.append(batch["inputs"][:, 1].tolist())
    first, second = sum(seen[:3], []), sum(seen[3:], [])
    assert sorted(first) == sorted(second) == list(range(10, 22)) and first != second
    held = lines.in_order(rows, rows=5, mark=9)
    assert [len(batch["inputs"]) for batch in held] == [5, 5, 2]
