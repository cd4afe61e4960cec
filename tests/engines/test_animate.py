import numpy as np
import pytest

from utterface import speech
from utterface.articulation import EMOTIONS
from utterface.engines import ENGINES, Engine, EngineInfo, Request, find_engine, open_animator
from utterface.engines.animate import _at_rest_at_ends, _shift, animate, sound_seed
from utterface.engines.bundle import shipped
from utterface.errors import AudioError, ConfigError, TextError
from utterface.life import BLOCK, PARTS, SoundSeed, live
from utterface.motion import CHANNELS, EYES, HEAD, Motion
from utterface.recognise.phones import is_installed
from utterface.text import Transcript
from utterface.timing import SAMPLE_RATE

RATE = 50.0
HOP = round(SAMPLE_RATE / RATE)


class Loudness:
    """The smallest engine there is: the jaw opens with the loudest sample of each fiftieth of a second."""

    about = EngineInfo("loudness", RATE, 0.0)
    alignment = None

    def __init__(self, request: Request) -> None:
        self.reset()

    def reset(self) -> None:
        self.waiting = np.zeros(0, np.float32)

    def push(self, samples: np.ndarray) -> Motion:
        self.waiting = np.concatenate([self.waiting, samples])
        whole = len(self.waiting) // HOP * HOP
        ready, self.waiting = self.waiting[:whole], self.waiting[whole:]
        return self._moved(ready.reshape(-1, HOP))

    def flush(self) -> Motion:
        rest = self.waiting[None] if len(self.waiting) else np.zeros((0, 1), np.float32)
        return self._moved(rest)

    def _moved(self, frames: np.ndarray) -> Motion:
        values = np.zeros((len(frames), len(CHANNELS)), np.float32)
        values[:, CHANNELS.index("jawOpen")] = np.abs(frames).max(1, initial=0)
        values[:, CHANNELS.index("browInnerUp")] = 0.25
        return Motion(values, frame_rate=RATE)


@pytest.fixture(autouse=True)
def _loudness(monkeypatch):
    monkeypatch.setitem(ENGINES, "loudness", Engine("loudness", Loudness))


@pytest.fixture
def sound() -> np.ndarray:
    """2.35 s of hum that swells and stops."""
    t = np.arange(round(2.35 * SAMPLE_RATE)) / SAMPLE_RATE
    return (0.5 * np.sin(2 * np.pi * 140 * t) * np.clip(np.sin(2 * np.pi * t), 0, 1)).astype(np.float32)


@pytest.mark.parametrize("frame_rate", [24, 25, 30, 60, 23.976])
def test_frames_cover_the_sound_at_any_rate(sound, frame_rate):
    clip = animate(sound, model="loudness", frame_rate=frame_rate)
    assert clip.duration == 2.35 and clip.engine == "loudness"
    assert len(clip.motion) == np.ceil(2.35 * frame_rate) and clip.motion.frame_rate == frame_rate
    assert clip.motion.start == 0


