"""A training step in PyTorch: forward, backward, clipping, optimiser.

One difference is left: AdamW decays all parameters here, and in minilm the matrices alone. It costs no time.
"""

import importlib

import torch


def build(model, config, batch, compiled, optimiser, clip, rate):
    """A run of one step. `model` names the module here that has Model and inputs, `optimiser` one of torch.optim."""
    peer = importlib.import_module(f"minilm.benchmarks.peers.{model}")
    torch.manual_seed(0)
    network = peer.Model(config)
    for module in network.modules():
        if isinstance(module, torch.nn.Embedding):
            torch.nn.init.normal_(module.weight, std=0.02)  # PyTorch's own 1 is too much for a tied head
    parameters = list(network.parameters())
    settings = {"weight_decay": 0.1} if optimiser == "AdamW" else {}
    update = getattr(torch.optim, optimiser)(parameters, rate, fused=True, **settings)
    inputs = peer.inputs(batch)
    loss_of = torch.compile(network.loss) if compiled else network.loss

    def run():
        update.zero_grad()
        loss = loss_of(*inputs)
        loss.backward()
        if clip is not None:
            torch.nn.utils.clip_grad_norm_(parameters, clip)
        update.step()
        loss.item()

    return run
