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


def start_run(folder, prepared, training, resume=None):
    """Make the run folder ready, and return the state to go on from, or None to begin (and on ranks other than 0, which
    leave the folder to rank 0 and get its state when the training starts).

    `resume` True wants a checkpoint, False wants none to be overwritten, None goes on where there is an unfinished one.
    """

    from minilm.errors import InputError
    from minilm.recipes import checkpoints
    from minilm.storage import run_folder
    from minilm.training import ranks

    if ranks.world().rank:
        return None
    trained = prepared.trained
    there = (folder / "checkpoint.safetensors").exists()
    if resume is False and there:
        raise InputError(f"{folder}: holds a run already; add --resume to go on with it, or give another --out")
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: is a file; give another --out")
    state = None
    if resume or (resume is None and there):
        settings = run_folder.read_settings(folder)
        same = {key: settings["training"].get(key) for key in training} == training
        if resume and not same:
            asked = next(key for key in training if settings["training"].get(key) != training[key])
            begun = settings["training"].get(asked)
            raise InputError(f"{folder}: was begun with {asked} {begun!r}, not {training[asked]!r}; say the same")
        if same:
            state = checkpoints.load(folder, prepared)
            if resume is None and state.step >= prepared.steps:
                state = None  # finished: begin anew
    elif resume:
        raise InputError(f"{folder}: no checkpoint to go on from; start without --resume")
    if state is None:
        trained.save(folder, training)
        (folder / "checkpoint.safetensors").unlink(missing_ok=True)
    run_folder.cut_history(folder, state.step if state else 0)
    if state is not None:
        trained.params = state.params
    return state


def peak_memory():
    """The process's largest memory so far, in words."""
    from minilm.machine import resident

    peak = resident.peak()
    return "not measured here" if peak is None else f"{peak / 2**20:.0f} MB"
