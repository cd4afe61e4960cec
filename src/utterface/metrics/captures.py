"""Measures against captured motion, each under the name and definition of the paper that it comes from.

"LVE" alone names at least six numbers (squared or not, root inside or outside the mean, pooled by frame or by clip), so
each has a function of its own. Vertices are (T, V, 3) metres, weights (T, C); prediction and reference have the same
length (crop to the reference first). Results of length have the unit of the input, squared ones its square.
"""

from collections.abc import Sequence

import numpy as np

from utterface.motion import Motion

BEAT_MOUTH = (  # by their numbers among BEAT's 51 channels, in the order of the alphabet: 23, 25, 27 …
    "jawLeft", "jawRight", "mouthDimpleLeft", "mouthDimpleRight", "mouthFunnel", "mouthPucker", "mouthRollLower",
    "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthUpperUpLeft", "mouthUpperUpRight",
)  # fmt: skip


def lve_squared(predicted: np.ndarray, reference: np.ndarray, lips: np.ndarray) -> float:
    """Lip vertex error as most code bases compute it: mean over frames of the largest squared lip distance, m².

    CodeTalker `cal_metric.py`, FaceDiffuser, SelfTalk; the papers that print it as mm or ×1e-5 mean this number.
    """
    largest = _distances(predicted, reference, lips).max(1)
    return float((largest.astype(np.float64) ** 2).mean())


def lve(predicted: np.ndarray, reference: np.ndarray, lips: np.ndarray) -> float:
    """Lip vertex error unsquared: mean over frames of the largest lip distance, m (THUNDER in cm; MeshTalk)."""
    return float(_distances(predicted, reference, lips).max(1).mean())


def lve_rms(predicted: np.ndarray, reference: np.ndarray, lips: np.ndarray) -> float:
    """Root of `lve_squared`, m (ARTalk prints it in mm)."""
    return lve_squared(predicted, reference, lips) ** 0.5


def lve_weights(predicted: np.ndarray, reference: np.ndarray) -> float:
    """Mean squared difference of the lip, jaw and mouth weights, (T, C) of those channels (Tokens to Faces §3)."""
    return float(((predicted - reference) ** 2).mean())


def lve_beat(predicted: Motion, reference: Motion) -> float:
    """FaceDiffuser's LVE on BEAT: mean over frames of the norm of the difference of 12 channels, without jawOpen.

    Its script averages sequences, not frames, see `compute_objective_metrics_blendshape.py` there.
    """
    difference = predicted.select(BEAT_MOUTH) - reference.select(BEAT_MOUTH)
    return float(np.linalg.norm(difference, axis=1).mean())


def ufve(predicted: np.ndarray, reference: np.ndarray, upper: np.ndarray) -> float:
    """Upper face vertex error: mean over frames and upper vertices of the distance, m (UniTalker)."""
    return float(_distances(predicted, reference, upper).mean())


def eve(predicted: np.ndarray, reference: np.ndarray, upper: np.ndarray) -> float:
    """Emotional vertex error: `lve` of eyes and forehead, m (EmoTalk; no code, its authors point to LVE)."""
    return lve(predicted, reference, upper)


def mve(predicted: np.ndarray, reference: np.ndarray) -> float:
    """Mean vertex error: mean over frames and vertices of the distance, m (FaceDiffuser, ProbTalk3D, UniTalker)."""
    return float(np.linalg.norm(predicted - reference, axis=-1).mean())


def fdd(predicted: np.ndarray, reference: np.ndarray, template: np.ndarray, region: np.ndarray) -> float:
    """Face dynamics deviation of one clip, signed, m²: reference's minus prediction's mean temporal deviation.

    CodeTalker `cal_metric.py`: the population deviation over time of the *squared* offset norm, averaged over the
    region's vertices. Over clips report the mean of this and the mean of its absolute value: signs cancel.
    """

    def dynamics(vertices: np.ndarray) -> float:
        squared = ((vertices[:, region] - template[region]) ** 2).sum(-1)
        return float(squared.std(0).mean())

    return dynamics(reference) - dynamics(predicted)


