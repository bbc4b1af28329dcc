"""`minilm train encoder-decoder`: a translator, from sentence pairs."""

DESCRIPTION = """\
Train a translator on tab-separated sentence pairs, one pair a line, UTF-8. Columns may be Chinese or any language with
spaces between its words: which is which is seen from the letters.

presets (measured on two cores; memory is the process's peak):
  tiny     width 32, 1+1 layers, 40 steps: 5 s, 0.3 GB, BLEU 0; only to see that everything runs
  demo     width 128, 2+2 layers, 1,550 steps: what `minilm demo` trains, within its minute and a half, 0.3 GB;
           for small regular corpora (more than 97 % exact on the shipped one)
  small    width 192, 3+3 layers, dropout, 3,600 steps: 31 min, 1.0 GB; for 20,000 to 100,000 real sentences
           (26,263 Chinese-English pairs of Tatoeba: validation BLEU 26.3, perplexity 5.7, greedy)

examples:
  minilm train encoder-decoder --pairs pairs.tsv --out runs/mine
  minilm train encoder-decoder --pairs pairs.tsv --source 2 --target 1      the other direction
  minilm train encoder-decoder --pairs pairs.tsv --out runs/mine --resume   go on where it stopped
"""


def add_parser(models):
    import argparse

    from minilm.cli.train import options, starting
    from minilm.recipes import presets

    names = list(presets.TRANSLATION)
    parser = models.add_parser(
        "encoder-decoder", help="a translator, from sentence pairs", description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--pairs", required=True, metavar="FILE.tsv", help="tab-separated sentence pairs")
    parser.add_argument("--source", type=int, default=1, metavar="N", help="column to translate from, from 1 (1)")
    parser.add_argument("--target", type=int, default=2, metavar="N", help="column to translate into (2)")
    parser.add_argument("--preset", default=names[0], metavar="NAME", help=starting.listed(names))
    parser.add_argument("--out", metavar="FOLDER", default="runs/translator", help="the run folder (runs/translator)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="weights, order and split of the data (0)")
    parser.add_argument("--save-every", type=int, metavar="N", help="steps between checkpoints (default: 20 seconds)")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out, bit for bit")
    parser.add_argument("--overwrite", action="store_true", help="replace the run that stands in --out")
    options.add(parser, presets.TRANSLATION[names[0]] | {"max_positions": None})
    parser.set_defaults(run=run)


def run(arguments):
    import time
    from pathlib import Path

    from minilm.cli.train import options, starting
    from minilm.errors import InputError
    from minilm.recipes import translation

    began = time.perf_counter()
    folder = Path(arguments.out)
    if min(arguments.source, arguments.target) < 1 or arguments.source == arguments.target:
        raise InputError("--source and --target are two different columns, counted from 1")
    preset = options.replaced(starting.preset_named(arguments.preset, translation.PRESETS), arguments)
    parts, languages = translation.from_file(arguments.pairs, arguments.source, arguments.target, arguments.seed)
    prepared = translation.prepare(parts, languages, preset, arguments.seed)
    with starting.locked(folder):
        return trained_in(folder, arguments, preset, parts, prepared, began)


def trained_in(folder, arguments, preset, parts, prepared, began):
    """The training and its last words, in a folder that nobody else trains in; the exit status."""
    import shlex
    import time

    from minilm import tree
    from minilm.cli import running
    from minilm.cli.train import options, starting
    from minilm.errors import MissingExtra
    from minilm.recipes import translation
    from minilm.showing import pictures
    from minilm.storage import run_folder

    training = {
        "recipe": "pairs", "preset": arguments.preset, "seed": arguments.seed, "steps": preset.steps,
        "source": arguments.source, "target": arguments.target, "data": starting.data_hash(arguments.pairs),
        **options.settings(preset),
    }  # fmt: skip
    state = starting.start_run(folder, prepared, training, arguments.resume, arguments.overwrite)
    translator = prepared.translator
    sizes = ", ".join(f"{len(pairs)} {part}" for part, pairs in parts.items())
    print(
        f"{sizes} pairs; {len(translator.source_vocabulary)} and {len(translator.target_vocabulary)} words known; "
        f"{tree.size(translator.params)} parameters; {preset.steps} steps, "
        f"{preset.steps / len(prepared.train):.1f} epochs"
    )
    if sum(prepared.left_out.values()):
        said = ", ".join(f"{number} {part}" for part, number in prepared.left_out.items() if number)
        longest = f"more than {preset.max_positions - 1} words on a side"
        print(f"left out: {said} pairs, empty or with {longest}; cut them in sentences to learn from them")
    command = shlex.join(
        ["minilm", "train", "encoder-decoder", "--pairs", arguments.pairs, "--source", str(arguments.source),
         "--target", str(arguments.target), "--preset", arguments.preset, *options.words(arguments),
         "--seed", str(arguments.seed), "--out", str(folder), "--resume"]
    )  # fmt: skip
    if not running.train(translation, prepared, folder, state, command, arguments.save_every, arguments.eval_every):
        return 130
    translator.save(folder, training)
    measured = translation.validation_loss(prepared)
    held = translation.readable(translator, parts["validation"])[:1000]
    result = translation.score(translator, held)
    for (source, target), found in list(zip(held, result["translations"], strict=False))[:5]:
        print(f"   {source}  →  {found}   ({target})")
    print(
        f"validation: loss {measured.loss:.3f}, perplexity {measured.perplexity:.2f}, "
        f"BLEU {result['bleu']:.1f} by {result['by']}, "
        f"exact {result['exact']:.1%} of {result['sentences']}, greedy; {(time.perf_counter() - began) / 60:.1f} min, "
        f"peak memory {starting.peak_memory()}"
    )
    try:
        pictures.loss_curve(run_folder.read_history(folder), folder / "loss.png")
    except MissingExtra as error:
        print(f"No pictures: {error}.")
    plain = next((source for source, _ in held if "'" not in source), held[0][0])  # needs no quotes within quotes
    print(f"The run is in {folder}. Now try:\n   minilm translate {folder} {shlex.quote(plain)}")
    return 0
