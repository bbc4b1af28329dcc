"""The random field against the enumeration of all sequences, against PyTorch, and at its edges."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minilm import tree
from minilm.checking import gradcheck
from minilm.data import tag_schemes
from minilm.decoding import viterbi
from minilm.ops import conditional_random_field as field

BATCH, POSITIONS, TAGS = 5, 4, 3


def drawn(seed, batch=BATCH, positions=POSITIONS, tags=TAGS, barred=False):
    """params, emissions, answers, mask, allowed: unequal lengths, and answers that are allowed."""
    rng = np.random.default_rng(seed)
    params = tree.map(lambda leaf: rng.standard_normal(leaf.shape), field.init(rng, tags, np.float64))
    emissions = 2 * rng.standard_normal((batch, positions, tags))
    lengths = 1 + np.arange(batch) % positions
    mask = np.arange(positions) < lengths[:, None]
    allowed = None
    answers = rng.integers(0, tags, (batch, positions))
    if barred:  # nothing follows itself; a sequence does not begin with the last tag, nor end with the first
        allowed = {"transitions": ~np.eye(tags, dtype=bool), "first": np.arange(tags) < tags - 1, "last": np.arange(tags) > 0}
        good = {n: [s for s in itertools.product(range(tags), repeat=n) if permitted(s, allowed)] for n in set(lengths)}
        for row, length in enumerate(lengths):
            answers[row, :length] = good[length][rng.integers(len(good[length]))]
    return params, emissions, answers, mask, allowed


def permitted(sequence, allowed):
    if allowed is None:
        return True
    steps = all(allowed["transitions"][pair] for pair in itertools.pairwise(sequence))
    return allowed["first"][sequence[0]] and allowed["last"][sequence[-1]] and steps


def score(params, emissions, sequence):
    total = params["first"][sequence[0]] + params["last"][sequence[-1]]
    total += sum(emissions[t, tag] for t, tag in enumerate(sequence))
    return total + sum(params["transitions"][pair] for pair in itertools.pairwise(sequence))


def enumerated(params, emissions, answers, mask, allowed):
    """The loss, the gradient of the emissions, and the best sequences, over all sequences one by one."""
    loss, demissions, best = 0.0, np.zeros_like(emissions), np.zeros_like(answers)
    for row, length in enumerate(mask.sum(-1)):
        sequences = [s for s in itertools.product(range(emissions.shape[-1]), repeat=length) if permitted(s, allowed)]
        scores = np.array([score(params, emissions[row], sequence) for sequence in sequences])
        log_z = np.logaddexp.reduce(scores)
        loss += log_z - score(params, emissions[row], answers[row, :length])
        for sequence, value in zip(sequences, scores, strict=True):
            demissions[row, np.arange(length), sequence] += np.exp(value - log_z)
        demissions[row, np.arange(length), answers[row, :length]] -= 1
        best[row, :length] = sequences[int(scores.argmax())]
    return loss / mask.sum(), demissions / mask.sum(), best


@pytest.mark.parametrize("barred", [False, True])
@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 4), st.integers(2, 5))
def test_equals_the_enumeration_of_all_sequences(barred, seed, tags, positions):
    if barred and tags == 2:
        tags = 3  # with two there may be no sequence at all
    params, emissions, answers, mask, allowed = drawn(seed, 5, positions, tags, barred)
    loss, demissions, best = enumerated(params, emissions, answers, mask, allowed)
    value, cache = field.forward(params, emissions, answers, mask, allowed)
    np.testing.assert_allclose(value, loss, rtol=1e-12, atol=1e-12)
    found, _ = field.backward(params, cache, 1.0, allowed)
    np.testing.assert_allclose(found, demissions, rtol=1e-12, atol=1e-13)
    tags_found, _ = viterbi.best(params, emissions, mask, allowed)
    np.testing.assert_array_equal(tags_found, best)


@pytest.mark.parametrize("barred", [False, True])
def test_every_gradient_by_the_complex_step(barred):
    params, emissions, answers, mask, allowed = drawn(3, barred=barred)

    def forward(params, emissions):
        return field.forward(params, emissions, answers, mask, allowed, count=7)

    def backward(params, cache, dy):
        return field.backward(params, cache, dy, allowed)

    rows = gradcheck.check("field", forward, backward, params, {"emissions": emissions})
    assert all(row.passed for row in rows), [str(row) for row in rows if not row.passed]


def test_shards_add_up():
    params, emissions, answers, mask, _ = drawn(4)
    whole, _ = field.forward(params, emissions, answers, mask)
    count = int(mask.sum())
    parts = [field.forward(params, emissions[part], answers[part], mask[part], count=count)[0] for part in (slice(2), slice(2, 9))]
    np.testing.assert_allclose(sum(parts), whole, rtol=1e-13)
    assert not np.isclose(field.forward(params, emissions[:2], answers[:2], mask[:2])[0], parts[0])


def test_what_does_not_count_changes_nothing():
    params, emissions, answers, mask, _ = drawn(5)
    wild_emissions, wild_answers = emissions.copy(), answers.copy()
    wild_emissions[~mask], wild_answers[~mask] = np.nan, 99
    for dtype in (np.float32, np.float64):
        narrow = tree.map(lambda leaf, dtype=dtype: leaf.astype(dtype), params)
        value, cache = field.forward(narrow, emissions.astype(dtype), answers, mask)
        wild, wild_cache = field.forward(narrow, wild_emissions.astype(dtype), wild_answers, mask)
        assert value == wild and value.dtype == dtype
        gradients = tree.flatten(list(field.backward(narrow, cache)))
        for name, leaf in tree.leaves(list(field.backward(narrow, wild_cache))):
            assert leaf.dtype == dtype
            np.testing.assert_array_equal(leaf, gradients[name], err_msg=name)
    assert not field.backward(params, cache)[0][~mask].any()


def test_a_row_in_which_nothing_counts_costs_nothing():
    params, emissions, answers, mask, _ = drawn(6)
    more = [np.concatenate([array, array[:1]]) for array in (emissions, answers, mask)]
    more[2][-1] = False
    more[0][-1] = [np.nan, np.inf, -np.inf]
    value, cache = field.forward(params, *more)
    np.testing.assert_allclose(value, field.forward(params, emissions, answers, mask)[0], rtol=1e-13)
    demissions, dparams = field.backward(params, cache)
    assert not demissions[-1].any()
    _, cache = field.forward(params, emissions, answers, mask)
    for name, leaf in tree.leaves(field.backward(params, cache)[1]):
        np.testing.assert_allclose(dparams[name], leaf, rtol=1e-12, atol=1e-14)
    assert viterbi.best(params, more[0], more[2])[1][-1] == 0


def test_long_and_extreme_sequences_stay_finite():
    params, emissions, answers, _, _ = drawn(7, 3, 400, 6)
    for scale in (1, 1e4):
        value, cache = field.forward(tree.map(lambda leaf: leaf.astype(np.float32), params), (scale * emissions).astype(np.float32), answers)
        demissions, dparams = field.backward(params, cache)
        assert np.isfinite(value) and np.isfinite(demissions).all() and all(np.isfinite(leaf).all() for leaf in dparams.values())


def test_what_cannot_be_is_named():
    params, emissions, answers, mask, allowed = drawn(8, barred=True)
    gap = mask.copy()
    gap[3, 1] = False
    with pytest.raises(ValueError, match="row 3: position 2 counts"):
        field.forward(params, emissions, answers, gap)
    wrong = answers.copy()
    wrong[2, 1] = 3
    with pytest.raises(IndexError, match=r"tag 3 at \(2, 1\)"):
        field.forward(params, emissions, wrong, mask)
    wrong[2, :3] = [0, 1, 1]
    with pytest.raises(ValueError, match="row 2: tag 1 at position 2 cannot follow tag 1"):
        field.forward(params, emissions, wrong, mask, allowed)
    wrong[2, :3] = [2, 1, 2]
    with pytest.raises(ValueError, match="row 2: tag 2 cannot be the first"):
        field.forward(params, emissions, wrong, mask, allowed)
    wrong[2, :3] = [1, 2, 0]
    with pytest.raises(ValueError, match="row 2: tag 0 cannot be the last"):
        field.forward(params, emissions, wrong, mask, allowed)


def test_as_pytorch_differentiates_it():
    torch = pytest.importorskip("torch")
    params, emissions, answers, mask, _ = drawn(9, 6, 7, 5)
    theirs = {name: torch.tensor(leaf, requires_grad=True) for name, leaf in params.items()}
    e = torch.tensor(emissions, requires_grad=True)
    total = torch.zeros((), dtype=torch.float64)
    for row, length in enumerate(mask.sum(-1)):
        alpha = theirs["first"] + e[row, 0]
        gold = theirs["first"][answers[row, 0]] + e[row, 0, answers[row, 0]]
        for t in range(1, length):
            alpha = e[row, t] + torch.logsumexp(alpha[:, None] + theirs["transitions"], 0)
            gold = gold + e[row, t, answers[row, t]] + theirs["transitions"][answers[row, t - 1], answers[row, t]]
        gold = gold + theirs["last"][answers[row, length - 1]]
        total = total + torch.logsumexp(alpha + theirs["last"], 0) - gold
    (total / int(mask.sum())).backward()
    value, cache = field.forward(params, emissions, answers, mask)
    demissions, dparams = field.backward(params, cache)
    np.testing.assert_allclose(value, total.item() / mask.sum(), rtol=1e-12)
    np.testing.assert_allclose(demissions, e.grad.numpy(), rtol=1e-11, atol=1e-14)
    for name, leaf in dparams.items():
        np.testing.assert_allclose(leaf, theirs[name].grad.numpy(), rtol=1e-11, atol=1e-14)


def every_sequence(params, emissions, allowed):
    """All sequences of one row that are permitted, and the probability of each."""
    sequences = [s for s in itertools.product(range(emissions.shape[-1]), repeat=len(emissions)) if permitted(s, allowed)]
    scores = np.array([score(params, emissions, sequence) for sequence in sequences])
    return sequences, np.exp(scores - np.logaddexp.reduce(scores))


@pytest.mark.parametrize("barred", [False, True])
@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(3, 4), st.integers(2, 5))
def test_marginals_are_sums_of_probabilities_of_whole_sequences(barred, seed, tags, positions):
    """Of one tag, of two that follow each other, and of the last one; a barred pair has none at all."""
    params, emissions, answers, mask, allowed = drawn(seed, 5, positions, tags, barred)
    _, cache = field.forward(params, emissions, answers, mask, allowed)
    transitions, _, last = field.weights(params, allowed)
    one, pair, end = field.marginals(transitions, last, cache)
    for row, length in enumerate(mask.sum(-1)):
        wanted_one, wanted_pair, wanted_end = (np.zeros_like(array[row]) for array in (one, pair, end))
        for sequence, p in zip(*every_sequence(params, emissions[row, :length], allowed), strict=True):
            wanted_one[np.arange(length), sequence] += p
            wanted_pair[np.arange(length - 1), sequence[:-1], sequence[1:]] += p
            wanted_end[sequence[-1]] += p
        np.testing.assert_allclose(one[row, :length], wanted_one[:length], rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(pair[row], wanted_pair, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(end[row], wanted_end, rtol=1e-12, atol=1e-12)
    if barred:
        assert not pair[:, :, ~allowed["transitions"]].any() and not one[:, 0, ~allowed["first"]].any()


def test_every_gradient_by_enumeration():
    """dparams too, where some transitions are barred: what is expected less what is."""
    params, emissions, answers, mask, allowed = drawn(11, barred=True)
    wanted = tree.map(np.zeros_like, params)
    for row, length in enumerate(mask.sum(-1)):
        sequences, p = every_sequence(params, emissions[row, :length], allowed)
        for sequence, weight in [*zip(sequences, p, strict=True), (tuple(answers[row, :length]), -1.0)]:
            wanted["first"][sequence[0]] += weight
            wanted["last"][sequence[-1]] += weight
            for step in itertools.pairwise(sequence):
                wanted["transitions"][step] += weight
    _, cache = field.forward(params, emissions, answers, mask, allowed)
    _, dparams = field.backward(params, cache, 1.0, allowed)
    for name, leaf in wanted.items():
        np.testing.assert_allclose(dparams[name], leaf / mask.sum(), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("types", [1, 2])
def test_under_the_rules_of_a_tag_scheme_as_pytorch_differentiates_it(types):
    """BIOES: loss, marginals (the gradient of log Z) and all gradients, rows of unequal lengths."""
    torch = pytest.importorskip("torch")
    number = tag_schemes.number_of_tags(types)
    allowed, (lengths, longest) = tag_schemes.allowed(number), ([6, 4, 1, 3], 6)
    rng = np.random.default_rng(12)
    params = tree.map(lambda leaf: rng.standard_normal(leaf.shape), field.init(rng, number, np.float64))
    emissions, mask = rng.standard_normal((4, longest, number)), np.arange(longest) < np.array(lengths)[:, None]
    names = [str(kind) for kind in range(types)]
    found = [[tag_schemes.Entity(0, 3, "0"), tag_schemes.Entity(3, 4, names[-1])], [tag_schemes.Entity(1, 3, names[-1])],
             [tag_schemes.Entity(0, 1, "0")], []]  # fmt: skip
    answers = np.zeros((4, longest), int)
    for row, (entities, length) in enumerate(zip(found, lengths, strict=True)):
        answers[row, :length] = tag_schemes.numbered(entities, length, names)
    theirs = {name: torch.tensor(leaf, requires_grad=True) for name, leaf in params.items()}
    e = torch.tensor(emissions, requires_grad=True)
    barred = {name: theirs[name].masked_fill(torch.tensor(~allowed[name]), -torch.inf) for name in theirs}
    total, log_zs = 0.0, 0.0
    for row, length in enumerate(lengths):
        alpha = [barred["first"] + e[row, 0]]
        for t in range(1, length):
            scores = alpha[-1][:, None] + barred["transitions"]
            can = torch.isfinite(scores).any(0)  # a sum of nothing but -inf has no derivative there
            into = torch.where(can, torch.logsumexp(torch.where(can, scores, 0.0), 0), -torch.inf)
            alpha.append(e[row, t] + into)
        tags = answers[row, :length]
        gold = theirs["first"][tags[0]] + theirs["last"][tags[-1]] + e[row, range(length), tags].sum()
        gold = gold + theirs["transitions"][tags[:-1], tags[1:]].sum()
        log_z = torch.logsumexp(alpha[-1] + barred["last"], 0)
        total, log_zs = total + log_z - gold, log_zs + log_z
    (marginals,) = torch.autograd.grad(log_zs, e, retain_graph=True)
    total.backward()
    value, cache = field.forward(params, emissions, answers, mask, allowed, count=1)
    demissions, dparams = field.backward(params, cache, 1.0, allowed)
    transitions, _, last = field.weights(params, allowed)
    np.testing.assert_allclose(value, total.item(), rtol=1e-12)
    one, _, _ = field.marginals(transitions, last, cache)
    np.testing.assert_allclose(one * mask[..., None], marginals.numpy(), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(demissions, e.grad.numpy(), rtol=1e-12, atol=1e-12)
    for name, leaf in dparams.items():
        np.testing.assert_allclose(leaf, theirs[name].grad.numpy(), rtol=1e-12, atol=1e-12)
        assert not leaf[~allowed[name]].any()
    best, _ = viterbi.best(params, emissions, mask, allowed)
    for row, length in enumerate(lengths):
        tag_schemes.of_numbers(best[row, :length].tolist(), names)  # raises where the rules are broken
