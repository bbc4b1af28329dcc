"""The known mistakes of minilm.training: a file of the same name for each."""
