"""How good an output is, as the field measures it."""
