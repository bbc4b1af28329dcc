"""The work of each operation and layer: products and passes, counted from its file in ops and layers.

Every function takes the shapes of the parameters from the parameters themselves (or their outline), and `rows`, the
number of rows of the array that comes in; it returns (forward, backward). A test counts the products of real runs.
"""

from minilm.arrays.in_blocks import BLOCK
from minilm.costs.work import Pass
from minilm.fast import blocked_attention
from minilm.machine import products

LOSS_SLICE = 1 << 18  # ops.cross_entropy too


def passes(rows, columns, **times):
    """passes(n, d, fresh=2, sum=1): so many of each kind over (n, d)."""
    return [Pass(kind, rows, columns, number) for kind, number in times.items() if number]


def together(*pairs):
    """Works one after the other; backward in reverse order."""
    return [w for forward, _ in pairs for w in forward], [w for _, backward in reversed(pairs) for w in backward]


def linear(params, rows):
    """y = x W + b."""
    inputs, outputs = params["weight"].shape
    forward = products.linear(rows, inputs, outputs) + passes(rows, outputs, inplace=1)
    return forward, products.linear_backward(rows, inputs, outputs) + passes(rows, outputs, leading=1)


def tied_head(table, rows):
    vocabulary, width = table["weight"].shape
    sizes = (rows, width, vocabulary)
    return products.tied_head(*sizes), products.tied_head_backward(*sizes)


def layer_norm(params, rows):
    (width,) = params["gain"].shape
    forward = passes(rows, width, sum=1, fresh=2, dot=1, inplace=2)
    return forward, passes(rows, width, sum=1, fresh=1, temporary=3, dot=1, inplace=2, leading=2)


def dropout(rows, columns, rate):
    if not rate:
        return [], []
    return passes(rows, columns, draw=1, keep=1, inplace=1), passes(rows, columns, keep=1, inplace=1)


def residual(rows, width):
    """x + y; what comes back goes to both, and the two gradients of x are added."""
    return passes(rows, width, fresh=1), passes(rows, width, temporary=1)


def relu(rows, columns):
    return passes(rows, columns, fresh=1), passes(rows, columns, compare=1, keep=1)


def in_blocks(rows, columns, arrays, **times):
    """ops.in_blocks: so many passes over each block in the cache; `arrays` of the whole size come and one goes."""
    numbers = rows * columns
    block = min(numbers, BLOCK)
    chain = passes(1, block, **{kind: number * numbers / block for kind, number in times.items()})
    return chain + passes(rows, columns, fresh=(arrays + 1) / 3)


def gelu_tanh(rows, columns):
    forward = in_blocks(rows, columns, 1, inplace=4, exp=1, divide=1)
    return forward, in_blocks(rows, columns, 3, divide=1, compare=1, temporary=2, inplace=7)


def gelu_exact(rows, columns):
    """Forward two polynomials of 4 and 5 degrees, an exponential, a quotient."""
    forward = in_blocks(rows, columns, 1, temporary=5, inplace=22, exp=1, divide=1)
    return forward, in_blocks(rows, columns, 3, divide=1, compare=1, temporary=1, inplace=5, exp=1)


ACTIVATIONS = {"relu": relu, "gelu_tanh": gelu_tanh, "gelu_exact": gelu_exact}


def feed_forward(params, rows, activation):
    inner = params["expand"]["weight"].shape[1]
    active = ACTIVATIONS[activation](rows, inner)
    return together(linear(params["expand"], rows), active, linear(params["contract"], rows))


def softmax(rows, columns, masked):
    forward = passes(rows, columns, bar=1 if masked else 0, max=1, fresh=1, exp=1, sum=1, divide=1)
    return forward, passes(rows, columns, dot=1, temporary=1, inplace=1)


