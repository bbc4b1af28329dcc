"""Scaled dot-product attention in blocks, in memory that grows with T + S, not with T S.

The formula is scaled_dot_product's. Here no (T, S) array is made: for a block of queries the blocks of keys pass by one
after the other, with a running maximum m and a running sum l per query (Dao et al. 2022, "FlashAttention", Algorithm 1,
after Milakov and Gimelshein 2018):

    m' = max(m, max_j s_j)     l' = l e^(m - m') + Σ_j e^(s_j - m')     y' = y e^(m - m') + Σ_j e^(s_j - m') v_j

and y = y' / l' at the end. What is kept for backward is y, and m and l, two numbers a query; the weights come back,
block by block, as w = e^(s - m) / l (their Algorithm 4; m + log l in one number would cost float32 a digit):

    dv_j += Σ_i w_ij dy_i      dw_ij = dy_i · v_j      ds_ij = w_ij (dw_ij - dy_i · y_i)
    dq_i += Σ_j ds_ij k_j / √K      dk_j += Σ_i ds_ij q_i / √K

since Σ_j w_ij dw_ij = dy_i · y_i, dropout or not. Dropout draws each block's bits from a generator of its own, named by
one number drawn from `rng` and by the block's place, so that backward can draw them again.
"""

import numpy as np

from minilm.arrays import masks, rows
from minilm.ops import dropout

BLOCK, KEYS = 128, 512  # queries and keys in a block; of a causal one, BLOCK² / 2 scores above the diagonal are waste
SCORES = 1 << 18  # scores at once, 1 MB of float32: so many heads go together, for fewer calls, as fill a core's cache
CAUSAL = "causal"  # as a mask: position t may attend to the positions up to t, and no array says so


def forward(q, k, v, mask=None, rate=0.0, rng=None, first=0, block=BLOCK, keys=KEYS):
    """q (B, H, T, K), k and v (B, H, S, K) -> y (B, H, T, K).

    `mask` is CAUSAL, the queries standing at the positions from `first` on, or boolean as scaled_dot_product's, True =
    may attend: small where it broadcasts, as one of padding does (B, 1, 1, S). A query that may attend to nothing gives
    zeros. Raises ValueError for a block below 1.
    """
    if min(block, keys) < 1:
        raise ValueError(f"a block has at least 1 position, not {min(block, keys)}")
    seed = None if rng is None or rate == 0 else int(rng.integers(2**63))
    y = np.empty(q.shape[:-1] + v.shape[-1:], np.result_type(q, k, v))                     # (B, H, T, K)
    top = np.empty((*q.shape[:-1], 1), y.real.dtype)                                       # (B, H, T, 1)
    total = np.empty((*q.shape[:-1], 1), y.dtype)                                          # (B, H, T, 1)
    cache = {"q": q, "k": k, "v": v, "mask": mask, "seed": seed, "y": y, "top": top, "total": total}
    plan = {**cache, "rate": rate, "first": first, "keys": keys}
    for queries in blocks(q.shape[2], block):
        passing = seen(plan, queries)
        for heads in groups(plan, queries):
            m = np.full(top[*heads, queries].shape, -np.inf, y.real.dtype)                    # (..., 1)
            l = np.zeros(m.shape, y.dtype)                                                 # (..., 1)
            sum_v = np.zeros((*m.shape[:-1], v.shape[-1]), y.dtype)                        # (..., K)
            for columns, bar in passing:
                s = scores(plan, heads, queries, columns, bar)
                m_next = np.maximum(m, rows.max(s.real))
                below = finite(m_next)
                s -= below
                np.exp(s, out=s)
                shrink = np.exp(m - below)
                l = l * shrink + rows.sum(s)
                sum_v *= shrink
                sum_v += dropped(plan, s, heads, queries, columns)[0] @ v[*heads, columns]
                m = m_next
            top[*heads, queries], total[*heads, queries] = finite(m), np.where(l == 0, 1, l)
            y[*heads, queries] = sum_v / total[*heads, queries]
    return y, cache