def motion_deviation(predicted: np.ndarray, reference: np.ndarray, region: np.ndarray) -> float:
    """FDD of THUNDER, m: by how much each vertex's deviation over time misses the reference's, averaged.

    Vertices may be offsets from rest. The paper says "difference of temporal std", its figures are lengths; that the
    deviation is of the offset's length from its own mean, in all three coordinates, and that neither sign cancels the
    other, is [I].
    """

    def dynamics(vertices: np.ndarray) -> np.ndarray:
        around = vertices[:, region].astype(np.float64)
        return np.sqrt(((around - around.mean(0)) ** 2).sum(-1).mean(0))

    return float(np.abs(dynamics(predicted) - dynamics(reference)).mean())


def jitter(weights: np.ndarray, frame_rate: float) -> float:
    """Mean norm of the second temporal difference of (T, C) weights, per s² (Tokens to Faces; scale [I]).

    The paper states neither scale nor aggregation; here Δ²x · rate², its norm over channels, mean over frames.
    """
    if len(weights) < 3:
        return 0.0
    acceleration = np.diff(weights.astype(np.float64), n=2, axis=0) * frame_rate**2
    return float(np.linalg.norm(acceleration, axis=1).mean())


def mean_speed(weights: np.ndarray, frame_rate: float) -> float:
    """Mean norm of the first temporal difference of (T, C) weights, per s; `jitter` ÷ it is jitter at equal motion."""
    if len(weights) < 2:
        return 0.0
    velocity = np.diff(weights.astype(np.float64), axis=0) * frame_rate
    return float(np.linalg.norm(velocity, axis=1).mean())


def bcs_threshold(reference_aperture: np.ndarray, bilabial: np.ndarray) -> float:
    """The aperture that bounds 70 % of the reference's bilabial frames (Tokens to Faces §3, part a)."""
    return float(np.quantile(reference_aperture[bilabial], 0.7))


def bcs(predicted_aperture: np.ndarray, bilabial: np.ndarray, threshold: float) -> float:
    """Bilabial closure score: share of bilabial frames whose aperture meets the threshold (Tokens to Faces §3, part b).

    Args:
        predicted_aperture: (T,) lip aperture, smaller is more closed; which channel the paper thresholds is not stated,
            `jawOpen − mouthClose` or a lip gap serve.
        bilabial: (T,) bool, frames inside /p b m/.
        threshold: from `bcs_threshold` on the reference, which then scores 0.70 itself.
    """
    return float((predicted_aperture[bilabial] <= threshold).mean())


def mouth_opening_difference(predicted_gap: np.ndarray, reference_gap: np.ndarray) -> float:
    """MOD: mean absolute difference of mouth opening, unit of the gap (DiffPoseTalk, ARTalk)."""
    return float(np.abs(predicted_gap - reference_gap).mean())


def dtw(predicted: np.ndarray, reference: np.ndarray) -> float:
    """Dynamic time warping of two lip-distance series, unit of the series: cost of the best path over its length.

    THUNDER measures it on the mid-upper to mid-lower lip distance; dividing by the path's length is [I].
    """
    cost = np.abs(predicted[:, None].astype(np.float64) - reference[None, :])
    rows, columns = cost.shape
    total = np.full((rows + 1, columns + 1), np.inf)
    steps = np.zeros(total.shape, np.int64)
    total[0, 0] = 0
    for diagonal in range(2, rows + columns + 1):  # cells of a diagonal need only those before it
        i = np.arange(max(1, diagonal - columns), min(rows, diagonal - 1) + 1)
        j = diagonal - i
        before, lengths = (np.stack([of[i - 1, j - 1], of[i - 1, j], of[i, j - 1]]) for of in (total, steps))
        least = before.min(0)
        total[i, j] = least + cost[i - 1, j - 1]
        steps[i, j] = np.where(before == least, lengths, rows + columns).min(0) + 1  # of equal paths the shortest
    return float(total[-1, -1] / steps[-1, -1])


