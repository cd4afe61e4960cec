import numpy as np
import pytest

from utterface.lab.measures import conditions

RATE = 16_000


@pytest.fixture
def tone() -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE)).astype(np.float32)


def ratio_db(clean: np.ndarray, noisy: np.ndarray) -> float:
    return 20 * np.log10(clean.std() / (noisy - clean).std())


@pytest.mark.parametrize("db", [20, 10, 5])
def test_noise_comes_at_the_ratio_requested(tone, db):
    random = np.random.default_rng(0)
    assert ratio_db(tone, conditions.add_white(tone, random, db)) == pytest.approx(db, abs=0.1)
    voices = [random.standard_normal(5000), random.standard_normal(30_000)]
    assert ratio_db(tone, conditions.add_babble(tone, random, voices, db)) == pytest.approx(db, abs=0.1)


def test_the_telephone_keeps_its_band_and_the_time(tone):
    random = np.random.default_rng(0)
    low = np.sin(2 * np.pi * 100 * np.arange(RATE) / RATE).astype(np.float32)
    high = np.sin(2 * np.pi * 5000 * np.arange(RATE) / RATE).astype(np.float32)
    heard = conditions.telephone(tone + low + high, random)
    assert ratio_db(tone, heard) > 25  # what is left beside the tone is μ-law's own noise


def test_the_room_keeps_the_direct_sound_first_and_rings_on():
    click = np.zeros(RATE, np.float32)
    click[4000] = 1
    heard = conditions.room(click, np.random.default_rng(0))
    assert np.abs(heard).argmax() == 4000
    assert np.abs(heard[:3999]).max() < 1e-6
    early, late = heard[4100:5700].std(), heard[8900:10_500].std()  # 0.3 s apart: 30 dB
    assert 20 * np.log10(early / late) == pytest.approx(30, abs=3)


def test_every_condition_is_seeded_and_keeps_the_length(tone):
    for condition in conditions.conditions([tone, tone[::-1]]):
        once = condition.degrade(tone, np.random.default_rng(3))
        again = condition.degrade(tone, np.random.default_rng(3))
        assert once.shape == tone.shape and once.dtype == np.float32, condition.name
        assert np.array_equal(once, again), condition.name
        assert not np.allclose(once, tone, atol=1e-3), condition.name


def test_babble_is_of_six_others_and_none_of_them_twice():
    count = 16_000
    tones = [np.sin(2 * np.pi * 100 * (k + 1) * np.arange(count) / count).astype(np.float32) for k in range(8)]
    for seed in range(5):
        noise = conditions.add_babble(tones[0], np.random.default_rng(seed), tones, 0.0) - tones[0]
        levels = np.abs(np.fft.rfft(noise))[100:900:100]
        heard = levels > 0.1 * levels.max()
        assert not heard[0] and heard.sum() == 6
        assert np.ptp(levels[heard]) < 0.01 * levels.max()
    few = conditions.add_babble(tones[0], np.random.default_rng(0), tones[:2], 0.0)
    assert np.isfinite(few).all()
