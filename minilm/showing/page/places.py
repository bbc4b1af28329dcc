"""The model as a map: its parts in reading order, and in which of them each step of a recording is.

An encoder-decoder is drawn under the article's seven steps ("大规模语言模型从理论到实践：模型推理", section 3),
any other model under its own parts: embedding, blocks, head.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

WORD = re.compile(r"[A-Za-z_]+")
TEXT, OUTPUT = "(text)", "(output)"  # places that have no parameters
UPDATE, TRAINING = "(update)", "minilm.training"
SPEAKS_OF = (("logits", OUTPUT), ("encode", "encoder"), ("decode", "decoder"))  # how a model's own lines name its parts


class Map:
    """`nodes`: the sections, nested dictionaries as the page draws them, each with the number of its place."""

    def __init__(self) -> None:
        self.nodes: list[dict[str, Any]] = []
        self.by_address: dict[str, int] = {}
        self.count = 0

    def add(self, kind: str, name: str, address: str | None, into: list | None = None, **more: Any) -> dict[str, Any]:
        node = {"kind": kind, "en": name, "place": self.count, "parts": [], **more}
        if address is not None:
            self.by_address.setdefault(address, self.count)
        self.count += 1
        (self.nodes if into is None else into).append(node)
        return node

    def at(self, address: str) -> int | None:
        """The place of the longest beginning of `address` that has one."""
        while address:
            if address in self.by_address:
                return self.by_address[address]
            address = address.rpartition(".")[0]
        return None

    def of_step(self, recording: Any, step: Any) -> int:
        """The place of a step: that of its call's path or, in the model's own lines, of the part that they speak of."""
        call = recording.calls[step.call]
        if call.module.startswith(TRAINING):
            return self.by_address[UPDATE]
        found = self.at(call.path)
        if found is not None:
            return found
        if call.module.startswith("minilm.tasks") and call.function in ("encode", "split"):
            return self.by_address.get(TEXT, self.by_address[OUTPUT])
        if call.module.startswith("minilm.tasks") and call.function in ("decode", "join"):
            return self.by_address[OUTPUT]
        for word in WORD.findall(f"{step.text} {call.function}"):
            for beginning, address in SPEAKS_OF:
                if word.startswith(beginning) and address in self.by_address:
                    return self.by_address[address]
            if word in self.by_address:
                return self.by_address[word]
        return self.by_address[OUTPUT]


def of(recording: Any, labels: Mapping[str, Sequence[str]]) -> Map:
    """The map of a recording's model: of its parameters, inside a block in the order in which they are first used."""
    modules = dict.fromkeys(name.rpartition(".")[0] for name in recording.parameters)
    parts = {address for module in modules for address in beginnings(module)}
    used = (address for call in recording.calls for address in beginnings(call.path) if address in parts or not parts)
    outermost = (module.partition(".")[0] for module in modules)  # these in the order of the parameters
    addresses = list(dict.fromkeys([*outermost, *used, *modules]))
    drawn = of_encoder_decoder if {"encoder", "decoder"} <= {name.partition(".")[0] for name in addresses} else of_model
    found = drawn(addresses, labels)
    if any(call.module.startswith(TRAINING) for call in recording.calls):
        found.add("section", "update", UPDATE)
    return found


def beginnings(address: str) -> list[str]:
    """a.b.c -> a, a.b, a.b.c."""
    names = address.split(".") if address else []
    return [".".join(names[: place + 1]) for place in range(len(names))]


def tree_of(addresses: Sequence[str]) -> dict[str, Any]:
    """The nested names of dotted addresses, in the order of their first appearance."""
    tree: dict[str, Any] = {}
    for address in addresses:
        here = tree
        for part in filter(None, address.split(".")):
            here = here.setdefault(part, {})
    return tree


def natural(names):
    """Numbers in their order, other names as they came."""
    return sorted(names, key=int) if all(name.isdigit() for name in names) else list(names)


def of_encoder_decoder(addresses: Sequence[str], labels: Mapping[str, Sequence[str]]) -> Map:
    """The seven steps. Self-attention (4) and feed-forward (5) stand inside the blocks of the encoder (3)."""
    drawn, tree = Map(), tree_of(addresses)
    numbers = {"attention": (4, "自注意力", "self-attention"), "feed_forward": (5, "前馈网络", "feed-forward")}
    drawn.add("section", "Segmentation", TEXT, number=1, zh="分词", words=list(labels.get("source", ())))
    drawn.add("section", "Embedding", "source_embedding", number=2, zh="词嵌入")
    for name, number, zh, english in (("encoder", 3, "编码器", "Encoder"), ("decoder", 6, "解码器", "Decoder")):
        section = drawn.add("section", english, name, number=number, zh=zh)
        if name == "decoder":
            drawn.add("part", "embedding", "target_embedding", section["parts"], zh="词嵌入")
        for layer in natural(tree.get(name, {})):
            block = drawn.add("block", layer, f"{name}.{layer}", section["parts"])
            for part in tree[name][layer]:
                title, more = part, dict[str, Any]()
                if name == "encoder" and part in numbers:
                    more["number"], more["zh"], title = numbers[part]
                drawn.add("part", short(title), f"{name}.{layer}.{part}", block["parts"], **more)
    drawn.add("section", "Output", OUTPUT, number=7, zh="输出")
    return drawn


def of_model(addresses: Sequence[str], labels: Mapping[str, Sequence[str]]) -> Map:
    """Any model: what comes before its blocks, the blocks, what comes after them, and the loss."""
    drawn, tree = Map(), tree_of(addresses)
    for name, below in tree.items():
        numbered = [part for part in below if part.isdigit()]
        section = drawn.add("section", name, name)
        for layer in natural(numbered):
            block = drawn.add("block", layer, f"{name}.{layer}", section["parts"])
            for part in below[layer]:
                drawn.add("part", short(part), f"{name}.{layer}.{part}", block["parts"])
        if not numbered:
            for part in below:
                drawn.add("part", short(part), f"{name}.{part}", section["parts"])
    if "output" in tree:
        drawn.by_address[OUTPUT] = drawn.by_address["output"]
    else:
        drawn.add("section", "output", OUTPUT)
    return drawn


def short(name: str) -> str:
    """attention_norm -> norm: what it follows is seen on the map."""
    return "norm" if name.endswith("_norm") else name
