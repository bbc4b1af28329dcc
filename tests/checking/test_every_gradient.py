"""Every case passes its check: `minilm check` as tests, one a case."""

import pytest

from minilm.checking import cases

CASES = cases.everything()


@pytest.mark.parametrize("name", CASES)
def test_a_case_passes(name):
    rows = CASES[name].check()
    assert rows and all(row.passed for row in rows), "\n".join(str(row) for row in rows if not row.passed)
