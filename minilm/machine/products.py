"""The bare matrix products of a step: what is left of it where everything else costs nothing.

A linear map of N rows is one product forward, x W, and two backward, dy Wᵀ and xᵀ dy; an attention is two and four, one
of each for every head of every row. These lists are written in closed form, from the sizes alone. `replay` multiplies
arrays of those shapes, allocated before and written over, with as many replicas as the step has, each in a thread of
its own with the BLAS held to one. Nothing else happens there: no formula, no new memory, and the operands are as near
to the processor as they can be. A step cannot be faster than that with the same BLAS.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np

from minilm.machine import blas_threads


@dataclass(frozen=True)
class Product:
    """`times` stacks of `stack` products (rows, inner) @ (inner, columns); an operand may be a transposed view."""

    rows: int
    inner: int
    columns: int
    stack: int = 1
    times: int = 1
    transposed: str = ""  # "left" or "right"

    @property
    def operations(self):
        """Multiplications and additions together."""
        return 2 * self.times * self.stack * self.rows * self.inner * self.columns


def linear(rows, inputs, outputs, times=1):
    """x W."""
    return [Product(rows, inputs, outputs, times=times)]


def linear_backward(rows, inputs, outputs, times=1):
    """dy Wᵀ and xᵀ dy."""
    return [
        Product(rows, outputs, inputs, times=times, transposed="right"),
        Product(inputs, rows, outputs, times=times, transposed="left"),
    ]


def tied_head(rows, width, vocabulary):
    """y Wᵀ, with the embedding W (V, D)."""
    return [Product(rows, width, vocabulary, transposed="right")]


def tied_head_backward(rows, width, vocabulary):
    """dlogits W and dlogitsᵀ y."""
    return [Product(rows, vocabulary, width), Product(vocabulary, rows, width, transposed="left")]


def attention(batch, heads, queries, keys, width, times=1):
    """q kᵀ and weights v, a head being `width` wide."""
    stack = batch * heads
    return [
        Product(queries, width, keys, stack, times, "right"),
        Product(queries, keys, width, stack, times),
    ]


def attention_backward(batch, heads, queries, keys, width, times=1):
    """weightsᵀ dy, dy vᵀ, dscores k and dscoresᵀ q."""
    stack = batch * heads
    return [
        Product(keys, queries, width, stack, times, "left"),
        Product(queries, width, keys, stack, times, "right"),
        Product(queries, keys, width, stack, times),
        Product(keys, queries, width, stack, times, "left"),
    ]


def self_attention_blocks(batch, positions, width, heads, inner, layers):
    """Forward and backward of the blocks of a GPT, a BERT or an encoder."""
    rows, sizes = batch * positions, (batch, heads, positions, positions, width // heads, layers)
    found = []
    for inputs, outputs, times in ((width, width, 4 * layers), (width, inner, layers), (inner, width, layers)):
        found += linear(rows, inputs, outputs, times) + linear_backward(rows, inputs, outputs, times)
    return found + attention(*sizes) + attention_backward(*sizes)


def cross_attention(batch, targets, sources, width, heads, layers):
    """Forward and backward of a decoder's attention to the source."""
    sizes = (batch, heads, targets, sources, width // heads, layers)
    found = attention(*sizes) + attention_backward(*sizes)
    for positions in (targets, sources):  # query and output; key and value
        rows = batch * positions
        found += linear(rows, width, width, 2 * layers) + linear_backward(rows, width, width, 2 * layers)
    return found


def gpt(config, batch, positions):
    """A step of models.gpt2."""
    head = (batch * positions, config.width, config.vocabulary)
    blocks = self_attention_blocks(batch, positions, config.width, config.heads, config.inner, config.layers)
    return blocks + tied_head(*head) + tied_head_backward(*head)


def gpt_prompt(config, positions):
    """models.gpt2 reading one prompt: forward alone, and the head at the last position alone."""
    width, heads, inner, layers = config.width, config.heads, config.inner, config.layers
    return [
        *linear(positions, width, width, 4 * layers),
        *linear(positions, width, inner, layers),
        *linear(positions, inner, width, layers),
        *attention(1, heads, positions, positions, width // heads, layers),
        *tied_head(1, width, config.vocabulary),
    ]


def bert(config, batch, positions, masked):
    """A step of models.bert with its masked head, `masked` places in the batch."""
    head = (masked, config.width, config.vocabulary)
    transform = (masked, config.width, config.width)
    blocks = self_attention_blocks(batch, positions, config.width, config.heads, config.inner, config.layers)
    blocks += linear(*transform) + linear_backward(*transform)
    return blocks + tied_head(*head) + tied_head_backward(*head)


def encoder_decoder(config, batch, sources, targets):
    """A step of models.encoder_decoder."""
    width, heads, inner = config.width, config.heads, config.inner
    head = (batch * targets, width, config.target_vocabulary)
    return [
        *self_attention_blocks(batch, sources, width, heads, inner, config.encoder_layers),
        *self_attention_blocks(batch, targets, width, heads, inner, config.decoder_layers),
        *cross_attention(batch, targets, sources, width, heads, config.decoder_layers),
        *tied_head(*head), *tied_head_backward(*head),
    ]  # fmt: skip


def lstm(config, batch, positions):
    """A step of models.lstm_lm: the recurrent products one position at a time, all others at once."""
    rows, hidden = batch * positions, config.hidden
    inputs, output = (rows, config.embedding, 4 * hidden), (rows, hidden, config.vocabulary)
    found = linear(*output) + linear_backward(*output)
    for layer in range(config.layers):
        inputs = (rows, hidden if layer else config.embedding, 4 * hidden)
        found += linear(*inputs) + linear_backward(*inputs)
        found += [
            Product(batch, hidden, 4 * hidden, times=positions),
            Product(batch, 4 * hidden, hidden, times=positions),
            Product(hidden, rows, 4 * hidden, transposed="left"),
        ]
    return found


def tagger(config, batch, positions):
    """A step of models.lstm_tagger: what x contributes to both directions at once, both recurrent products in one."""
    rows, hidden = batch * positions, config.hidden
    inputs = (rows, config.embedding + config.feature_embedding, 8 * hidden)
    output = (rows, 2 * hidden, config.tags)
    return [
        *linear(*inputs), *linear_backward(*inputs), *linear(*output), *linear_backward(*output),
        Product(batch, hidden, 4 * hidden, 2, positions), Product(batch, 4 * hidden, hidden, 2, positions),
        Product(hidden, rows, 4 * hidden, times=2, transposed="left"),
    ]  # fmt: skip


def operations(products):
    """Of all of them together."""
    return sum(product.operations for product in products)


def replay(products, shards=1):
    """A run that does each shard's `products`. Shards are threads, as in training.replicas."""
    operands = [[arrays(product) for product in products] for _ in range(shards)]

    def multiply(shard):
        for product, (left, right, out) in zip(products, operands[shard], strict=True):
            for _ in range(product.times):
                np.matmul(left, right, out=out)

    runner = map if shards == 1 else ThreadPoolExecutor(shards).map

    def run():
        with blas_threads.one() if shards > 1 else nullcontext():
            for _ in runner(multiply, range(shards)):
                pass

    return run


def arrays(product):
    """Two random operands, transposed as the product says, and room for the result; float32."""
    rng = np.random.default_rng(0)

    def operand(rows, columns, transposed):
        shape = (product.stack, columns, rows) if transposed else (product.stack, rows, columns)
        array = rng.random(shape, np.float32)
        array = array.swapaxes(1, 2) if transposed else array
        return array if product.stack > 1 else array[0]

    left = operand(product.rows, product.inner, product.transposed == "left")
    right = operand(product.inner, product.columns, product.transposed == "right")
    return left, right, np.empty((*left.shape[:-1], product.columns), np.float32)
