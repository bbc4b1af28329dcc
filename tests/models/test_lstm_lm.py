import numpy as np
import pytest

from minilm import tree
from minilm.checking import gradcheck
from minilm.models import lstm_lm
from minilm.storage import torch_lstm
from minilm.tasks.language_modelling import Task

TASK = Task(lstm_lm)
CONFIG = lstm_lm.Config(vocabulary=7, embedding=3, hidden=4, layers=2)


def case(seed, positions=5, batch=3, dtype=np.float64, config=CONFIG):
    rng = np.random.default_rng(seed)
    params = tree.map(
        lambda leaf: rng.standard_normal(leaf.shape).astype(dtype) * 0.8, lstm_lm.init(rng, config, dtype)
    )
    ids = rng.integers(0, config.vocabulary - 1, (batch, positions + 1))  # the last id never occurs as an input
    ids[:, :2] = 4  # a token that is repeated, in rows and across them
    state = {name: rng.standard_normal((batch, config.layers, config.hidden)).astype(dtype) for name in ("h", "c")}
    mask = rng.random((batch, positions)) < 0.7
    mask[0, 0], mask[-1] = True, False
    return params, {"inputs": ids[:, :-1], "targets": ids[:, 1:], "mask": mask, **state}


def test_the_defaults_are_the_articles_sizes():
    config = lstm_lm.Config()
    assert (config.vocabulary, config.embedding, config.hidden, config.layers) == (10_000, 256, 512, 1)
    params = lstm_lm.init(np.random.default_rng(0), config)
    assert tree.size(params) == 10_000 * 256 + (256 + 512 + 1) * 2048 + 513 * 10_000


@pytest.mark.parametrize("positions", [1, 2, 5])
@pytest.mark.parametrize("rate", [0.0, 0.4])
def test_gradient_of_the_logits(positions, rate):
    config = lstm_lm.Config(vocabulary=7, embedding=3, hidden=4, layers=2, dropout=rate)
    params, batch = case(positions, positions)

    def forward(params, inputs):
        rng = np.random.default_rng(9)
        return lstm_lm.forward(params, inputs, batch["h"], batch["c"], config=config, rng=rng)

    given, back = {"inputs": batch["inputs"]}, {"config": config}
    for row in gradcheck.check("lstm_lm", forward, lstm_lm.backward, params, given, backward_settings=back):
        assert row.passed, str(row)


@pytest.mark.parametrize("positions", [1, 2, 5])
@pytest.mark.parametrize("carried", [True, False])
def test_gradient_of_the_loss(positions, carried):
    params, batch = case(positions, positions)
    if not carried:
        del batch["h"], batch["c"], batch["mask"]
    forward = lambda params: TASK.loss(params, batch, config=CONFIG)
    for row in gradcheck.check(
        "lstm_lm loss", forward, TASK.loss_backward, params, backward_settings={"config": CONFIG}
    ):
        assert row.passed, str(row)


def test_shards_with_the_global_count_add_up():
    params, batch = case(3)
    whole, cache = TASK.loss(params, batch, config=CONFIG)
    dparams = TASK.loss_backward(params, cache, config=CONFIG)
    assert np.array_equal(dparams["embedding"]["weight"][6], np.zeros(3))
    tree.require_same(dparams, params)
    parts = [{name: leaf[rows] for name, leaf in batch.items()} for rows in (slice(0, 1), slice(1, 3))]
    number = TASK.count(batch)
    assert number == batch["mask"].sum() == sum(TASK.count(part) for part in parts)
    results = [TASK.loss(params, part, config=CONFIG, count=number) for part in parts]
    assert abs(sum(value for value, _ in results) - whole) < 1e-14
    total = tree.add(*[TASK.loss_backward(params, cache, config=CONFIG) for _, cache in results])
    for (name, a), (_, b) in zip(tree.leaves(total), tree.leaves(dparams), strict=True):
        assert np.abs(a - b).max() < 1e-13, name


def test_the_carry_makes_two_windows_one_and_stepping_equals_both():
    params, batch = case(4, positions=6)
    ids = batch["inputs"]
    whole, whole_cache = lstm_lm.forward(params, ids, config=CONFIG)
    first, cache = lstm_lm.forward(params, ids[:, :4], config=CONFIG)
    second, cache = lstm_lm.forward(params, ids[:, 4:], **lstm_lm.carry(cache), config=CONFIG)
    assert np.abs(np.concatenate([first, second], axis=1) - whole).max() < 1e-13
    assert np.abs(lstm_lm.carry(cache)["c"] - lstm_lm.carry(whole_cache)["c"]).max() < 1e-13
    state = lstm_lm.start(params, CONFIG, ids[:, :0], np.zeros(len(ids), int))
    for position in range(ids.shape[1]):
        logits, state = lstm_lm.step(params, CONFIG, state, ids[:, position])
        assert logits.shape == (3, 7)
        assert np.abs(logits - whole[:, position]).max() < 1e-13
    assert all(len(leaf) == len(ids) for _, leaf in tree.leaves(state))


