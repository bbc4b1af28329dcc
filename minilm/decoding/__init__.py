"""Decoding: choosing words, one after the other. All of it is written against one pair of functions of a model,

    start(params, config, ...) -> state        step(params, config, state, tokens) -> (logits, state)

where every leaf of the state is an array with a leading axis B, so that rows are chosen by one tree.map.
"""
