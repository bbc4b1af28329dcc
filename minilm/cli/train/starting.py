"""What every training begins with: its preset, its run folder, and the state to go on from."""


def listed(presets):
    """The names for a help text, and which of them is taken unasked: the first."""
    return f"{', '.join(presets)} ({presets[0]})"


def preset_named(name, presets):
    """The preset. Raises InputError, naming those that there are."""
    from minilm.errors import InputError

    if name not in presets:
        raise InputError(f"there is no preset {name!r}; there are {', '.join(presets)}")
    return presets[name]


def start_run(folder, prepared, training, resume=None, overwrite=False):
    """Make the run folder ready, and return the state to go on from, or None to begin (and on ranks other than 0, which
    leave the folder to rank 0 and get its state when the training starts).

    `resume` True wants a checkpoint, False wants no run to be there, None goes on where there is an unfinished one of
    the same training. A run that this training did not begin is replaced by `overwrite` alone. `training` gets what
    else a resume is held against. Whoever calls this holds the folder's lock (`locked`).
    """
    from minilm.errors import InputError
    from minilm.recipes import checkpoints
    from minilm.storage import run_folder
    from minilm.training import ranks

    if ranks.world().rank:
        return None
    trained = prepared.trained
    training |= {"steps": prepared.steps, "vocabulary": vocabulary_hash(trained)}
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: is a file; give another --out")
    there = [] if hardly_begun(folder) else [name for name in RUN if (folder / name).exists()]
    state = None
    if resume and hardly_begun(folder):
        resume = None  # from its first step, as the run that was killed before it would have gone on
    if resume and "checkpoint.safetensors" not in there:
        raise InputError(f"{folder}: no checkpoint to go on from; start without --resume")
    if there and not overwrite:
        if resume is False:
            raise InputError(f"{folder}: holds a run already; --resume goes on with it, or give another --out")
        asked = difference(folder, trained, training)
        if asked and resume:
            other = HASHES.get(asked, f"another {asked}")
            raise InputError(f"{folder}: was begun with {other}; say the same, or give another --out")
        if asked:
            raise InputError(f"{folder}: holds another run ({asked} differs); give another --out, or --overwrite it")
        if "checkpoint.safetensors" in there:
            state = checkpoints.load(folder, prepared)
            if resume is None and state.step >= prepared.steps:
                state = None  # finished: begin anew
    if there and overwrite:
        for name in (*RUN, *BESIDE):
            (folder / name).unlink(missing_ok=True)
    if state is None:
        # The checkpoint first: from here on it says which parameters the folder has, whenever the training is killed.
        folder.mkdir(parents=True, exist_ok=True)
        checkpoints.begin(folder, trained)
    else:
        trained.params = state.params
    trained.save(folder, training)  # when resuming too: a kill may have come between two of its files
    if state is None or state.step < prepared.steps:
        (folder / "weights.safetensors").unlink(missing_ok=True)  # until the end the checkpoint has them
    run_folder.cut_history(folder, state.step if state else 0)
    return state


RUN = ("settings.json", "config.json", "checkpoint.safetensors", "weights.safetensors")  # what says: here is a model
BESIDE = (  # what else a run leaves: a tokenizer of the run before would be taken for the new one's
    "characters.json", "words.json", "vocab.txt", "vocab.json", "merges.txt", "tokenizer.json", "tokenizer_config.json",
    "source_vocabulary.json", "target_vocabulary.json", "tokens.json", "features.json", "best.safetensors",
    "mistakes.txt", "history.jsonl", "loss.png", "attention.png", "trace.html",
)  # fmt: skip


def hardly_begun(folder):
    """Whether a training was killed between its first two files: a checkpoint before the first step, no settings."""
    from minilm.storage import run_folder

    if any((folder / name).exists() for name in RUN if name != "checkpoint.safetensors"):
        return False
    return (folder / "checkpoint.safetensors").exists() and run_folder.checkpoint_step(folder) == 0


def locked(folder):
    """The folder's lock for as long as a `with` lasts; under MPI it is rank 0's."""
    from contextlib import nullcontext

    from minilm.storage import run_lock
    from minilm.training import ranks

    return nullcontext() if ranks.world().rank else run_lock.held(folder)


def difference(folder, trained, training):
    """What the run in a folder was begun with that is another now, `data` for instance; None where all is the same."""
    from dataclasses import asdict

    from minilm.storage import run_folder

    settings = run_folder.read_settings(folder)
    begun = settings["training"]
    for key, value in training.items():
        # Runs of older versions do not say all: what they do not say, they are not held against.
        if key in begun and begun[key] != value:
            return f"{key}: {shown(begun[key])}, not {shown(value)}" if key not in HASHES else key
    for key, value in asdict(trained.config).items():
        if settings["config"].get(key, value) != value:
            return f"{key}: {shown(settings['config'][key])}, not {shown(value)}"
    return None


HASHES = {  # settings that are names of a content, and what another one is called
    "data": "other data", "vocabulary": "another vocabulary", "from": "other weights than those of --from",
}  # fmt: skip


def shown(value):
    """A setting from a file, in a few characters."""
    from minilm.errors import said

    return said(value, 60)


def data_hash(path):
    """A name for the content of a file. Raises InputError where it cannot be read."""
    import hashlib

    from minilm.errors import InputError

    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:32]
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None


def vocabulary_hash(trained):
    """A name for all words and ids that a model reads and writes."""
    import hashlib

    names = ("source_vocabulary", "target_vocabulary", "tokenizer", "tokens", "features")
    sides = [getattr(trained, name, None) for name in names]
    words = [sorted(side.ids.items()) for side in sides if side is not None]
    return hashlib.sha256(repr(words).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def peak_memory():
    """The process's largest memory so far, in words."""
    from minilm.machine import resident

    peak = resident.peak()
    return "not measured here" if peak is None else f"{peak / 2**20:.0f} MB"
