"""`minilm demo`: the article's pipeline, end to end, in about a minute and a half."""

DESCRIPTION = """\
Train a Transformer in plain NumPy to translate Chinese, and watch it work.

  1. trains on the 44,000 everyday sentence pairs that come with minilm (Ctrl-C saves; run it again to go on)
  2. translates 1,000 sentences that it has never seen, and counts the exact ones
  3. follows 我喜欢编程 through the seven steps of the article that minilm started from (《大规模语言模型从理论到实践：
     模型推理》, an introduction to inference), with the real arrays
  4. proves the gradients that trained it, by the complex step
  5. records one training step on 我喜欢编程, every line of it, as a page to step through: trace.html

It leaves a run folder with the weights, the vocabularies, the history, a loss curve and an attention map, from which
`minilm translate` works.
"""

SENTENCE = "我喜欢编程"
ARTICLE = "《大规模语言模型从理论到实践：模型推理》"


def add_parser(subparsers):
    import argparse

    parser = subparsers.add_parser(
        "demo", help="train a translator in a minute and a half and watch it work", description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--out", metavar="FOLDER", default="runs/demo", help="the run folder (runs/demo)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="random weights and order of the data (0)")
    parser.add_argument("--lang", metavar="LANGUAGE", help="en, or zh: 用中文讲解 (what LC_ALL or LANG says)")
    parser.add_argument("--preset", default="demo", help=argparse.SUPPRESS)
    parser.add_argument("--overwrite", action="store_true", help="replace the run of another kind that stands in --out")
    parser.set_defaults(run=run)


def run(arguments):
    import time
    from pathlib import Path

    from minilm.cli.train import starting
    from minilm.errors import InputError
    from minilm.recipes import translation
    from minilm.showing import language as languages

    began = time.perf_counter()
    folder = Path(arguments.out)
    if arguments.seed < 0:
        raise InputError(f"--seed {arguments.seed}: a seed is 0 or more")
    language = languages.chosen(arguments.lang)
    preset = starting.preset_named(arguments.preset, translation.PRESETS)
    print(languages.in_language(language)("Reading the corpus", "正在读语料"), flush=True)
    parts, known = translation.shipped()
    prepared = translation.prepare(parts, known, preset, arguments.seed)
    with starting.locked(folder):
        return trained_in(folder, arguments, parts, prepared, began, language)


def trained_in(folder, arguments, parts, prepared, began, language):
    """The training and all that follows it, in a folder that nobody else trains in; the exit status."""
    import time

    from minilm import tree
    from minilm.cli import running
    from minilm.cli.train import starting
    from minilm.recipes import translation
    from minilm.showing import language as languages
    from minilm.showing import walkthrough

    say = languages.in_language(language)
    command = f"minilm demo --out {folder}"
    command += f" --seed {arguments.seed}" if arguments.seed else ""
    command += f" --lang {arguments.lang}" if arguments.lang else ""
    training = {"recipe": "shipped", "preset": arguments.preset, "seed": arguments.seed}
    state = starting.start_run(folder, prepared, training, overwrite=arguments.overwrite)
    translator = prepared.translator
    learnt, held, size = len(set(parts["train"])), len(parts["test"]), tree.size(translator.params)
    print(
        say(
            f"{learnt:,} sentence pairs to learn from, {held:,} held back; {size:,} parameters. For instance:",
            f"{learnt:,} 个句对用来学习，另外留出 {held:,} 个；模型有 {size:,} 个参数。例如：",
        )
    )
    for chinese, english in parts["train"][:3]:
        print(f"   {chinese}  →  {english}")
    if state is not None:
        print(say(f"Going on from step {state.step} in {folder}.", f"从 {folder} 里的第 {state.step} 步接着训练。"))
    if not running.train(translation, prepared, folder, state, command, language=language):
        return 130
    translator.save(folder, training)
    report_score(translator, parts["test"], say)

    print(
        say(
            f"\nTHE SEVEN STEPS of {ARTICLE} for {SENTENCE} (held back too)",
            f"\n{ARTICLE}一文中的七个步骤：“{SENTENCE}”（这句话也没有参加训练）",
        )
    )
    for step in walkthrough.steps(translator, SENTENCE, language):
        print(f"{step}\n", flush=True)

    passed = prove(say)
    pictures(folder, translator, language)
    answer = next((english for part in parts.values() for chinese, english in part if chinese == SENTENCE), None)
    record(folder, translator, answer, say)
    seconds = f"{time.perf_counter() - began:.0f}"
    print(
        say(
            f"\nDone in {seconds} s. The run is in {folder}. Now try:",
            f"\n完成，用时 {seconds} 秒。这次训练的结果在 {folder}。现在试试：",
        )
    )
    print(f"   minilm translate {folder} 他昨天买了三本书")
    print(f"   minilm trace {folder} 他昨天买了三本书 --backward")
    return 0 if passed else 1


