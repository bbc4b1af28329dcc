"""Files of labelled tokens: what is read, and what is refused by file and line."""

import pytest

from minilm.data import conll
from minilm.errors import InputError


def written(tmp_path, content):
    path = tmp_path / "labelled.conll"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_sentences_are_read(tmp_path):
    found = conll.read(written(tmp_path, "\ufeff高 B-NAME\n勇 E-NAME\n： O\n\n\n人 S-TITLE\r\n\u3000\tO\n"))
    assert found.scheme == "BIOES" and found.types == ["NAME", "TITLE"]
    first, second = found.sentences
    assert (first.tokens, first.line, first.entities) == (["高", "勇", "："], 1, [(0, 2, "NAME")])
    assert (second.tokens, second.line, second.entities) == (["人", "\u3000"], 6, [(0, 1, "TITLE")])


def test_columns_between_token_and_tag_are_passed_over(tmp_path):
    found = conll.read(written(tmp_path, "-DOCSTART- -X- -X- O\n\nEU NNP B-NP B-ORG\nrejects  VBZ\tB-VP\tO \n"))
    assert [sentence.tokens for sentence in found.sentences] == [["EU", "rejects  VBZ"]]
    assert found.sentences[0].line == 3 and found.scheme == "BIO"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "no sentence in it; give a token and its tag a line"),
        ("\n \n\r\n", "no sentence in it"),
        ("a O\nb\n", ":2: one column, 'b'; give a token"),
        ("a O\n\tO\n", ":2: no token"),
        (" O\n", ":1: "),
        (b"a O\n\xff O\n", ":2: not UTF-8 at byte 1"),
        ("a O\n\nb O\nc I-X\n", ":4: I-X follows O, where no X is to go on; an entity begins with B-X (this breaks BIO; mend the file, or --repair"),
        ("a B-X\nb E-X\n\na B-X\nb M-X\nc O\n\nd S-X\n", ":6: O follows M-X, and the X has not ended"),
        ("a B-X\nb I-X\n\nc X-X\n", ":4: 'X-X' is no tag; write O, or B, I, M, E, S and a hyphen and a type"),
        ("a O\n" * 2001, "a sentence of more than 2000 tokens, which begins in line 1; end sentences with an empty line"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path, content, words):
    path = written(tmp_path, content)
    with pytest.raises(InputError) as error:
        conll.read(path)
    assert words in str(error.value) and str(path) in str(error.value) and "\n" not in str(error.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="none.conll: No such file"):
        conll.read(tmp_path / "none.conll")
    with pytest.raises(InputError, match="null"):
        conll.read("a\0b")


def test_what_is_written_is_read_again(tmp_path):
    text = conll.text(["a", "b"], ["B-X", "O"])
    found = conll.read(written(tmp_path, f"{text}\n\n{text}\n"))
    assert [sentence.tokens for sentence in found.sentences] == [["a", "b"]] * 2


def test_a_sentence_that_breaks_its_scheme_is_read_where_that_is_asked_for(tmp_path):
    """As CoNLL's script reads it; all such sentences are counted, and named by their lines."""
    path = written(tmp_path, "a B-X\nb M-X\n\nc M-X\nd E-X\ne O\n\nf B-X\ng E-X\n")
    with pytest.raises(InputError, match=r":2: M-X is the last tag, .*breaks BMES, as 1 more sentences do"):
        conll.read(path)
    found = conll.read(path, repair=True)
    assert [sentence.entities for sentence in found.sentences] == [[(0, 2, "X")]] * 3
    assert [line.split(": ")[0].rpartition(":")[2] for line in found.broken] == ["2", "4"]
    with pytest.raises(InputError, match=":2: 'M-' is no tag"):
        conll.read(written(tmp_path, "a B-X\nb M-\n"), repair=True)
