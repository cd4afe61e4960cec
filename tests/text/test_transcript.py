import pytest

from utterface.errors import TextError
from utterface.phones import Span
from utterface.text import Transcript


def test_timed_words_are_kept_as_a_tuple() -> None:
    words = [Span("hello", 0.1, 0.5)]
    assert Transcript("Hello!", words=words) == Transcript("Hello!", "en", tuple(words))


@pytest.mark.parametrize("text", [None, b"hello", ["hello"]])
def test_text_must_be_a_string(text: object) -> None:
    with pytest.raises(TextError, match=r"a transcript is a string, got (NoneType|bytes|list)"):
        Transcript(text)
