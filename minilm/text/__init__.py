"""From characters to ids and back. Nothing here knows a model."""
