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

from minilm.ops import dropout
from minilm.ops.layer_norm import row_dot

BLOCK = 512  # queries and keys in a block: its scores are 1 MB of float32, and stay in a core's cache
CAUSAL = "causal"  # as a mask: position t may attend to the positions up to t, and no array says so


def forward(q, k, v, mask=None, rate=0.0, rng=None, block=BLOCK):
    """q (B, H, T, K), k and v (B, H, S, K) -> y (B, H, T, K).

    `mask` is CAUSAL, or boolean as scaled_dot_product's, True = may attend: small where it broadcasts, as one of
    padding does (B, 1, 1, S). A query that may attend to nothing gives zeros. Raises ValueError for a block below 1.
    """
    if block < 1:
        raise ValueError(f"a block has at least 1 position, not {block}")
    seed = None if rng is None or rate == 0 else int(rng.integers(2**63))
    y = np.empty(q.shape[:-1] + v.shape[-1:], np.result_type(q, k, v))                     # (B, H, T, K)
    top = np.empty((*q.shape[:-1], 1), y.real.dtype)                                       # (B, H, T, 1)
    total = np.empty((*q.shape[:-1], 1), y.dtype)                                          # (B, H, T, 1)
    cache = {"q": q, "k": k, "v": v, "y": y, "top": top, "total": total}
    cache |= {"mask": mask, "rate": rate, "seed": seed, "block": block}
    for head in np.ndindex(q.shape[:2]):
        for rows in blocks(q.shape[2], block):
            m = np.full((rows.stop - rows.start, 1), -np.inf, y.real.dtype)                # (..., 1)
            l = np.zeros(m.shape, y.dtype)                                                 # (..., 1)
            sum_v = np.zeros((len(m), v.shape[-1]), y.dtype)                               # (..., K)
            for columns in seen(rows, k.shape[2], block, mask):
                s = scores(cache, head, rows, columns)
                m_next = np.maximum(m, s.real.max(-1, keepdims=True))
                below = finite(m_next)
                s -= below
                np.exp(s, out=s)
                shrink = np.exp(m - below)
                l = l * shrink + s.sum(-1, keepdims=True)
                sum_v *= shrink
                sum_v += dropped(cache, s, head, rows, columns)[0] @ v[head][columns]
                m = m_next
            top[head][rows], total[head][rows] = finite(m), np.where(l == 0, 1, l)
            y[head][rows] = sum_v / total[head][rows]
    return y, cache


def backward(cache, dy):
    """dy (B, H, T, K) -> dq (B, H, T, K), dk and dv (B, H, S, K)."""
    q, k, v, y, mask, block = (cache[name] for name in ("q", "k", "v", "y", "mask", "block"))
    scale = q.shape[-1] ** -0.5
    dq, dk, dv = (np.zeros(array.shape, np.result_type(y, dy)) for array in (q, k, v))
    # The 1 / l of all weights is taken here, and √K below, rather than from each block of scores.
    dsum = dy / cache["total"]                                                             # (B, H, T, K)
    slope = row_dot(dsum, y)                                                               # (B, H, T, 1)
    for head in np.ndindex(q.shape[:2]):
        for rows in blocks(q.shape[2], block):
            for columns in seen(rows, k.shape[2], block, mask):
                e = scores(cache, head, rows, columns)
                e -= cache["top"][head][rows]
                np.exp(e, out=e)
                kept, dropout_cache = dropped(cache, e, head, rows, columns)
                dv[head][columns] += kept.T @ dsum[head][rows]
                dscores = dropout.backward(dropout_cache, dsum[head][rows] @ v[head][columns].T)
                dscores -= slope[head][rows]
                dscores *= e
                dq[head][rows] += dscores @ k[head][columns]
                dk[head][columns] += dscores.T @ q[head][rows]
    dq *= scale
    dk *= scale
    return dq, dk, dv


def finite(m):
    """Maxima, with 0 for -inf: where nothing is allowed, e^(-inf - 0) is 0, and e^(-inf + inf) would be NaN."""
    return np.where(np.isfinite(m), m, 0).astype(m.dtype)


def scores(cache, head, rows, columns):
    """One block of scores, -inf where a query may not attend."""
    q, k, mask = cache["q"], cache["k"], cache["mask"]
    s = (q[head][rows] * q.shape[-1] ** -0.5) @ k[head][columns].T
    if mask is None:
        return s
    if isinstance(mask, str):
        if columns.stop <= rows.start + 1:  # below the diagonal all may be attended to
            return s
        allowed = np.arange(columns.start, columns.stop) <= np.arange(rows.start, rows.stop)[:, None]
    else:
        whole = np.broadcast_to(mask, (*q.shape[:3], k.shape[2]))  # a view: nothing is copied
        allowed = whole[head][rows, columns]
    return np.where(allowed, s, -np.inf)


def dropped(cache, weights, head, rows, columns):
    """dropout.forward on one block of weights, with the block's own random bits."""
    if cache["seed"] is None:
        return dropout.forward(weights, 0.0)
    place = np.random.SeedSequence((cache["seed"], *head, rows.start, columns.start))
    return dropout.forward(weights, cache["rate"], np.random.Generator(np.random.SFC64(place)))


def blocks(length, block):
    """0 ... length in slices."""
    return [slice(start, min(start + block, length)) for start in range(0, length, block)]


def seen(rows, length, block, mask):
    """The blocks of keys of which some query of `rows` may attend to a position."""
    return blocks(min(length, rows.stop) if isinstance(mask, str) else length, block)
