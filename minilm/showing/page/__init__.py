"""A recording as one page that opens in any browser, offline: source, arrays, gradients, step by step.

    write("page.html", recording, labels=..., ...)

page.html, page.css and the scripts in this folder are what the browser gets, as they are; `book` says what the
recording's part is, `axes` which words stand on an array's axes, `places` how the model is drawn as a map.
"""

from minilm.showing.page.page import render, write

__all__ = ["render", "write"]