def mouth_timing_ms(predicted: np.ndarray, reference: np.ndarray, frame_rate: float) -> float:
    """MTM, ms: how far apart the turning points of two series of lip distances are (Chae-Yeon et al. 2025, 2503.20308).

    Both series are smoothed (σ of two frames) and warped onto each other by their slopes (Keogh and Pazzani 2001, eq.
    1); maxima warped onto maxima, and minima onto minima, count where the predicted one lies between the reference's
    turning points before and after. Neighbours of either kind are [I]; nan where no pair counts.
    """
    ours, theirs = (_smoothed(series) for series in (predicted, reference))
    slopes = [((s[1:-1] - s[:-2]) + (s[2:] - s[:-2]) / 2) / 2 for s in (ours, theirs)]
    if min(len(slope) for slope in slopes) < 1:
        return float("nan")
    path = 1 + _warping(np.abs(slopes[0][:, None] - slopes[1][None]))
    kinds = [{int(i): sign for sign in (1, -1) for i in _peaks(sign * s)} for s in (ours, theirs)]
    turns = np.array(sorted(kinds[1]))
    apart = []
    for i, j in path:
        if kinds[0].get(int(i), 0) * kinds[1].get(int(j), 0) == 1:
            place = int(np.searchsorted(turns, j))
            before = turns[place - 1] if place else -1
            after = turns[place + 1] if place + 1 < len(turns) else len(theirs)
            if before < i < after:
                apart.append(abs(int(i) - int(j)))
    return 1000 * float(np.mean(apart)) / frame_rate if apart else float("nan")


def beat_alignment(predicted: np.ndarray, reference: np.ndarray, frame_rate: float, deviation: float = 0.1) -> float:
    """BA of head poses (DiffPoseTalk): mean over the reference's beats of exp(−d² / 2σ²), d to the nearest of ours.

    A beat is a moment at which the head turns slower than just before and after; the papers print neither that nor σ
    [I]. nan where the reference has none.

    Args:
        predicted, reference: (T, 3) angles.
        frame_rate: Hz.
        deviation: σ, seconds.
    """
    ours, theirs = (_beats(angles) / frame_rate for angles in (predicted, reference))
    if not len(theirs):
        return float("nan")
    if not len(ours):
        return 0.0
    nearest = np.abs(theirs[:, None] - ours[None]).min(1)
    return float(np.exp(-(nearest**2) / (2 * deviation**2)).mean())


def lip_correlation(predicted: np.ndarray, reference: np.ndarray, mouth: np.ndarray) -> float:
    """L-PCC: Pearson correlation over time of each mouth-vertex coordinate that moves, averaged (THUNDER)."""
    a, b = _series(predicted, mouth), _series(reference, mouth)
    moving = (a.std(0) > 0) & (b.std(0) > 0)
    a, b = a[:, moving] - a[:, moving].mean(0), b[:, moving] - b[:, moving].mean(0)
    return float(((a * b).mean(0) / (a.std(0) * b.std(0))).mean()) if moving.any() else float("nan")


def lip_concordance(predicted: np.ndarray, reference: np.ndarray, mouth: np.ndarray) -> float:
    """L-CCC: Lin's concordance 2ρσσ' / (σ² + σ'² + (μ − μ')²) of every mouth-vertex coordinate, averaged (THUNDER)."""
    a, b = _series(predicted, mouth), _series(reference, mouth)
    covariance = ((a - a.mean(0)) * (b - b.mean(0))).mean(0)
    spread = a.var(0) + b.var(0) + (a.mean(0) - b.mean(0)) ** 2
    moving = spread > 0
    return float((2 * covariance[moving] / spread[moving]).mean()) if moving.any() else float("nan")


def sample_diversity(samples: np.ndarray, reference: np.ndarray, region: np.ndarray) -> float:
    """S-DIV of one clip, m: deviation over the samples of each vertex's distance to the reference, averaged.

    `samples` is (S, T, V, 3). THUNDER §4: lower is better on the lips, higher on the upper face.
    """
    return float(_sample_distances(samples, reference, region).std(0).mean())


