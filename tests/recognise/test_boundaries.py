from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from utterface.errors import ModelError
from utterface.phones import SILENCE, Span, inventory
from utterface.recognise.boundaries import FRAME_RATE, PhoneFrames, kin, place

SAID = (("m", 0.3, 0.38), ("ɑ", 0.38, 0.62), ("p", 0.62, 0.7), ("i", 1.1, 1.25), ("u", 1.25, 1.5), ("s", 1.5, 1.6))


@pytest.fixture(scope="module")
def network() -> PhoneFrames:
    return PhoneFrames()


def frames_of(said: tuple[tuple[str, float, float], ...], network: PhoneFrames, count: int) -> np.ndarray:
    """Log-probabilities that name the phone of each frame."""
    frames = np.full((count, len(network.symbols)), -8.0)
    frames[:, network.symbols.index(SILENCE)] = -0.1
    for (_, start, end), column in zip(said, network.columns([s[0] for s in said]), strict=True):
        here = slice(round(start * FRAME_RATE), round(end * FRAME_RATE))
        frames[here] = -8.0
        frames[here, column] = -0.1
    return frames


@given(shift=st.lists(st.floats(-0.09, 0.09), min_size=len(SAID), max_size=len(SAID)))
@settings(max_examples=30, deadline=None)
def test_phones_are_moved_to_where_the_frames_say_they_sound(network, shift) -> None:
    starts = np.maximum.accumulate([start + by for (_, start, _), by in zip(SAID, shift, strict=True)])
    spikes = [Span(label, start, start + 0.2) for (label, _, _), start in zip(SAID, starts, strict=True)]
    placed = place(spikes, frames_of(SAID, network, 200), network)
    assert [p.label for p in placed] == [label for label, _, _ in SAID]
    np.testing.assert_allclose([(p.start, p.end) for p in placed], [(a, b) for _, a, b in SAID], atol=0.011)


def test_no_phone_is_lost_where_the_frames_say_nothing(network) -> None:
    starts = np.arange(300) * 0.02
    spikes = [Span("ɑ" if i % 2 else "t", float(start), float(start) + 0.2) for i, start in enumerate(starts)]
    placed = place(spikes, np.full((640, len(network.symbols)), -np.log(len(network.symbols))), network)
    assert [p.label for p in placed] == [p.label for p in spikes]
    assert all(p.end > p.start for p in placed)
    assert np.abs(np.array([p.start for p in placed]) - starts).max() < 0.3
    assert place([], np.zeros((10, len(network.symbols))), network) == []


def test_every_phone_of_the_inventory_has_a_column(network) -> None:
    assert set(network.symbols) == {kin(label) for label in inventory()}
    assert kin("y") in ("i", "u") and inventory()[kin("ɸ")].place in ("bilabial", "labiodental")


def test_frames_are_distributions(network) -> None:
    scores = np.log(np.random.default_rng(0).dirichlet(np.ones(191) * 0.05, 7) + 1e-30).astype(np.float32)
    frames = network(scores)
    assert frames.shape == (14, len(network.symbols))
    np.testing.assert_allclose(np.exp(frames).sum(1), 1, atol=1e-4)


def test_a_missing_or_damaged_file_is_told_in_one_line(tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", symbols=np.array(["sil"]))
    (tmp_path / "none.npz").write_bytes(b"no archive")
    for name in ("missing.npz", "none.npz", "other.npz"):
        with pytest.raises(ModelError, match="missing or damaged") as refused:
            PhoneFrames(tmp_path / name)
        assert "\n" not in str(refused.value)
