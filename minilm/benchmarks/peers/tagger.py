"""The tagger in PyTorch: nn.LSTM from both ends on packed rows, and the field by logsumexp, a position at a time."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from minilm.data import tag_schemes

NEVER = -1e4  # a weight that takes no part; an infinite one would have a gradient that is no number


class Model(nn.Module):
    def __init__(self, config):
        super().__init__()
        tables = {"tokens": nn.Embedding(config.vocabulary, config.embedding)}
        tables["features"] = nn.Embedding(config.features, config.feature_embedding)
        self.embedding = nn.ModuleDict(tables)
        width = config.embedding + config.feature_embedding
        self.encoder = nn.LSTM(width, config.hidden, batch_first=True, bidirectional=True)
        self.output = nn.Linear(2 * config.hidden, config.tags)
        shapes = {"transitions": (config.tags, config.tags), "first": (config.tags,), "last": (config.tags,)}
        self.field = nn.ParameterDict({name: nn.Parameter(torch.zeros(shape)) for name, shape in shapes.items()})
        self.barred = {name: torch.tensor(~can) for name, can in tag_schemes.allowed(config.tags).items()}

    def loss(self, inputs, features, tags, lengths):
        x = torch.cat([self.embedding["tokens"](inputs), self.embedding["features"](features)], -1)
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        h, _ = pad_packed_sequence(self.encoder(packed)[0], batch_first=True, total_length=inputs.shape[1])
        emissions = self.output(h)
        transitions, first, last = (
            self.field[name].masked_fill(self.barred[name], NEVER) for name in ("transitions", "first", "last")
        )
        counts = torch.arange(inputs.shape[1]) < lengths[:, None]
        alpha = first + emissions[:, 0]
        for t in range(1, inputs.shape[1]):
            moved = emissions[:, t] + torch.logsumexp(alpha[:, :, None] + transitions, 1)
            alpha = torch.where(counts[:, t, None], moved, alpha)
        chosen = emissions.gather(2, tags[..., None])[..., 0]
        steps = transitions[tags[:, :-1], tags[:, 1:]]
        ends = tags.gather(1, lengths[:, None] - 1)[:, 0]
        score = first[tags[:, 0]] + last[ends] + (chosen * counts).sum(1) + (steps * counts[:, 1:]).sum(1)
        return (torch.logsumexp(alpha + last, 1) - score).sum() / lengths.sum()


def inputs(batch):
    return [torch.tensor(batch[name]) for name in ("inputs", "features", "tags", "lengths")]
