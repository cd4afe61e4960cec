from dataclasses import replace

import numpy as np
import pytest
import torch

from utterface.lab.batches.augment import AugmentConfig, _coloured, augment, between, mask_mel, replayed, warp_mel

PLAIN = AugmentConfig(room=0, equaliser=0, band=0, noise=0, clip=0, line=0)


def tone(count: int = 16000) -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * 220 * np.arange(count) / 16000)).astype(np.float32)


@pytest.mark.parametrize("kind", ["room", "equaliser", "band", "noise", "gate", "clip", "line", "opus"])
def test_every_kind_changes_the_sound_and_keeps_it_sound(kind):
    x = tone() * np.linspace(0, 1, 16000, dtype=np.float32)
    babble = np.random.default_rng(1).standard_normal(len(x)).astype(np.float32)
    y = augment(x, babble, replace(PLAIN, **{kind: 1.0}), np.random.default_rng(2))
    plain = augment(x, babble, PLAIN, np.random.default_rng(2))
    assert y.shape == x.shape and y.dtype == np.float32
    assert np.isfinite(y).all() and np.abs(y).max() <= 1
    assert np.abs(y - plain).max() > 1e-3


def test_a_gate_takes_from_what_is_quiet_alone():
    """A second of speech-like noise, half of it 30 dB down: the loud half keeps its level beside the quiet one."""
    rng = np.random.default_rng(0)
    x = (0.2 * rng.standard_normal(32000)).astype(np.float32)
    x[16000:] *= 10 ** (-30 / 20)
    for seed in range(5):
        plain, gated = (augment(x, x, replace(PLAIN, gate=g), np.random.default_rng(seed)) for g in (0.0, 1.0))
        inner = slice(1600, 14400), slice(17600, 30400)  # away from where it opens and shuts
        apart = [20 * np.log10(y[inner[0]].std() / y[inner[1]].std()) for y in (plain, gated)]
        assert apart[0] == pytest.approx(30, abs=1) and apart[1] >= apart[0] - 0.5
    deepest = max(
        20 * np.log10(np.abs(y[:14400]).mean() / np.abs(y[17600:]).mean())
        for y in (augment(x, x, replace(PLAIN, gate=1.0), np.random.default_rng(s)) for s in range(20))
    )
    assert deepest > 33


