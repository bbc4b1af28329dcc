"""Attention, feed-forward and the three wirings in PyTorch."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import nn


class SelfAttention(nn.Module):
    """Query, key and value in one product."""

    def __init__(self, width, heads, dropout=0.0):
        super().__init__()
        self.query_key_value, self.output = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.heads, self.dropout = heads, dropout

    def forward(self, x, mask=None, causal=False, past=None):
        """With `past`, also (key, value) of all positions, `past` being those of earlier ones or ()."""
        q, k, v = (split(part, self.heads) for part in self.query_key_value(x).chunk(3, -1))
        y = F.scaled_dot_product_attention(q, k, v, mask, self.dropout if self.training else 0.0, is_causal=causal)
        y = self.output(y.transpose(1, 2).flatten(2))
        return y if past is None else (y, (k, v))


class CrossAttention(nn.Module):
    """Key and value in one product."""

    def __init__(self, width, heads, dropout=0.0):
        super().__init__()
        self.query, self.key_value = nn.Linear(width, width), nn.Linear(width, 2 * width)
        self.output = nn.Linear(width, width)
        self.heads, self.dropout = heads, dropout

    def forward(self, x, memory, mask=None):
        q = split(self.query(x), self.heads)
        k, v = (split(part, self.heads) for part in self.key_value(memory).chunk(2, -1))
        y = F.scaled_dot_product_attention(q, k, v, mask, self.dropout if self.training else 0.0)
        return self.output(y.transpose(1, 2).flatten(2))


def split(x, heads):
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)


class FeedForward(nn.Module):
    """`activation` is one of ACTIVATIONS."""

    def __init__(self, width, inner, activation):
        super().__init__()
        self.expand, self.contract = nn.Linear(width, inner), nn.Linear(inner, width)
        self.activation = ACTIVATIONS[activation]

    def forward(self, x):
        return self.contract(self.activation(self.expand(x)))


ACTIVATIONS: dict[str, Callable] = {
    "relu": F.relu,
    "gelu": F.gelu,
    "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
}


class PreNorm(nn.Module):
    """GPT-2's block."""

    def __init__(self, width, heads, inner):
        super().__init__()
        self.attention_norm, self.feed_forward_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention, self.feed_forward = SelfAttention(width, heads), FeedForward(width, inner, "gelu_tanh")

    def forward(self, x):
        x = x + self.attention(self.attention_norm(x), causal=True)
        return x + self.feed_forward(self.feed_forward_norm(x))

    def read(self, x):
        """`forward`, and the keys and values."""
        y, kept = self.attention(self.attention_norm(x), causal=True, past=())
        x = x + y
        return x + self.feed_forward(self.feed_forward_norm(x)), kept


class PostNorm(nn.Module):
    """BERT's block, and the encoder's of 2017."""

    def __init__(self, width, heads, inner, activation, dropout=0.0, eps=1e-5):
        super().__init__()
        self.attention_norm, self.feed_forward_norm = nn.LayerNorm(width, eps), nn.LayerNorm(width, eps)
        self.attention = SelfAttention(width, heads, dropout)
        self.feed_forward = FeedForward(width, inner, activation)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask=None):
        x = self.attention_norm(x + self.dropout(self.attention(x, mask)))
        return self.feed_forward_norm(x + self.dropout(self.feed_forward(x)))


class PostNormCross(nn.Module):
    """The decoder's block of 2017."""

    def __init__(self, width, heads, inner, dropout=0.0, eps=1e-5):
        super().__init__()
        self.attention_norm, self.cross_attention_norm = nn.LayerNorm(width, eps), nn.LayerNorm(width, eps)
        self.feed_forward_norm = nn.LayerNorm(width, eps)
        self.attention = SelfAttention(width, heads, dropout)
        self.cross_attention = CrossAttention(width, heads, dropout)
        self.feed_forward = FeedForward(width, inner, "relu")
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, memory, memory_mask):
        x = self.attention_norm(x + self.dropout(self.attention(x, causal=True)))
        x = self.cross_attention_norm(x + self.dropout(self.cross_attention(x, memory, memory_mask)))
        return self.feed_forward_norm(x + self.dropout(self.feed_forward(x)))


class Embedding(nn.Module):
    """Token and position, learned."""

    def __init__(self, vocabulary, positions, width):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(vocabulary, width), nn.Embedding(positions, width)

    def forward(self, ids):
        return self.tokens(ids) + self.positions(torch.arange(ids.shape[1]))
