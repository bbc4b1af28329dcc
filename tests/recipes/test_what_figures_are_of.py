"""Every printed figure says what it is of: curves compare like with like, BLEU names its tokens, a file its form."""

import numpy as np
import pytest

from minilm.cli import running
from minilm.cli.main import main
from minilm.data import grammar
from minilm.errors import InputError
from minilm.recipes import bert, translation
from minilm.storage import run_folder

SENTENCES = ["the cat sat on the mat", "a dog lay by the log", "we saw the fog", "it rained", "the sun came out", "birds sang"]


@pytest.fixture()
def documents(tmp_path):
    path = tmp_path / "documents.txt"
    rng = np.random.default_rng(0)
    path.write_text("\n\n".join("\n".join(rng.permutation(SENTENCES)) for _ in range(30)), encoding="utf-8")
    return path


def test_berts_curves_are_of_the_same_objectives(documents, tmp_path):
    prepared = bert.prepare(documents, bert.PRESETS["tiny"])
    masked, both = bert.validation_loss(prepared), bert.validation_objective(prepared)
    assert both.loss > masked.loss + 0.2  # the pairs' loss, about log 2 before training
    prepared.trained.save(tmp_path / "run", {"steps": prepared.steps})
    assert running.train(bert, prepared, tmp_path / "run")
    rows = [row for row in run_folder.read_history(tmp_path / "run") if "validation_loss" in row]
    assert rows and all(row["validation_objective"] > row["validation_loss"] for row in rows)


def test_a_smoothed_loss_is_compared_with_a_smoothed_one():
    pairs = grammar.pairs()[:400]
    parts = {"train": pairs[:300], "validation": pairs[300:350], "test": pairs[350:]}
    languages = translation.shipped()[1]
    prepared = translation.prepare(parts, languages, translation.PRESETS["small"])
    assert prepared.preset.smoothing > 0
    plain, smoothed = translation.validation_loss(prepared, 1), translation.validation_objective(prepared, 1)
    assert plain.loss != smoothed.loss


def test_bleu_says_what_it_is_counted_by(tmp_path, capsys):
    path = tmp_path / "pairs.tsv"
    path.write_text("".join(f"{chinese}\t{english}\n" for chinese, english in grammar.pairs()[:300]), encoding="utf-8")
    for direction, by in (([], "by words and marks"), (["--source", "2", "--target", "1"], "by characters")):
        folder = tmp_path / by.replace(" ", "_")
        assert main(["train", "encoder-decoder", "--pairs", str(path), "--preset", "tiny", "--steps", "2", "--out", str(folder), *direction]) == 0
        assert by in capsys.readouterr().out


def test_the_form_of_a_file_is_said_and_a_line_that_contradicts_it_is_named(documents, tmp_path):
    assert "read as a sentence a line" in bert.describe(bert.prepare(documents, bert.PRESETS["tiny"]))
    rows = [f"{SENTENCES[i % 6]}\t{SENTENCES[(i + 1) % 6]}" for i in range(30)]
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("\n".join(rows), encoding="utf-8")
    assert "read as tab-separated pairs" in bert.describe(bert.prepare(pairs, bert.PRESETS["tiny"]))
    rows[17] = "a line without"
    pairs.write_text("\n".join(rows), encoding="utf-8")
    with pytest.raises(InputError, match=r"pairs.tsv:18: no tab, and 29 of 30 lines have one"):
        bert.read_documents(pairs)
