"""What `demo` and `train` share: a training with its bar, its history, its checkpoints and its Ctrl-C."""

import time

SAVE_EVERY = 20.0  # seconds between checkpoints
VALIDATION_BATCHES = 4  # of the validation part, for the curve; the whole of it is measured at the end


def train(recipe, prepared, folder, state=None, command="", save_every=None):
    """Run the training that `recipe` prepared into `folder`; True when it is done, False when Ctrl-C stopped it.

    After a Ctrl-C the state is saved and the line that goes on from there is printed. `save_every`: steps between
    checkpoints, instead of some seconds.
    """
    import sys

    from minilm.cli import interrupt
    from minilm.cli.progress import Progress
    from minilm.storage import run_folder

    steps = prepared.preset.steps
    first = state.step if state else 0
    every = max(1, min(100, steps // 10))
    rate, saved, state_now = 0.0, time.monotonic(), state
    with interrupt.noted() as stopped, Progress(steps, "training", first=first) as progress:
        for step, state_now in recipe.train(prepared, state):
            speed = step.tokens / step.seconds
            rate = speed if not rate else 0.95 * rate + 0.05 * speed
            row = {"step": step.number, "loss": step.loss, "learning_rate": step.learning_rate,
                   "gradient_norm": step.gradient_norm, "tokens_per_second": round(rate)}  # fmt: skip
            last = step.number == steps
            if step.number % every == 0 or last:
                measured = recipe.validation_loss(prepared, VALIDATION_BATCHES)
                row["validation_loss"], row["validation_perplexity"] = measured.loss, measured.perplexity
            run_folder.append_history(folder, row)
            progress.advance(loss=f"{step.loss:.3f}", **{"tokens/s": f"{rate:.0f}"})
            due = step.number % save_every == 0 if save_every else time.monotonic() - saved > SAVE_EVERY
            if stopped() or last or due:
                recipe.save_checkpoint(folder, state_now)
                saved = time.monotonic()
            if stopped() and not last:
                break
        else:
            return True
    print(f"\nStopped at step {state_now.step} of {steps}; everything is saved.", file=sys.stderr)
    print(f"Go on with:\n  {command}", file=sys.stderr)
    return False