def test_the_same_seed_gives_the_same_take_and_another_one_another(sound):
    first, again, other = (animate(sound, model="loudness", seed=seed).motion.values for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.01


def test_the_seed_comes_from_the_sound(sound):
    noisy = sound + 0.01 * np.random.default_rng(1).standard_normal(len(sound)).astype(np.float32)
    clips = [animate(s, model="loudness") for s in (sound, noisy)]
    assert clips[0].seed != clips[1].seed
    assert np.corrcoef(*(clip.motion["headYaw"] for clip in clips))[0, 1] < 0.9
    again = animate(sound, model="loudness", seed=clips[0].seed)
    np.testing.assert_array_equal(again.motion.values, clips[0].motion.values)
    assert sound_seed(sound) == clips[0].seed


def test_a_stream_gets_the_life_of_the_finished_recording(sound):
    """`live` over an engine's frames, with seed and begin that a stream knows after a tenth of a second."""
    own = SoundSeed()
    own.push(sound[: BLOCK + 7])
    voice = speech.prosody(sound)
    plain = animate(sound, model="loudness", frame_rate=RATE, life=False).motion
    streamed = live(plain, voice.energy, voice.pitch, seed=own.seed, begin=own.begin, until=plain.duration)
    np.testing.assert_array_equal(streamed.values, animate(sound, model="loudness", frame_rate=RATE).motion.values)


def test_calm_and_lively_faces_move_less_and_more(sound):
    calm, usual, lively = (animate(np.tile(sound, 3), model="loudness", life=life, seed=1).motion["headYaw"].std()
                           for life in ("calm", "on", "lively"))  # fmt: skip
    assert calm < 0.8 * usual and lively > 1.2 * usual


def test_emotions_breathe_with_the_voice_unless_that_part_is_off(sound):
    options = {"model": "loudness", "emotions": {"anger": 1.0}, "seed": 1}
    still = animate(np.tile(sound, 3), life=["blink"], **options).motion["browDownLeft"]
    moved = animate(np.tile(sound, 3), life=["emotion"], **options).motion["browDownLeft"]
    assert np.ptp(still) < 1e-6 and np.ptp(moved) > 0.1 and moved.mean() > 0.8 * still.mean()


def test_a_file_in_blocks_gives_the_face_of_the_same_samples(sound, tmp_path):
    import soundfile

    long = np.tile(sound, 12)  # 28 s: three blocks of a file
    soundfile.write(tmp_path / "a.wav", long, SAMPLE_RATE, subtype="FLOAT")
    told = []
    clip = animate(tmp_path / "a.wav", model="loudness", progress=lambda what, part: told.append((what, part)))
    np.testing.assert_array_equal(clip.motion.values, animate(long, model="loudness").motion.values)
    assert clip.audio == tmp_path / "a.wav" and clip.name == "a"
    parts = [part for what, part in told if what == "reading"]
    assert len(parts) >= 3 and parts == sorted(parts) and parts[-1] == pytest.approx(1)


def test_life_can_be_switched_off_and_taken_in_parts(sound):
    still = animate(sound, model="loudness", life=False).motion
    assert not still.select([*HEAD, *EYES]).any() and not still["eyeBlinkLeft"].any()
    only = animate(np.tile(sound, 3), model="loudness", life=["blink"]).motion
    assert only["eyeBlinkLeft"].max() > 0.9 and not only.select(HEAD).any()
    assert animate(sound, model="loudness", life=PARTS).motion["headYaw"].any()
    with pytest.raises(ConfigError, match="no part 'ears'"):
        animate(sound, model="loudness", life=["ears"])


def test_mouth_only_leaves_the_rest_still(sound):
    motion = animate(sound, model="loudness", mouth_only=True, emotions={"surprise": 1.0}).motion
    others = [c for c in CHANNELS if not c.startswith(("jaw", "mouth", "tongue"))]
    assert not motion.select(others).any() and motion["jawOpen"].max() > 0.3


def test_emotions_show_and_are_kept_on_the_clip(sound):
    plain = animate(sound, model="loudness", life=False).motion
    clip = animate(sound, model="loudness", life=False, emotions={"joy": 0.5})
    assert clip.emotions == {"joy": 0.5}
    assert (clip.motion["mouthSmileLeft"] > plain["mouthSmileLeft"] + 0.1).all()


def test_emotions_that_a_model_shows_by_itself_are_not_added_again(sound, directed_bundle):
    """Joy is an input of this network, fear is laid over what it says."""
    model = str(directed_bundle)
    plain, glad, fearful = (
        animate(sound, model=model, life=False, emotions=emotions).motion
        for emotions in ({}, {"joy": 1.0}, {"joy": 1.0, "fear": 1.0})
    )
    full = EMOTIONS["joy"]["cheekSquintLeft"]
    assert 0.05 < (glad["cheekSquintLeft"] - plain["cheekSquintLeft"]).max() <= full
    assert (fearful["eyeWideLeft"] > glad["eyeWideLeft"] + 0.8).all()
    np.testing.assert_allclose(fearful["cheekSquintLeft"], glad["cheekSquintLeft"], atol=1e-6)


@pytest.mark.parametrize("offset_ms", [-250, -40, 0, 5, 100, 1000])
def test_an_offset_moves_every_frame_by_exactly_that(sound, offset_ms):
    here = animate(sound, model="loudness", frame_rate=60, life=False).motion
    moved = animate(sound, model="loudness", frame_rate=60, life=False, offset_ms=offset_ms).motion
    assert len(moved) == len(here) and 0 <= moved.start < 1 / 60
    known = np.interp(moved.times - offset_ms / 1000, here.times, here["jawOpen"])
    np.testing.assert_allclose(moved["jawOpen"], known, atol=1e-5)


def test_an_offset_interpolates_nothing():
    closed = np.zeros((20, len(CHANNELS)))
    closed[7, 0] = 1  # a closure of a single frame stays whole
    moved = _shift(Motion(closed), 0.0251)
    assert moved.values[:, 0].max() == 1 and moved.times[moved.values[:, 0].argmax()] == pytest.approx(7 / 60 + 0.0251)


@pytest.mark.parametrize(
    ("options", "words"),
    [({"frame_rate": 0}, "frame rate"), ({"frame_rate": 1000}, "frame rate"), ({"strength": -1}, "strength"),
     ({"offset_ms": 1e6}, "offset"), ({"emotions": {"joy": 2}}, "joy"), ({"emotions": {"glee": 1}}, "glee"),
     ({"model": "nobody"}, "no model is called 'nobody'; there are aligned, phones, "),
     ({"model": "aligned"}, "needs a transcript"), ({"model": 3}, "by its name or folder, got 3"),
     ({"life": 3}, "names of its parts"), ({"seed": "x"}, "whole number, got 'x'"), ({"language": 3}, "got 3")],
)  # fmt: skip
def test_options_that_do_not_fit_are_refused(sound, options, words):
    with pytest.raises(ConfigError, match=words):
        animate(sound, **{"model": "loudness", **options})


def test_sound_that_is_none_is_refused(tmp_path):
    with pytest.raises(AudioError, match="NaN"):
        animate(np.array([0, np.nan] * 8000, np.float32), model="loudness")
    with pytest.raises(AudioError, match="no such file"):
        animate(tmp_path / "a.wav", model="loudness")


def test_each_engine_is_what_its_entry_says():
    for name in ENGINES:
        if name == "phones" and not is_installed():
            continue
        entry = find_engine(name)
        about = entry.open(Request(Transcript("hello") if entry.needs_text else None)).about
        assert (entry.name, entry.needs_text, entry.sampled) == (about.name, about.needs_text, about.sampled)


def test_bundles_are_found_by_their_config():
    for name, folder in shipped().items():
        assert folder.name == name and (folder / "config.json").is_file()


def test_a_folder_that_is_no_bundle_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="folder of a model bundle"):
        open_animator(str(tmp_path), Request())


