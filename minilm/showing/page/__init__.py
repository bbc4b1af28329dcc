"""A recording as one page that opens in any browser, offline: source, arrays, gradients, step by step.

    of_run(runs.of("runs/demo", "我喜欢编程", backward=True), "page.html")

page.html, page.css and the scripts in this folder are what the browser gets, as they are; `book` says what the
recording's part is, `axes` which words stand on an array's axes, `places` how the model is drawn as a map.
"""

from minilm.showing.page.page import of_run, render, write

__all__ = ["of_run", "render", "write"]
