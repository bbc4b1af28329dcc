"""Linear-chain conditional random field (Lafferty, McCallum and Pereira 2001): the loss of a whole sequence of tags.

    score(y)   = first[y_0] + Σ_t e_t[y_t] + Σ_t transitions[y_{t-1}, y_t] + last[y_{T-1}]
    log p(y)   = score(y) - log Z                  log Z = log Σ over all y' of exp score(y')
    loss       = -(1 / count) Σ log p(tags)        count: the positions that count

The sum over the Kᵀ sequences is done position by position (the forward algorithm), and once more from the end:

    α_0 = first + e_0        α_t[j] = e_t[j] + log Σ_i exp(α_{t-1}[i] + transitions[i, j])
    β_{T-1} = last           β_t[i] = log Σ_j exp(transitions[i, j] + e_{t+1}[j] + β_{t+1}[j])
    log Z = log Σ_j exp(α_{T-1}[j] + last[j])

The derivative of log Z is the expectation of what stands in the score, so each gradient is a marginal less what is:

    de_t[j]            = p(y_t = j) - 1[tags_t = j]
    dtransitions[i, j] = Σ_t p(y_{t-1} = i, y_t = j) - 1[tags_{t-1} = i, tags_t = j]
    p(y_t = j)              = exp(α_t[j] + β_t[j] - log Z)
    p(y_{t-1} = i, y_t = j) = exp(α_{t-1}[i] + transitions[i, j] + e_t[j] + β_t[j] - log Z)

each divided by count. Positions where the mask is False stand at the end of a row: the α and β of the position
before pass through them. A transition that cannot be (an entity that goes on where none began) has the weight -inf:
it takes no part in log Z, and its gradient is zero.
"""

import numpy as np

from minilm.arrays import masks
from minilm.arrays.log_sums import log_sum_exp


def init(rng, tags, dtype=np.float32):
    """Transitions (K, K) from row to column, first (K) and last (K): normal with deviation 0.1."""
    shapes = {"transitions": (tags, tags), "first": (tags,), "last": (tags,)}
    return {name: (0.1 * rng.standard_normal(shape)).astype(dtype) for name, shape in shapes.items()}


def forward(params, emissions, tags, mask=None, allowed=None, count=None):
    """emissions (B, T, K), tags (B, T) of ids, mask (B, T) True = counts -> the loss, a scalar.

    `allowed` is a tree like params of booleans, False where it cannot be; None allows all. `count` divides the sum;
    None means the number of positions that count. Raises IndexError for a tag that is no id, ValueError for a mask
    with a gap, and for tags that are not allowed, naming the place.
    """
    counts = np.ones(tags.shape, bool) if mask is None else mask                           # (B, T)
    answers = required(tags, counts, emissions.shape[-1], allowed)                         # (B, T)
    transitions, first, last = weights(params, allowed)                                    # (K, K), (K), (K)
    kept = np.where(counts[..., None], emissions, 0)  # whatever stands where nothing counts   # (B, T, K)
    alpha = np.empty_like(kept, np.result_type(kept, first))                               # (B, T, K)
    alpha[:, 0] = first + kept[:, 0]
    for t in range(1, tags.shape[1]):
        into = log_sum_exp(alpha[:, t - 1, :, None] + transitions, 1)                      # (B, K)
        alpha[:, t] = np.where(counts[:, t, None], kept[:, t] + into, alpha[:, t - 1])
    log_z = log_sum_exp(alpha[:, -1] + last, -1)                                           # (B)
    rows, ends = np.arange(len(tags)), counts.sum(-1) - 1                                  # (B), (B)
    chosen = np.take_along_axis(kept, answers[..., None], -1)[..., 0]                      # (B, T)
    steps = transitions[answers[:, :-1], answers[:, 1:]]                                   # (B, T - 1)
    edges = first[answers[:, 0]] + last[answers[rows, ends]]                               # (B)
    score = edges + np.where(counts, chosen, 0).sum(-1) + np.where(counts[:, 1:], steps, 0).sum(-1)    # (B)
    share = counts.astype(emissions.real.dtype) / divisor(counts, count)                   # (B, T)
    loss = (np.where(counts[:, 0], log_z - score, 0) * share[:, 0]).sum()
    cache = {"emissions": kept, "counts": counts, "answers": answers, "share": share}
    return loss, cache | {"alpha": alpha, "log_z": log_z}