def test_later_tokens_leave_earlier_logits_as_they_are():
    params, batch = case(5)
    logits, _ = lstm_lm.forward(params, batch["inputs"], config=CONFIG)
    changed = batch["inputs"].copy()
    changed[:, 3] = (changed[:, 3] + 1) % 6
    others, _ = lstm_lm.forward(params, changed, config=CONFIG)
    assert np.array_equal(others[:, :3], logits[:, :3]) and not np.array_equal(others[:, 3:], logits[:, 3:])


@pytest.mark.parametrize("bad", [-1, 7])
def test_an_id_outside_the_vocabulary_is_named(bad):
    params, batch = case(6)
    batch["inputs"] = batch["inputs"].copy()
    batch["inputs"][1, 2] = bad
    with pytest.raises(IndexError, match=r"\(1, 2\)"):
        TASK.loss(params, batch, config=CONFIG)


def test_equals_the_framework():
    """The article's class as its forward has it, without the LSTM that it never calls."""
    torch = pytest.importorskip("torch")
    params, batch = case(7)
    embedding = torch.nn.Embedding(7, 3, dtype=torch.float64)
    encoder = torch.nn.LSTM(3, 4, 2, batch_first=True, dtype=torch.float64)
    fc = torch.nn.Linear(4, 7, dtype=torch.float64)
    tensor = lambda array: torch.tensor(np.ascontiguousarray(array))
    embedding.load_state_dict({"weight": tensor(params["embedding"]["weight"])})
    encoder.load_state_dict({k: tensor(v) for k, v in torch_lstm.to_torch(params["encoder"]).items()})
    fc.load_state_dict({"weight": tensor(params["output"]["weight"].T), "bias": tensor(params["output"]["bias"])})
    state = tuple(tensor(batch[name].swapaxes(0, 1)) for name in ("h", "c"))
    output = fc(encoder(embedding(tensor(batch["inputs"])), state)[0])
    targets = tensor(np.where(batch["mask"], batch["targets"], -100))
    peer = torch.nn.functional.cross_entropy(output.view(-1, 7), targets.view(-1))
    peer.backward()
    value, cache = TASK.loss(params, batch, config=CONFIG)
    dparams = TASK.loss_backward(params, cache, config=CONFIG)
    assert abs(value - peer.item()) < 1e-12
    assert np.abs(cache["logits"] - output.detach().numpy()).max() < 1e-12
    assert np.abs(dparams["embedding"]["weight"] - embedding.weight.grad.numpy()).max() < 1e-12
    assert np.abs(dparams["output"]["weight"].T - fc.weight.grad.numpy()).max() < 1e-12
    for name, array in torch_lstm.to_torch(dparams["encoder"]).items():
        if "bias_hh" not in name:
            assert np.abs(array - dict(encoder.named_parameters())[name].grad.numpy()).max() < 1e-12


def test_the_loss_falls_on_a_text_whose_end_needs_the_carried_state():
    """Window after window of one text, plain gradient descent, float32 throughout."""
    text = np.frombuffer(b"she sells sea shells by the sea shore. " * 30, np.uint8)
    letters, ids = np.unique(text, return_inverse=True)
    config = lstm_lm.Config(vocabulary=len(letters), embedding=8, hidden=24)
    params = lstm_lm.init(np.random.default_rng(8), config)
    losses, carried = [], {}
    strips = ids[: 4 * 290 + 1]
    for index in range(150):
        start = index % 29 * 10
        carried = carried if start else {}
        places = np.arange(4)[:, None] * 290 + start + np.arange(11)
        batch = {"inputs": strips[places[:, :-1]], "targets": strips[places[:, 1:]], **carried}
        value, cache = TASK.loss(params, batch, config=config)
        carried = lstm_lm.carry(cache)
        dparams = TASK.loss_backward(params, cache, config=config)
        tree.require_same(dparams, params)
        params = tree.map(lambda leaf, gradient: leaf - 2.0 * gradient, params, dparams)
        losses.append(float(value))
    assert abs(losses[0] - np.log(len(letters))) < 0.5
    assert np.mean(losses[-10:]) < 0.4 * losses[0]


def test_prompts_of_unequal_length_are_read_as_each_alone():
    params, batch = case(9, positions=6)
    lengths, following = np.array([6, 0, 3]), np.array([1, 2, 3])
    state = lstm_lm.start(params, CONFIG, batch["inputs"], lengths)
    logits, _ = lstm_lm.step(params, CONFIG, state, following)
    for row, length in enumerate(lengths):
        ids = np.append(batch["inputs"][row, :length], following[row])[None]
        alone, _ = lstm_lm.forward(params, ids, config=CONFIG)
        assert np.abs(alone[0, -1] - logits[row]).max() < 1e-12
