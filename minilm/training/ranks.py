"""Replicas over processes and machines: the ranks of an MPI launch, each with its share of every step's shards.

    mpiexec -n 4 minilm train gpt --data FILE.txt

Each rank is a whole process with the same parameters, data and seed. Of the shards of a step (replicas.py) rank r of
N takes r, r + N, r + 2 N, ...; the engine's all-reduce sums the gradients, and every rank takes the same step:

    dparams  =  sum over ranks of ( sum over the rank's shards of dparams(shard) )

The loss is a sum over tokens divided by the count of the whole batch, so N ranks follow one process up to the
rounding of sums: 1e-12 in float64. A run that asks for S shards has the least multiple of N that is at least S, so
that no rank stands idle (a batch of fewer rows leaves the last ranks to add zeros). Dropout is drawn by (seed, step,
shard): a model with dropout sees other bits when that multiple differs, as with 2 shards and 3 ranks, and the same
when it does not, as with 2 shards and 1 or 2 ranks.

Between two steps all ranks hold the same whole state, the carry of a recurrent model too (its rows are gathered after
each step: kilobytes, beside megabytes of gradients). So a checkpoint, which rank 0 writes, knows nothing of ranks: it
goes on under any other number of them. At the start of a run rank 0's state goes to all: only rank 0 needs the run
folder, while the data must be readable everywhere.

Ranks meet in `agree` before anything is summed, and there they learn of a rank that failed; nothing between an
`agree` and the sum after it can fail on one rank alone, so no rank waits for one that is gone. A rank that is killed
outright is the engine's to notice: it ends the others. Ctrl-C is the engine's to pass on: under MPICH and its kin all
ranks stop after the same step, saved; Open MPI's mpiexec ends them at once, and the last checkpoint is what is left.

mpi4py is imported only in a process that a launcher started (`launched`). What travels between ranks as objects is
mpi4py's pickle, within one job, and never touches a file.

Source: Li et al. 2020, "PyTorch Distributed: Experiences on Accelerating Data Parallel Training", section 2.2.
"""

import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from minilm.errors import InputError, MissingExtra

if TYPE_CHECKING:  # the command line asks `launched` before it needs NumPy
    import numpy as np

# (rank, number of ranks) as launchers tell their processes: Open MPI; MPICH, Intel MPI, Microsoft MPI and Slurm's
# PMI; PMIx under Slurm. Slurm's own SLURM_NTASKS is set in a batch script's plain commands too and says nothing.
_LAUNCHERS = (
    ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
    ("PMI_RANK", "PMI_SIZE"),
    ("PMIX_RANK", "SLURM_STEP_NUM_TASKS"),
)


_FAILED = "failed"  # what a rank brings to `agree` instead of its numbers


class Elsewhere(InputError):
    """Another rank failed and says why; this one only leaves."""

    def __init__(self) -> None:
        super().__init__("another rank stopped the run; its message says why")


class Alone:
    """The ranks of a process that nobody launched together with others."""

    rank, size, neighbours = 0, 1, 1  # neighbours: ranks on this machine

    def agree(self, *numbers: float) -> list[tuple[float, ...]]:
        """All ranks' numbers, by rank. Raises Elsewhere where another rank failed instead of coming here."""
        return [numbers]

    def sum_in_place(self, arrays: Iterable["np.ndarray"]) -> None:
        """Replace each array by its sum over the ranks; contiguous, and alike on all ranks."""

    def broadcast_in_place(self, arrays: Iterable["np.ndarray"]) -> None:
        """Replace each array by rank 0's."""

    def gather(self, mine: list) -> list:
        """The items of all ranks in the order in which they were dealt: item i is with rank i % size."""
        return mine

    def first(self, thing: Any) -> Any:
        """Rank 0's."""
        return thing

    def fail(self) -> bool:
        """Tell the others, at their next `agree`, to leave; True where this rank is the one to say why."""
        return True

    def abort(self, status: int) -> None:
        """End the processes of all ranks now."""


class Mpi(Alone):
    """The ranks of an MPI communicator."""

    def __init__(self, communicator: Any, mpi: Any) -> None:
        self.communicator, self.mpi = communicator, mpi
        self.rank, self.size = communicator.rank, communicator.size
        self.neighbours = communicator.Split_type(mpi.COMM_TYPE_SHARED).size
        self.failed = False

    def agree(self, *numbers: float) -> list[tuple[float, ...]]:
        rows = self.communicator.allgather(numbers)
        if _FAILED in rows:
            self.failed = True
            raise Elsewhere
        return rows

    def sum_in_place(self, arrays: Iterable["np.ndarray"]) -> None:
        for array in arrays:
            self.communicator.Allreduce(self.mpi.IN_PLACE, array)

    def broadcast_in_place(self, arrays: Iterable["np.ndarray"]) -> None:
        for array in arrays:
            self.communicator.Bcast(array)

    def gather(self, mine: list) -> list:
        lists = self.communicator.allgather(mine)
        number = sum(map(len, lists))
        return [lists[i % self.size][i // self.size] for i in range(number)]

    def first(self, thing: Any) -> Any:
        return self.communicator.bcast(thing)

    def fail(self) -> bool:
        if self.failed:  # all know already
            return False
        self.failed = True
        return self.communicator.allgather(_FAILED).index(_FAILED) == self.rank

    def abort(self, status: int) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        time.sleep(0.3)  # the launcher passes on what was printed, and stops doing so once it is told
        self.communicator.Abort(status)
        os._exit(status)  # some engines come back before they end the process


def launched() -> tuple[int, int] | None:
    """(rank, number of ranks) where a launcher started this process beside others; None where not."""
    for rank, size in _LAUNCHERS:
        try:
            found = int(os.environ[rank]), int(os.environ[size])
        except (KeyError, ValueError):
            continue
        return found if found[1] > 1 else None
    return None


@cache
def world() -> Alone:
    """The ranks that this process is one of.

    Raises MissingExtra under a launcher without mpi4py, InputError where its engine is not the launcher's.
    """
    begun = launched()
    if begun is None:
        return Alone()
    try:
        from mpi4py import MPI
    except (ImportError, RuntimeError) as error:  # RuntimeError: no MPI library that it could load
        what = "is not installed" if isinstance(error, ModuleNotFoundError) else "finds no MPI library"
        raise MissingExtra(f"{begun[1]} processes were launched, but mpi4py {what}", "mpi") from None
    if MPI.COMM_WORLD.size != begun[1]:
        raise InputError(
            f"{begun[1]} processes were launched, but mpi4py's MPI sees {MPI.COMM_WORLD.size}; "
            f"launch with the mpiexec that belongs to it ({MPI.Get_library_version().split(',')[0].splitlines()[0]})"
        )
    return Mpi(MPI.COMM_WORLD, MPI)


@contextmanager
def together() -> Iterator[Alone]:
    """Inside, the ranks may `agree`; they leave together, and an error of one ends all.

    Around whatever all ranks do: `loop.run` finds the ranks by itself, but a script of one's own that fails on one
    rank outside of a step would leave the others waiting without it. InputError, OSError and MemoryError are handed
    on (on the other ranks as Elsewhere) once all know; anything else ends all processes through the engine.
    """
    ranks = world()
    try:
        yield ranks
        ranks.agree()
    except Elsewhere:
        raise
    except (InputError, OSError, MemoryError):
        if not ranks.fail():
            raise Elsewhere from None
        raise
    except BaseException as error:
        if not isinstance(error, KeyboardInterrupt):
            import traceback

            traceback.print_exc(file=sys.__stderr__)
        ranks.abort(130 if isinstance(error, KeyboardInterrupt) else 1)
        raise
