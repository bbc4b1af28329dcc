"""Cross-entropy of sigmoids, and squared error: logits or y, targets, dloss -> loss and its gradient."""

import numpy as np
import torch

from broken.sample import drawn, lowered, right, wrong

LABELS, NUMBERS = "ops.sigmoid_cross_entropy", "ops.squared_error"


def labels_in_numpy(golden, divisor=np.size):
    g = lowered(golden)
    z, t = g["logits"], g["targets"].astype(np.float32)
    cost = np.maximum(z, 0) - t * z + np.log1p(np.exp(-np.abs(z)))
    return {"loss": cost.sum() / np.float32(z.size), "dlogits": np.float32(g["dloss"]) * (1 / (1 + np.exp(-z)) - t) / np.float32(divisor(z))}


def labels_in_torch(golden, loss=torch.nn.functional.binary_cross_entropy_with_logits):
    g = lowered(golden)
    logits = drawn(g["logits"])
    value = loss(logits, torch.tensor(g["targets"].astype(np.float32)))
    (value * float(g["dloss"])).backward()
    return {"loss": value.detach().numpy(), "dlogits": logits.grad.numpy()}


right(LABELS, "NumPy")(labels_in_numpy)
right(LABELS, "PyTorch")(labels_in_torch)


@wrong(LABELS, "summed over the labels", "dlogits", "the gradient is divided by the rows alone, not by the labels too", r"divid|factor|mean|sum|label|count")
def summed(golden):
    return labels_in_numpy(golden, len)


def numbers_in_numpy(golden, factor=2):
    g = lowered(golden)
    error = g["y"] - g["targets"].astype(np.float32)
    return {"loss": (error * error).mean(), "dy": np.float32(g["dloss"]) * np.float32(factor) * error / np.float32(error.size)}


@right(NUMBERS, "PyTorch")
def numbers_in_torch(golden):
    g = lowered(golden)
    y = drawn(g["y"])
    value = torch.nn.functional.mse_loss(y, torch.tensor(g["targets"].astype(np.float32)))
    (value * float(g["dloss"])).backward()
    return {"loss": value.detach().numpy(), "dy": y.grad.numpy()}


right(NUMBERS, "NumPy")(numbers_in_numpy)


@wrong(NUMBERS, "the square's factor lost", "dy", "the derivative of the square has no factor 2", r"factor|2|half|constant")
def no_two(golden):
    return numbers_in_numpy(golden, 1)
