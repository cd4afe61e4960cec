from pathlib import Path

import numpy as np
import pytest

from utterface import animate, motion, speech
from utterface.engines.aligned import AlignedAnimator
from utterface.engines.contract import Animator, Request
from utterface.errors import TextError
from utterface.text import Transcript

EXAMPLE = Path(__file__).parents[2] / "examples" / "hello.flac"
SAID = "Hello! I move my lips for every word, and I keep them shut for maps, pubs and bumblebees."


def run(animator: Animator, samples: np.ndarray, size: int) -> motion.Motion:
    parts = [animator.push(samples[i : i + size]) for i in range(0, len(samples), size)]
    return motion.join([*parts, animator.flush()])


def test_any_chunking_gives_the_same_motion() -> None:
    samples = speech.read(EXAMPLE).samples
    animator = AlignedAnimator(Request(Transcript(SAID), frame_rate=30.0))
    assert isinstance(animator, Animator)
    assert animator.about.look_ahead is None
    whole = run(animator, samples, len(samples))
    assert len(whole) == int(np.ceil(len(samples) / 16000 * 30))
    assert [w.label for w in animator.alignment.words][:2] == ["hello", "i"]
    assert animator.alignment.phones[-1].end == len(samples) / 16000
    animator.reset()
    assert animator.alignment is None
    again = run(animator, samples, 777)
    assert np.array_equal(again.values, whole.values)


def test_lips_close_for_the_bilabials() -> None:
    samples = speech.read(EXAMPLE).samples
    animator = AlignedAnimator(Request(Transcript(SAID)))
    moved = run(animator, samples, 16000)
    vowels = [
        moved["jawOpen"][round(60 * (p.start + p.end) / 2)]
        for p in animator.alignment.phones
        if p.label in ("aʊ", "æ", "ɛ")
    ]
    closed = [
        moved["jawOpen"][round(60 * (p.start + p.end) / 2)]
        for p in animator.alignment.phones
        if p.label in ("p", "b", "m")
    ]
    assert np.median(vowels) > 2 * np.median(closed)


def test_speech_without_a_transcript_is_recognised() -> None:
    samples = speech.read(EXAMPLE).samples
    animator = AlignedAnimator(Request())
    assert animator.about.name == "recogniser"
    assert len(run(animator, samples, 5000)) > 0
    assert animator.alignment.words


def test_a_wrong_transcript_is_an_error() -> None:
    animator = AlignedAnimator(Request(Transcript("something else altogether")))
    animator.push(speech.read(EXAMPLE).samples)
    with pytest.raises(TextError):
        animator.flush()


def test_an_offset_fails_no_closure() -> None:
    told = {animate(EXAMPLE, text=SAID, offset_ms=moved).closures() for moved in (-120, 0, 150)}
    assert told == {(13, 13)}
