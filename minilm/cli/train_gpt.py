"""`minilm train gpt`: a GPT on the characters of a text."""

DESCRIPTION = """\
Train a GPT-2 on the characters of a text file (UTF-8). The last tenth is held back for validation.

presets (measured on two cores with Shakespeare's 1.1 million characters; the loss is over the whole last tenth):
  nanogpt-cpu   nanoGPT's recipe for a laptop: 4 layers, 4 heads, width 128, context 64, batch 12, 2,000 steps;
                1 min 20 s, validation loss 1.90
  shakespeare   the same model, batch 24, 1,400 steps, a learning rate of 0.005; 2 min, validation loss 1.72
  tiny          seconds, to see that everything runs

examples:
  minilm train gpt --data input.txt --preset nanogpt-cpu
  minilm train gpt --data input.txt --preset nanogpt-cpu --resume       go on where it stopped
  minilm generate runs/gpt --prompt "ROMEO:"
"""


def add_parser(models):
    import argparse

    parser = models.add_parser(
        "gpt", help="a GPT, from a text file", description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--data", required=True, metavar="FILE", help="the text")
    parser.add_argument("--preset", default="nanogpt-cpu", help="nanogpt-cpu, shakespeare or tiny (nanogpt-cpu)")
    parser.add_argument("--out", metavar="FOLDER", default="runs/gpt", help="the run folder (runs/gpt)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="weights and order of the data (0)")
    parser.add_argument("--save-every", type=int, metavar="N", help="steps between checkpoints (default: 20 seconds)")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out, bit for bit")
    parser.set_defaults(run=run)


def run(arguments):
    import shlex
    import sys
    from pathlib import Path

    from minilm import pictures
    from minilm.cli import running
    from minilm.cli.train import preset_named, start_run
    from minilm.errors import InputError, MissingExtra
    from minilm.recipes import language
    from minilm.storage import run_folder

    folder = Path(arguments.out)
    if arguments.seed < 0 or (arguments.save_every or 1) < 1:
        raise InputError("--seed is 0 or more, --save-every 1 or more")
    preset = preset_named(arguments.preset, language.PRESETS)
    prepared = language.prepare(arguments.data, preset, arguments.seed)
    training = {"recipe": "characters", "preset": arguments.preset, "seed": arguments.seed}
    state = start_run(folder, prepared, training, arguments.resume, language)
    print(
        f"{prepared.characters} characters, {prepared.language_model.tokenizer.size} different ones; "
        f"{language.size(prepared)} parameters; {preset.steps} steps"
    )
    command = ["minilm", "train", "gpt", "--data", arguments.data, "--preset", arguments.preset]
    command += ["--seed", str(arguments.seed), "--out", str(folder), "--resume"]
    if not running.train(language, prepared, folder, state, shlex.join(command), arguments.save_every):
        return 130
    model = prepared.language_model
    model.save(folder, training)
    prompt = model.tokenizer.decode(prepared.ids[:1])
    print(f"A sample:\n{prompt}{model.generate(prompt, 200, temperature=0.8, seed=arguments.seed)}\n")
    try:
        pictures.loss_curve(run_folder.read_history(folder), folder / "loss.png")
    except MissingExtra as error:
        print(f"No pictures: {error}.", file=sys.stderr)
    print(f"The run is in {folder}. Now try:")
    print(f"   minilm generate {folder} --prompt {shlex.quote(prompt.strip() or 'A')}")
    measured = language.validation_loss(prepared)
    print(f"validation: perplexity {measured.perplexity:.2f}, loss {measured.loss:.4f}")
    return 0
