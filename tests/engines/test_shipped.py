"""The bundles that came with the package, on the example sentence and on pieces of it."""

from pathlib import Path

import numpy as np
import pytest

from utterface import animate, speech
from utterface.engines import Request, open_animator
from utterface.engines.bundle import MotionConfig, read_config, shipped
from utterface.errors import AudioError
from utterface.mesh_to_speech import predict
from utterface.motion import MOUTH, Motion, join
from utterface.rigs import head
from utterface.rigs.lips import LipRig
from utterface.text import Transcript

EXAMPLE = Path(__file__).parents[2] / "examples" / "hello.flac"
SAID = "Hello! I move my lips for every word, and I keep them shut for maps, pubs and bumblebees."
CLOSED_MM = 0.6
LEAST_CLOSED = {  # of the bilabials; a regression of weights seldom closes all the way
    "animator": 0.5, "tokens": 0.25, "thunder": 0.6,
}  # fmt: skip
BIGGEST = 12_000_000


@pytest.fixture(params=["animator", "tokens", "thunder"])
def name(request) -> str:
    if request.param not in shipped():
        pytest.skip(f"no bundle {request.param} came with the package")
    return request.param


def test_lips_close_at_maps_pubs_and_bumblebees_and_not_in_the_vowels(name):
    clip = animate(EXAMPLE, model=name, life=False)
    phones = animate(EXAMPLE, text=SAID, life=False).phones
    gaps = LipRig.from_rig(head()).gap_mm(clip.motion)
    times = clip.motion.times
    lows = [
        gaps[(times >= p.start - 0.03) & (times <= p.end + 0.03)].min() for p in phones if p.label in ("p", "b", "m")
    ]
    vowels = np.concatenate(
        [gaps[(times > p.start) & (times < p.end)] for p in phones if p.label in ("ɑ", "æ", "aɪ", "oʊ")]
    )
    assert len(lows) >= 12
    assert np.mean(np.array(lows) <= CLOSED_MM) >= LEAST_CLOSED[name]
    assert np.median(lows) < np.median(vowels) / 2
    assert np.mean(vowels <= CLOSED_MM) <= 0.1


def test_pieces_of_any_size_give_the_same_motion(name):
    samples = speech.read(EXAMPLE).samples[: 3 * 16000]
    animator = open_animator(name, Request())
    whole = join([animator.push(samples), animator.flush()]).values
    animator.reset()
    cuts = np.sort(np.random.default_rng(0).integers(0, len(samples), 12))
    parts = [animator.push(piece) for piece in np.split(samples, cuts)]
    assert np.abs(join([*parts, animator.flush()]).values - whole).max() < 1e-5


@pytest.mark.parametrize("name", ["animator", "tokens", "thunder", "recogniser"])
def test_whole_numbers_are_heard_as_the_samples_that_they_are_and_nonsense_is_not(name):
    if name not in ("recogniser", *shipped()):
        pytest.skip(f"no bundle {name} came with the package")
    whole = np.round(speech.read(EXAMPLE).samples[: 2 * 16000] * 32767).astype(np.int16)
    animator = open_animator(name, Request())
    told = []
    for samples in (whole, whole / np.float32(32768)):
        animator.reset()
        told.append(join([animator.push(samples), animator.flush()]).values)
    assert np.array_equal(*told) and told[0].any()
    for wrong in (np.zeros((2, 800), np.float32), np.full(800, np.nan), whole.astype(np.int32)):
        with pytest.raises(AudioError):
            animator.push(wrong)


def test_the_recogniser_reads_no_transcript():
    assert open_animator("recogniser", Request(Transcript("hello"))).about.name == "recogniser"
    assert open_animator(None, Request(Transcript("hello"))).about.name == "aligned"


def test_silence_is_a_still_face(name):
    """Of one that lives by itself the mouth: its eyes blink, its head moves."""
    motion = animate(np.zeros(4 * 16000, np.float32), model=name, life=False).motion
    alive = isinstance(config := read_config(shipped()[name]), MotionConfig) and config.alive
    still = motion.select([c for c in motion.channels if c.startswith(MOUTH)]) if alive else motion.values
    assert np.abs(still).max() < 0.1
    assert np.abs(np.diff(still[60:-60], axis=0)).max() < 5e-3


def test_another_seed_is_another_face_that_says_the_same():
    if "thunder" not in shipped():
        pytest.skip("no bundle thunder came with the package")
    first, again, other = (animate(EXAMPLE, model="thunder", seed=seed).motion for seed in (7, 7, 8))
    assert np.array_equal(first.values, again.values)
    apart = np.abs(first.values - other.values).mean(0)
    assert max(apart[first.channels.index(c)] for c in ("browInnerUp", "headYaw", "eyeLookInLeft")) > 0.02
    jaws = np.corrcoef(first["jawOpen"], other["jawOpen"])[0, 1]
    assert jaws > 0.7


def test_the_sound_of_a_face_is_like_its_recording():
    """And that of the same face backwards is not."""
    if "listener" not in shipped("voice"):
        pytest.skip("no mesh-to-speech bundle came with the package")
    motion, said = animate(EXAMPLE, text=SAID, life=False).motion, speech.read(EXAMPLE).samples

    def likeness(face: Motion) -> float:
        predicted = predict(face, EXAMPLE)
        count = min(len(predicted), len(said))
        return float(np.corrcoef(*(speech.log_mel(sound[:count]).ravel() for sound in (predicted, said)))[0, 1])

    assert likeness(motion) > 0.7
    assert likeness(Motion(motion.values[::-1], motion.channels, motion.frame_rate)) < 0.5


@pytest.mark.parametrize("kind", ["animator", "tokens", "thunder", "listener"])
def test_each_says_what_it_was_made_of_and_stays_small(kind):
    folder = {**shipped(), **shipped("voice")}.get(kind)
    if folder is None:
        pytest.skip(f"no bundle {kind} came with the package")
    config = read_config(folder)
    card = (folder / "CARD.md").read_text("utf-8")
    assert config.licence and "## Measured" in card and "## Made of" in card
    assert sum(path.stat().st_size for path in folder.iterdir()) <= BIGGEST
    assert not any(place in (folder / "config.json").read_text("utf-8") for place in ("/root", "/home", "/work"))
    assert isinstance(config, MotionConfig) == (kind in ("tokens", "thunder"))


@pytest.mark.parametrize("frame_rate", [24, 25, 30])
def test_no_closure_is_lost_between_slow_frames(frame_rate):
    fine, slow = (animate(EXAMPLE, model="animator", frame_rate=rate, life=False).motion for rate in (240, frame_rate))
    frame = 1 / frame_rate
    shown = slow.closures()
    assert len(fine.closures()) >= 12
    for start, end in fine.closures():
        assert any(first - frame <= end and last + frame >= start for first, last in shown)
