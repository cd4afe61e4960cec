"""The contract, the registry and what needs no network: spectral tracks and k-means units."""

import numpy as np
import pytest

from utterface import speech
from utterface.errors import ConfigError, ModelError, TrackError
from utterface.lab.representations import Codebook, RepresentationInfo, fit_codebook, open_representation
from utterface.lab.representations.spectral import slope


def click(moment: float, duration: float = 1.0) -> np.ndarray:
    samples = np.zeros(round(duration * 16000), np.float32)
    samples[round(moment * 16000)] = 1
    return samples


@pytest.mark.parametrize("name", ["mel", "mfcc"])
@pytest.mark.parametrize("moment", [0.2, 0.437, 0.7049])
def test_a_click_lands_at_its_time_within_half_a_frame(name, moment):
    representation = open_representation(name)
    track = representation.encode(click(moment))
    energy = track.values[:, :80].mean(1) if name == "mel" else track.values[:, 0]
    energy = energy - energy.min()
    assert abs((energy * track.times).sum() / energy.sum() - moment) <= 0.5 / track.frame_rate
    assert track.frame_rate == representation.about.frame_rate
    assert track.start == representation.about.start


@pytest.mark.parametrize("name", ["mel", "mfcc"])
def test_sound_beyond_the_look_ahead_changes_nothing(name):
    representation = open_representation(name)
    sound = np.random.default_rng(0).standard_normal(16000).astype(np.float32)
    other = sound.copy()
    other[8000:] = 0
    same = (representation.encode(sound).values == representation.encode(other).values).all(1)
    times = representation.encode(sound).times
    assert same[times + representation.about.look_ahead <= 0.5].all()
    assert not same[times + representation.about.look_ahead > 0.5 + 0.011].any()


def test_spectral_tracks_are_what_they_say():
    sound = np.random.default_rng(0).standard_normal(8000).astype(np.float32)
    mel, mfcc = open_representation("mel"), open_representation("mfcc")
    np.testing.assert_array_equal(mel.encode(sound).values, speech.log_mel(sound))
    values = mfcc.encode(sound).values
    assert values.shape == (50, 39)
    np.testing.assert_allclose(values[:, 0], speech.log_mel(sound).sum(1) / np.sqrt(80), rtol=1e-4)  # orthonormal DCT
    assert mel.units(sound) is None
    assert mel.about.bitrate is None


def test_the_slope_of_a_straight_line_is_its_slope():
    line = np.outer(np.arange(9), [2.0, -1.0])
    np.testing.assert_allclose(slope(line)[2:-2], np.tile([2.0, -1.0], (5, 1)), atol=1e-6)
    np.testing.assert_allclose(slope(line)[0], [1.0, -0.5])  # 1·(2 − 0) + 2·(4 − 0) of 10, the end repeated


def test_bitrate_is_what_the_codebooks_need():
    assert RepresentationInfo("x", "codec", 50, 4, (1024, 1024)).bitrate == 1000
    assert RepresentationInfo("x", "label", 25, 4, (8,)).bitrate == 75
    assert RepresentationInfo("x", "spectral", 100, 80).bitrate is None


def test_a_codebook_finds_what_lies_apart(tmp_path):
    rng = np.random.default_rng(0)
    places = np.array([[0.0, 0], [10, 0], [0, 300]])
    which = rng.integers(3, size=300)
    vectors = (places[which] + rng.normal(0, 0.1, (300, 2)) * [1, 30]).astype(np.float32)
    codebook = Codebook.fit(vectors, 3)
    units = codebook.assign(vectors)
    assert len({(a, b) for a, b in zip(which, units, strict=True)}) == 3
    np.testing.assert_allclose(codebook.look_up(units), places[which], atol=1.0)
    codebook.save(tmp_path / "k.safetensors")
    np.testing.assert_array_equal(Codebook.load(tmp_path / "k.safetensors").assign(vectors), units)


def test_clustering_makes_units_of_any_continuous_track(tmp_path):
    sounds = [np.random.default_rng(i).standard_normal(4000).astype(np.float32) * (0.01, 1)[i % 2] for i in range(4)]
    codebook = fit_codebook(open_representation("mel"), sounds, 2)
    codebook.save(tmp_path / "k.safetensors")
    clustered = open_representation(f"mel#{tmp_path / 'k.safetensors'}")
    units, vectors = clustered.units(sounds[1]), clustered.encode(sounds[1])
    assert clustered.about.codebooks == (2,)
    assert clustered.about.bitrate == 100
    assert units.values.shape == (25,)
    np.testing.assert_array_equal(vectors.values, codebook.look_up(units.values))
    assert (units.values == units.values[0]).all()  # loud throughout
    assert (clustered.units(sounds[0]).values != units.values[0]).all()
    with pytest.raises(ModelError, match="39"):
        open_representation(f"mfcc#{tmp_path / 'k.safetensors'}")


def test_what_does_not_exist_is_named(tmp_path):
    with pytest.raises(ConfigError, match="mfcc"):
        open_representation("melody")
    with pytest.raises(ModelError, match="codebook"):
        open_representation(f"mel#{tmp_path / 'none.safetensors'}")
    (tmp_path / "bad.safetensors").write_bytes(b"not at all")
    with pytest.raises(ModelError, match="codebook"):
        open_representation(f"mel#{tmp_path / 'bad.safetensors'}")
    with pytest.raises(TrackError, match="clusters"):
        Codebook.fit(np.zeros((3, 2)), 4)


def test_a_representation_of_a_users_own_module_opens_by_its_dotted_name(tmp_path, monkeypatch):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "features.py").write_text(
        "from utterface.lab.representations.registry import open_representation\n"
        "def features(kind='mel'):\n    return open_representation(kind)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert open_representation("own.features:features").about.dimension == 80
    assert open_representation("own.features:features@mfcc").about.dimension == 39
    with pytest.raises(ConfigError, match=r"own\.features defines no 'other'"):
        open_representation("own.features:other")
