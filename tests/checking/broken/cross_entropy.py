"""Cross-entropy with smoothing: logits, targets, mask, dloss, smoothing, never -> loss, dlogits."""

import numpy as np
import torch

from broken.sample import drawn, lowered, right, wrong

OP = "ops.cross_entropy"


def pieces(golden):
    g = lowered(golden)
    z, targets, mask = g["logits"], g["targets"], g["mask"].astype(bool)
    possible = np.ones(z.shape[-1], bool)
    possible[[int(v) for v in g["never"]]] = False
    one_hot = np.eye(z.shape[-1], dtype=z.dtype)[targets]
    return z, one_hot, mask, possible, np.float32(g["smoothing"]), np.float32(g["dloss"])


def in_numpy(golden, q_of=None, dq_of=None, divisor=None, back_divisor=None, back_mask=None, upstream=True):
    z, one_hot, mask, possible, eps, dloss = pieces(golden)
    top = z.max(-1, keepdims=True)
    log_p = z - top - np.log(np.exp(z - top).sum(-1, keepdims=True))
    q = (q_of or smoothed)(one_hot, possible, eps)
    number = np.float32(divisor(mask) if divisor else mask.sum())
    loss = -((q * log_p).sum(-1) * mask).sum() / number
    dq = (dq_of or q_of or smoothed)(one_hot, possible, eps)
    share = (mask if back_mask is None else back_mask(mask)) / np.float32(back_divisor(mask) if back_divisor else number)
    dlogits = (np.exp(log_p) - dq) * share[..., None].astype(z.dtype) * (dloss if upstream else np.float32(1))
    return {"loss": np.asarray(loss), "dlogits": dlogits}


def smoothed(one_hot, possible, eps):
    return (1 - eps) * one_hot + eps * possible.astype(one_hot.dtype) / np.float32(possible.sum())


def in_torch(golden, reduce=None, ignore=True):
    z, one_hot, mask, possible, eps, dloss = pieces(golden)
    logits, q = drawn(z), torch.tensor(smoothed(one_hot, possible, eps))
    costs = -(torch.log_softmax(logits, -1) * q).sum(-1)
    counts = torch.tensor(mask)
    loss = reduce(costs, counts) if reduce else costs[counts].mean()
    (loss * float(dloss)).backward()
    return {"loss": loss.detach().numpy(), "dlogits": logits.grad.numpy()}


right(OP, "NumPy")(in_numpy)
right(OP, "PyTorch")(in_torch)


@wrong(OP, "mean over all positions", "loss", "the sum is divided by all positions, padding too, not by those that count",
       r"all|count|padd|divid|mean")  # fmt: skip
def over_all(golden):
    return in_torch(golden, lambda costs, counts: (costs * counts).mean())


@wrong(OP, "padding counted", "loss", "rows that do not count cost something: the mask is not applied", r"mask|padd|count")
def unmasked(golden):
    return in_torch(golden, lambda costs, counts: costs.mean())


@wrong(OP, "a mean of the rows' means", "loss", "each row's mean, and then their mean: tokens of short rows weigh more",
       r"mean of|means|per row|row")  # fmt: skip
def mean_of_means(golden):
    def reduce(costs, counts):
        number = counts.sum(-1)
        return ((costs * counts).sum(-1) / number.clamp(min=1))[number > 0].mean()

    return in_torch(golden, reduce)


@wrong(OP, "a sum", "loss", "the sum over the tokens, not their mean", r"sum|factor|divid|mean")
def summed(golden):
    return in_torch(golden, lambda costs, counts: costs[counts].sum())


@wrong(OP, "gradient of the sum", "dlogits", "the gradient is not divided by the number of tokens that count", r"sum|factor|divid|mean|count")
def gradient_of_sum(golden):
    return in_numpy(golden, back_divisor=lambda mask: 1)


@wrong(OP, "upstream gradient taken for one", "dlogits", "dloss is not multiplied in", r"upstream|dloss|factor")
def upstream_of_one(golden):
    return in_numpy(golden, upstream=False)


@wrong(OP, "gradient without smoothing", "dlogits", "backward is p - one_hot: the smoothing is left out", r"smooth")
def no_smoothing_back(golden):
    return in_numpy(golden, dq_of=lambda one_hot, possible, eps: one_hot)


@wrong(OP, "gradient without the mask", "dlogits", "rows that do not count have a gradient", r"mask|padd|count")
def no_mask_back(golden):
    return in_numpy(golden, back_mask=np.ones_like)


@wrong(OP, "smoothing over the others", "loss", "ε is spread over the other classes, the target not among them", r"smooth|other|target|V - 1|v - 1")
def over_others(golden):
    def q(one_hot, possible, eps):
        others = possible * (1 - one_hot)
        return (1 - eps) * one_hot + eps * others / others.sum(-1, keepdims=True)

    return in_numpy(golden, q_of=q)


@wrong(OP, "padding gets mass", "loss", "ε is spread over all classes, padding among them, which can be no answer", r"padd|never|all classes|mass")
def padding_gets_mass(golden):
    return in_numpy(golden, q_of=lambda one_hot, possible, eps: smoothed(one_hot, np.ones_like(possible), eps))


@wrong(OP, "the one-hot left out of backward", "dlogits", "backward is p alone: one is not subtracted at the target", r"one.hot|target|subtract|p alone")
def p_alone(golden):
    return in_numpy(golden, dq_of=lambda one_hot, possible, eps: smoothed(one_hot, possible, eps) - (1 - eps) * one_hot)


@wrong(OP, "targets shifted again", "loss", "the targets, which are shifted already, are shifted once more", r"shift")
def shifted(golden):
    moved = dict(golden, targets=np.roll(golden["targets"], -1, axis=-1))
    return in_numpy(moved)
