"""What is found out of a tensor that both have: a Row; and of one that is wrong on its own account: a Finding."""

from dataclasses import dataclass

from minilm.checking.comparing.causes import Cause
from minilm.checking.comparing.matching import Match
from minilm.checking.comparing.measuring import Errors
from minilm.checking.golden.folder import Tensor


@dataclass(frozen=True)
class Row:
    """A tensor that both have. `passed` None: there is no tolerance in this precision (it overflows there)."""

    tensor: Tensor
    match: Match
    errors: Errors
    tolerance: float | None
    passed: bool | None

    @property
    def name(self) -> str:
        return self.tensor.name


@dataclass(frozen=True)
class Finding:
    """A tensor that is wrong on its own account: what theirs is to ours, and which mistakes give it."""

    row: Row
    relations: list[str]
    causes: list[Cause]
    note: str = ""  # why no cause could be looked for
    unseen: tuple[str, ...] = ()  # what it is made from and was not given

    @property
    def cause(self) -> Cause | None:
        """The likely cause."""
        return self.causes[0] if self.causes else None
