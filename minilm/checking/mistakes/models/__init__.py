"""The known mistakes of minilm.models: a file of the same name for each."""
