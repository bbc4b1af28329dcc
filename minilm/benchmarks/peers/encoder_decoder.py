"""The encoder-decoder in PyTorch: dropout and masks where minilm has them, the head tied to the target's embedding."""

import torch
import torch.nn.functional as F
from torch import nn

from minilm.benchmarks.peers import blocks
from minilm.ops import positions


class Model(nn.Module):
    def __init__(self, config):
        super().__init__()
        width, sizes = config.width, (config.width, config.heads, config.inner)
        self.source_embedding = nn.Embedding(config.source_vocabulary, width)
        self.target_embedding = nn.Embedding(config.target_vocabulary, width)
        self.encoder = nn.ModuleList(
            blocks.PostNorm(*sizes, "relu", config.dropout, config.eps) for _ in range(config.encoder_layers)
        )
        self.decoder = nn.ModuleList(
            blocks.PostNormCross(*sizes, config.dropout, config.eps) for _ in range(config.decoder_layers)
        )
        table = torch.tensor(positions.table(config.max_positions, width))
        self.register_buffer("positions", table, persistent=False)
        self.dropout = nn.Dropout(config.dropout)
        self.scale, self.smoothing = width**0.5, config.smoothing

    def loss(self, source, target):
        mask = (source != 0)[:, None, None, :]
        memory = self.embed(self.source_embedding, source)
        for block in self.encoder:
            memory = block(memory, mask)
        x = self.embed(self.target_embedding, target[:, :-1])
        for block in self.decoder:
            x = block(x, memory, mask)
        logits = x @ self.target_embedding.weight.T
        answers = target[:, 1:].flatten()
        return F.cross_entropy(logits.flatten(0, 1), answers, ignore_index=0, label_smoothing=self.smoothing)

    def embed(self, embedding, ids):
        return self.dropout(embedding(ids) * self.scale + self.positions[: ids.shape[1]])


def inputs(batch):
    return [torch.tensor(batch["source"]), torch.tensor(batch["target"])]
