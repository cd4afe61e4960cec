"""The sound of a face is the same from every file that holds its motion."""

from dataclasses import replace

import numpy as np
import pytest
import soundfile

from support.voice_bundle import write_bundle
from utterface.clip import Clip
from utterface.errors import AudioError, ConfigError, MotionError, OutputError
from utterface.formats import save as save_clip
from utterface.mesh_to_speech import blocks, motion_of, open_model, predict, write
from utterface.motion import CHANNELS, Motion


@pytest.fixture
def bundle(tmp_path):
    return write_bundle(tmp_path / "voice")


@pytest.fixture
def files(clip, tmp_path):
    paths = {suffix: tmp_path / f"face{suffix}" for suffix in (".npz", ".glb", ".csv")}
    save_clip(clip, *paths.values())
    return paths


def test_every_file_of_a_motion_gives_the_same_sound(clip, files, bundle):
    sound = predict(clip, model=bundle)
    assert len(sound) == 32000 and sound.std() > 1e-3
    assert np.array_equal(predict(clip.motion, model=bundle), sound)
    assert np.array_equal(predict(files[".npz"], model=bundle), sound)
    assert np.array_equal(predict(files[".glb"], model=bundle), sound)
    assert np.allclose(predict(files[".csv"], model=bundle), sound, atol=1e-5)


def test_blocks_join_seamlessly(bundle):
    rng = np.random.default_rng(0)
    long = Motion(rng.uniform(0, 1, (1500, len(CHANNELS))), CHANNELS, 60.0)
    parts = list(blocks(long, model=bundle))
    assert len(parts) == 4 and max(map(len, parts)) < 12 * 16000
    assert len(np.concatenate(parts)) == 25 * 16000


def test_files_are_written_whole(clip, bundle, tmp_path):
    for suffix in (".wav", ".flac", ".ogg"):
        seconds = write(clip, tmp_path / f"voice{suffix}", model=bundle)
        found, rate = soundfile.read(tmp_path / f"voice{suffix}")
        assert seconds == 2.0 and rate == 16000 and len(found) == 32000
    found, _ = soundfile.read(tmp_path / "voice.wav")
    assert np.allclose(found, predict(clip, model=bundle), atol=1e-4)
    with pytest.raises(OutputError, match=r"\.wav \.flac \.ogg"):
        write(clip, tmp_path / "voice.mp3", model=bundle)
    bad = replace(clip, motion=Motion(np.full((10, 1), np.nan), ("jawOpen",)))
    with pytest.raises(MotionError):
        write(bad, tmp_path / "never.wav", model=bundle)
    assert not (tmp_path / "never.wav").exists()


def test_a_speaker_changes_the_sound(clip, bundle, tmp_path):
    voice = 0.1 * np.random.default_rng(0).standard_normal(16000).astype(np.float32)
    soundfile.write(tmp_path / "me.wav", voice, 16000, subtype="FLOAT")
    plain, mine = predict(clip, model=bundle), predict(clip, voice, bundle)
    assert not np.allclose(plain, mine)
    assert np.array_equal(predict(clip, tmp_path / "me.wav", bundle), mine)
    before = (tmp_path / "me.wav").read_bytes()
    with pytest.raises(OutputError, match="it is also an input"):
        write(clip, tmp_path / "me.wav", tmp_path / "." / "me.wav", bundle)
    assert (tmp_path / "me.wav").read_bytes() == before
    with pytest.raises(AudioError, match="samples"):
        predict(clip, np.zeros((2, 16000), np.float32), bundle)
    with pytest.raises(AudioError, match=r"a speaker's sound must last 0\.1 s or more, got 1599 samples"):
        predict(clip, voice[:1599], bundle)


def test_mistakes_are_told(tmp_path, clip):
    with pytest.raises(MotionError, match=r"\.glb \.csv \.json \.npz"):
        motion_of(tmp_path / "face.html")
    with pytest.raises(MotionError, match="no such file"):
        motion_of(tmp_path / "face.glb")
    with pytest.raises(ConfigError, match="no mesh-to-speech bundle is called 'nobody', there are listener"):
        open_model("nobody")
    assert motion_of(clip) is clip.motion and isinstance(clip, Clip)
