"""Recipes: a model, its text and its training put together into a run folder. What the command line calls."""
