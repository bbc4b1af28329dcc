"""Twins of operations in another order of memory or time: the same contract, the same numbers to the last digits."""