def test_whole_numbers_are_scaled_and_strange_arrays_refused(sound):
    same = animate((sound * 32768).clip(-32768, 32767).astype(np.int16), model="loudness", seed=1)
    assert np.abs(same.motion.values - animate(sound, model="loudness", seed=1).motion.values).max() < 1e-3
    with pytest.raises(AudioError, match=r"sample rate must lie in .* got '16k'"):
        animate(sound, sample_rate="16k")
    for strange, words in ((sound.astype(np.int32), "int16"), (sound[:100], "too short"), (np.zeros(0), "too short")):
        with pytest.raises(AudioError, match=words):
            animate(strange)


def test_numbers_of_numpy_are_seeds_too(sound, tmp_path):
    clip = animate(sound, model="loudness", seed=np.int64(3))
    assert np.array_equal(clip.motion.values, animate(sound, model="loudness", seed=3).motion.values)
    clip.save(tmp_path / "face.npz")


def test_a_transcript_may_stand_in_a_file(sound, tmp_path, monkeypatch):
    (tmp_path / "line.txt").write_text("What is\nsaid.")
    assert animate(sound, tmp_path / "line.txt", model="loudness").text == "What is said."
    with pytest.raises(TextError, match="no such transcript"):
        animate(sound, tmp_path / "none.txt", model="loudness")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TextError, match=r"pass Path\('line.txt'\)"):
        animate(sound, "line.txt", model="loudness")
    for words in ("no.such.file", "x." * 5000, "a\0b."):
        assert animate(sound, words, model="loudness").text == words


def test_a_transcript_may_come_from_anybody(sound):
    assert animate(sound, Transcript("What is said.", "de", source="mine"), model="loudness").text == "What is said."
    for wrong in (b"bytes", 7):
        with pytest.raises(TextError, match="a transcript is a string"):
            animate(sound, wrong, model="loudness")


@pytest.mark.parametrize("emotions", [["joy"], "joy", {"joy": "much"}, {"joy": True}, {"joy": float("nan")}])
def test_emotions_that_are_no_intensities_are_refused(sound, emotions):
    with pytest.raises(ConfigError, match=r"emotions map names to intensities|intensity of joy"):
        animate(sound, model="loudness", emotions=emotions)


def test_a_take_begins_and_ends_at_rest_and_keeps_its_closures() -> None:
    """A sound that is cut out of the middle of speech, as jaw 1 and lips that touch throughout."""
    jaw, lips = (CHANNELS.index(name) for name in ("jawOpen", "mouthClose"))
    values = np.zeros((60, len(CHANNELS)), np.float32)
    values[:, [jaw, lips]] = 1
    ended = _at_rest_at_ends(Motion(values, CHANNELS, 60.0), 1.0, {}).values
    assert not ended[[0, -1]].any()
    assert np.array_equal(ended[:, jaw], ended[:, lips])
    assert (ended[5:52, jaw] == 1).all()
    assert np.abs(np.diff(ended[:, jaw])).max() < 0.4
