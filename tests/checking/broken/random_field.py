"""The linear-chain random field: emissions, tags, mask, transitions, first, last -> loss and gradients, by autograd."""

import numpy as np
import torch

from broken.sample import Tape, lowered, right, wrong

OP = "ops.conditional_random_field"


def in_torch(golden, turned=False, ends=True, mean_of=None, masked=True):
    g, keep = lowered(golden), Tape()
    e, transitions, first, last = (keep.leaf(n, g[n]) for n in ("emissions", "transitions", "first", "last"))
    tags, mask = g["tags"], g["mask"].astype(bool) if masked else np.ones_like(g["mask"], bool)
    pairs = transitions.T if turned else transitions
    total = 0
    for row in range(len(tags)):
        length = int(mask[row].sum())
        if not length:
            continue
        alpha, y = first + e[row, 0], tags[row]
        score = first[y[0]] + e[row, 0, y[0]]
        for t in range(1, length):
            alpha = e[row, t] + torch.logsumexp(alpha[:, None] + pairs, 0)
            score = score + pairs[y[t - 1], y[t]] + e[row, t, y[t]]
        if ends:
            alpha, score = alpha + last, score + last[y[length - 1]]
        total = total + torch.logsumexp(alpha, 0) - score
    loss = total / (mean_of(mask) if mean_of else mask.sum())
    (loss * float(g["dloss"])).backward()
    return {"loss": loss.detach().numpy()} | keep.results()


right(OP, "PyTorch")(in_torch)


@right(OP, "NumPy")
def in_numpy(golden):
    """Every sequence by itself: the sum over all Kᵀ of them, and its expectation for a gradient."""
    g = lowered(golden)
    e, transitions, first, last = (g[n] for n in ("emissions", "transitions", "first", "last"))
    number, k, loss = int(g["mask"].sum()), e.shape[-1], 0.0
    found = {"demissions": np.zeros_like(e), "dtransitions": np.zeros_like(transitions), "dfirst": np.zeros_like(first), "dlast": np.zeros_like(last)}
    by = np.float32(g["dloss"]) / np.float32(number)

    def add(row, paths, shares):
        """Each sequence's share to what stands in its score."""
        chosen = [[shares[paths[:, t] == tag].sum() for tag in range(k)] for t in range(paths.shape[1])]
        found["dfirst"] += np.array(chosen[0], np.float32)
        found["dlast"] += np.array(chosen[-1], np.float32)
        found["demissions"][row, : len(chosen)] += np.array(chosen, np.float32)
        for t in range(1, paths.shape[1]):
            for i in range(k):
                for j in range(k):
                    found["dtransitions"][i, j] += shares[(paths[:, t - 1] == i) & (paths[:, t] == j)].sum()

    for row, tags in enumerate(g["tags"]):
        length = int(g["mask"][row].sum())
        if not length:
            continue
        paths = np.array(np.meshgrid(*[range(k)] * length, indexing="ij")).reshape(length, -1).T
        scores = first[paths[:, 0]] + last[paths[:, -1]] + sum(e[row, t, paths[:, t]] for t in range(length))
        scores = scores + sum((transitions[paths[:, t - 1], paths[:, t]] for t in range(1, length)), np.float32(0))
        p = np.exp(scores - scores.max())
        log_z = scores.max() + np.log(p.sum())
        answer = tags[:length]
        loss += log_z - scores[(paths == answer).all(1)][0]
        add(row, paths, by * p / p.sum())
        add(row, answer[None], np.array([-by]))
    return found | {"loss": np.asarray(loss / np.float32(number), np.float32)}


@wrong(OP, "transitions transposed", "loss", "transitions are read from column to row", r"transpos|column|direction")
def turned(golden):
    return in_torch(golden, turned=True)


@wrong(OP, "no last tag", "loss", "the weights of the last tag are left out", r"last|end")
def no_end(golden):
    return in_torch(golden, ends=False)


@wrong(OP, "mean over sentences", "loss", "the sum is divided by the sentences, not by the tokens", r"sentence|row|count|divid|mean|factor")
def by_sentences(golden):
    return in_torch(golden, mean_of=lambda mask: mask.any(-1).sum())


@wrong(OP, "padding counted", "loss", "positions after the end count", r"mask|padd|count")
def padded(golden):
    return in_torch(golden, masked=False)
