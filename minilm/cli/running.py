"""What `demo` and `train` share: a training with its bar, its history, its checkpoints and its Ctrl-C.

Under `mpiexec -n N` (training/ranks.py) all that belongs to rank 0; the others only take the steps.
"""

import time

SAVE_EVERY = 20.0  # seconds between checkpoints
SAMPLES = 4  # moments of a training at which it shows what the model writes by now
VALIDATION_BATCHES = 4  # of the validation part, for the curve; the whole of it is measured at the end


def train(recipe, prepared, folder, state=None, command="", save_every=None, eval_every=None, language="en"):
    """Run the training that `recipe` prepared into `folder`; True when it is done, False when Ctrl-C stopped it.

    After a Ctrl-C the state is saved and the line that goes on from there is printed. `save_every`: steps between
    checkpoints, instead of some seconds; `eval_every`: steps between looks at the validation part; `language` "en" or
    "zh".
    On ranks other than 0 always False: what comes after is rank 0's.
    """
    import math
    import sys

    from minilm.cli import interrupt
    from minilm.cli.progress import Progress
    from minilm.recipes import checkpoints
    from minilm.showing import language as languages
    from minilm.storage import run_folder
    from minilm.training import ranks

    say = languages.in_language(language)
    world = ranks.world()
    if world.rank:
        return follow(recipe, prepared, state, world)
    if world.size > 1:
        said = say(f"{world.size} processes share each step", f"{world.size} 个进程分担每一步")
        print(said, file=sys.stderr)
        command = f"mpiexec -n {world.size} {command}"
    steps = prepared.steps
    first = state.step if state else 0
    epoch = getattr(prepared, "epoch", None)  # a recipe that counts in epochs measures at their ends, and all of it
    every, most = (epoch, None) if epoch else (max(1, min(100, steps // 10)), VALIDATION_BATCHES)
    every = eval_every or every
    shown = epoch or max(every, steps // SAMPLES // every * every)
    counted = getattr(prepared, "counted", "tokens")  # what the loss is a mean over
    rate, saved, state_now = 0.0, time.monotonic(), state
    told = say(interrupt.FIRST, "做完这一步就停；再按一次会立刻停下，并丢掉上次保存之后的部分")
    each = "词元/秒" if counted == "tokens" else "文本/秒"
    names = say("loss", "损失"), say("perplexity", "困惑度"), say(f"{counted}/s", each)
    bar = Progress(steps, say("training", "训练"), say("step", "步"), first=first, language=language)
    with interrupt.noted(told) as stopped, bar as progress:
        for step, state_now in recipe.train(prepared, state):
            speed = step.tokens / step.seconds
            rate = speed if not rate else 0.95 * rate + 0.05 * speed
            row = {"step": step.number, "loss": step.loss, "learning_rate": step.learning_rate,
                   "gradient_norm": step.gradient_norm, "tokens_per_second": round(rate)}  # fmt: skip
            last = step.number == steps
            if step.number % every == 0 or last or (epoch and step.number % epoch == 0):
                measured = recipe.validation_loss(prepared, most)
                row["validation_loss"], row["validation_perplexity"] = measured.loss, measured.perplexity
                if hasattr(recipe, "validation_objective"):  # the curves compare like with like
                    row["validation_objective"] = recipe.validation_objective(prepared, most).loss
                row |= getattr(prepared, "metrics", {})
            run_folder.append_history(folder, row)
            perplexity = f"{math.exp(min(step.loss, 700)):.4g}"
            metrics = getattr(prepared, "metrics", {})
            figures = {name: f"{value:.4g}" for name, value in metrics.items()} or {names[1]: perplexity}
            progress.advance(**{names[0]: f"{step.loss:.3f}", **figures, names[2]: f"{rate:.0f}"})
            if step.number % shown == 0 and not last and hasattr(recipe, "sample"):
                progress.say(moment(step.number, prepared, row) + f", a sample:\n{recipe.sample(prepared)}")
            due = step.number % save_every == 0 if save_every else time.monotonic() - saved > SAVE_EVERY
            stop = agreed(world, stopped)
            if stop or last or due:
                checkpoints.save(folder, state_now)
                saved = time.monotonic()
            if stop and not last:
                break
        else:
            if state_now is not None and state_now.step < steps:  # a training that ended itself, nothing better coming
                checkpoints.save(folder, state_now)
                ended = say(f"Ended after {state_now.step} of {steps} steps: nothing better came.",
                            f"第 {state_now.step} 步（共 {steps} 步）提前结束：不再有更好的结果。")  # fmt: skip
                print(ended, file=sys.stderr)
            return True
    stopped_at = say(
        f"Stopped at step {state_now.step} of {steps}; everything is saved.\nGo on with:",
        f"停在第 {state_now.step} 步（共 {steps} 步），全部已保存。\n接着训练：",
    )
    print(f"\n{stopped_at}\n  {command}", file=sys.stderr)
    return False


def follow(recipe, prepared, state, world):
    """What a rank other than 0 does: the steps, silently, until all stop."""
    from minilm.cli import interrupt

    with interrupt.noted() as stopped:
        for _ in recipe.train(prepared, state):
            if agreed(world, stopped):
                break
    return False


def agreed(world, stopped):
    """Whether a rank was told to stop: the same answer on all of them, after the same step."""
    return any(told for (told,) in world.agree(stopped()))


def moment(number, prepared, row):
    """Where a training stands: `step 500 of 2000: validation loss 1.98, perplexity 7.25`, in epochs if it has them."""
    epoch = getattr(prepared, "epoch", None)
    place = f"step {number} of {prepared.steps}" if not epoch else f"epoch {number // epoch}"
    measured = [("loss", f"{row['validation_loss']:.3f}"), ("perplexity", f"{row['validation_perplexity']:.4g}")]
    metrics = [(name.removeprefix("validation_"), f"{row[name]:.4f}") for name in getattr(prepared, "metrics", {})]
    return f"{place}: validation " + ", ".join(" ".join(pair) for pair in (metrics or measured))
