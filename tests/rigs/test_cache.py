"""Built heads are kept whole, found again, and made anew where what is kept is damaged."""

import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest

from utterface import rigs
from utterface.rigs import cache
from utterface.rigs.human import storage


def test_the_cache_keeps_a_face_and_drops_those_of_older_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    low = rigs.head(detail="low")
    monkeypatch.setenv("UTTERFACE_CACHE", str(tmp_path))
    (tmp_path / "head-0123456789ab-0123456789ab.npz").touch()
    cache.keep("somebody", storage.to_arrays(low))
    assert [path.name for path in tmp_path.iterdir()] == [cache.path_of("somebody").name]
    kept = cache.load("somebody")
    assert kept is not None and cache.load("somebody else") is None
    again = storage.from_arrays(kept, low.identity, "low")
    assert again.parts == low.parts and list(again.regions) == list(low.regions)
    for name in ("template", "triangles", "shapes", "colours", "openness"):
        assert np.array_equal(getattr(again, name), getattr(low, name)), name
    weights = np.random.default_rng(0).random((2, len(low.channels)))
    assert np.array_equal(again.vertices(weights), low.vertices(weights))


def test_a_damaged_cache_heals_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UTTERFACE_CACHE", str(tmp_path))
    arrays = {"template": np.ones((3, 3)), "layout": np.array("{}")}
    for wrong in (b"half a file", {"template": np.zeros((3, 3))}, {"more": np.zeros(1)}):
        cache.keep("somebody", arrays)
        if isinstance(wrong, bytes):
            cache.path_of("somebody").write_bytes(wrong)
        else:
            kept = dict(np.load(cache.path_of("somebody")))
            np.savez(cache.path_of("somebody"), **(kept | wrong))
        assert cache.load("somebody") is None


def test_a_user_without_a_home_has_a_cache_of_the_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    for name in ("UTTERFACE_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    assert cache.folder().parent == Path(tempfile.gettempdir())


def test_heads_are_keyed_by_code_and_data_and_by_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An install lacks the stamps that a build leaves in the source tree, and must find what was built from it."""
    here = tmp_path / "rigs"
    shutil.copytree(Path(cache.__file__).parent, here, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(cache, "__file__", str(here / "cache.py"))
    key = cache.source_key.__wrapped__
    before = key()
    assert before == cache.source_key()
    (here / "human" / "head.npz.sha256").write_text("another", encoding="ascii")
    assert key() == before
    (here / "human" / "hair.py").write_text("pass", encoding="ascii")
    assert key() != before
