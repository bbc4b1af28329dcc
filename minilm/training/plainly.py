"""The training loop with nothing but the idea: batch, loss, backward, clip, AdamW's step.

loop.py is this, and on top of it: shards on threads and ranks, batches that accumulate, a state carried from batch to
batch, checkpoints, buffers that are written in place, refusals. With one shard the two agree bit for bit.
"""

from minilm.training import adamw, clipping, packing, replicas


def run(task, config, params, batch_at, *, steps, schedule, seed=0, clip=1.0, **settings):
    """Yield (loss, params) after each step; `settings` are AdamW's. No array that came in is written.

    Loshchilov and Hutter 2019, algorithm 2, from gradients that are clipped as in Pascanu et al. 2013, algorithm 1.
    """
    moments = adamw.init(params)
    for step in range(1, steps + 1):
        batch = batch_at(step - 1)
        rng = replicas.dropout_rng(seed, step, shard=0)
        loss, cache = task.loss(params, batch, config=config, rng=rng, count=task.count(batch))
        dparams = task.loss_backward(params, cache, config=config)
        side_by_side, _ = packing.pack(dparams, adamw.decay_mask(params))  # their squares are summed in this order
        scale = clipping.factor(clipping.global_norm(side_by_side), clip)
        params, moments = adamw.update(params, dparams, moments, schedule(step), scale=scale, **settings)
        yield float(loss), params
