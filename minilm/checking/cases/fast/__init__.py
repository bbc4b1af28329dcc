"""The cases of minilm.fast: a file of the same name for each."""
