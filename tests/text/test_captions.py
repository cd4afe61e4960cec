"""Captions show the words as the user wrote them."""

import pytest

from utterface.phones import Span
from utterface.text.captions import captions


@pytest.mark.parametrize(
    ("said", "text", "shown"),
    [("hello i move", "Hello! I move…", ["Hello!", "I", "move…"]),
     ("about twenty three men", "About 23 men.", ["About", "23", "", "men."]),
     ("he said no", "He said – no!", ["He", "said –", "no!"]),
     ("one two three", "One three.", ["One", "two", "three."]),
     ("don't stop", "Don’t stop", ["Don’t", "stop"]),
     ("as timed", "as timed", []), ("words alone", "", []), ("", "Text alone", [])],
)  # fmt: skip
def test_each_word_shows_its_token(said, text, shown):
    words = [Span(label, i, i + 1) for i, label in enumerate(said.split())]
    assert captions(words, text) == shown
