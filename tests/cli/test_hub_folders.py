"""The commands on folders as Transformers writes them: randomly initialised models with tokenizers of ours."""

import pytest

from minilm.cli.main import main
from minilm.data import grammar
from minilm.text.byte_bpe import ByteBPE
from minilm.text.wordpiece import WordPiece

transformers = pytest.importorskip("transformers")

TEXT = "\n".join(f"{chinese} {english}" for chinese, english in grammar.pairs()[:300])


@pytest.fixture(scope="module")
def gpt2(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gpt2")
    tokenizer = ByteBPE.train(TEXT, 200)
    config = transformers.GPT2Config(vocab_size=tokenizer.size, n_positions=32, n_embd=16, n_layer=2, n_head=2)
    transformers.GPT2LMHeadModel(config).save_pretrained(folder)
    tokenizer.save(folder)
    return folder


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bert")
    tokenizer = WordPiece.train(TEXT, 500)
    config = transformers.BertConfig(
        vocab_size=tokenizer.size, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32
    )
    transformers.BertForMaskedLM(config).save_pretrained(folder)
    tokenizer.save(folder)
    return folder


def test_generate_goes_on_as_transformers_does(gpt2, capsys):
    import torch

    assert main(["generate", str(gpt2), "--prompt", "He likes", "--tokens", "20", "--temperature", "0"]) == 0
    ours = capsys.readouterr().out
    tokenizer = ByteBPE.load(gpt2)
    peer = transformers.GPT2LMHeadModel.from_pretrained(gpt2)
    ids = torch.tensor([tokenizer.encode("He likes")])
    for _ in range(20):
        ids = torch.cat([ids, peer(ids).logits[:, -1:].argmax(-1)], 1)
    assert ours == tokenizer.decode(ids[0, len(tokenizer.encode("He likes")) :].tolist())


def test_fill_gives_transformers_probabilities(bert, capsys):
    import torch

    assert main(["fill", str(bert), "He likes [MASK] and 我[MASK]编程", "--top", "3"]) == 0
    out = capsys.readouterr().out
    assert [line for line in out.split("\n") if line.startswith("[MASK]")] == ["[MASK] 1", "[MASK] 2"]
    assert out.count("%") == 6  # and each word stands in the sentence, where the other mask still is one
    assert out.count("He likes [MASK] and 我") >= 3 and out.count("我[MASK]编程") >= 3
    tokenizer = WordPiece.load(bert)
    ids = tokenizer.encode("[CLS]He likes [MASK] and 我[MASK]编程[SEP]")
    peer = transformers.BertForMaskedLM.from_pretrained(bert)
    p = peer(torch.tensor([ids])).logits.detach().softmax(-1)[0, ids.index(tokenizer.ids["[MASK]"])]
    assert f"{float(p.max()):7.2%}" in out and tokenizer.tokens[int(p.argmax())] in out


def test_tokenize(gpt2, bert, capsys):
    assert main(["tokenize", str(gpt2), "He likes 编程"]) == 0
    assert "back again: He likes 编程" in capsys.readouterr().out
    assert main(["tokenize", str(bert), "--ids", "He likes"]) == 0
    assert [int(number) for number in capsys.readouterr().out.split()] == WordPiece.load(bert).encode("He likes")


def test_the_wrong_command_for_a_model_says_which_is_right(gpt2, bert, capsys):
    assert main(["fill", str(gpt2), "a [MASK]"]) == 2
    assert "minilm generate" in capsys.readouterr().err
    assert main(["generate", str(bert), "--prompt", "a"]) == 2
    assert main(["fill", str(bert), "no mask"]) == 2
    assert "[MASK]" in capsys.readouterr().err
