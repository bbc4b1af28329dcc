"""What `translate`, `generate`, `fill` and the like load, and what is to be said of it before it speaks."""


def load(folder):
    """minilm.load, and a line on standard error where the training of the run has not come to its end."""
    import sys

    import minilm

    loaded = minilm.load(folder)
    trained, planned = loaded.steps_trained, loaded.steps_planned
    if trained is not None and planned is not None and trained < planned:
        found = f"{folder} was stopped after {trained} of {planned} steps of its training"
        print(f"minilm: {found}; the same command with --resume goes on with it", file=sys.stderr)
    return loaded
