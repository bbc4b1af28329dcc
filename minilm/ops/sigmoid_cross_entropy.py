"""Cross-entropy of sigmoids: several labels of a text, each there or not, of which any number may be there.

    p = sigmoid(logits)        loss = -Σ_rows share Σ_c [t_c log p_c + (1 - t_c) log(1 - p_c)] / C
    dlogits = dloss share (p - t) / C                                                  share = 1 / count

Written as softplus(z) - t z, with softplus(z) = log(1 + exp(z)) = z + log(1 + exp(-z)): of the two the one whose
exponential does not overflow. (Bishop 2006, "Pattern Recognition and Machine Learning", equation 4.90.)
"""

import numpy as np

from minilm.arrays.sigmoid import sigmoid


def forward(logits, targets, count=None):
    """logits (B, C), targets (B, C), True or 1 = the label is there -> the loss, a scalar of the logits' dtype.

    `count` divides the sum over the rows; None means the number of rows.
    """
    number = len(logits) if count is None else count
    positive = logits.real > 0                                             # (B, C)
    small = np.where(positive, -logits, logits)                            # (B, C)
    softplus = np.where(positive, logits, 0) + np.log1p(np.exp(small))     # (B, C)
    there = targets.astype(logits.real.dtype)                              # (B, C)
    costs = softplus - there * logits                                      # (B, C)
    share = 1 / (max(number, 1) * logits.shape[-1])
    return costs.sum() * share, {"logits": logits, "there": there, "share": np.array(share, logits.real.dtype)}


def backward(cache, dloss=1.0):
    """dloss, a scalar -> dlogits (B, C)."""
    p = sigmoid(cache["logits"])                                           # (B, C)
    dlogits = dloss * cache["share"] * (p - cache["there"])                # (B, C)
    return dlogits
