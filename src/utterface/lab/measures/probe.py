"""What a speech representation holds, without training a decoder on it.

Of units, as *From Tokens to Faces* (Corrêa et al., Interspeech 2026) asks, at 30 frames a second:

    phone entropy     of the phone (silence is one), once the unit is known: 0 the unit tells it, 1 chance
    phone purity      share of frames whose phone is the commonest one of their unit (HuBERT)
    phone information what the unit tells of the phone, as a share of the phone's entropy (HuBERT's PNMI)
    viseme entropy    of the viseme, 32 clusters of the target's weights
    motion R²         median over channels of a ridge regression from one-hot units to weights

Of any representation, linear probes on its own frames; a frame's neighbours are not shown to them:

    phone accuracy    multinomial logistic regression, unseen speakers
    pitch R²          ridge to octaves where the voice sounds, unseen speakers
    energy R²         ridge to dB, unseen speakers
    speaker accuracy  mean and deviation of a clip's frames, unseen clips
    emotion accuracy  the same, unseen speakers

Figures but motion R² have 95 % intervals: `NAME_low`, `NAME_high`, from leaving out or resampling the `NAME_clips`
clips that are judged.

The paper leaves open how tokens are averaged, the context and the ridge's weight; the choices made here are arguments.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy import linalg, sparse
from scipy.cluster.vq import kmeans2
from scipy.sparse.linalg import LinearOperator, lsqr
from torch.nn import functional as F

from utterface import speech, timing
from utterface.articulation import articulate
from utterface.errors import CorpusError
from utterface.lab.batches.crops import labels_at
from utterface.lab.corpora.manifest import CorpusClip
from utterface.lab.representations.contract import Representation
from utterface.metrics.intervals import ROUNDS, jackknife
from utterface.motion import ARKIT
from utterface.track import Track

FRAME_RATE = 30.0  # Hz of the unit measures
VISEMES = 32
UnitLabels = tuple[np.ndarray, np.ndarray]  # (T,) or (T, K) units and (T,) labels of a clip
_STILL = 1e-6  # standard deviation below which a channel does not move


# ------------------------------------------------------------------------------------------------------------ units


def normalised_entropy(units: np.ndarray, labels: np.ndarray, classes: int, weighted: bool = True) -> float:
    """Ĥ(X | t) = −Σᵢ p(xᵢ | t) log₂ p(xᵢ | t) / log₂ K, averaged over the units t that occur.

    Weighted, a unit counts as often as it occurs, which is the conditional entropy H(X | T) / log₂ K; else each counts
    once. Rare units look surer than they are, so compare large codebooks on many frames.

    Args:
        units: (T,) ints, or (T, K) of which each distinct row is a unit.
        labels: (T,) ints.
        classes: K, how many labels there are.
        weighted: how units are averaged.
    """
    counts = together(units, labels)
    total = counts.sum(1)
    share = counts / total[:, None]
    entropy = -(share * np.log2(np.where(share > 0, share, 1))).sum(1) / np.log2(classes)
    return float(np.average(entropy, weights=total if weighted else None))


def together(units: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(units, labels) how often each unit, or distinct row of units, meets each label."""
    _, unit = np.unique(units, axis=0, return_inverse=True)
    _, label = np.unique(labels, return_inverse=True)
    counts: np.ndarray = sparse.csr_array((np.ones(len(unit)), (unit.ravel(), label))).toarray()
    return counts


def purity(units: np.ndarray, labels: np.ndarray) -> float:
    """Σ over units of the frames with the unit's commonest label, as a share of all frames (Hsu et al. 2021)."""
    return commonest_share(together(units, labels))


def commonest_share(counts: np.ndarray) -> float:
    """`purity` from how often each unit (row) meets each label (column); of the transpose, cluster purity."""
    return float(counts.max(1).sum() / counts.sum())


def mutual_information(units: np.ndarray, labels: np.ndarray) -> float:
    """I(label; unit) / H(label), 0 to 1; with phones as labels, HuBERT's PNMI."""
    return shared_information(together(units, labels))


