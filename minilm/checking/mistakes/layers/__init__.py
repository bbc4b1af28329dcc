"""The known mistakes of minilm.layers: a file of the same name for each."""
