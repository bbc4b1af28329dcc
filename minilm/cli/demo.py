"""`minilm demo`: the article's pipeline, end to end, in about a minute."""

DESCRIPTION = """\
Train a Transformer in plain NumPy to translate Chinese, and watch it work.

  1. trains on the 44,000 everyday sentence pairs that come with minilm (Ctrl-C saves; run it again to go on)
  2. translates 1,000 sentences that it has never seen, and counts the exact ones
  3. follows 我喜欢编程 through the seven steps of the article, with the real arrays
  4. proves the gradients that trained it, by the complex step
  5. records one training step on 我喜欢编程, every line of it, as a page to step through: trace.html

It leaves a run folder with the weights, the vocabularies, the history, a loss curve and an attention map, from which
`minilm translate` works.
"""

SENTENCE = "我喜欢编程"


def add_parser(subparsers):
    import argparse

    parser = subparsers.add_parser(
        "demo", help="train a translator in about a minute and watch it work", description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--out", metavar="FOLDER", default="runs/demo", help="the run folder (runs/demo)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="random weights and order of the data (0)")
    parser.add_argument("--preset", default="demo", help=argparse.SUPPRESS)
    parser.add_argument("--overwrite", action="store_true", help="replace the run of another kind that stands in --out")
    parser.set_defaults(run=run)


def run(arguments):
    import time
    from pathlib import Path

    from minilm.cli.train import starting
    from minilm.errors import InputError
    from minilm.recipes import translation

    began = time.perf_counter()
    folder = Path(arguments.out)
    if arguments.seed < 0:
        raise InputError(f"--seed {arguments.seed}: a seed is 0 or more")
    preset = starting.preset_named(arguments.preset, translation.PRESETS)
    parts, languages = translation.shipped()
    prepared = translation.prepare(parts, languages, preset, arguments.seed)
    with starting.locked(folder):
        return trained_in(folder, arguments, parts, prepared, began)


def trained_in(folder, arguments, parts, prepared, began):
    """The training and all that follows it, in a folder that nobody else trains in; the exit status."""
    import time

    from minilm import tree
    from minilm.checking import gradcheck
    from minilm.cli import running
    from minilm.cli.check import choose, line
    from minilm.cli.train import starting
    from minilm.recipes import translation
    from minilm.showing import walkthrough

    command = f"minilm demo --out {folder}" + (f" --seed {arguments.seed}" if arguments.seed else "")
    training = {"recipe": "shipped", "preset": arguments.preset, "seed": arguments.seed}
    state = starting.start_run(folder, prepared, training, overwrite=arguments.overwrite)
    translator = prepared.translator
    print(
        f"{len(set(parts['train']))} sentence pairs to learn from, {len(parts['test'])} held back; "
        f"{tree.size(translator.params)} parameters. For instance:"
    )
    for chinese, english in parts["train"][:3]:
        print(f"   {chinese}  →  {english}")
    if state is not None:
        print(f"Going on from step {state.step} in {folder}.")
    if not running.train(translation, prepared, folder, state, command):
        return 130
    translator.save(folder, training)

    print("\nTHE SCORE on sentences that it has never seen")
    result = translation.score(translator, parts["test"])
    hits = round(result["exact"] * result["sentences"])
    print(
        f"   {hits} of {result['sentences']} translated exactly ({result['exact']:.1%}), BLEU {result['bleu']:.1f} "
        f"by {result['by']}"
    )
    for (chinese, english), found in list(zip(parts["test"], result["translations"], strict=True))[1:5]:
        print(f"   {chinese}  →  {found}" + ("" if found == english else f"   (should be: {english})"))

    print(f"\nTHE ARTICLE'S SEVEN STEPS for {SENTENCE} (held back too)")
    for step in walkthrough.steps(translator, SENTENCE):
        print(f"{step}\n", flush=True)

    print("THE PROOF: each part that trained it against the complex step, every entry of every tensor")
    chosen = choose(["encoder_decoder", "post_norm", "multi_head", "feed_forward (relu)", "layer_norm (3", "softmax",
                     "scaled_dot", "linear", "ops.embedding", "cross_entropy"])  # fmt: skip
    rows: list[gradcheck.Row] = []
    width = max(map(len, chosen))
    for name, case in chosen.items():
        found_rows = case.check()
        rows += found_rows
        print(f"   {line(name, width, found_rows)}", flush=True)
    exact = [row for row in rows if row.method == "complex step"]
    passed = all(row.passed for row in rows)
    entries, worst = sum(row.entries for row in exact), max(row.error for row in exact)
    print(
        f"   {entries} derivatives, largest relative error {worst:.1e}: "
        + ("every gradient is right." if passed else "A GRADIENT IS WRONG.")
    )
    pictures(folder, translator)
    answer = next((english for part in parts.values() for chinese, english in part if chinese == SENTENCE), None)
    record(folder, translator, answer)
    print(f"\nDone in {time.perf_counter() - began:.0f} s. The run is in {folder}. Now try:")
    print(f"   minilm translate {folder} 他昨天买了三本书")
    print(f"   minilm trace {folder} 他昨天买了三本书 --backward")
    return 0 if passed else 1


def record(folder, translator, answer):
    """The page of one training step on the sentence and its answer: forward, loss and backward, line by line."""
    from minilm.showing import page, runs

    path = folder / "trace.html"
    _, _, steps = page.of_run(runs.of_translator(translator, SENTENCE, answer, True), path)
    print(f"Step through it, forward and backward: {path} ({steps:,} lines with their arrays; open it in a browser)")


def pictures(folder, translator):
    """The loss curve and the attention map, where matplotlib is there to draw them."""
    from minilm.errors import MissingExtra
    from minilm.showing import pictures, walkthrough
    from minilm.storage import run_folder
    from minilm.text.vocabulary import END

    try:
        pictures.loss_curve(run_folder.read_history(folder), folder / "loss.png", "Learning Chinese to English")
        words, _, target, cache = walkthrough.trace(translator, SENTENCE)
        known = translator.target_vocabulary.words
        weights = cache["decoder"][-1]["cross_attention"]["weights"][0].mean(0)
        rows = [*(known[number] for number in target), known[END]]
        pictures.attention_map(weights, rows, words, folder / "attention.png", "Where each English word looked")
        print(f"\nPictures: {folder / 'loss.png'} and {folder / 'attention.png'}")
    except MissingExtra as error:
        print(f"\nNo pictures: {error}.")
