"""Measuring: what this machine is and how fast it is, for `doctor`, `cost` and `bench`."""
