"""An update of parameters that are transposed views, as those of a file of another framework are."""

import numpy as np
import pytest

from minilm import tree
from minilm.training import adam, adamw


@pytest.mark.parametrize("optimiser", [adam, adamw])
def test_transposed_parameters_and_gradients_are_those_of_their_copies(optimiser):
    rng = np.random.default_rng(0)
    params = {"weight": rng.standard_normal((3, 5)).T, "bias": rng.standard_normal(3)}
    dparams = {"weight": rng.standard_normal((3, 5)).T, "bias": rng.standard_normal(3)}
    copies = [tree.map(lambda leaf: np.array(leaf, order="C"), each) for each in (params, dparams)]
    found, state = optimiser.update(params, dparams, optimiser.init(params), 1e-2)
    wanted, wanted_state = optimiser.update(*copies, optimiser.init(copies[0]), 1e-2)
    tree.map(np.testing.assert_array_equal, found, wanted)
    tree.map(np.testing.assert_array_equal, state, wanted_state)
    assert not params["weight"].flags.c_contiguous
