"""GPT-2 in PyTorch, in the manner of nanoGPT."""

import torch
import torch.nn.functional as F
from torch import nn

from minilm.benchmarks.peers import blocks


class Model(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embedding = blocks.Embedding(config.vocabulary, config.max_positions, config.width)
        sizes = (config.width, config.heads, config.inner)
        self.blocks = nn.ModuleList(blocks.PreNorm(*sizes) for _ in range(config.layers))
        self.norm = nn.LayerNorm(config.width, config.eps)

    def loss(self, inputs, targets):
        x = self.embedding(inputs)
        for block in self.blocks:
            x = block(x)
        logits = self.norm(x) @ self.embedding.tokens.weight.T
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten())

    def read(self, inputs):
        """The logits after the last position, and the keys and values of all."""
        x = self.embedding(inputs)
        kept = []
        for block in self.blocks:
            x, key_value = block.read(x)
            kept.append(key_value)
        return self.norm(x[:, -1]) @ self.embedding.tokens.weight.T, kept


def inputs(batch):
    return [torch.tensor(batch["inputs"]), torch.tensor(batch["targets"])]
