"""A whole training step (forward, loss, backward, clipping, AdamW) beside PyTorch's, in one process, in turn.

The encoder-decoder: 3+3 layers, width 256, feed-forward 1,024, 8 heads, vocabulary 8,000, batch 64, 20 positions on
each side, label smoothing 0.1, float32. Both start from the same shapes and read the same batch; PyTorch's model is
its own nn.Transformer with two embeddings and the head tied to the target's.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import time
from functools import partial

import numpy as np

from minilm.models import encoder_decoder
from minilm.ops import positions
from minilm.training import loop, schedules

ROWS, POSITIONS, VOCABULARY = 64, 20, 8000


def ours(config, batch):
    state = loop.start(encoder_decoder.init(np.random.default_rng(0), config))
    steps = loop.run(
        encoder_decoder, config, state, lambda index: batch,
        steps=10**9, schedule=partial(schedules.constant, rate=1e-4), clip=1.0,
    )  # fmt: skip
    return lambda: next(steps)


def peer(config, batch, compiled):
    import torch
    import torch.nn.functional as F
    from torch import nn

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.source = nn.Embedding(VOCABULARY, config.width)
            self.target = nn.Embedding(VOCABULARY, config.width)
            self.body = nn.Transformer(
                config.width, config.heads, config.encoder_layers, config.decoder_layers, config.inner,
                config.dropout, batch_first=True,
            )  # fmt: skip
            self.register_buffer("table", torch.tensor(positions.table(POSITIONS, config.width)))
            self.dropout = nn.Dropout(config.dropout)

        def forward(self, source, target):
            scale = config.width**0.5
            causal = nn.Transformer.generate_square_subsequent_mask(target.shape[1])
            padded = source == 0
            y = self.body(
                self.dropout(self.source(source) * scale + self.table),
                self.dropout(self.target(target) * scale + self.table),
                tgt_mask=causal, src_key_padding_mask=padded, memory_key_padding_mask=padded, tgt_is_causal=True,
            )  # fmt: skip
            return y @ self.target.weight.T

    torch.manual_seed(0)
    model = Model()
    optimiser = torch.optim.AdamW(model.parameters(), 1e-4)
    source = torch.tensor(batch["source"])
    target, answers = torch.tensor(batch["target"][:, :-1]), torch.tensor(batch["target"][:, 1:])

    def loss_of():
        logits = model(source, target).reshape(-1, VOCABULARY)
        return F.cross_entropy(logits, answers.reshape(-1), ignore_index=0, label_smoothing=config.smoothing)

    forward = torch.compile(loss_of) if compiled else loss_of

    def step():
        optimiser.zero_grad()
        forward().backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()

    return step


def blas():
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return "unknown (pip install threadpoolctl tells)"
    found = [info for info in threadpool_info() if info["user_api"] == "blas"]
    return ", ".join(f"{i['internal_api']} {i['version']} {i.get('architecture')} x{i['num_threads']}" for i in found)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9, help="timed steps of each (9)")
    parser.add_argument("--dropout", type=float, default=0.0, help="dropout rate of both (0)")
    parser.add_argument("--compile", action="store_true", help="time torch.compile as well")
    parser.add_argument("--json", metavar="FILE", help="write the figures here too")
    arguments = parser.parse_args()
    config = encoder_decoder.Config(
        VOCABULARY, VOCABULARY, 256, 8, 1024, 3, 3, POSITIONS, dropout=arguments.dropout, smoothing=0.1
    )
    rng = np.random.default_rng(0)
    batch = {
        "source": rng.integers(4, VOCABULARY, (ROWS, POSITIONS)),
        "target": rng.integers(4, VOCABULARY, (ROWS, POSITIONS + 1)),
    }
    contestants = {"minilm": ours(config, batch), "torch eager": peer(config, batch, compiled=False)}
    if arguments.compile:
        contestants["torch.compile"] = peer(config, batch, compiled=True)
    times = {name: [] for name in contestants}
    for run in range(arguments.runs + 2):
        for name, step in contestants.items():
            began = time.perf_counter()
            step()
            if run >= 2:  # the first two warm caches and compile
                times[name].append(time.perf_counter() - began)
    import torch

    medians = {name: statistics.median(values) for name, values in times.items()}
    best = min(value for name, value in medians.items() if name != "minilm")
    print(f"NumPy {np.__version__}, BLAS {blas()}; PyTorch {torch.__version__}, {torch.get_num_threads()} threads; "
          f"{platform.machine()}, {os.cpu_count()} cores; OPENBLAS_CORETYPE={os.environ.get('OPENBLAS_CORETYPE', 'unset')}")
    for name, values in times.items():
        print(f"{name:14} median {1000 * medians[name]:7.1f} ms   {1000 * min(values):7.1f} ... {1000 * max(values):.1f} ms")
    ratio = medians["minilm"] / best
    print(f"ratio to the best of PyTorch: {ratio:.2f}   (peak memory of this process, both together: "
          f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB)")
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump({"medians": medians, "times": times, "ratio": ratio, "dropout": arguments.dropout}, file, indent=1)


if __name__ == "__main__":
    main()