def backward(params, cache, dloss=1.0, allowed=None):
    """dloss, a scalar -> demissions (B, T, K), dparams."""
    emissions, counts, answers = cache["emissions"], cache["counts"], cache["answers"]
    transitions, first, last = weights(params, allowed)                                    # (K, K), (K), (K)
    rows, ends = np.arange(len(answers)), counts.sum(-1) - 1                               # (B), (B)
    share = dloss * cache["share"]                                                         # (B, T)
    one, pair, end = marginals(transitions, last, cache)
    is_tag = answers[..., None] == np.arange(emissions.shape[-1])                          # (B, T, K)
    demissions = (one - is_tag) * share[..., None]                                         # (B, T, K)
    expected = np.tensordot(share[:, 1:], pair, 2)                                         # (K, K)
    before, after = share[:, 1:, None] * is_tag[:, :-1], is_tag[:, 1:].astype(share.dtype)     # (B, T - 1, K)
    observed = np.tensordot(before, after, ((0, 1), (0, 1)))                               # (K, K)
    dtransitions = expected - observed                                                     # (K, K)
    dlast = ((end - is_tag[rows, ends]) * share[:, :1]).sum(0)                             # (K)
    dparams = {"transitions": dtransitions, "first": demissions[:, 0].sum(0), "last": dlast}
    return demissions.astype(emissions.dtype), {
        name: dparams[name].astype(params[name].dtype) for name in params
    }


def marginals(transitions, last, cache):
    """p(y_t = j) (B, T, K), p(y_{t-1} = i, y_t = j) (B, T - 1, K, K) and p(y_{T-1} = j) (B, K), under the model."""
    emissions, counts, alpha = cache["emissions"], cache["counts"], cache["alpha"]
    log_z = cache["log_z"][:, None, None]                                                  # (B, 1, 1)
    beta = np.empty_like(alpha)                                                            # (B, T, K)
    beta[:, -1] = last
    for t in reversed(range(alpha.shape[1] - 1)):
        onward = emissions[:, t + 1] + beta[:, t + 1]                                      # (B, K)
        out = log_sum_exp(transitions + onward[:, None, :], -1)                            # (B, K)
        beta[:, t] = np.where(counts[:, t + 1, None], out, beta[:, t + 1])
    one = np.exp(alpha + beta - log_z)                                                     # (B, T, K)
    # A position that does not count has no place in a sum of pairs.
    ahead = np.where(counts[:, 1:, None], emissions[:, 1:] + beta[:, 1:] - log_z, -np.inf)     # (B, T - 1, K)
    pair = np.exp(alpha[:, :-1, :, None] + transitions + ahead[:, :, None, :])             # (B, T - 1, K, K)
    return one, pair, np.exp(alpha[:, -1] + last - cache["log_z"][:, None])


def weights(params, allowed):
    """transitions (K, K), first (K) and last (K), -inf where it cannot be."""
    found = (params[name] for name in ("transitions", "first", "last"))
    if allowed is None:
        return tuple(found)
    barred = (masks.barred(allowed[name], params[name].real.dtype) for name in ("transitions", "first", "last"))
    return tuple(weight + bar for weight, bar in zip(found, barred, strict=True))


def divisor(counts, count):
    return max(int(counts.sum()) if count is None else count, 1)


def required(tags, counts, number, allowed):
    """The tags, 0 where a position does not count. Raises, naming the place, where they or the mask cannot be."""
    gaps = counts[:, 1:] & ~counts[:, :-1]                                                 # (B, T - 1)
    for gap, before in np.argwhere(gaps):
        place = f"row {gap}: position {before + 1} counts"
        raise ValueError(f"{place}, the one before does not; padding stands at the end")
    answers = np.where(counts, tags, 0)                                                    # (B, T)
    for b, position in np.argwhere((answers < 0) | (answers >= number)):
        raise IndexError(f"tag {tags[b, position]} at ({b}, {position}) is not in 0 ... {number - 1}")
    if allowed is not None:
        require_allowed(answers, counts, allowed)
    return answers


def require_allowed(answers, counts, allowed):
    """Raise ValueError, naming the place, for a transition, a first or a last tag that cannot be."""
    barred = counts[:, 1:] & ~allowed["transitions"][answers[:, :-1], answers[:, 1:]]      # (B, T - 1)
    for row, before in np.argwhere(barred):
        tag, follows = answers[row, before], answers[row, before + 1]
        raise ValueError(f"row {row}: tag {follows} at position {before + 1} cannot follow tag {tag}")
    rows, ends = np.arange(len(answers)), counts.sum(-1) - 1                               # (B), (B)
    for name, tags in (("first", answers[:, 0]), ("last", answers[rows, ends])):
        for begun in np.flatnonzero(counts[:, 0] & ~allowed[name][tags]):
            raise ValueError(f"row {begun}: tag {tags[begun]} cannot be the {name}")
