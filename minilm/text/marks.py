"""The ids with which each of our own vocabularies begins: padding, start and end of a text, an unknown word."""

PAD, START, END, UNKNOWN = 0, 1, 2, 3
