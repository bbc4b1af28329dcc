"""Where a text ends and begins: lists of end tokens, generation_config.json, what export writes, padded vocabularies."""

import json

import numpy as np
import pytest

import minilm
from minilm import tree
from minilm.errors import InputError
from minilm.models import gpt2
from minilm.storage import hub_gpt2
from minilm.tasks.language_modelling import LanguageModel
from minilm.text.byte_bpe import ByteBPE
from minilm.text.characters import Characters

TOKENIZER = Characters.train("\nabcz")
CONFIG = gpt2.Config(vocabulary=TOKENIZER.size, max_positions=16, width=8, heads=2, inner=16, layers=1)


def drawn(config=CONFIG, seed=0):
    rng = np.random.default_rng(seed)
    return tree.map(lambda leaf: rng.standard_normal(leaf.shape).astype(np.float32), gpt2.outline(config))


def content(folder, name="config.json"):
    return json.loads((folder / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize(("start", "end", "written"), [(0, 0, 0), (1, None, None), (None, (0, 3), [0, 3])])
def test_export_writes_the_tokens_of_the_model(tmp_path, start, end, written):
    model = LanguageModel(gpt2, drawn(), CONFIG, TOKENIZER, start=start, end=end)
    model.save(tmp_path / "run")
    minilm.load(tmp_path / "run").export(tmp_path / "out")
    for name in ("config.json", "generation_config.json"):
        found = content(tmp_path / "out", name)
        assert (found["bos_token_id"], found["eos_token_id"]) == (start, written)
    for folder in ("run", "out"):
        again = minilm.load(tmp_path / folder)
        assert (again.start, again.end) == (start, end)


def test_export_says_the_dtype_of_its_weights(tmp_path):
    model = LanguageModel(gpt2, drawn(), CONFIG, TOKENIZER, hub={"dtype": "bfloat16", "torch_dtype": "bfloat16"})
    model.export(tmp_path)
    assert content(tmp_path)["dtype"] == content(tmp_path)["torch_dtype"] == "float32"


def test_transformers_reads_what_is_exported(tmp_path):
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    tokenizer = ByteBPE.train("the cat sat on the mat", 20)
    config = gpt2.Config(vocabulary=tokenizer.size, max_positions=16, width=8, heads=2, inner=16, layers=2)
    ours = LanguageModel(gpt2, drawn(config), config, tokenizer, start=3, end=(5, 7), hub={"dtype": "bfloat16"})
    ours.export(tmp_path)
    peer = transformers.AutoModelForCausalLM.from_pretrained(tmp_path)
    ids = transformers.AutoTokenizer.from_pretrained(tmp_path)("the cat <|endoftext|>").input_ids
    assert ids == tokenizer.encode("the cat <|endoftext|>") and peer.dtype == torch.float32
    theirs = peer(torch.tensor([ids])).logits.detach().numpy()
    assert np.abs(theirs - gpt2.forward(ours.params, np.array([ids]), config=config)[0]).max() < 1e-4
    assert peer.generation_config.eos_token_id == [5, 7] and peer.generation_config.bos_token_id == 3


@pytest.mark.parametrize("place", ["config.json", "generation_config.json"])
def test_all_end_tokens_of_a_list_count(tmp_path, place):
    model = LanguageModel(gpt2, drawn(), CONFIG, TOKENIZER)
    model.export(tmp_path)
    free = model.generate_ids([[1]], 12, temperature=0)[0]
    second = free[2]
    other = next(token for token in range(CONFIG.vocabulary) if token not in free[:3])
    found = content(tmp_path, place) | {"eos_token_id": [other, second, 999]}
    (tmp_path / place).write_text(json.dumps(found), encoding="utf-8")
    loaded = minilm.load(tmp_path)
    assert loaded.end == (other, second)
    assert loaded.generate_ids([[1]], 12, temperature=0)[0] == free[: free.index(second)]
    assert loaded.generate_ids([[1]], 12, temperature=0, stop=False)[0] == free


def test_the_generation_config_counts_before_the_config(tmp_path):
    LanguageModel(gpt2, drawn(), CONFIG, TOKENIZER, end=1).export(tmp_path)
    (tmp_path / "generation_config.json").write_text(json.dumps({"eos_token_id": 2}), encoding="utf-8")
    assert minilm.load(tmp_path).end == 2


def test_an_id_that_the_tokenizer_does_not_have_says_nothing():
    config = gpt2.Config(vocabulary=TOKENIZER.size + 40, max_positions=16, width=8, heads=2, inner=16, layers=1)
    model = LanguageModel(gpt2, drawn(config), config, TOKENIZER)
    ids = model.generate_ids([[1]], 30, seed=2)[0]
    assert any(token >= TOKENIZER.size for token in ids), "the case has none of them"
    text = model.generate("a", 30, seed=2)
    assert text == TOKENIZER.decode([token for token in ids if token < TOKENIZER.size])
    assert "".join(model.stream("a", 30, seed=2)) == text


@pytest.mark.parametrize("name", ["start", "end", "forbidden"])
@pytest.mark.parametrize("value", [-1, 5, 1.0, "a", True, [0, 10**400]])
def test_a_run_folder_that_names_a_token_it_has_not(tmp_path, name, value):
    LanguageModel(gpt2, drawn(), CONFIG, TOKENIZER, start=0).save(tmp_path)
    settings = content(tmp_path, "settings.json")
    settings["training"][name] = value
    (tmp_path / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    with pytest.raises(InputError, match=rf"settings.json: training.{name}(\[1\])? is"):
        minilm.load(tmp_path)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ({"n_embd": "hidden_size", "n_layer": "num_hidden_layers", "n_head": "num_attention_heads"}, None),
        ({"n_embd": "width"}, "config.json has no n_embd 768 .the usual., say it there"),
    ],
)
def test_a_config_by_other_names(tmp_path, names, message):
    hub_gpt2.save(tmp_path, drawn(), CONFIG)
    found = {names.get(name, name): value for name, value in content(tmp_path).items()}
    (tmp_path / "config.json").write_text(json.dumps(found), encoding="utf-8")
    if message is None:
        assert minilm.load(tmp_path).config == CONFIG
        (tmp_path / "config.json").write_text(json.dumps(found | {"n_embd": 9}), encoding="utf-8")
        message = "n_embd is 9 and hidden_size is 8, two names of one thing"
    with pytest.raises(InputError, match=message):
        minilm.load(tmp_path)
