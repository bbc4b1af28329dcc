"""A few damaged inputs of every reader; `python tests/fuzz/readers.py` tries as many as one likes."""

import pytest
from readers import READERS, attempt


@pytest.mark.parametrize("name", READERS)
def test_only_short_lines_of_input_error(tmp_path, name):
    outcomes, wrong, _ = attempt(name, 300, 0, tmp_path / "folder", traced=30)
    assert not wrong, wrong[:3]
    assert outcomes.total() == 300 and (outcomes["read"] and outcomes["refused"] or name in ("history", "vectors"))  # none is refused: what is damaged is passed over, or made again
