"""Blocks: how layers are wired. The parts are shared, the wirings are not: each is a short file of its own."""
