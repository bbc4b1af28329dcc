"""Proofs: gradients held against numeric derivatives, and the small random cases on which they are held."""
