"""A tiny corpus through both engines, two workers each; what training then finds."""

import builtins
from pathlib import Path

import pytest

from utterface.errors import ConfigError, CorpusError, MissingExtra
from utterface.lab.batches.encode import encode
from utterface.lab.batches.tracks import Tracks
from utterface.lab.corpora.manifest import read_corpus
from utterface.lab.representations import fit_codebook, open_representation


@pytest.fixture
def units(corpus, tmp_path) -> str:
    """The name of a representation with units that workers in other processes can open."""
    sounds = (clip.samples() for clip in read_corpus(corpus))
    fit_codebook(open_representation("mfcc"), sounds, 8).save(tmp_path / "k.safetensors")
    return f"mfcc#{tmp_path / 'k.safetensors'}"


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_both_engines_write_the_same_bytes_and_training_finds_them(corpus, units, tmp_path):
    pytest.importorskip("ray", reason="the extra scale is not installed")
    done = {engine: encode([corpus], units, tmp_path / engine, engine=engine) for engine in ("local", "ray")}
    assert [(d.clips, d.new) for d in done.values()] == [(6, 6), (6, 6)]
    written = files(done["local"].folder)
    assert len(written) == 6 and written == files(done["ray"].folder)
    tracks = Tracks(open_representation(units), True, tmp_path / "ray")
    assert tracks.folder == done["ray"].folder
    tracks.representation = None  # type: ignore[assignment]  # whoever would encode now, fails
    for clip in read_corpus(corpus):
        said = open_representation(units).units(clip.samples())
        assert (tracks[clip].values[:, 0] == said.values).all()


def test_only_what_is_missing_is_encoded(corpus, units, tmp_path):
    lines: list[tuple[str, float | None]] = []
    first = encode([corpus], units, tmp_path / "s", workers=1, report=lambda what, part: lines.append((what, part)))
    assert {what for what, _ in lines} == {clip.id for clip in read_corpus(corpus)} and lines[-1][1] == 1
    before = files(first.folder)
    gone = sorted(first.folder.iterdir())[0]
    gone.unlink()
    again = encode([corpus], units, tmp_path / "s", workers=1)
    assert (again.folder, again.clips, again.new) == (first.folder, 6, 1)
    assert files(first.folder) == before
    assert encode([corpus], units, tmp_path / "s").new == 0


def test_vectors_are_kept_apart_from_units(corpus, units, tmp_path):
    as_units = encode([corpus], units, tmp_path / "s", workers=1)
    as_vectors = encode([corpus], units, tmp_path / "s", units=False, workers=1)
    assert as_units.folder != as_vectors.folder
    tracks = Tracks(open_representation(units), False, tmp_path / "s")
    assert tracks[read_corpus(corpus).clips[0]].values.shape[1] == 39


@pytest.mark.parametrize("workers", [1, 2])
def test_a_damaged_clip_is_reported_in_one_line_and_nothing_is_half_written(corpus, tmp_path, workers):
    read_corpus(corpus).clips[3].audio.write_bytes(b"no sound")
    with pytest.raises(CorpusError, match=r"c3.*make it anew"):
        encode([corpus], "mel", tmp_path / "s", workers=workers)
    left = list((tmp_path / "s").glob("*/*"))
    assert all(path.suffix == ".npz" and not path.name.startswith(".") for path in left)


def test_what_does_not_fit_is_refused(corpus, tmp_path, monkeypatch):
    with pytest.raises(ConfigError, match="no engine 'spark'; there are local, ray"):
        encode([corpus], "mel", tmp_path, engine="spark")
    with pytest.raises(ConfigError, match="workers"):
        encode([corpus], "mel", tmp_path, workers=0)
    with pytest.raises(ConfigError, match="mel has no units"):
        encode([corpus], "mel", tmp_path, units=True)
    real = builtins.__import__

    def without_ray(name, *rest):
        if name.split(".")[0] == "ray":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_ray)
    with pytest.raises(MissingExtra, match=r"pip install 'utterface\[lab,scale\]'"):
        encode([corpus], "mel", tmp_path, engine="ray")
