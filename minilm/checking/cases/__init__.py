"""Cases: for everything that keeps the contract, small random inputs on which it is proved.

What hides bugs is avoided throughout: sizes are all different and above one, parameters are random and not the
defaults, there is a padded row, a row that may attend to nothing, a repeated and an unused id, and dropout is on.
`minilm check` runs them, and so do the tests of the contract.
"""

from minilm.checking.cases.case import Case

__all__ = ["Case", "everything"]


def everything():
    """{name: Case} of all operations, layers, blocks and models, in that order."""
    from minilm.checking.cases import blocks, language_models, layers, models, ops

    found: dict[str, Case] = {}
    for room in (ops, layers, blocks, models, language_models):
        found |= {case.name: case for case in room.cases()}
    return found
