"""Corpora and batches. Nothing here knows a model."""
