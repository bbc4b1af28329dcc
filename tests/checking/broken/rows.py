"""The mean of the positions that count, and rows turned round within their lengths: x -> y, dx."""

import numpy as np
import torch

from broken.sample import Tape, lowered, right, wrong

MEAN, TURNED = "ops.masked_mean", "ops.turned"


def mean_in_numpy(golden, weights_of=None, back=None):
    g = lowered(golden)
    mask = g["mask"].astype(bool)
    weights = (weights_of or shares)(mask).astype(np.float32)
    y = np.einsum("bt,btd->bd", weights, g["x"])
    return {"y": y, "dx": ((back or shares)(mask).astype(np.float32) if back else weights)[..., None] * g["dy"][:, None]}


def shares(mask):
    return mask / np.maximum(mask.sum(-1, keepdims=True), 1)


right(MEAN, "NumPy")(mean_in_numpy)


@right(MEAN, "PyTorch")
def mean_in_torch(golden, divisor=lambda mask: mask.sum(-1, keepdim=True).clamp(min=1)):
    g, keep = lowered(golden), Tape()
    x, mask = keep.leaf("x", g["x"]), torch.tensor(g["mask"])
    keep("y", (x * mask[..., None]).sum(1) / divisor(mask)).backward(torch.tensor(g["dy"]))
    return keep.results()


@wrong(MEAN, "over all positions", "y", "the sum is divided by all positions, padding too", r"all|count|padd|divid|positions")
def over_all(golden):
    return mean_in_torch(golden, lambda mask: mask.shape[-1])


@wrong(MEAN, "padding is read", "y", "the mean is over padding too: the mask is not applied", r"mask|padd|all")
def unmasked(golden):
    return mean_in_numpy(golden, lambda mask: np.full(mask.shape, 1 / mask.shape[-1]))


@wrong(MEAN, "not divided on the way back", "dx", "the gradient is not divided by the number that counts", r"divid|number|count|factor|mean|sum")
def undivided(golden):
    return mean_in_numpy(golden, back=lambda mask: mask)


def places(lengths, positions):
    t = np.arange(positions)
    return np.where(t < lengths[:, None], lengths[:, None] - 1 - t, t)


@right(TURNED, "NumPy")
def turned_in_numpy(golden, places=places, back=None):
    g = lowered(golden)
    there = places(g["lengths"], g["x"].shape[1])
    rows = np.arange(len(there))[:, None]
    y, dx = g["x"][rows, there], np.zeros_like(g["dy"])
    dx[rows, there] = g["dy"]
    return {"y": y, "dx": back(g["dy"]) if back else dx}


@right(TURNED, "PyTorch")
def turned_in_torch(golden):
    g, keep = lowered(golden), Tape()
    x = keep.leaf("x", g["x"])
    rows = [torch.cat([row[:n].flip(0), row[n:]]) for row, n in zip(x, g["lengths"].tolist(), strict=True)]
    keep("y", torch.stack(rows)).backward(torch.tensor(g["dy"]))
    return keep.results()


@wrong(TURNED, "whole rows turned", "y", "rows are turned with their padding, which then stands in front", r"padd|length|whole|permut")
def whole_rows(golden):
    return turned_in_numpy(golden, lambda lengths, positions: np.tile(np.arange(positions)[::-1], (len(lengths), 1)))


@wrong(TURNED, "not turned back", "dx", "the gradient is passed on as it came", r"permut|turn|order|identity|dy|passed")
def not_back(golden):
    return turned_in_numpy(golden, back=lambda dy: dy.copy())
