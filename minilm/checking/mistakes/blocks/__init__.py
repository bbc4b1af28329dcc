"""The known mistakes of minilm.blocks: a file of the same name for each."""
