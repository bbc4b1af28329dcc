"""The page "What is meant": where libraries differ without an error, what minilm does, and what the others do.

    python -m minilm.showing.semantics > docs/semantics.md

Every number on the page is computed by the command, minilm's and the others' on the same inputs. It needs the extra
`verify`, for the others' numbers.
"""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np

from minilm.errors import MissingExtra
from minilm.layers import multi_head_attention
from minilm.ops import (
    cross_entropy,
    dropout,
    layer_norm,
    linear,
    relu,
    rotary,
    scaled_dot_product,
    softmax,
)
from minilm.training import adam, adamw

OPENING = """\
# What is meant

Two right implementations can differ where a paper says nothing: what a row that may attend to nothing gives, which way
round a mask is, where eps stands. None of these raises an error, and each is a usual reason why two numbers that should
agree do not. Here is what minilm means by each, the test that holds it, and what PyTorch, JAX and Transformers do; all
numbers were computed by the command that makes this page, `python -m minilm.showing.semantics > docs/semantics.md`.
"""

Seen = Iterable[tuple[str, str, Any]]  # who, what was called, what came of it


@dataclass(frozen=True)
class Topic:
    """What is stated, which tests hold it ("tests/test_x.py::test_y"), and what was seen."""

    title: str
    statement: str
    tests: tuple[str, ...]
    inputs: str
    seen: Callable[[Any, Any], Seen]


TOPICS: list[Topic] = []


def topic(title: str, statement: str, inputs: str, *tests: str) -> Callable:
    def enter(seen: Callable[[Any, Any], Seen]) -> Callable[[Any, Any], Seen]:
        TOPICS.append(Topic(title, " ".join(statement.split()), tests, inputs, seen))
        return seen

    return enter


def page() -> str:
    """The whole page, Markdown. Raises MissingExtra without the others."""
    try:
        import jax
        import torch
        import transformers  # noqa: F401
    except ImportError:
        raise MissingExtra("the page has PyTorch's, JAX's and Transformers' numbers", "verify") from None
    jax.config.update("jax_enable_x64", True)
    libraries = ", ".join(f"{name} {version(package)}" for name, package in (
        ("NumPy", "numpy"), ("PyTorch", "torch"), ("JAX", "jax"), ("Transformers", "transformers")))  # fmt: skip
    return "\n".join([OPENING, f"With {libraries}.\n", *(section(each, torch, jax) for each in TOPICS)])


def section(each: Topic, torch: Any, jax: Any) -> str:
    with np.errstate(all="ignore"):
        lines = [f"| {who} | {what} | {shown(value)} |" for who, what, value in each.seen(torch, jax)]
    tests = ", ".join(f"[`{name.partition('::')[2]}`](../{name.partition('::')[0]})" for name in each.tests)
    return "\n".join([
        f"## {each.title}\n", each.statement, "", f"Held by {tests}.", "", f"On {each.inputs}:", "",
        "| | | |", "|---|---|---|", *lines, "",
    ])  # fmt: skip


def shown(value: Any) -> str:
    """Numbers to four digits, the same on every machine; words as they are."""
    if isinstance(value, str):
        return value
    array = np.asarray(value)
    if array.ndim == 0:
        return digits(array.item())
    return "(" + ", ".join(digits(number) for number in array.ravel().tolist()) + ")"


def digits(number: Any) -> str:
    if isinstance(number, bool | int):
        return str(number)
    return "NaN" if number != number else f"{number + 0.0:.4g}"


def of_bert(torch: Any, mask: list[int]) -> Any:
    """The weights of the first token in a small random BERT of Transformers'."""
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    config = BertConfig(vocab_size=5, hidden_size=4, num_hidden_layers=1, num_attention_heads=1, intermediate_size=4)
    config._attn_implementation = "eager"
    with torch.no_grad():
        outputs = BertModel(config).eval()(
            torch.tensor([[1, 2, 3]]), attention_mask=torch.tensor([mask]), output_attentions=True
        )
    return outputs.attentions[0][0, 0, 0].numpy()


def gradient(torch: Any, function: Callable, x: Any) -> Any:
    leaf = torch.tensor(x, requires_grad=True)
    return torch.autograd.grad(function(leaf).sum(), leaf)[0].numpy()


# Attention ----------------------------------------------------------------------------------------------------------

