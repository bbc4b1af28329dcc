"""A stack of blocks: what leaves one goes into the next. `block` is a module of this folder, handed in.

    x_1 = block(params_1, x)      x_2 = block(params_2, x_1)      ...      y = x_L

`params` is a list, and so are the caches, the gradients and the states of decoding, so the paths are those of the
blocks. What all blocks read, such as the memory of a decoder, comes after x; its gradient is the sum over the blocks.
"""


def forward(block, params, x, *read, **settings):
    """x (B, T, D), and what every block reads -> y (B, T, D), the list of the blocks' caches."""
    stream, caches = [x], []
    for parameters in params:
        y, cache = block.forward(parameters, stream.pop(), *read, **settings)              # (B, T, D)
        stream.append(y)
        caches.append(cache)
    return stream.pop(), caches


def backward(block, params, caches, dy, *, consume=False, **settings):
    """dy (B, T, D) -> dx (B, T, D), a gradient for each thing that every block reads, and dparams, a list.

    `consume` empties the list of caches on the way: a block's activations are freed when its gradients are there.
    """
    from_the_top = (caches.pop() for _ in params) if consume else reversed(caches)
    dstream, dread = [dy], []
    dparams: list = []
    for parameters, cache in zip(reversed(params), from_the_top, strict=True):
        dx, *dread_here, dblock = block.backward(parameters, cache, dstream.pop(), **settings)
        dstream.append(dx)
        dread.append(dread_here)
        dparams.insert(0, dblock)
    return dstream.pop(), *(sum(each[1:], start=each[0]) for each in zip(*dread, strict=True)), dparams


def step(block, params, states, x, **settings):
    """More positions, x (B, T, D) -> y (B, T, D), the list of states. Consumes the states, one a block."""
    stream, extended = [x], []
    for parameters, state in zip(params, states, strict=True):
        y, longer = block.step(parameters, state, stream.pop(), **settings)                # (B, T, D)
        stream.append(y)
        extended.append(longer)
    return stream.pop(), extended
