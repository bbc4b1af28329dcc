"""The cases of minilm.models: a file of the same name for each. What a model is checked on is the loss of its task."""
