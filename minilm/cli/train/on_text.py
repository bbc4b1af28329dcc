"""What `minilm train gpt`, `lstm` and `bert` share: their options, and the way from a text file to a run folder.

A recipe (minilm/recipes) brings PRESETS, prepare, train, validation_loss, describe, sample, summary and next_command.
"""


def add_parser(models, name, description, run, presets):
    """The parser of one model. `presets` are named in the help; the first is taken unasked."""
    import argparse

    from minilm.cli.train import starting

    parser = models.add_parser(
        name, help=description.strip().split("\n")[0].rstrip("."), description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--data", required=True, metavar="FILE", help="the text, UTF-8")
    parser.add_argument("--preset", default=presets[0], metavar="NAME", help=starting.listed(presets))
    parser.add_argument("--out", metavar="FOLDER", default=f"runs/{name}", help=f"the run folder (runs/{name})")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="weights and order of the data (0)")
    parser.add_argument("--save-every", type=int, metavar="N", help="steps between checkpoints (default: 20 seconds)")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out, bit for bit")
    parser.set_defaults(run=run)


def run(arguments, name, recipe):
    """Train as the arguments say; the exit status."""
    import shlex
    import sys
    from pathlib import Path

    from minilm.cli import running
    from minilm.cli.train.starting import preset_named, start_run
    from minilm.errors import InputError, MissingExtra
    from minilm.showing import pictures
    from minilm.storage import run_folder

    folder = Path(arguments.out)
    if arguments.seed < 0 or (arguments.save_every or 1) < 1:
        raise InputError("--seed is 0 or more, --save-every 1 or more")
    preset = preset_named(arguments.preset, recipe.PRESETS)
    print(f"Reading {arguments.data}", flush=True)  # a WordPiece is learnt from it, which may take some seconds
    prepared = recipe.prepare(arguments.data, preset, arguments.seed)
    training = {"recipe": name, "preset": arguments.preset, "seed": arguments.seed}
    state = start_run(folder, prepared, training, arguments.resume)
    print(recipe.describe(prepared), flush=True)
    again = ["minilm", "train", name, "--data", arguments.data, "--preset", arguments.preset]
    again += ["--seed", str(arguments.seed), "--out", str(folder), "--resume"]
    if not running.train(recipe, prepared, folder, state, shlex.join(again), arguments.save_every):
        return 130
    prepared.trained.save(folder, training)
    print(f"A sample:\n{recipe.sample(prepared, 200)}\n")
    try:
        pictures.loss_curve(run_folder.read_history(folder), folder / "loss.png")
    except MissingExtra as error:
        print(f"No pictures: {error}.", file=sys.stderr)
    print(f"The run is in {folder}. Now try:\n   {shlex.join(recipe.next_command(folder, prepared))}")
    print(recipe.summary(folder, prepared))
    return 0
