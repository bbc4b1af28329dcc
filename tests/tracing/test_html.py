"""A recording in a notebook: what it shows of itself, with nothing from outside, and nothing of an array taken for HTML."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from minilm.errors import InputError
from minilm.ops import scaled_dot_product, softmax
from minilm.tracing import html, trace


@pytest.fixture
def recording():
    rng = np.random.default_rng(0)
    q, k, v = rng.standard_normal((2, 3, 4, 5)), rng.standard_normal((2, 3, 6, 5)), rng.standard_normal((2, 3, 6, 5))
    with trace() as t:
        y, cache = scaled_dot_product.forward(q, k, v)
        scaled_dot_product.backward(cache, y)
    return t


class Balanced(HTMLParser):
    """Every element that is opened is closed."""

    def __init__(self):
        super().__init__()
        self.open, self.seen = [], []

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def parsed(text):
    parser = Balanced()
    parser.feed(text)
    assert not parser.open
    assert "http" not in text and "<script" not in text and "src=" not in text
    return parser.seen


def test_the_table_has_every_step(recording):
    text = recording._repr_html_()
    assert sum(tag == "tr" for tag, _ in parsed(text)) == len(recording.steps) + 1
    assert "scores (2, 3, 4, 6) float64" in text and "minilm/ops/softmax.py" in text and "q * scale" in text


def test_a_long_recording_says_what_it_leaves_out():
    with trace() as t:
        for _ in range(40):
            softmax.forward(np.ones((2, 3)))
    text = t._repr_html_()
    parsed(text)
    assert f"and {len(t.steps) - html.ROWS} more steps" in text


def test_an_array_is_a_heat_map_with_its_numbers(recording):
    value = recording["scores"]
    seen = parsed(value._repr_html_())
    cells = [attributes for tag, attributes in seen if tag == "td"]
    assert len(cells) == html.PANES * 4 * 6
    drawn = value.array.reshape(-1)[: len(cells)]
    assert [cell["title"].partition("] ")[2] for cell in cells] == [f"{number:.6g}" for number in drawn]
    for place, orange in ((drawn.argmax(), False), (drawn.argmin(), True)):  # as on the page
        red, _, blue = map(int, re.search(r"rgb\((\d+),(\d+),(\d+)\)", cells[place]["style"]).groups())
        assert (red > blue) == orange and abs(red - blue) > 60
    assert html.colour(0.0, 1.0) == html.colour(0.0, 5.0) == "rgb(250,250,251)" and html.colour(-9.0, 1.0) == "rgb(153,61,4)"


def test_show_puts_the_gradient_beside_its_array(recording):
    shown = recording.show("scores")
    assert [value.address for value in shown.values] == ["scores", "dscores"]
    assert "<b>dscores</b>" in shown._repr_html_() and "dscores (2, 3, 4, 6) float64" in repr(shown)
    parsed(shown._repr_html_())
    with pytest.raises(InputError, match="near it: dscores"):
        recording.show("dscore")


def test_what_is_not_finite_is_black_and_said():
    with trace() as t:
        softmax.forward(np.array([[1.0, np.nan]]))
    text = t["allowed"]._repr_html_()
    assert "#000" in text and "1 not finite" in text


def test_a_number_and_a_text_show_themselves(recording):
    assert "attention" not in recording["scale"]._repr_html_() and "0.447" in recording["scale"]._repr_html_()
    assert "dict: " in recording["softmax_cache"]._repr_html_()


def test_nothing_is_taken_for_html(recording):
    recording.steps[0].text = "<script>alert(1)</script>"
    recording.steps[0].values[0].text = "<img src=x>"
    text = recording._repr_html_()
    assert "<script" not in text and "<img" not in text
