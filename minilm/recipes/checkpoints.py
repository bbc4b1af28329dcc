"""The state of a recipe's training, to its run folder and back."""

from minilm import catalogue
from minilm.errors import InputError
from minilm.storage import run_folder
from minilm.training import checkpoint, loop


def optimiser(trained):
    """The module of minilm.training that trains it."""
    return catalogue.imported(f"minilm.training.{catalogue.ROWS[trained.name].optimiser}")


def begin(folder, trained):
    """Write the one before the first step."""
    save(folder, loop.start(trained.params, optimiser(trained)))


def save(folder, state):
    """Write it, in place of the one before."""
    run_folder.write_checkpoint(folder, checkpoint.to_tree(state))


def load(folder, prepared):
    """The state to resume from. Raises InputError, naming the folder, where it does not belong to this run."""
    carry = getattr(prepared, "carry", {})  # a recurrent model's
    whole = run_folder.read_checkpoint(folder)
    try:
        return checkpoint.from_tree(whole, prepared.trained.params, optimiser(prepared.trained), carry)
    except InputError as error:
        raise InputError(f"{folder}: {error}") from None