SCORES = np.array([[1.0, 2.0, 4.0]])
NOTHING = np.zeros((1, 3), bool)


@topic(
    "A row that may attend to nothing",
    """Its weights are zeros, its output is zero, and so is its gradient: there is nothing to attend to, and nothing to
    learn from it. It is never NaN, and never uniform: a finite number for minus infinity makes it uniform, and then
    padding is read.""",
    "the scores (1, 2, 4), all masked",
    "tests/test_planted_bugs.py::test_g6_a_fully_masked_row",
    "tests/test_torch.py::test_a_fully_masked_row_of_attention",
    "tests/test_jax.py::test_softmax_and_attention_with_rows_that_see_nothing",
)
def fully_masked(torch, jax):
    y, cache = softmax.forward(SCORES, NOTHING)
    yield "minilm", "`softmax.forward(x, mask)`", y
    yield "minilm", "its gradient, for (1, 2, 3) from above", softmax.backward(cache, np.array([[1.0, 2.0, 3.0]]))
    mask, x = torch.tensor(NOTHING), torch.tensor(SCORES)
    barred = x.masked_fill(~mask, -torch.inf)
    yield "PyTorch", "`softmax(x.masked_fill(~mask, -inf))`", torch.softmax(barred, -1).numpy()
    v = torch.eye(3, dtype=torch.float64)[None, None]
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        value = torch.nn.functional.scaled_dot_product_attention(x[None, None], v, v, mask[None, None])
    yield "PyTorch", "`scaled_dot_product_attention` with a boolean mask", value.numpy()
    layer = torch.nn.MultiheadAttention(2, 1, batch_first=True, dtype=torch.float64)
    some = torch.ones(1, 3, 2, dtype=torch.float64)
    padded = layer(some[:, :1], some, some, key_padding_mask=~mask)[1].detach().numpy()
    yield "PyTorch", "the weights of `nn.MultiheadAttention`, `key_padding_mask` all True", padded
    yield "JAX", "`nn.softmax(jnp.where(mask, x, -inf))`", jax.nn.softmax(jax.numpy.where(NOTHING, SCORES, -np.inf))
    yield "JAX", "`nn.softmax(x, where=mask)`", jax.nn.softmax(jax.numpy.asarray(SCORES), where=NOTHING)
    yield "Transformers", "the weights of an eager BERT, `attention_mask` (0, 0, 0)", of_bert(torch, [0, 0, 0])


