"""Breath: lips open before phrases, not before closed ones, never in the way of the voice."""

import numpy as np
import pytest

from utterface.life import live
from utterface.motion import rest
from utterface.phones import Span

ENERGY, PITCH = np.full(500, -40.0), np.zeros(500)


@pytest.mark.parametrize(("phone", "opens"), [("s", True), ("ɑ", True), ("m", False)])
def test_lips_open_before_a_phrase_that_begins_with_open_lips(phone, opens):
    phones = [Span("t", 0.5, 1.0), Span(phone, 3.0, 3.2), Span("ɑ", 3.2, 3.5)]
    jaw = live(rest(300), ENERGY, PITCH, phones, parts=["breath"])["jawOpen"]
    times = np.arange(300) / 60
    assert jaw[(times > 2.8) & (times < 2.92)].any() == opens
    assert not jaw[(times < 2.65) | (times > 3.05)].any()


def test_no_breath_in_a_short_pause_nor_without_phones():
    phones = [Span("t", 0.5, 1.0), Span("s", 1.5, 2.0)]
    assert not live(rest(300), ENERGY, PITCH, phones, parts=["breath"]).values.any()
    assert not live(rest(300), ENERGY, PITCH, parts=["breath"]).values.any()