def shared_information(counts: np.ndarray) -> float:
    """`mutual_information` from how often each unit (row) meets each label (column)."""
    share = counts / counts.sum()
    unit, label = share.sum(1, keepdims=True), share.sum(0)
    shared = (share * np.log(np.where(share > 0, share, 1) / np.where(share > 0, unit * label, 1))).sum()
    return float(shared / -(label * np.log(np.where(label > 0, label, 1))).sum())


def viseme_labels(weights: np.ndarray, clusters: int = VISEMES, seed: int = 0) -> np.ndarray:
    """(T, C) blendshape weights → (T,) which of `clusters` k-means visemes each frame shows."""
    different = len(np.unique(weights, axis=0))
    if different < clusters:
        raise CorpusError(f"{clusters} visemes need as many different frames of motion at least, got {different}")
    rng = np.random.default_rng(seed)
    return kmeans2(weights.astype(np.float64), clusters, minit="++", iter=30, missing="warn", rng=rng)[1]


def motion_r2(
    units: Sequence[np.ndarray],
    weights: Sequence[np.ndarray],
    held_out: Sequence[bool],
    context: int = 2,
    alpha: float = 1.0,
) -> float:
    """Median over the channels that move of R² on held-out clips, ridge regression from one-hot units to weights.

    Args:
        units: a clip each, (T,) or (T, K).
        weights: a clip each, (T, C).
        held_out: which clips are judged; the others are fitted.
        context: frames on either side whose units are shown too.
        alpha: weight of the squared coefficients, the intercept left out.
    """
    tables = [u.reshape(len(u), -1) for u in units]
    known = [np.unique(np.concatenate([t[:, k] for t, h in zip(tables, held_out, strict=True) if not h]))
             for k in range(tables[0].shape[1])]  # fmt: skip
    rows = [_one_hot(table, known, context) for table in tables]
    fit = [i for i, h in enumerate(held_out) if not h]
    judge = [i for i, h in enumerate(held_out) if h]
    design, answers = sparse.vstack([rows[i] for i in fit]).tocsr(), np.concatenate([weights[i] for i in fit])
    inputs, truth = sparse.vstack([rows[i] for i in judge]).tocsr(), np.concatenate([weights[i] for i in judge])
    moving = np.flatnonzero(truth.std(0) > _STILL)
    mean = np.asarray(design.mean(0)).ravel()
    centred = LinearOperator(
        design.shape,
        matvec=lambda v: design @ v - mean @ v,
        rmatvec=lambda u: design.T @ u - mean * u.sum(),
        dtype=np.float64,
    )
    scores = []
    for channel in moving:
        middle = answers[:, channel].mean()
        beta = lsqr(centred, answers[:, channel] - middle, damp=np.sqrt(alpha), atol=1e-8, btol=1e-8)[0]
        scores.append(r2(inputs @ beta - mean @ beta + middle, truth[:, channel]))
    return float(np.median(scores)) if scores else float("nan")


def _one_hot(table: np.ndarray, known: Sequence[np.ndarray], context: int) -> sparse.csr_array:
    """(T, K) units → (T, (2 context + 1) Σ sizes); beyond the ends and for units never fitted, zeros."""
    count, columns, begin = len(table), [], 0
    rows = []
    for shift in range(-context, context + 1):
        for k, values in enumerate(known):
            frame = np.arange(max(0, -shift), min(count, count - shift))
            place = np.minimum(np.searchsorted(values, table[frame + shift, k]), len(values) - 1)
            seen = values[place] == table[frame + shift, k]
            rows.append(frame[seen])
            columns.append(begin + place[seen])
            begin += len(values)
    row, column = np.concatenate(rows), np.concatenate(columns)
    return sparse.csr_array((np.ones(len(row)), (row, column)), shape=(count, begin))


def r2(predicted: np.ndarray, truth: np.ndarray) -> float:
    """1 − Σ (truth − predicted)² / Σ (truth − mean)²."""
    return float(1 - ((truth - predicted) ** 2).sum() / ((truth - truth.mean()) ** 2).sum())


