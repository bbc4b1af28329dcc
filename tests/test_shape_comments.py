"""The shape comments are executed: each is held against the array that its line makes.

A comment `# (B, H, T, S)` after an assignment says the shape of what is assigned (of each, where several are). A letter
stands for one size throughout a call of the function, `...` for any leading axes, a number for itself; `2 * H` and the like
are computed. All cases are run under a tracer that looks at the locals after each such line.
"""

import tokenize
from pathlib import Path

import numpy as np
import pytest

import minilm
from minilm.checking import cases
from minilm.tracing import shapes, trace

PACKAGE = Path(minilm.__file__).parent
ROOMS = ("ops", "layers", "blocks", "models")


def run(files, call):
    """Run `call`; (the lines whose comment was compared, the complaints)."""
    with trace(whole=0, budget=0, files=files) as t:
        call()
    return shapes.held(files, t, *t.threads.values())


def run_everything():
    """Forward and backward of all cases, and what they do not reach: decoding step by step, long arrays."""
    from minilm.arrays import erf, in_blocks
    from minilm.blocks import pre_norm
    from minilm.checking.gradcheck import fresh
    from minilm.fast import blocked_attention
    from minilm.layers import cached_attention
    from minilm.models import encoder_decoder, gpt, gpt2, lstm_lm
    from minilm.ops import gelu_exact

    for case in cases.everything().values():
        given = [case.params] if case.params is not None else []
        settings = {key: fresh(value) for key, value in case.settings.items()}
        y, cache = case.forward(*given, *case.inputs.values(), **settings)
        case.backward(*given, cache, y, **case.backward_settings)
    found = cases.everything()
    prompts, lengths = np.array([[1, 4, 5], [6, 2, 0], [3, 0, 0], [2, 3, 1]]), np.array([3, 2, 1, 3])
    for model in (gpt, gpt2, lstm_lm):
        case = found[f"models.{model.__name__.rpartition('.')[2]}"]
        config = case.settings["config"]
        state = model.start(case.params, config, prompts, lengths)
        for tokens in ([1, 2, 3, 4], [5, 4, 3, 2]):
            _, state = model.step(case.params, config, state, np.array(tokens))
    block, kept = found["models.gpt2"].params["blocks"][0], cached_attention.start(2, 3, 6, np.float64, 9)
    pre_norm.step(block, kept, np.ones((2, 5, 6)), position=2, heads=3, mask=blocked_attention.CAUSAL, length=7)
    case = found["models.encoder_decoder"]
    state = encoder_decoder.start(case.params, case.settings["config"], case.inputs["batch"]["source"])
    for tokens in ([1, 1, 1, 1], [5, 4, 3, 2]):
        _, state = encoder_decoder.step(case.params, case.settings["config"], state, np.array(tokens))
    for size in (7, in_blocks.BLOCK + 1):
        erf.erf(np.linspace(-3, 3, size))
        gelu_exact.forward(np.linspace(-3, 3, size))


def test_every_shape_comment_is_executed_and_true():
    files = [path for room in ROOMS for path in (PACKAGE / room).glob("*.py")]
    compared, complaints = run(files, run_everything)
    assert not complaints, "\n".join(sorted(set(complaints)))
    every = {(str(path), span) for path in files for span in shapes.commented(path)}
    unseen = sorted(f"{Path(file).name}:{span[1]}" for file, span in every - compared)
    assert not unseen, f"comments that no run reached: {', '.join(unseen)}"
    assert len(every) > 200, "too few comments were found: does the pattern still fit?"


def test_every_shape_comment_stands_behind_an_assignment():
    """Elsewhere it would not be executed."""
    for room in ROOMS:
        for path in (PACKAGE / room).glob("*.py"):
            executed = {last for _, last in shapes.commented(path)}
            with tokenize.open(path) as file:
                for token in tokenize.generate_tokens(file.readline):
                    if token.type == tokenize.COMMENT and shapes.COMMENT.search(token.string):
                        assert token.start[0] in executed, f"{path.name}:{token.start[0]}: {token.string}"


@pytest.mark.parametrize(
    ("module", "function", "right", "wrong"),
    [
        ("ops/softmax.py", "forward", "total = rows.sum(exponentials)                                         # (..., 1)", "# (..., S)"),
        ("ops/scaled_dot_product.py", "backward", "dk = dscores.swapaxes(-1, -2) @ (q * scale)                            # (B, H, S, K)", "# (B, H, T, K)"),
        ("layers/multi_head_attention.py", "forward", "# (B, H, T, K)\n", "# (B, T, H, K)\n"),
    ],
)  # fmt: skip
def test_a_wrong_comment_in_the_package_is_caught(tmp_path, module, function, right, wrong):
    """The package's own file with one comment changed, run on its case's arrays."""
    text = (PACKAGE / module).read_text(encoding="utf-8")
    assert text.count(right) == 1, f"{right!r} stands {text.count(right)} times in {module}"
    path = tmp_path / "changed.py"
    path.write_text(text.replace(right, right[: right.index("#")] + wrong), encoding="utf-8")
    namespace = {"__name__": "changed"}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), namespace)
    q, k = np.ones((2, 3, 4, 5)), np.ones((2, 3, 6, 5))
    arguments = {"ops/softmax.py": (np.ones((4, 6)),), "ops/scaled_dot_product.py": (q, k, k)}.get(module)
    settings = {}
    if arguments is None:
        from minilm.layers import multi_head_attention

        params = multi_head_attention.init(np.random.default_rng(0), 6, np.float64)
        arguments, settings = (params, np.ones((4, 5, 6)), np.ones((4, 7, 6))), {"heads": 3}

    def call():
        y, cache = namespace["forward"](*arguments, **settings)
        if function == "backward":
            namespace["backward"](cache, y)

    _, complaints = run([path], call)
    assert complaints and all(path.name in complaint for complaint in complaints)


@pytest.mark.parametrize(
    ("comment", "right"),
    [
        ("(B, T)", True),
        ("(B, 3)", False),
        ("(T, T)", False),
        ("(..., T)", True),
        ("(B, T, D)", False),
        ("(B, 2T)", False),
    ],
)
def test_a_wrong_comment_is_caught(tmp_path, comment, right):
    path = tmp_path / "planted.py"
    path.write_text(
        f"import numpy as np\n\n\ndef forward():\n    t = np.ones(5)    # (T)\n    x = np.ones((2, 5))    # {comment}\n"
        "    return x * t\n", encoding="utf-8"
    )  # fmt: skip
    namespace = {}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), namespace)
    compared, complaints = run([path], namespace["forward"])
    assert len(compared) == 2
    assert (not complaints) == right
