"""Costs: what a model takes before it runs: parameters, operations, bytes, and with a measured machine, time.

The catalogue names a module of this folder for each model. It has

    of_preset(title, preset, vocabulary) -> Subject           what a preset of its recipe is
    batch(subject, rng)                  -> a batch of random ids
    step(subject, shapes, rows)          -> the parts of a shard's forward and backward, `rows` being the shard's

and where the model generates, token(subject, shapes, context) and, where it reads a prompt at once, prompt(subject,
shapes, positions). What differs from the others beyond that is a function or a constant more: given, generating,
shortest, ROWS, LENGTH.
"""
