"""The state of a recipe's training, to its run folder and back."""

from minilm.storage import run_folder
from minilm.training import checkpoint


def save(folder, state):
    """Write it, in place of the one before."""
    run_folder.write_checkpoint(folder, checkpoint.to_tree(state))


def load(folder, prepared):
    """The state to resume from. Raises InputError where it does not belong to this run."""
    return checkpoint.from_tree(run_folder.read_checkpoint(folder), prepared.trained.params)
