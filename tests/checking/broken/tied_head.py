"""The head that is the token table, transposed: y, weight, dy (of the logits) -> logits, dy, dweight."""

import torch

from broken.sample import Tape, lowered, right, wrong

OP = "ops.tied_head"




def in_numpy(golden, rows=None):
    g = lowered(golden)
    y, weight, dlogits = g["y"], g["weight"], g["dlogits"]
    width, vocabulary = y.shape[-1], len(weight)
    dweight = rows(dlogits, y) if rows else dlogits.reshape(-1, vocabulary).T @ y.reshape(-1, width)
    return {"logits": y @ weight.T, "dy": dlogits @ weight, "dweight": dweight}


@right(OP, "PyTorch")
def in_torch(golden, by=1.0):
    g, keep = lowered(golden), Tape()
    y, weight = keep.leaf("y", g["y"]), keep.leaf("weight", g["weight"])
    logits = torch.nn.functional.linear(by * y, weight)
    logits.backward(torch.tensor(g["dlogits"]))
    return {"logits": logits.detach().numpy()} | keep.results()


right(OP, "NumPy")(in_numpy)


@wrong(OP, "scaled by √D", "logits", "the logits are scaled by D^-½, as the embedding is by √D", r"scale|√|sqrt|factor")
def scaled(golden):
    return in_torch(golden, golden["y"].shape[-1] ** -0.5)


@wrong(OP, "the first row of the batch alone", "dweight", "the table's gradient is of the first row of the batch only", r"axis|sum|first|batch|overw|=|accumul")
def first_row(golden):
    return in_numpy(golden, lambda dlogits, y: dlogits[0].T @ y[0])
