"""The peers: the same models in PyTorch, written as PyTorch is fastest on a CPU. Imported by workers alone.

Query, key and value are one product, attention is F.scaled_dot_product_attention, the head of BERT sees the masked
places alone, and the optimisers are the fused ones. (The encoder-decoder takes 0.87 of the time of nn.Transformer this
way, and a step with the fused AdamW 0.97 of one with that over lists of tensors.) The parameters are named as
minilm's, so that `weights.load` can give both the same numbers; tests/test_benchmarks.py holds that their losses and
gradients are then the same.
"""
