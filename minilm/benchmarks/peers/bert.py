"""BERT in PyTorch, with its head at the masked places alone; their indices are found once, outside the step."""

import torch
import torch.nn.functional as F
from torch import nn

from minilm.benchmarks.peers import blocks


class MaskedHead(nn.Module):
    def __init__(self, width, vocabulary, eps):
        super().__init__()
        self.transform, self.norm = nn.Linear(width, width), nn.LayerNorm(width, eps)
        self.bias = nn.Parameter(torch.zeros(vocabulary))

    def forward(self, x, table):
        return F.linear(self.norm(F.gelu(self.transform(x))), table, self.bias)


class Model(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embedding = blocks.Embedding(config.vocabulary, config.max_positions, config.width)
        self.segments = nn.Embedding(config.segments, config.width)
        self.embedding_norm = nn.LayerNorm(config.width, config.eps)
        sizes = (config.width, config.heads, config.inner, "gelu", config.dropout, config.eps)
        self.blocks = nn.ModuleList(blocks.PostNorm(*sizes) for _ in range(config.layers))
        self.masked = MaskedHead(config.width, config.vocabulary, config.eps)

    def loss(self, ids, places, answers):
        x = self.embedding_norm(self.embedding(ids) + self.segments(torch.zeros_like(ids)))
        for block in self.blocks:
            x = block(x)
        logits = self.masked(x.flatten(0, 1)[places], self.embedding.tokens.weight)
        return F.cross_entropy(logits, answers)


def inputs(batch):
    places = torch.tensor(batch["mask"]).flatten().nonzero()[:, 0]
    return [torch.tensor(batch["inputs"]), places, torch.tensor(batch["targets"]).flatten()[places]]
