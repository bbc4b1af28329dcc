"""Functions of arrays that NumPy lacks or does slowly, without derivative. They return new arrays.

Each docstring begins with the NumPy line that the function equals; one test holds each to its line.
"""