def test_the_same_draws_give_the_same_sound():
    config = AugmentConfig()
    x, babble = tone(), tone()[::-1].copy()
    a, b = (augment(x, babble, config, np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(a, b)


def test_rooms_and_filters_do_not_move_a_click():
    x = np.zeros(16000, np.float32)
    x[8000] = 1.0
    for seed in range(5):
        y = augment(x, x, replace(PLAIN, room=1.0, equaliser=1.0), np.random.default_rng(seed))
        assert abs(int(np.argmax(np.abs(y))) - 8000) <= 8  # half a millisecond


def delay(x: np.ndarray, y: np.ndarray) -> int:
    """Samples by which y is later than x, by cross-correlation."""
    size = 2 * len(x)
    alike = np.fft.irfft(np.fft.rfft(x, size).conj() * np.fft.rfft(y, size))
    return (int(np.argmax(alike)) + len(x)) % size - len(x)


def test_opus_moves_not_a_sample():
    """Bursts of noise between pauses; at 6 kbit/s what is left of a wave may peak a sample beside it."""
    rng = np.random.default_rng(0)
    x = (0.2 * rng.standard_normal(32000) * np.repeat(rng.random(20) < 0.5, 1600)).astype(np.float32)
    for seed in range(6):
        coded = augment(x, x, replace(PLAIN, opus=1.0), np.random.default_rng(seed))
        plain = augment(x, x, PLAIN, np.random.default_rng(seed))
        assert coded.shape == x.shape
        assert abs(delay(plain, coded)) <= 1
        silent = np.convolve(np.abs(plain), np.ones(800), "same") < 800 / 32768
        assert silent.any() and np.abs(coded[silent]).max() < 0.5 * np.abs(coded).max()


def test_the_microphone_colours_other_voices_as_it_does_the_speaker():
    """Beyond the band that a microphone hears there is none of either."""
    rng = np.random.default_rng(3)
    babble = rng.standard_normal(16000).astype(np.float32)
    y = augment(tone(), babble, replace(PLAIN, noise=1.0, babble=1.0, band=1.0, snr=(0.0, 0.0)), rng)
    power = np.abs(np.fft.rfft(y)) ** 2
    assert power[-400:].mean() < 1e-3 * power.mean()  # the highest 400 Hz


@pytest.mark.parametrize("snr", [-6.0, 15.0])
def test_noise_is_as_far_below_the_voice_as_requested(snr):
    """What comes out is a sum of both; least squares finds how much of each."""
    babble = np.random.default_rng(3).standard_normal(16000).astype(np.float32)
    config = replace(PLAIN, noise=1.0, babble=1.0, snr=(snr, snr))
    y = augment(tone(), babble, config, np.random.default_rng(0))
    much = np.linalg.lstsq(np.stack([tone(), babble], 1), y, rcond=None)[0]
    assert 20 * np.log10(much[0] * tone().std() / (much[1] * babble.std())) == pytest.approx(snr, abs=0.2)


@pytest.mark.parametrize("seed", range(8))
def test_steady_noise_of_any_colour_lies_where_speech_does(seed):
    power = np.abs(np.fft.rfft(_coloured(16000, np.random.default_rng(seed)))) ** 2
    assert power[300:4000].sum() > 0.25 * power.sum()


def test_a_room_answers_at_the_loudness_given():
    x = np.zeros(16000, np.float32)
    x[2000] = 1.0
    for direct in (-6.0, 9.0):
        room = replace(PLAIN, room=1.0, direct=(direct, direct), loudness=(-60.0, -60.0))  # or the click were clipped
        y = augment(x, x, room, np.random.default_rng(0))
        answer = np.delete(y, 2000)
        assert 10 * np.log10(y[2000] ** 2 / np.sum(answer**2)) == pytest.approx(direct, abs=0.7)


def test_silence_stays_silence():
    assert not augment(np.zeros(1000, np.float32), tone(1000), AugmentConfig(noise=1.0), np.random.default_rng(0)).any()


def test_a_warp_moves_a_formant_and_one_does_not():
    mel = torch.zeros(2, 3, 80)
    mel[:, :, 30] = 1.0
    warped = warp_mel(mel, np.array([1.0, 1.1]))
    assert torch.equal(warped[0], mel[0])
    assert int(warped[1, 0].argmax()) == 33


def test_masks_hide_behind_the_mean():
    mel = torch.randn(4, 200, 80)
    masked = mask_mel(mel, AugmentConfig(time_masks=3, mel_masks=3), np.random.default_rng(0))
    hidden = masked != mel
    assert 0 < hidden.float().mean() < 0.6
    assert torch.allclose(masked[0][hidden[0]], mel[0].mean())


def test_a_replay_moves_everything_by_its_rate():
    clicks = np.zeros(16000, np.float32)
    clicks[[4000, 12000]] = 1.0
    for rate in (0.8, 1.0, 1.25):
        y = replayed(clicks, rate, 16000)
        assert y.shape == (16000,)
        assert abs(int(np.argmax(np.abs(y[:8000]))) - 4000 / rate) <= 2
    fast = replayed(clicks, 1.25, 16000)
    assert not fast[12802:].any()  # the recording has ended


def test_factors_lie_between_their_limits_as_often_above_as_below_1():
    drawn = between((0.5, 2.0), np.random.default_rng(0), 4000)
    assert drawn.min() >= 0.5 and drawn.max() <= 2.0
    assert abs((drawn < 1).mean() - 0.5) < 0.03
