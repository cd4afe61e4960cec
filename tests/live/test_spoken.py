"""A text performed: frames when their sound is played, the sound whole and in order."""

import time

import numpy as np
import pytest

from utterface.live.spoken import _sound, loudspeaker, perform
from utterface.motion import rest
from utterface.speaking import SpeechPiece


class _Receiver:
    def __init__(self):
        self.frames = []

    def send(self, motion):
        self.frames.append((time.monotonic(), float(motion.times[0])))


def pieces(*lengths, wait=0.0):
    """Sound of some seconds each, with the frames of all of it at 20 Hz."""
    start = 0.0
    for length in lengths:
        time.sleep(wait)
        sound = np.full(round(16000 * length), start + 1, np.float32)
        yield SpeechPiece(sound, 16000, start, rest(round(20 * length), 20.0, start))
        start += length


def test_frames_come_at_the_moment_of_their_sound():
    receiver, played = _Receiver(), []
    count, paused = perform(pieces(0.3, 0.3), [receiver], lambda sound, rate: played.append((sound[0], rate)))
    assert count == 12
    assert paused < 0.1
    begun = receiver.frames[0][0]
    assert [moment for _, moment in receiver.frames] == pytest.approx(np.arange(12) / 20)
    lags = [at - begun - moment for at, moment in receiver.frames]
    assert min(lags) > -0.01
    assert played == [(1.0, 16000), (pytest.approx(1.3), 16000)]


def test_a_slow_voice_pauses_the_face_with_it():
    receiver = _Receiver()
    _, paused = perform(pieces(0.1, 0.1, wait=0.4), [receiver])
    assert paused > 0.2
    assert receiver.frames[2][0] - receiver.frames[1][0] > 0.25


def test_errors_of_a_voice_arrive():
    def broken():
        yield from pieces(0.1)
        raise ValueError("no such word")

    with pytest.raises(ValueError, match="no such word"):
        perform(broken(), [])


def test_the_device_gets_all_sound_and_silence_after_it():
    import queue

    waiting = queue.SimpleQueue()
    waiting.put(np.ones(5, np.float32))
    waiting.put(np.full(3, 2, np.float32))
    source = _sound(waiting)
    next(source)
    given = [np.frombuffer(source.send(count), np.float32).tolist() for count in (2, 4, 4)]
    assert given == [[1, 1], [1, 1, 1, 2], [2, 2, 0, 0]]


def test_a_loudspeaker_is_open_until_all_is_played():
    miniaudio = pytest.importorskip("miniaudio", reason="the extra `live` is not installed")
    begun = time.monotonic()
    with loudspeaker(backends=[miniaudio.Backend.NULL]) as play:
        play(np.zeros(4800, np.float32), 16000)
    assert time.monotonic() - begun > 0.3
