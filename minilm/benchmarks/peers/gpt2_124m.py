"""GPT-2's 124M model by PyTorch and by Transformers: reading a prompt, and generating."""

import time

import torch

from minilm.benchmarks.peers import gpt


def prefill(contestant, config, prompt):
    """A run that reads the prompt; `contestant` is "torch eager", "torch.compile" or "transformers"."""
    ids = torch.tensor(prompt)
    if contestant == "transformers":
        model = hub_model(config)

        def read():
            return model(ids, use_cache=True, logits_to_keep=1)
    else:
        network = gpt.Model(config).eval()
        compiled = torch.compile(network.read) if contestant == "torch.compile" else network.read

        def read():
            return compiled(ids)

    @torch.inference_mode()
    def run():
        read()

    return run


def generate(config, prompt, tokens):
    """A run that draws `tokens` tokens after the first, and returns the seconds of one."""
    from transformers.generation.streamers import BaseStreamer

    model = hub_model(config)
    ids = torch.tensor(prompt)

    class Clock(BaseStreamer):
        """Notes when the tokens come; the prompt comes first."""

        def __init__(self):
            self.times = []

        def put(self, value):
            self.times.append(time.perf_counter())

        def end(self):
            pass

    def run():
        clock = Clock()
        model.generate(
            ids, attention_mask=torch.ones_like(ids), do_sample=False, use_cache=True, max_new_tokens=tokens + 1,
            eos_token_id=None, pad_token_id=0, streamer=clock,
        )  # fmt: skip
        first, last = clock.times[1], clock.times[-1]
        return (last - first) / (len(clock.times) - 2)

    return run


def hub_model(config):
    """Transformers' GPT-2 of these sizes, with random weights."""
    from transformers import GPT2Config, GPT2LMHeadModel

    settings = GPT2Config(
        vocab_size=config.vocabulary, n_positions=config.max_positions, n_embd=config.width, n_layer=config.layers,
        n_head=config.heads, n_inner=config.inner, bos_token_id=None, eos_token_id=None,
    )  # fmt: skip
    return GPT2LMHeadModel(settings).eval()
