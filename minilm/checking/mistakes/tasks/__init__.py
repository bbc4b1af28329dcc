"""The known mistakes of minilm.tasks: a file of the same name for each."""
