import numpy as np
import pytest
import torch

from utterface.errors import ConfigError
from utterface.lab.batches.tracks import Tracks
from utterface.lab.corpora.manifest import read_corpus
from utterface.lab.representations import fit_codebook, open_representation
from utterface.lab.representations.clusters import Clustered
from utterface.lab.representations.contract import RepresentationInfo
from utterface.track import Track


@pytest.fixture
def tracks(tmp_path) -> Tracks:
    return Tracks(open_representation("mel"), False, tmp_path / "tracks")


def test_a_clip_is_encoded_once(corpus, tracks):
    clip = read_corpus(corpus).clips[0]
    first = tracks[clip]
    tracks.representation = None  # type: ignore[assignment]
    again = tracks[clip]
    assert np.array_equal(first.values, again.values)
    assert (again.frame_rate, again.start) == (first.frame_rate, first.start)


def test_tracks_do_not_depend_on_the_precision_of_training(tmp_path):
    class Product:
        about = RepresentationInfo("product", "spectral", 100.0, 8)
        weight = torch.randn(8, 8, generator=torch.Generator().manual_seed(0))

        def encode(self, samples):
            rows = torch.from_numpy(samples[: len(samples) // 8 * 8]).unflatten(0, (-1, 8))
            return Track((rows @ self.weight).float().numpy(), 100.0)

    tracks = Tracks(Product(), False, tmp_path)
    sound = np.random.default_rng(0).standard_normal(800).astype(np.float32)
    plain = tracks.encode(sound).values
    with torch.autocast("cpu", torch.bfloat16):
        assert not np.array_equal(Product().encode(sound).values, plain)
        assert np.array_equal(tracks.encode(sound).values, plain)


def test_other_weights_under_the_same_name_have_their_own_tracks(corpus, tmp_path):
    mel, clips = open_representation("mel"), read_corpus(corpus).clips
    sounds = [c.samples() for c in clips]
    books = [fit_codebook(mel, sounds, 8, seed) for seed in (0, 1)]
    stores = [Tracks(Clustered(mel, book, "units"), True, tmp_path) for book in books]
    assert stores[0].folder != stores[1].folder
    assert stores[0][clips[0]].values.shape[1] == 1


def test_units_of_a_representation_without_units_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="mel has no units"):
        Tracks(open_representation("mel"), True, tmp_path)
