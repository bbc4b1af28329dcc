"""Rotary positions: x, positions, base, dy -> y, dx. `halves` in the golden run, or `adjacent`, as its settings say."""

import numpy as np
import torch

from broken.sample import Tape, lowered, right, wrong

OP = "ops.rotary"


def angles(g, power=2.0, first=0, base=None):
    width = g["x"].shape[-1]
    frequency = float(base or g["base"]) ** (-power * np.arange(width // 2) / width)
    return ((np.asarray(g["positions"]) + first)[..., None] * frequency).astype(np.float64)


def turned(x, angle, halves, sign=1):
    cos, sin = np.cos(angle).astype(np.float32), sign * np.sin(angle).astype(np.float32)
    half = x.shape[-1] // 2
    a, b = (x[..., :half], x[..., half:]) if halves else (x[..., ::2], x[..., 1::2])
    out = np.empty_like(x)
    if halves:
        out[..., :half], out[..., half:] = a * cos - b * sin, b * cos + a * sin
    else:
        out[..., ::2], out[..., 1::2] = a * cos - b * sin, b * cos + a * sin
    return out


def in_numpy(golden, sign=1, back=-1, swap=False, **how):
    g = lowered(golden)
    angle, halves = angles(g, **how), (str(g["layout"]) == "halves") != swap
    return {"y": turned(g["x"], angle, halves, sign), "dx": turned(g["dy"], angle, halves, back * sign)}


@right(OP, "PyTorch")
def in_torch(golden):
    g, keep = lowered(golden), Tape()
    x, angle = keep.leaf("x", g["x"]), torch.tensor(angles(g))
    halves = str(g["layout"]) == "halves"
    a, b = x.chunk(2, -1) if halves else (x[..., ::2], x[..., 1::2])
    turn = torch.polar(torch.ones_like(angle), angle).to(torch.complex64)
    z = torch.complex(a, b) * turn
    y = torch.cat([z.real, z.imag], -1) if halves else torch.view_as_real(z).flatten(-2)
    keep("y", y).backward(torch.tensor(g["dy"]))
    return keep.results()


right(OP, "NumPy")(in_numpy)


@wrong(OP, "the other pairs", "y", "adjacent numbers are taken for pairs where halves are, or the other way round", r"adjacent|halves|interleav|pair|layout")
def other_pairs(golden):
    return in_numpy(golden, swap=True)


@wrong(OP, "turned the other way", "y", "the sines have the wrong sign: turned by -tω", r"sign|direction|other way|inverse|-t")
def other_way(golden):
    return in_numpy(golden, sign=-1)


@wrong(OP, "turned on, not back", "dx", "backward turns by +tω again", r"back|sign|direction|again|inverse|forward")
def not_back(golden):
    return in_numpy(golden, back=1)


@wrong(OP, "i / K for 2 i / K", "y", "the exponent is -i / K, not -2i / K", r"expon|2i|frequen|/ k")
def half_exponent(golden):
    return in_numpy(golden, power=1.0)


@wrong(OP, "positions from one", "y", "positions are counted from one", r"position|off by one|from one|shift")
def from_one(golden):
    return in_numpy(golden, first=1)
