"""Embedding: ids, weight, dy -> y, dweight."""

import numpy as np
import torch

from broken.sample import drawn, lowered, right, wrong

OP = "ops.embedding"


def in_numpy(golden, add=np.add.at):
    g = lowered(golden)
    dweight = np.zeros_like(g["weight"])
    add(dweight, g["ids"], g["dy"])
    return {"y": g["weight"][g["ids"]], "dweight": dweight}


def in_torch(golden, **settings):
    g = lowered(golden)
    weight = drawn(g["weight"])
    y = torch.nn.functional.embedding(torch.tensor(g["ids"]), weight, **settings)
    y.backward(torch.tensor(g["dy"]))
    return {"y": y.detach().numpy(), "dweight": weight.grad.numpy()}


right(OP, "NumPy")(in_numpy)
right(OP, "PyTorch")(in_torch)


@wrong(OP, "d[ids] += dy", "dweight", "of a repeated id only the last gradient is kept", r"repeat|last|overw|accumul|= for \+=|\+=")
def overwritten(golden):
    def add(table, ids, rows):
        table[ids] += rows

    return in_numpy(golden, add)


@wrong(OP, "scale_grad_by_freq", "dweight", "the gradient of a repeated id is its mean, not its sum", r"mean|frequen|repeat|count|averag")
def by_frequency(golden):
    return in_torch(golden, scale_grad_by_freq=True)


@wrong(OP, "padding_idx", "dweight", "the row of an id that is taken for padding gets no gradient", r"padding|zero|row")
def padding(golden):
    return in_torch(golden, padding_idx=int(np.bincount(golden["ids"].ravel()).argmax()))


@wrong(OP, "ids counted from one", "y", "rows are shifted by one", r"shift|off by one|permut|roll|moved|one too small|from one")
def shifted(golden):
    g = lowered(golden)
    return {"y": g["weight"][(g["ids"] - 1) % len(g["weight"])], "dweight": in_numpy(golden)["dweight"]}
