"""One file an application: its batch, its loss over a model's outputs, and the object with text in and text out.

What the trainer drives is a task: the loss of a batch, its derivative, and what it is a mean over. A task knows its
model by the contract alone:

    Task(model).count(batch)                                       -> how many tokens (or rows) the loss is a mean over
    Task(model).loss(params, batch, *, config, rng, count)         -> (value, cache)
    Task(model).loss_backward(params, cache, dloss, *, config, consume)   -> dparams
    Task(model).carry                                              where a state is carried on: a function of the cache

The loss is a sum divided by `count`: parts of a batch, each with the whole's count, add up to the whole.
"""
