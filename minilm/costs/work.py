"""The two kinds of work that a model is made of: matrix products, and passes over an array.

A product is counted in operations, a pass in bytes: almost everything that is no product reads an array once, does
little with each number, and writes it. So a layer is a list of both, and a `Part` has one list for each direction.
"""

from dataclasses import dataclass, field

from minilm.machine.products import Product

ARRAYS = {  # how many arrays of its size a pass reads and writes, float32 being 1
    "fresh": 3.0,  # a new array from two, x * y, that is kept: its memory is not in the cache
    "temporary": 3.0,  # one that is soon let go: its memory is used again at once
    "inplace": 2.0,  # y += bias
    "divide": 2.0,
    "exp": 2.0,
    "tanh": 2.0,
    "sum": 1.0,  # of each row: a product with ones
    "max": 1.0,
    "dot": 2.0,  # the inner products of the rows of two arrays
    "leading": 1.0,  # the sum of all rows
    "copy": 2.0,  # heads beside each other again
    "gather": 2.0,  # rows of a table
    "zeros": 1.0,
    "bar": 2.0,  # a mask's 0 and -inf, added
    "compare": 1.25,
    "keep": 2.25,  # times an array of bools
    "draw": 0.75,  # dropout's bits, two bytes and a bool
    "stream": 1.0,  # from or to memory, whatever is done with it meanwhile
}


@dataclass(frozen=True)
class Pass:
    """`times` passes of a kind (a key of ARRAYS) over an array (rows, columns)."""

    kind: str
    rows: int
    columns: int
    times: float = 1

    @property
    def bytes(self):
        """Read and written, float32."""
        return 4 * ARRAYS[self.kind] * self.rows * self.columns * self.times


Work = Product | Pass


@dataclass
class Part:
    """A line of the table: what a piece of a model holds and does. `backward` is empty where nothing is trained."""

    name: str
    parameters: int = 0
    forward: list[Work] = field(default_factory=list)
    backward: list[Work] = field(default_factory=list)

    @property
    def operations(self):
        """Multiplications and additions of the matrix products, forward and backward."""
        return sum(work.operations for work in self.forward + self.backward if isinstance(work, Product))

    @property
    def bytes(self):
        """Read and written by all of the work, each array once for each time it is needed."""
        return sum(bytes_of(work) for work in self.forward + self.backward)


def bytes_of(work):
    """The bytes of a product are its operands' and its result's."""
    if isinstance(work, Pass):
        return work.bytes
    numbers = work.rows * work.inner + work.inner * work.columns + work.rows * work.columns
    return 4 * work.times * work.stack * numbers