def temporal_diversity(samples: np.ndarray, reference: np.ndarray, region: np.ndarray) -> float:
    """T-DIV of one clip, m: the same distances' deviation over time, averaged (THUNDER §4)."""
    return float(_sample_distances(samples, reference, region).std(1).mean())


def pairwise_diversity(samples: np.ndarray) -> float:
    """Diversity, m: mean vertex distance between the first and the second half of the samples (ProbTalk3D eq.; LSF)."""
    half = len(samples) // 2
    return float(np.linalg.norm(samples[:half] - samples[half : 2 * half], axis=-1).mean())


def mean_estimate_error(samples: np.ndarray, reference: np.ndarray, lips: np.ndarray) -> float:
    """MEE, m²: `lve_squared` of the mean of the samples (ProbTalk3D)."""
    return lve_squared(samples.mean(0), reference, lips)


def coverage_error(samples: np.ndarray, reference: np.ndarray, lips: np.ndarray) -> float:
    """CE of one clip, m²: `lve_squared` of the best sample (ProbTalk3D)."""
    return min(lve_squared(sample, reference, lips) for sample in samples)


def mean_over_clips(values: Sequence[float], frames: Sequence[int]) -> float:
    """Frame-pooled mean of per-clip means: what papers that pool all frames report."""
    return float(np.average(values, weights=frames))


def _beats(angles: np.ndarray) -> np.ndarray:
    """Frames at which the speed of (T, 3) angles is least."""
    speed = np.linalg.norm(np.gradient(angles.astype(np.float64), axis=0), axis=1)
    return _peaks(-speed)


def _peaks(series: np.ndarray) -> np.ndarray:
    """Where (T,) values turn from rising to falling; of level stretches the middle."""
    slopes = np.sign(np.diff(series))
    steps = np.flatnonzero(slopes)
    turned = (slopes[steps[:-1]] > 0) & (slopes[steps[1:]] < 0)
    middle: np.ndarray = (steps[:-1][turned] + 1 + steps[1:][turned]) // 2
    return middle


def _smoothed(series: np.ndarray) -> np.ndarray:
    """(T,) values under a Gaussian of two frames' deviation, mirrored at the ends."""
    kernel = np.exp(-0.5 * (np.arange(-8, 9) / 2) ** 2)
    padded = np.pad(series.astype(np.float64), 8, mode="symmetric")
    return np.convolve(padded, kernel / kernel.sum(), "valid")


def _warping(cost: np.ndarray) -> np.ndarray:
    """(P, 2) cells of the cheapest path through (I, J) costs, from first to last."""
    total = np.full((cost.shape[0] + 1, cost.shape[1] + 1), np.inf)
    total[0, 0] = 0
    for i, row in enumerate(cost, 1):
        for j, own in enumerate(row, 1):
            total[i, j] = own + min(total[i - 1, j - 1], total[i - 1, j], total[i, j - 1])
    i, j = cost.shape
    path = []
    while i and j:
        path.append((i - 1, j - 1))
        before = {(i - 1, j - 1): total[i - 1, j - 1], (i - 1, j): total[i - 1, j], (i, j - 1): total[i, j - 1]}
        i, j = min(before, key=lambda cell: before[cell])
    return np.array(path[::-1])


def _distances(predicted: np.ndarray, reference: np.ndarray, region: np.ndarray) -> np.ndarray:
    return np.linalg.norm(predicted[:, region] - reference[:, region], axis=-1)


def _sample_distances(samples: np.ndarray, reference: np.ndarray, region: np.ndarray) -> np.ndarray:
    return np.linalg.norm(samples[:, :, region] - reference[None, :, region], axis=-1)


def _series(vertices: np.ndarray, region: np.ndarray) -> np.ndarray:
    return vertices[:, region].reshape(len(vertices), -1).astype(np.float64)