@topic(
    "Which way round a mask is",
    """True = may attend, everywhere, and a mask broadcasts against (B, H, T, S). A mask is boolean; minilm adds minus
    infinity itself.""",
    "the scores (1, 2, 4) and the mask (True, True, False)",
    "tests/test_wiring.py::test_padding_is_not_attended_to",
    "tests/test_planted_bugs.py::test_g7_a_finite_mask_constant",
    "tests/test_planted_bugs.py::test_g8_leakage",
)
def mask_sign(torch, jax):
    mask = np.array([[True, True, False]])
    yield "minilm", "`softmax.forward(x, mask)`", softmax.forward(SCORES, mask)[0]
    q, k = np.array([[[[1.0]]]]), SCORES.reshape(1, 1, 3, 1)
    v = np.eye(3)[None, None]
    yield "minilm", "`scaled_dot_product.forward(q, k, v, mask)`", scaled_dot_product.forward(q, k, v, mask)[0]
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        attend = torch.nn.functional.scaled_dot_product_attention
        y = attend(*map(torch.tensor, (q, k, v)), torch.tensor(mask))
        added = attend(*map(torch.tensor, (q, k, v)), torch.tensor(mask, dtype=torch.float64))
    yield "PyTorch", "`scaled_dot_product_attention`, the same mask: True = may attend", y.numpy()
    yield "PyTorch", "the same mask as numbers: it is added to the scores", added.numpy()
    layer = torch.nn.MultiheadAttention(1, 1, bias=False, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        layer.in_proj_weight.fill_(1.0)
    weights = layer(*(torch.tensor(a[0]) for a in (q, k, k)), key_padding_mask=torch.tensor(mask))[1].detach().numpy()
    yield "PyTorch", "`nn.MultiheadAttention(key_padding_mask=mask)`: True = may **not**", weights
    wide = (np.pad(a.swapaxes(1, 2), ((0, 0), (0, 0), (0, 0), (0, 3 - a.shape[-1]))) for a in (q, k, v))
    found = jax.nn.dot_product_attention(*map(jax.numpy.asarray, wide), mask=mask[None, None], scale=1.0)
    yield "JAX", "`nn.dot_product_attention(mask=mask)`: True = may attend", found
    seen = ["0" if weight == 0 else "above 0" for weight in of_bert(torch, [1, 1, 0]).tolist()]
    yield "Transformers", "the weights of an eager BERT, `attention_mask` (1, 1, 0)", f"({', '.join(seen)})"


@topic(
    "Rotary's two layouts",
    """A row's numbers are turned in pairs, and which numbers are a pair is a setting, `layout`: "halves" (the default;
    i and i + K / 2) or "adjacent" (2i and 2i + 1, as the paper has it). One is the other with the projection's columns
    in another order, so a checkpoint of one read as the other runs, and says nonsense.""",
    "the row (1, 2, 3, 4) at position 1",
    "tests/ops/test_rotary.py::test_one_layout_is_the_other_with_its_columns_reordered",
    "tests/ops/test_rotary.py::test_transformers_llama_agrees",
    "tests/test_jax.py::test_rotary",
)
def rotary_layouts(torch, jax):
    from transformers.models.llama.modeling_llama import apply_rotary_pos_emb

    x, position = np.array([[1.0, 2.0, 3.0, 4.0]]), np.array([1])
    for layout in ("halves", "adjacent"):
        y, _ = rotary.forward(x, position, layout=layout)
        yield "minilm", f'`rotary.forward(x, positions, layout="{layout}")`', y
    angle = torch.tensor([1.0, 0.01, 1.0, 0.01], dtype=torch.float64)[None, None]
    turned, _ = apply_rotary_pos_emb(torch.tensor(x)[None, None], torch.tensor(x)[None, None], angle.cos(), angle.sin())
    yield "Transformers", "`apply_rotary_pos_emb` of Llama: halves", turned.numpy()
    pairs = torch.view_as_complex(torch.tensor(x).reshape(1, 2, 2)) * torch.polar(*map(
        torch.tensor, (np.ones(2), np.array([1.0, 0.01]))))  # fmt: skip
    yield "PyTorch", "`view_as_complex`, as Llama's first code had it: adjacent", torch.view_as_real(pairs).numpy()


# Loss ---------------------------------------------------------------------------------------------------------------

LOGITS = np.array([[2.0, 0.5, 1.0], [0.0, 1.0, 0.5], [0.0, 0.0, 3.0]])
TARGETS = np.array([2, 1, 0])


@topic(
    "Padding in the loss",
    """The loss is a mean over the tokens that count. A row that does not count costs nothing whatever its numbers are,
    and has no gradient. If none counts, the loss is 0 and so are all gradients. Parts of a batch that are given the
    whole batch's `count` add up to it; the mean of their means is another number.""",
    "three rows of logits, the targets (2, 1, 0), and the last of them padding",
    "tests/test_planted_bugs.py::test_g10_a_mean_of_means",
    "tests/test_planted_bugs.py::test_g11_all_targets_ignored",
    "tests/training/test_loop.py::test_unequal_micro_batches_are_one_batch",
)
def padding(torch, jax):
    mask, none = TARGETS != 0, np.zeros(3, bool)
    logits, ids = torch.tensor(LOGITS), torch.tensor(TARGETS)
    entropy = torch.nn.functional.cross_entropy
    yield "minilm", "`cross_entropy.forward(logits, targets, mask)`", cross_entropy.forward(LOGITS, TARGETS, mask)[0]
    yield "PyTorch", "`cross_entropy(ignore_index=0)`: the same mean", entropy(logits, ids, ignore_index=0).numpy()
    each = entropy(logits, ids, ignore_index=0, reduction="none")
    yield "PyTorch", "`reduction='none'`, then `.mean()`: over padding too", each.mean().numpy()
    parts = [cross_entropy.forward(LOGITS[part], TARGETS[part], mask[part], count=2)[0] for part in ([0], [1, 2])]
    yield "minilm", "two parts with `count=2`, added", sum(parts)
    means = [float(entropy(logits[part], ids[part], ignore_index=0)) for part in ([0, 1], [1, 2])]
    yield "PyTorch", "the mean of the means of rows (0, 1) and (1, 2)", np.mean(means)
    yield "minilm", "none counts", cross_entropy.forward(LOGITS, TARGETS, none)[0]
    yield "PyTorch", "none counts", entropy(logits, 0 * ids, ignore_index=0).numpy()
    log_p = jax.nn.log_softmax(LOGITS)[np.arange(3), TARGETS]
    yield "JAX", "`-jnp.mean(log_p, where=none)`", -jax.numpy.mean(log_p, where=none)


@topic(
    "Label smoothing, and padding's share",
    """q = (1 - ε) one_hot + ε uniform, the target among the classes of the uniform part, except those named in `never`:
    padding can be no answer and gets no mass.""",
    "the first row of those logits, the target 2, ε = 0.3, class 0 being padding",
    "tests/test_planted_bugs.py::test_g13_padding_gets_mass",
    "tests/test_jax.py::test_cross_entropy",
    "tests/test_torch_models.py::test_the_encoder_decoder_with_a_sentence_of_nothing",
)
def smoothing(torch, jax):
    for never in ((0,), ()):
        loss, cache = cross_entropy.forward(LOGITS[:1], TARGETS[:1], smoothing=0.3, never=never)
        probability = np.exp(LOGITS[0]) / np.exp(LOGITS[0]).sum()
        q = probability - cross_entropy.backward(cache, smoothing=0.3, never=never)[0]
        yield "minilm", f"`smoothing=0.3, never={never}`: the loss", loss
        yield "minilm", "and q", q
    theirs = torch.nn.functional.cross_entropy(torch.tensor(LOGITS[:1]), torch.tensor(TARGETS[:1]), label_smoothing=0.3)
    yield "PyTorch", "`cross_entropy(label_smoothing=0.3)`: padding has its share, ignored or not", theirs.numpy()
    others = -(0.7 * jax.nn.log_softmax(LOGITS[0])[2] + 0.15 * jax.nn.log_softmax(LOGITS[0])[:2].sum())
    yield "JAX", "ε over the other classes alone, as the Annotated Transformer has it", others


# Kinks, ties --------------------------------------------------------------------------------------------------------


@topic(
    "Kinks",
    """At x = 0 every slope between 0 and 1 is one of ReLU's; minilm's is 0, as PyTorch's. Gradient checks stay clear of
    kinks.""",
    "x = 0, the slope",
    "tests/test_planted_bugs.py::test_g20_the_kink",
    "tests/test_torch.py::test_functions_of_x_alone",
)
def kinks(torch, jax):
    zero = np.zeros(1)
    yield "minilm", "`relu`", relu.backward(relu.forward(zero)[1], np.ones(1))
    yield "PyTorch", "`relu`", gradient(torch, torch.relu, zero)
    yield "PyTorch", "`maximum(x, 0)`", gradient(torch, lambda x: torch.maximum(x, torch.zeros_like(x)), zero)
    yield "PyTorch", "`clamp(min=0)`", gradient(torch, lambda x: x.clamp(min=0), zero)
    yield "JAX", "`nn.relu`", jax.grad(lambda x: jax.nn.relu(x).sum())(zero)
    yield "JAX", "`jnp.maximum(x, 0)`", jax.grad(lambda x: jax.numpy.maximum(x, 0).sum())(zero)


@topic(
    "Ties in a maximum",
    """No formula of minilm has a maximum whose gradient is asked for: softmax and the loss subtract the row's largest,
    which cancels, and its gradient is zero with it. Where the largest is chosen, as greedy decoding does, the lower id
    of equal ones is taken.""",
    "the row (3, 1, 3)",
    "tests/decoding/test_sampling.py::test_top_k_keeps_exactly_k_and_the_lower_ids_of_equal_ones",
)
def ties(torch, jax):
    row = np.array([3.0, 1.0, 3.0])
    yield "minilm", "softmax's derivative, for (1, 0, 0) from above", softmax.backward(
        softmax.forward(row[None])[1], np.array([[1.0, 0.0, 0.0]])
    )
    yield "PyTorch", "the same", gradient(torch, lambda x: torch.softmax(x, -1)[0], row)
    yield "minilm", "the id that is chosen", int(np.argmax(row))
    yield "PyTorch", "the gradient of `x.max()`", gradient(torch, lambda x: x.max(), row)
    yield "PyTorch", "the gradient of `x.max(dim=0).values`", gradient(torch, lambda x: x.max(dim=0).values, row)
    yield "JAX", "the gradient of `jnp.max`", jax.grad(jax.numpy.max)(row)


# Norms, optimisers, dropout -----------------------------------------------------------------------------------------


@topic(
    "Where eps stands in a norm",
    """Inside the root, beside a variance that divides by D: (x - mean) / √(variance + eps). eps is a setting of the
    model and is handed on to every norm: 1e-5 is GPT-2's and PyTorch's, 1e-12 BERT's.""",
    "the row (0.001, 0.002, 0.004), gain one, bias zero",
    "tests/test_planted_bugs.py::test_g4_unbiased_or_eps_outside_the_root",
    "tests/test_planted_bugs.py::test_g3_a_row_without_variance",
    "tests/ops/test_rms_norm.py::test_pytorch_agrees",
)
def eps_of_norm(torch, jax):
    x = np.array([[0.001, 0.002, 0.004]])
    params = {"gain": np.ones(3), "bias": np.zeros(3)}
    for eps in (1e-5, 1e-12):
        yield "minilm", f"`layer_norm.forward(params, x, eps={eps:g})`", layer_norm.forward(params, x, eps)[0]
        theirs = torch.nn.functional.layer_norm(torch.tensor(x), (3,), eps=eps)
        yield "PyTorch", f"`layer_norm(x, (3,), eps={eps:g})`", theirs.numpy()
    theirs = torch.tensor(x)
    outside = (theirs - theirs.mean()) / (theirs.std() + 1e-5)
    yield "PyTorch", "`(x - x.mean()) / (x.std() + eps)`: D - 1, and eps outside the root", outside.numpy()
    yield "JAX", "`(x - x.mean()) / (x.std() + eps)`: D, and eps outside", (x - x.mean()) / (jax.numpy.std(x) + 1e-5)


@topic(
    "Adam's variants",
    """eps is added after the bias correction, to √v̂, as in the paper's Algorithm 1; weight decay is AdamW's: the
    parameter is multiplied by 1 - rate · decay before the step, and the decay does not pass through the moments.
    Matrices decay; gains and biases do not.""",
    "a parameter of 1, its first step at the rate 0.1, a gradient of 1e-8 and eps = 1e-8; and with a decay of 0.1",
    "tests/training/test_optimisers.py::test_five_steps_of_adam_by_hand",
    "tests/training/test_optimisers.py::test_ten_steps_equal_pytorch",
    "tests/training/test_optimisers.py::test_only_matrices_decay",
    "tests/test_planted_bugs.py::test_g27_the_optimiser",
)
def adams(torch, jax):
    params, slope = {"weight": np.ones((1, 1))}, {"weight": np.full((1, 1), 1e-8)}
    yield "minilm", "`adam.update`", adam.update(params, slope, adam.init(params), 0.1)[0]["weight"][0]
    decayed, _ = adamw.update(params, slope, adamw.init(params), 0.1, decay=0.1)
    yield "minilm", "`adamw.update(decay=0.1)`", decayed["weight"][0]

    def stepped(optimiser, **how):
        leaf = torch.nn.Parameter(torch.ones(1, dtype=torch.float64))
        leaf.grad = torch.full((1,), 1e-8, dtype=torch.float64)
        optimiser([leaf], lr=0.1, **how).step()
        return leaf.detach().numpy()

    yield "PyTorch", "`optim.Adam`", stepped(torch.optim.Adam)
    yield "PyTorch", "`optim.AdamW(weight_decay=0.1)`", stepped(torch.optim.AdamW, weight_decay=0.1)
    coupled = stepped(torch.optim.Adam, weight_decay=0.1)
    yield "PyTorch", "`optim.Adam(weight_decay=0.1)`: decay is added to the gradient", coupled
    m, v = 0.1 * 1e-8, 0.001 * 1e-16
    before = 1 - 0.1 * np.sqrt(1 - 0.999) / (1 - 0.9) * m / (np.sqrt(v) + 1e-8)
    yield "the paper's section 2", "eps before the correction (TensorFlow's epsilon hat)", before
    yield "BERT's first code", "no bias correction at all", 1 - 0.1 * m / (np.sqrt(v) + 1e-8)


@topic(
    "Dropout's scaling",
    """What is kept is scaled up by 1 / (1 - rate), so that inference needs nothing. The rate is the nearest whole
    number of 65,536ths, and the scale is that number's, so that the mean is exactly kept. `rng=None` means no dropout;
    backward reads which elements were kept from the cache.""",
    "ones, at the rate 0.1: what a kept one becomes",
    "tests/test_wiring.py::test_the_share_that_is_kept",
    "tests/test_wiring.py::test_without_a_generator_nothing_is_dropped",
    "tests/test_planted_bugs.py::test_g15_dropout_in_evaluation",
)
def dropouts(torch, jax):
    y, _ = dropout.forward(np.ones(1000), 0.1, np.random.default_rng(0))
    yield "minilm", "`dropout.forward(x, 0.1, rng)`", f"{y.max():.8f}"
    torch.manual_seed(0)
    theirs = torch.nn.functional.dropout(torch.ones(1000, dtype=torch.float64), 0.1)
    yield "PyTorch", "`dropout(x, 0.1)`", f"{theirs.max():.8f}"
    kept = jax.random.bernoulli(jax.random.key(0), 0.9, (1000,))
    scaled = float(jax.numpy.where(kept, 1 / 0.9, 0).max())
    yield "JAX", "`jnp.where(kept, x / 0.9, 0)`, as Flax has it", f"{scaled:.8f}"
    yield "the paper", "not scaled in training; weights times 1 - rate at test time", f"{1.0:.8f}"


# Bits ---------------------------------------------------------------------------------------------------------------


@topic(
    "What is bit-equal, and what is not",
    """Equal to the last bit: the same call twice, on one machine with one set of libraries and threads in each product;
    a training with more threads (the shards are the same, and added in their order); a training that was interrupted
    and goes on; earlier logits whatever later tokens are. Not equal, but to a few units: a row alone and in a batch, a
    prompt in steps and at once, blocked attention and plain, another BLAS or kernel, since products add in another
    order.""",
    "a linear map of 256 numbers, attention over 64 positions; the largest difference over the largest entry",
    "tests/test_contract.py::test_backward_twice_gives_identical_bits",
    "tests/training/test_loop.py::test_threads_change_no_bit",
    "tests/training/test_loop.py::test_five_steps_a_checkpoint_and_five_steps_are_ten",
    "tests/test_contract.py::test_a_later_token_changes_no_bit_of_earlier_logits",
    "tests/decoding/test_search.py::test_steps_with_caches_equal_the_whole_forward",
)
def bits(torch, jax):
    rng = np.random.default_rng(0)
    params, x = linear.init(rng, 256, 256), rng.standard_normal((64, 256)).astype(np.float32)
    attention = multi_head_attention.init(rng, 256)

    def differs(a, b):
        return "not a bit" if np.array_equal(a, b) else near(a, b)

    def near(a, b):
        difference = float(np.abs(a - b).max() / np.abs(b).max())
        return "at most 1e-6" if difference <= 1e-6 else f"{difference:.0e}"

    def attend(rows):
        causal = np.tri(len(rows), dtype=bool)
        return multi_head_attention.forward(attention, rows[None], rows[None], heads=8, mask=causal)[0][0]

    yield "minilm", "the same call twice", differs(linear.forward(params, x)[0], linear.forward(params, x)[0])
    changed = np.concatenate([x[:40], -x[40:]])
    earlier = differs(attend(changed)[:40], attend(x)[:40])
    yield "minilm", "earlier rows of causal attention, later ones changed", earlier
    in_float64 = x.astype(np.float64) @ params["weight"].astype(np.float64)
    yield "minilm", "float32 beside float64", near(linear.forward(params, x)[0], in_float64)
    weight = torch.tensor(params["weight"])
    yield "PyTorch", "beside minilm, float32", near((torch.tensor(x) @ weight).numpy(), linear.forward(params, x)[0])
    theirs = np.asarray(jax.numpy.asarray(x) @ jax.numpy.asarray(params["weight"]))
    yield "JAX", "beside minilm, float32", near(theirs, linear.forward(params, x)[0])




if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    print(page(), end="")