def backward(cache, dy, rate=0.0, first=0, block=BLOCK, keys=KEYS):
    """dy (B, H, T, K) -> dq (B, H, T, K), dk and dv (B, H, S, K)."""
    plan = {**cache, "rate": rate, "first": first, "keys": keys}
    q, k, v, y = (cache[name] for name in ("q", "k", "v", "y"))
    scale = q.shape[-1] ** -0.5
    dq, dk, dv = (np.zeros(array.shape, np.result_type(y, dy)) for array in (q, k, v))
    # The 1 / l of all weights is taken here, and √K below, rather than from each block of scores.
    dsum = dy / cache["total"]                                                             # (B, H, T, K)
    slope = rows.dot(dsum, y)                                                               # (B, H, T, 1)
    for queries in blocks(q.shape[2], block):
        passing = seen(plan, queries)
        for heads in groups(plan, queries):
            for columns, bar in passing:
                e = scores(plan, heads, queries, columns, bar)
                e -= cache["top"][*heads, queries]
                np.exp(e, out=e)
                kept, dropout_cache = dropped(plan, e, heads, queries, columns)
                dv[*heads, columns] += kept.swapaxes(-1, -2) @ dsum[*heads, queries]
                dweights = dsum[*heads, queries] @ v[*heads, columns].swapaxes(-1, -2)
                dscores = dropout.backward(dropout_cache, dweights, rate) - slope[*heads, queries]
                dscores *= e
                dq[*heads, queries] += dscores @ k[*heads, columns]
                dk[*heads, columns] += dscores.swapaxes(-1, -2) @ q[*heads, queries]
    dq *= scale
    dk *= scale
    return dq, dk, dv


def finite(m):
    """Maxima, with 0 for -inf: where nothing is allowed, e^(-inf - 0) is 0, and e^(-inf + inf) would be NaN."""
    return np.where(np.isfinite(m), m, 0).astype(m.dtype)


def scores(plan, heads, queries, columns, bar):
    """One block of scores, -inf where a query may not attend."""
    q, k, mask = plan["q"], plan["k"], plan["mask"]
    s = (q[*heads, queries] * q.shape[-1] ** -0.5) @ k[*heads, columns].swapaxes(-1, -2)
    if isinstance(mask, str):
        s[..., s.shape[-1] - bar.shape[-1] :] += bar
    elif mask is not None:
        whole = np.broadcast_to(mask, (*q.shape[:3], k.shape[2]))  # a view: nothing is copied
        s += masks.barred(whole[*heads, queries, columns], s.real.dtype)
    return s


def dropped(plan, weights, heads, queries, columns):
    """dropout.forward on one block of weights, with the block's own random bits."""
    if plan["seed"] is None:
        return dropout.forward(weights, 0.0)
    row, together = heads
    place = np.random.SeedSequence((plan["seed"], row, together.start, queries.start, columns.start))
    return dropout.forward(weights, plan["rate"], np.random.Generator(np.random.SFC64(place)))


def blocks(length, block):
    """0 ... length in slices."""
    return [slice(start, min(start + block, length)) for start in range(0, length, block)]


def groups(plan, queries):
    """[(b, slice of heads), ...]: the heads whose blocks go through the products together."""
    batch, heads, _, _ = plan["q"].shape
    width = min(plan["keys"], plan["k"].shape[2])
    number = max(1, SCORES // max(1, (queries.stop - queries.start) * width))
    return [(row, together) for row in range(batch) for together in blocks(heads, number)]


def seen(plan, queries):
    """[(columns, bar), ...]: the blocks of keys of which some query of `queries` may attend to a position.

    Where the mask is CAUSAL, `bar` (R, C) is to be added to the last C scores: from the first query's place on.
    """
    length, keys, dtype = plan["k"].shape[2], plan["keys"], plan["top"].dtype
    if not isinstance(plan["mask"], str):
        return [(columns, None) for columns in blocks(length, keys)]
    at = plan["first"] + np.arange(queries.start, queries.stop)[:, None]                        # (R, 1)
    found = []
    for columns in blocks(min(length, int(at[-1, 0]) + 1), keys):
        above = np.arange(max(columns.start, int(at[0, 0])), columns.stop)                 # (C)
        found.append((columns, masks.barred(above <= at, dtype)))
    return found
