"""Layers: operations composed."""
