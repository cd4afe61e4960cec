"""Options of the life layer as they are typed, and what emotions do to it."""

import pytest

from utterface.errors import ConfigError
from utterface.life import PARTS, Manner, manner_of, parts_of


def test_parts_as_they_are_typed():
    assert (parts_of("on"), parts_of("off"), parts_of("blink, head")) == (PARTS, (), ("blink", "head"))
    assert parts_of(None) == () and parts_of(True) == PARTS
    assert parts_of("calm") == parts_of(["lively"]) == PARTS and parts_of("lively,blink") == ("blink",)
    with pytest.raises(ConfigError, match="no part 'ears'; give on, off, calm, lively"):
        parts_of("blink,ears")


def test_calm_and_lively_scale_everything():
    calm, usual, lively = (manner_of(life) for life in ("calm", "on", "lively"))
    assert usual == Manner() == manner_of(True) == manner_of("blink")
    for name in ("blink", "gaze", "brows", "head", "cheeks", "tempo"):
        assert getattr(calm, name) < 1 < getattr(lively, name)


def test_emotions_change_tempo_blinks_and_carriage_by_their_intensity():
    sad, half, afraid = (manner_of("on", e) for e in ({"sadness": 1.0}, {"sadness": 0.5}, {"fear": 1.0}))
    assert sad.tempo < half.tempo < 1 < afraid.tempo and sad.head < half.head < 1
    assert afraid.blink > 1.5 and manner_of("on", {"anger": 1.0}).blink < 0.6
    assert half.lowered == pytest.approx(sad.lowered / 2) and sad.carriage[1] > 3
    assert manner_of("on", {"neutral": 1.0}) == Manner()