def attention(params, batch, heads, queries, keys, rate=0.0, masked=True):
    """Multi-head attention of (batch, queries, D) to (batch, keys, D)."""
    width = params["query"]["weight"].shape[0]
    sizes = (batch, heads, queries, keys, width // heads)
    scores = (batch * heads * queries, keys)
    product, product_back = products.attention(*sizes), products.attention_backward(*sizes)
    inside = (
        passes(batch * queries, width, temporary=1, copy=1) + product,
        product_back + passes(*scores, inplace=1) + passes(batch * queries, width, copy=1)
        + passes(batch * keys, width, copy=2, fresh=1),
    )  # fmt: skip
    return together(
        linear(params["query"], batch * queries), linear(params["key"], batch * keys),
        linear(params["value"], batch * keys), inside, softmax(*scores, masked), dropout(*scores, rate),
        linear(params["output"], batch * queries),
    )  # fmt: skip


def cached_attention(params, batch, heads, queries, keys, masked=False, blocked=False):
    """As `attention`, forward alone: the keys and values of `keys` positions are kept, those of `queries` are new.

    `blocked`: a prompt from the first position on, in causal blocks.
    """
    width = params["query"]["weight"].shape[0]
    scores = (batch * heads * queries, keys)
    every = [linear(params[name], batch * queries)[0] for name in ("query", "key", "value", "output")]
    if blocked:
        inside = causal_blocks(batch * heads, queries, width // heads)
        return sum(every, []) + inside + passes(batch * queries, width, copy=3), []
    found = sum(every, []) + products.attention(batch, heads, queries, keys, width // heads)
    return found + passes(batch * queries, width, temporary=1, copy=3) + softmax(*scores, masked)[0], []


def causal_blocks(heads, positions, width):
    """ops.blocked_attention, forward: for each block of queries the blocks of keys up to its own."""
    found = []
    for rows in blocked_attention.blocks(positions, blocked_attention.BLOCK):
        for columns in blocked_attention.blocks(rows.stop, blocked_attention.KEYS):
            queries, keys = rows.stop - rows.start, columns.stop - columns.start
            found += products.attention(1, 1, queries, keys, width, times=heads)
            found += passes(queries, keys, max=heads, inplace=heads, exp=heads, sum=heads)
    return found


def embedding(table, rows, tied=False):
    """Rows of a table; backward they are added to a table of zeros, or to the head's gradient where it is `tied`."""
    vocabulary, width = table["weight"].shape
    zeros = passes(vocabulary, width, zeros=0 if tied else 1)
    return passes(rows, width, gather=1), zeros + passes(rows, width, gather=1, fresh=2)


def cross_entropy(rows, vocabulary, smoothing=0.0):
    """Slices of rows that stay in the cache, between logits that are read and gradients that are written."""
    step = max(1, LOSS_SLICE // vocabulary)
    slices = rows / step
    smooth = 1 if smoothing else 0
    forward = passes(min(step, rows), vocabulary, max=slices, temporary=slices, exp=slices, sum=slices * (1 + smooth))
    backward = passes(min(step, rows), vocabulary, exp=slices, inplace=slices * (1 + smooth))
    if rows < step:
        forward, backward = ([Pass(p.kind, rows, vocabulary, max(1, round(p.times / slices))) for p in direction]
                             for direction in (forward, backward))  # fmt: skip
    return forward, backward + passes(rows, vocabulary, fresh=1)


def lstm(params, batch, positions):
    """A layer through time: the input's product at once, the recurrent one a position at a time."""
    inputs, columns = params["input"].shape
    hidden, rows = columns // 4, batch * positions
    forward = [
        *products.linear(rows, inputs, columns), *passes(rows, columns, inplace=1),
        products.Product(batch, hidden, columns, times=positions),
        *passes(batch, columns, inplace=3 * positions, temporary=positions, tanh=positions, copy=positions),
        *passes(batch, hidden, temporary=3 * positions, inplace=positions, tanh=positions, copy=3 * positions),
    ]  # fmt: skip
    backward = [
        *passes(columns, hidden, copy=1), products.Product(batch, columns, hidden, times=positions),
        *passes(batch, hidden, temporary=20 * positions, inplace=2 * positions, copy=4 * positions),
        *passes(batch, columns, copy=positions),
        *products.linear_backward(rows, inputs, columns),
        products.Product(hidden, rows, columns, transposed="left"), *passes(rows, columns, leading=1),
    ]  # fmt: skip
    return forward, backward