# ----------------------------------------------------------------------------------------------------- linear probes


def hold_out(groups: Sequence[str], share: float = 0.25, seed: int = 0) -> np.ndarray:
    """(N,) bool: the members of `share` of the groups, one at least, drawn by `seed`; a group is never divided."""
    names = sorted(set(groups))
    if len(names) < 2:
        raise CorpusError(f"a disjoint split needs two speakers at least, got {len(names)}")
    count = min(max(1, round(share * len(names))), len(names) - 1)
    drawn = set(np.random.default_rng(seed).permutation(names)[:count].tolist())
    return np.array([group in drawn for group in groups])


def class_accuracy(features: np.ndarray, labels: np.ndarray, held_out: np.ndarray, penalty: float = 1e-3) -> float:
    """Accuracy of `class_hits`, arguments as there."""
    return float(class_hits(features, labels, held_out, penalty).mean())


def class_hits(features: np.ndarray, labels: np.ndarray, held_out: np.ndarray, penalty: float = 1e-3) -> np.ndarray:
    """Which held-out rows a multinomial logistic regression names right (L-BFGS; features whitened on the fitted rows).

    Args:
        features: (N, D). labels: (N,) ints or strings. held_out: (N,) bool.
        penalty: weight of the squared coefficients beside the mean cross-entropy.

    Returns:
        (held-out rows,) float32 of 0 and 1.
    """
    names, target = np.unique(labels, return_inverse=True)
    x = torch.from_numpy(_white(features, held_out).astype(np.float32))
    y, judged = torch.from_numpy(target), torch.from_numpy(held_out)
    weight = torch.zeros(x.shape[1], len(names), requires_grad=True)
    bias = torch.zeros(len(names), requires_grad=True)
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        value = F.cross_entropy(x[~judged] @ weight + bias, y[~judged]) + penalty * weight.square().sum()
        value.backward()
        return value

    optimiser.step(loss)
    with torch.no_grad():
        hits: np.ndarray = ((x[judged] @ weight + bias).argmax(1) == y[judged]).float().numpy()
    return hits


def value_r2(features: np.ndarray, values: np.ndarray, held_out: np.ndarray, alpha: float = 1.0) -> float:
    """R² of `ridge` on held-out rows, arguments as there."""
    return r2(ridge(features, values, held_out, alpha), values[held_out])


def ridge(features: np.ndarray, values: np.ndarray, held_out: np.ndarray, alpha: float = 1.0) -> np.ndarray:
    """Held-out rows predicted by a ridge regression in closed form (features whitened on the fitted rows).

    Args:
        features: (N, D). values: (N,). held_out: (N,) bool. alpha: weight of the squared coefficients.
    """
    x = _white(features, held_out).astype(np.float64)
    fit, middle = ~held_out, values[~held_out].mean()
    gram = x[fit].T @ x[fit] + alpha * np.eye(x.shape[1])
    beta = linalg.solve(gram, x[fit].T @ (values[fit] - middle), assume_a="pos")
    predicted: np.ndarray = x[held_out] @ beta + middle
    return predicted


def _white(features: np.ndarray, held_out: np.ndarray) -> np.ndarray:
    fitted = features[~held_out]
    return (features - fitted.mean(0)) / np.maximum(fitted.std(0), 1e-6)


# ---------------------------------------------------------------------------------------------------- a whole corpus


@dataclass(frozen=True)
class ProbeConfig:
    """How much is probed, and the choices the paper leaves open.

    Attributes:
        frames: of all clips together, shown to the frame probes, evenly taken.
        held_out: share of the speakers that is judged.
        context, alpha: of `motion_r2`.
        weighted: how entropies average over units.
        seed: of the split and of the visemes.
    """

    frames: int = 20_000
    held_out: float = 0.25
    context: int = 2
    alpha: float = 1.0
    weighted: bool = True
    seed: int = 0


