"""Data from a Gaussian, whose best x̂0 and whose noise-free way from noise to data are known exactly."""

import math

import numpy as np
import pytest
import torch

from utterface.errors import ConfigError
from utterface.lab.networks.diffusion import (
    SAMPLERS,
    Schedule,
    add_noise,
    ddim,
    ddpm,
    dpm_solver,
    guided,
    plan,
    sample,
    spaced,
    spaced_by_snr,
)

MEAN, DEVIATION = 0.6, 0.3
SCHEDULE = Schedule.linear()


def posterior_mean(schedule: Schedule = SCHEDULE):
    """E[x0 | x_d] of x0 ~ N(MEAN, DEVIATION²): the denoiser that no training could better."""
    kept = torch.tensor(schedule.kept)

    def denoise(x, level):
        a = kept[level].view(-1, *[1] * (x.ndim - 1))
        gain = a.sqrt() * DEVIATION**2 / (a * DEVIATION**2 + 1 - a)
        return MEAN + gain * (x - a.sqrt() * MEAN)

    return denoise


def exact_end(start: torch.Tensor, schedule: Schedule = SCHEDULE) -> torch.Tensor:
    """Where the probability-flow equation leads: the same number of deviations from the mean at either end."""
    a = float(schedule.kept[-1])
    return MEAN + DEVIATION * (start - math.sqrt(a) * MEAN) / math.sqrt(a * DEVIATION**2 + 1 - a)


def draw(sampler: str, steps: int, count: int, seed: int = 0, schedule: Schedule = SCHEDULE):
    generator = torch.Generator().manual_seed(seed)
    start = torch.randn(1, count, 1, generator=generator, dtype=torch.float64)
    return start, sample(posterior_mean(schedule), start, plan(sampler, schedule, steps), generator)


@pytest.mark.parametrize("schedule", [Schedule.linear(), Schedule.cosine(), Schedule.cosine(50)])
def test_schedules_fall_from_data_to_noise(schedule):
    kept = schedule.kept
    assert (np.diff(kept) < 0).all()
    assert 0.99 < kept[0] < 1
    assert 0 < kept[-1] < 1e-3


def test_schedules_by_hand():
    assert Schedule.linear(2, 0.1, 0.5).kept == pytest.approx([0.9, 0.45])
    half = math.cos((0.5 + 0.008) / 1.008 * math.pi / 2) ** 2 / math.cos(0.008 / 1.008 * math.pi / 2) ** 2
    assert Schedule.cosine(2).kept == pytest.approx([half, half * 0.001])


def test_noise_is_added_level_by_level():
    x = add_noise(
        torch.ones(2, 3, 1), torch.full((2, 3, 1), 2.0), torch.tensor([0, 1]), Schedule(np.array([0.64, 0.36]))
    )
    assert x[0].flatten().tolist() == pytest.approx([0.8 + 2 * 0.6] * 3)
    assert x[1].flatten().tolist() == pytest.approx([0.6 + 2 * 0.8] * 3)


def test_levels_begin_at_the_noisiest_and_never_repeat():
    assert spaced(1000, 4) == [999, 749, 499, 249]
    assert spaced(10, 10) == list(range(9, -1, -1))
    assert all(len(set(spaced(1000, n))) == n for n in (1, 3, 7, 999))
    assert spaced_by_snr(Schedule.cosine(6), 6) == [5, 4, 3, 2, 1, 0]
    few = spaced_by_snr(SCHEDULE, 9)
    assert (few[0], few[-1]) == (999, 0)
    assert (np.diff(few) < 0).all()
    with pytest.raises(ConfigError, match="1 to 10 steps, got 11"):
        spaced(10, 11)
    with pytest.raises(ConfigError, match=r"no sampler 'euler'; there are ddpm"):
        plan("euler", SCHEDULE, 5)


def test_ddpm_is_the_posterior_of_ho_et_al():
    """Equation 7, written out."""
    schedule = Schedule.linear(20)
    kept = np.r_[schedule.kept[::-1], 1.0]
    for i, update in enumerate(ddpm(schedule, 20)):
        here, after = kept[i], kept[i + 1]
        beta = 1 - here / after
        assert update.clean == pytest.approx(math.sqrt(after) * beta / (1 - here))
        assert update.keep == pytest.approx(math.sqrt(here / after) * (1 - after) / (1 - here))
        assert update.noise**2 == pytest.approx((1 - after) / (1 - here) * beta)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_the_last_step_ends_at_the_clean_data(sampler):
    last = plan(sampler, SCHEDULE, 7)[-1]
    assert (last.keep, last.clean, last.earlier, last.noise) == pytest.approx((0, 1, 0, 0))


@pytest.mark.parametrize("schedule", [Schedule.linear(), Schedule.cosine()])
@pytest.mark.parametrize("sampler", ["ddpm", "ddim", "dpm++"])
def test_samples_follow_the_data(sampler, schedule):
    _, result = draw(sampler, 250 if sampler == "ddpm" else 100, 10_000, schedule=schedule)
    assert float(result.mean()) == pytest.approx(MEAN, abs=0.01)
    assert float(result.std()) == pytest.approx(DEVIATION, rel=0.05)


def test_solvers_converge_at_their_order():
    """Away from the last step, which is of first order: the exact way is known at every level."""
    errors: dict[str, list[float]] = {"ddim": [], "dpm++": []}
    for sampler, found_errors in errors.items():
        for steps in (60, 120, 240):
            start = torch.tensor([[1.5]], dtype=torch.float64)
            updates = plan(sampler, SCHEDULE, steps)
            stop = max(i for i, u in enumerate(updates) if u.level >= 400)
            result = sample(posterior_mean(), start, updates[:stop], torch.Generator())
            a, b = float(SCHEDULE.kept[updates[stop].level]), float(SCHEDULE.kept[-1])
            spread = [math.sqrt(k * DEVIATION**2 + 1 - k) for k in (a, b)]
            exact = math.sqrt(a) * MEAN + spread[0] * (1.5 - math.sqrt(b) * MEAN) / spread[1]
            found_errors.append(abs(float(result) - exact))
    first, second = (np.diff(np.log2(errors[s])) for s in errors)
    assert first == pytest.approx([-1, -1], abs=0.2)
    assert (second < -1.6).all()


def test_few_steps_of_the_second_order_come_closer():
    start = torch.linspace(-2, 2, 9, dtype=torch.float64)[:, None]
    result = {
        name: sample(posterior_mean(), start, updates(SCHEDULE, 10), torch.Generator())
        for name, updates in (("ddim", ddim), ("dpm++", dpm_solver))
    }
    error = {name: float((x - exact_end(start)).abs().max()) for name, x in result.items()}
    assert error["dpm++"] < 0.1 * error["ddim"]


@pytest.mark.parametrize("sampler", ["ddpm", "renoise"])
def test_a_seed_makes_a_take(sampler):
    first, again, other = (draw(sampler, 10, 4, seed)[1] for seed in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_guidance_goes_beyond_what_the_speech_says():
    def said(x, level):
        return x + 1

    def unsaid(x, level):
        return x

    assert guided(said, unsaid, 1.0) is said
    x = torch.zeros(1, 2, 1)
    assert torch.equal(guided(said, unsaid, 3.0)(x, torch.tensor([0])), x + 3)
    assert torch.equal(guided(said, unsaid, 0.0)(x, torch.tensor([0])), x)
