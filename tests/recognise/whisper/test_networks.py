import os

import numpy as np
import pytest

from support.tiny_whisper import tiny_weights, write_model
from utterface.errors import ModelError
from utterface.recognise.whisper import Whisper
from utterface.recognise.whisper.networks import kept_networks

NOISE = np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("UTTERFACE_CACHE", str(tmp_path / "cache"))
    return write_model(tmp_path / "tiny", tiny_weights())


def test_networks_are_kept_and_made_again_where_they_are_damaged(folder):
    encoder, decoder = kept_networks(folder)
    written = encoder.stat().st_mtime_ns
    assert kept_networks(folder) == (encoder, decoder) and encoder.stat().st_mtime_ns == written
    whole = decoder.read_bytes()
    decoder.write_bytes(b"no network")
    before = Whisper(folder).decode(NOISE)
    assert decoder.read_bytes() == whole and Whisper(folder).decode(NOISE) == before


def test_other_weights_get_networks_of_their_own(folder):
    first = kept_networks(folder)
    os.utime(folder / "model.bin", (1, 1))
    second = kept_networks(folder)
    assert not set(first) & set(second) and all(path.is_file() for path in (*first, *second))
    (folder / "model.bin").unlink()
    with pytest.raises(ModelError, match="give another folder"):
        kept_networks(folder)