def probe(
    representation: Representation,
    clips: Sequence[CorpusClip],
    config: ProbeConfig | None = None,
    emotions: Mapping[str, str] | None = None,
) -> dict[str, float]:
    """Every figure of the module's table; nan where the clips or the representation cannot tell.

    Args:
        representation: what is probed.
        clips: of two speakers at least.
        config: choices.
        emotions: clip id → emotion, where known.
    """
    config = config or ProbeConfig()
    figures: dict[str, float] = {}
    if representation.about.codebooks:
        figures |= _unit_figures(representation, clips, config)
    return figures | _linear_figures(representation, clips, config, emotions or {})


def _unit_figures(representation: Representation, clips: Sequence[CorpusClip], config: ProbeConfig) -> dict[str, float]:
    units, phones, weights = [], [], []
    known = all(clip.labels != "none" or clip.motion() is not None for clip in clips)
    for clip in clips:
        times = timing.frame_times(timing.frame_count(clip.duration, FRAME_RATE), FRAME_RATE)
        track = representation.units(clip.samples())
        assert track is not None  # representations with codebooks have units
        units.append(track.at(times))
        phones.append(labels_at(clip.phones(), times))
        if known:
            motion = clip.motion() or articulate(clip.phones(), clip.duration, FRAME_RATE)
            weights.append(timing.sample_at(motion.select(ARKIT[:-1]), motion.frame_rate, times, motion.start))
    names, numbers = np.unique(np.concatenate(phones), return_inverse=True)
    ends = np.cumsum([len(p) for p in phones])[:-1]
    rows = list(zip(units, np.split(numbers, ends), strict=True))

    def entropy_of(chosen: Sequence[UnitLabels], classes: int) -> float:
        return normalised_entropy(*_joined(chosen), classes, config.weighted)

    def of_phones(chosen: Sequence[UnitLabels]) -> dict[str, float]:
        unit, phone = _joined(chosen)
        return {
            "phone_entropy": entropy_of(chosen, len(names)),
            "phone_purity": purity(unit, phone),
            "phone_information": mutual_information(unit, phone),
        }

    figures = _left_out(rows, of_phones)
    if weights:
        visemes = np.split(viseme_labels(np.concatenate(weights), seed=config.seed), ends)
        shown = list(zip(units, visemes, strict=True))
        figures |= _left_out(shown, lambda chosen: {"viseme_entropy": entropy_of(chosen, VISEMES)})
        held_out = hold_out([c.speaker for c in clips], config.held_out, config.seed)
        figures["motion_r2"] = motion_r2(units, weights, held_out.tolist(), config.context, config.alpha)
        figures["motion_r2_clips"] = float(held_out.sum())
    return figures


def _joined(rows: Sequence[UnitLabels]) -> UnitLabels:
    return np.concatenate([u for u, _ in rows]), np.concatenate([label for _, label in rows])


def _left_out(
    rows: Sequence[UnitLabels], summary: Callable[[Sequence[UnitLabels]], Mapping[str, float]]
) -> dict[str, float]:
    """Figures of units with intervals from leaving out clips: those drawn twice would flatter them."""
    figures = dict(summary(rows))
    for name, (low, high) in jackknife(rows, summary).items():
        figures |= {f"{name}_low": low, f"{name}_high": high, f"{name}_clips": float(len(rows))}
    return figures


def _resampled(name: str, gained: np.ndarray, most: np.ndarray, clips: np.ndarray) -> dict[str, float]:
    """Σ gained / Σ most over the judged rows, (N,) each, with its interval from resampling their `clips`, (N,)."""
    _, number = np.unique(clips, return_inverse=True)
    sums = np.stack([np.bincount(number, each) for each in (gained, most)])
    count = sums.shape[1]
    picks = np.random.default_rng(0).integers(count, size=(ROUNDS, count))
    low, high = np.percentile(np.divide(*sums[:, picks].sum(2)), [2.5, 97.5])
    value = float(sums[0].sum() / sums[1].sum())
    return {name: value, f"{name}_low": float(low), f"{name}_high": float(high), f"{name}_clips": float(count)}


