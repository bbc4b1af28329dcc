"""`minilm train MODEL`: train a model on one's own text."""

DESCRIPTION = """\
Train a model on your own text. Ctrl-C saves and says how to go on.

  minilm train encoder-decoder --pairs FILE.tsv        a translator, from tab-separated sentence pairs
  minilm train lstm --data FILE.txt                    the article's LSTM, word by word
  minilm train gpt --data FILE.txt                     a GPT that writes like a text, character by character
  minilm train bert --data FILE.txt                    a BERT that fills in masked words
  minilm train MODEL -h                                its presets, with what to expect of them
  mpiexec -n 4 minilm train MODEL ...                  in 4 processes, on one machine or several (minilm[mpi])
"""


def add_parser(subparsers):
    import argparse

    from minilm.cli import train_bert, train_gpt, train_lstm

    parser = subparsers.add_parser(
        "train", help="train a model on your own text", description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    models = parser.add_subparsers(dest="model", metavar="MODEL", required=True)
    add_encoder_decoder(models)
    train_lstm.add_parser(models)
    train_gpt.add_parser(models)
    train_bert.add_parser(models)


ENCODER_DECODER = """\
Train a translator on tab-separated sentence pairs, one pair a line, UTF-8.

presets (measured on two cores; memory is the process's peak):
  tiny     width 32, 1+1 layers, 40 steps: 5 s, 0.3 GB, BLEU 0; only to see that everything runs
  demo     width 128, 2+2 layers, 750 steps: 45 s, 0.3 GB; for small regular corpora (99.8 % exact on the shipped one)
  small    width 192, 3+3 layers, dropout, 3,600 steps: 31 min, 1.0 GB; for 20,000 to 100,000 real sentences
           (26,263 Chinese-English pairs of Tatoeba: validation BLEU 26.3, perplexity 5.7, greedy)

examples:
  minilm train encoder-decoder --pairs pairs.tsv --out runs/mine
  minilm train encoder-decoder --pairs pairs.tsv --source 2 --target 1      the other direction
  minilm train encoder-decoder --pairs pairs.tsv --out runs/mine --resume   go on where it stopped
"""


def add_encoder_decoder(models):
    import argparse

    parser = models.add_parser(
        "encoder-decoder", help="a translator, from sentence pairs", description=ENCODER_DECODER,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--pairs", required=True, metavar="FILE.tsv", help="tab-separated sentence pairs")
    parser.add_argument("--source", type=int, default=1, metavar="N", help="column to translate from, from 1 (1)")
    parser.add_argument("--target", type=int, default=2, metavar="N", help="column to translate into (2)")
    parser.add_argument("--preset", default="small", help="tiny, demo or small (small)")
    parser.add_argument("--steps", type=int, metavar="N", help="steps of training, instead of the preset's")
    parser.add_argument("--out", metavar="FOLDER", default="runs/translator", help="the run folder (runs/translator)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="weights, order and split of the data (0)")
    parser.add_argument("--save-every", type=int, metavar="N", help="steps between checkpoints (default: 20 seconds)")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out, bit for bit")
    parser.set_defaults(run=run)


def run(arguments):
    import shlex
    import time
    from dataclasses import replace
    from pathlib import Path

    from minilm import tree
    from minilm.cli import running
    from minilm.errors import InputError
    from minilm.recipes import translation

    began = time.perf_counter()
    folder = Path(arguments.out)
    if min(arguments.source, arguments.target) < 1 or arguments.source == arguments.target:
        raise InputError("--source and --target are two different columns, counted from 1")
    if arguments.seed < 0 or min(arguments.steps or 1, arguments.save_every or 1) < 1:
        raise InputError("--seed is 0 or more, --steps and --save-every 1 or more")
    preset = preset_named(arguments.preset)
    if arguments.steps:
        preset = replace(preset, steps=arguments.steps)
    parts, languages = translation.from_file(arguments.pairs, arguments.source, arguments.target, arguments.seed)
    prepared = translation.prepare(parts, languages, preset, arguments.seed)
    training = {
        "recipe": "pairs", "preset": arguments.preset, "seed": arguments.seed, "steps": preset.steps,
        "source": arguments.source, "target": arguments.target,
    }  # fmt: skip
    state = start_run(folder, prepared, training, arguments.resume)
    translator = prepared.translator
    sizes = ", ".join(f"{len(pairs)} {part}" for part, pairs in parts.items())
    print(
        f"{sizes} pairs; {len(translator.source_vocabulary)} and {len(translator.target_vocabulary)} words known; "
        f"{tree.size(translator.params)} parameters; {preset.steps} steps, "
        f"{preset.steps / len(prepared.train):.1f} epochs"
    )
    command = shlex.join(
        ["minilm", "train", "encoder-decoder", "--pairs", arguments.pairs, "--source", str(arguments.source),
         "--target", str(arguments.target), "--preset", arguments.preset, "--steps", str(preset.steps),
         "--seed", str(arguments.seed), "--out", str(folder), "--resume"]
    )  # fmt: skip
    if not running.train(translation, prepared, folder, state, command, arguments.save_every):
        return 130
    translator.save(folder, training)
    measured = translation.validation_loss(prepared)
    result = translation.score(translator, parts["validation"][:1000])
    for (source, target), found in list(zip(parts["validation"], result["translations"], strict=False))[:5]:
        print(f"   {source}  →  {found}   ({target})")
    print(
        f"validation: loss {measured.loss:.3f}, perplexity {measured.perplexity:.2f}, BLEU {result['bleu']:.1f}, "
        f"exact {result['exact']:.1%} of {result['sentences']}, greedy; {(time.perf_counter() - began) / 60:.1f} min, "
        f"peak memory {peak_memory()}"
    )
    from minilm import pictures
    from minilm.errors import MissingExtra
    from minilm.storage import run_folder

    try:
        pictures.loss_curve(run_folder.read_history(folder), folder / "loss.png")
    except MissingExtra as error:
        print(f"No pictures: {error}.")
    print(f"The run is in {folder}. Now try:\n   minilm translate {folder} {shlex.quote(parts['validation'][0][0])}")
    return 0


def preset_named(name, presets=None):
    """The preset. Raises InputError, naming those that there are."""
    from minilm.errors import InputError
    from minilm.recipes.translation import PRESETS

    presets = PRESETS if presets is None else presets
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
    from minilm.measuring import resident

    peak = resident.peak()
    return "not measured here" if peak is None else f"{peak / 2**20:.0f} MB"
