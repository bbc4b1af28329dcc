"""Costs: what a model takes before it runs: parameters, operations, bytes, and with a measured machine, time."""