def _linear_figures(
    representation: Representation, clips: Sequence[CorpusClip], config: ProbeConfig, emotions: Mapping[str, str]
) -> dict[str, float]:
    rows: dict[str, list[np.ndarray]] = {k: [] for k in ("features", "phone", "pitch", "energy", "speaker", "clip")}
    whole = []
    step = max(1, round(sum(c.duration for c in clips) * representation.about.frame_rate / config.frames))
    for clip in clips:
        samples = clip.samples()
        track = representation.encode(samples)
        whole.append(np.concatenate([track.values.mean(0), track.values.std(0)]))
        prosody, times = speech.prosody(samples), track.times[::step]
        rows["features"].append(track.values[::step])
        rows["phone"].append(labels_at(clip.phones(), times))
        rows["pitch"].append(Track(prosody.pitch[:, None], speech.TRACK_RATE).at(times)[:, 0])
        rows["energy"].append(Track(prosody.energy[:, None], speech.TRACK_RATE).at(times)[:, 0])
        voiced = timing.nearest(prosody.pitch > 0, speech.TRACK_RATE, times)
        rows["pitch"][-1] = np.where(voiced, rows["pitch"][-1], 0)
        rows["speaker"].append(np.full(len(times), clip.speaker))
        rows["clip"].append(np.full(len(times), clip.id))
    table = {key: np.concatenate(values) for key, values in rows.items()}
    held_out = hold_out(table["speaker"].tolist(), config.held_out, config.seed)
    voiced = table["pitch"] > 0
    octaves = np.log2(np.where(voiced, table["pitch"], 1))
    clip_features = np.stack(whole)
    phones = class_hits(table["features"], table["phone"], held_out)
    figures = _share("phone_accuracy", phones, table["clip"][held_out])
    for name, values, chosen in (("pitch_r2", octaves, voiced), ("energy_r2", table["energy"], held_out | True)):
        judged = held_out[chosen]
        truth = values[chosen][judged]
        error = (ridge(table["features"][chosen], values[chosen], judged) - truth) ** 2
        spread = (truth - truth.mean()) ** 2
        figures |= _resampled(name, spread - error, spread, table["clip"][chosen][judged])
    speakers = _speaker_hits(clip_features, [c.speaker for c in clips], config.seed)
    return {
        **figures,
        **_share("speaker_accuracy", speakers),
        **_share("emotion_accuracy", _emotion_hits(clip_features, clips, emotions, config)),
    }


def _share(name: str, hits: np.ndarray, clips: np.ndarray | None = None) -> dict[str, float]:
    """Share of hits with its interval; by default each hit is of a clip of its own. nan where there are none."""
    if not len(hits):
        return {name: float("nan")}
    each = np.arange(len(hits)) if clips is None else clips
    return _resampled(name, hits, np.ones(len(hits)), each)


def _speaker_hits(features: np.ndarray, speakers: Sequence[str], seed: int) -> np.ndarray:
    """One clip in four of every speaker with two or more is judged; empty where fewer than two speakers have them."""
    judged = np.zeros(len(speakers), bool)
    rng = np.random.default_rng(seed)
    names = np.array(speakers)
    usable = np.zeros(len(speakers), bool)
    for name in sorted(set(speakers)):
        own = rng.permutation(np.flatnonzero(names == name))
        if len(own) >= 2:
            usable[own] = True
            judged[own[: max(1, len(own) // 4)]] = True
    if len(set(names[usable])) < 2:
        return np.empty(0, np.float32)
    return class_hits(features[usable], names[usable], judged[usable])


def _emotion_hits(
    features: np.ndarray, clips: Sequence[CorpusClip], emotions: Mapping[str, str], config: ProbeConfig
) -> np.ndarray:
    """Clips of unseen speakers; empty where fewer than two speakers or emotions are known."""
    usable = np.array([c.id in emotions for c in clips])
    named = [c for c in clips if c.id in emotions]
    if len({c.speaker for c in named}) < 2 or len({emotions[c.id] for c in named}) < 2:
        return np.empty(0, np.float32)
    held_out = hold_out([c.speaker for c in named], config.held_out, config.seed)
    return class_hits(features[usable], np.array([emotions[c.id] for c in named]), held_out)
