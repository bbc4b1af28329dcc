"""The known mistakes of minilm.ops: a file of the same name for each."""
