"""The article's LSTM in PyTorch. nn.LSTM has two biases where one does; its state is carried, cut from the graph."""

import torch
import torch.nn.functional as F
from torch import nn


class Model(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embedding = nn.Embedding(config.vocabulary, config.embedding)
        self.encoder = nn.LSTM(config.embedding, config.hidden, config.layers, batch_first=True)
        self.output = nn.Linear(config.hidden, config.vocabulary)
        self.state = None

    def loss(self, inputs, targets):
        y, (h, c) = self.encoder(self.embedding(inputs), self.state)
        self.state = (h.detach(), c.detach())
        return F.cross_entropy(self.output(y).flatten(0, 1), targets.flatten())


def inputs(batch):
    return [torch.tensor(batch["inputs"]), torch.tensor(batch["targets"])]