def report_score(translator, pairs, say):
    """How many of the held-back sentences come out exactly, and the first of them."""
    from minilm.recipes import translation

    print(say("\nTHE SCORE on sentences that it has never seen", "\n成绩：翻译从未见过的句子"))
    result = translation.score(translator, pairs)
    hits, of = round(result["exact"] * result["sentences"]), result["sentences"]
    share, bleu = f"{result['exact']:.1%}", f"{result['bleu']:.1f}"
    print(
        say(
            f"   {hits} of {of} translated exactly ({share}), BLEU {bleu} by {result['by']}",
            f"   {of} 句中有 {hits} 句与参考译文完全一致（{share}），BLEU {bleu}（按单词和标点计算）",
        )
    )
    for (chinese, english), found in list(zip(pairs, result["translations"], strict=True))[1:5]:
        wanted = say(f"   (should be: {english})", f"   （应为：{english}）")
        print(f"   {chinese}  →  {found}" + ("" if found == english else wanted))


def prove(say):
    """Every part of the model against the complex step; whether all gradients are right."""
    from minilm.checking import gradcheck
    from minilm.cli.check import choose, heading, line

    print(
        say(
            "THE PROOF: each part that trained it against the complex step, every entry of every tensor (errors below)",
            "验证：训练用到的每个部件，每个张量的每个元素，都用复数步长核对（下面是误差）",
        )
    )
    chosen = choose(["encoder_decoder", "post_norm", "multi_head", "feed_forward (relu)", "layer_norm (3", "softmax",
                     "scaled_dot", "linear", "ops.embedding", "cross_entropy"])  # fmt: skip
    rows: list[gradcheck.Row] = []
    width = max(map(len, chosen))
    print(f"   {heading(width, say('en', 'zh'))}")
    for name, case in chosen.items():
        found_rows = case.check()
        rows += found_rows
        print(f"   {line(name, width, found_rows)}", flush=True)
    exact = [row for row in rows if row.method == "complex step"]
    passed = all(row.passed for row in rows)
    entries, worst = sum(row.entries for row in exact), f"{max(row.error for row in exact):.1e}"
    verdict = (
        say("every gradient is right.", "每个梯度都正确。") if passed else say("A GRADIENT IS WRONG.", "有梯度是错的！")
    )
    print(
        say(
            f"   {entries:,} derivatives, largest relative error of the complex step {worst}: {verdict}",
            f"   共 {entries:,} 个导数，复数步长法的最大相对误差 {worst}：{verdict}",
        )
    )
    return passed


def record(folder, translator, answer, say):
    """The page of one training step on the sentence and its answer: forward, loss and backward, line by line."""
    from minilm.showing import page, runs

    path = folder / "trace.html"
    _, _, steps = page.of_run(runs.of_translator(translator, SENTENCE, answer, True), path)
    print(
        say(
            f"Step through it, forward and backward: {path} ({steps:,} lines with their arrays; open it in a browser)",
            f"逐行走一遍，前向和反向：{path}（{steps:,} 行，连同各行的数组；用浏览器打开）",
        )
    )


def pictures(folder, translator, language):
    """The loss curve and the attention map, where matplotlib is there to draw them."""
    from minilm.errors import MissingExtra
    from minilm.showing import language as languages
    from minilm.showing import pictures, walkthrough
    from minilm.storage import run_folder
    from minilm.text.vocabulary import END

    say = languages.in_language(language)
    try:
        drawn = pictures.drawn_in(language)
        draw = languages.in_language(drawn)
        title = draw("Learning Chinese to English: the loss", "学习中译英：损失曲线")
        pictures.loss_curve(run_folder.read_history(folder), folder / "loss.png", title, drawn)
        words, _, target, cache = walkthrough.trace(translator, SENTENCE)
        known = translator.target_vocabulary.words
        weights = cache["decoder"][-1]["cross_attention"]["weights"][0].mean(0)
        rows = [*(known[number] for number in target), known[END]]
        title = draw("Where the decoder looked for each English word", "写每个英文词时，解码器看了哪些中文词")
        labels = {
            "label": draw("attention weight", "注意力权重"), "across": draw("looked at", "看到的词"),
            "down": draw("wrote", "写出的词"),
        }  # fmt: skip
        pictures.attention_map(weights, rows, words, folder / "attention.png", title, **labels)
        print(say("\nPictures:", "\n图片：") + f" {folder / 'loss.png'}, {folder / 'attention.png'}")
    except MissingExtra as error:
        print(say(f"\nNo pictures: {error}.", f"\n没有图片：画图需要 matplotlib，执行 {error.command} 即可安装。"))
