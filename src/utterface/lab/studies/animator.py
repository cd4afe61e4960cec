"""How good an animator is, and what it costs: lips on real speech, by speaker, in noise, by language, as strength and
moods ask; speed, delay, memory.

utterface bench animator --audio CLIPS --text clips.tsv -o report/
"""

import resource
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from utterface import score, speech, timing
from utterface.articulation import EMOTIONS
from utterface.engines import DEFAULT_BUNDLE, Request, open_animator
from utterface.engines.animate import animate
from utterface.errors import ConfigError
from utterface.lab.corpora.manifest import read_corpus
from utterface.lab.corpora.recorded import speaker_of
from utterface.lab.measures.conditions import conditions
from utterface.lab.studies.jobs import OnProgress
from utterface.lab.studies.markdown import number, span, table
from utterface.metrics import lips
from utterface.metrics.intervals import bootstrap
from utterface.motion import Motion
from utterface.phones import Span
from utterface.rigs.lips import LipRig

FIGURES = (
    "closure_recall", "closure_precision", "closure_f1", "closure_timing_ms", "over_closed_mm", "vowel_closed",
    "vowel_height_rho", "rounding_auc", "silence_closed",
)  # fmt: skip
_CHUNK = 320  # samples, 20 ms
_REPEATS = 5
_LEAST_MM = 0.1  # a vowel whose lips open less says nothing of how far they open
_STRENGTHS, _INTENSITY = (0.5, 1.5), 0.8  # requested one at a time


@dataclass(frozen=True)
class Utterance:
    """Sound with its true phones, and who speaks or in which language."""

    name: str
    samples: np.ndarray
    phones: Sequence[Span]
    group: str = ""


@dataclass(frozen=True)
class EngineJudge:
    """An engine's motion on a rig's lips, judged against true phones.

    Attributes:
        model: engine or bundle, by name or folder.
        rig: whose lips are measured.
        strength, emotions: requested of it, see `animate`.
    """

    model: str
    rig: LipRig
    strength: float = 1.0
    emotions: Mapping[str, float] = field(default_factory=dict)

    def observe(self, utterance: Utterance, samples: np.ndarray | None = None) -> lips.LipObservation:
        """What the lips do; `samples` stand in for the utterance's own where they were degraded."""
        return self.watch(utterance, self.move(utterance.samples if samples is None else samples))

    def move(self, samples: np.ndarray) -> Motion:
        """The face for (N,) samples, without life."""
        emotions = self.emotions
        return animate(samples, life=False, model=self.model, strength=self.strength, emotions=emotions).motion

    def watch(self, utterance: Utterance, motion: Motion) -> lips.LipObservation:
        """What the lips do in a motion."""
        rounding = motion.select(("mouthPucker", "mouthFunnel")).sum(1)
        duration = timing.seconds(len(utterance.samples))
        return lips.observe(utterance.phones, motion.times, self.rig.gap_mm(motion), rounding, duration)


def spoken_utterances(audio: Path, text: Path) -> list[Utterance]:
    """Real recordings with their aligned phones; those that do not align are left out."""
    utterances = []
    for clip in score.list_clips(audio, text):
        samples = speech.read(clip.audio).samples
        phones = score.phones_of(samples, clip.text, strict=False)
        if phones is not None:
            utterances.append(Utterance(clip.name, samples, phones, speaker_of(clip.name)))
    if not utterances:
        raise ConfigError(f"no recording in {audio} aligns with its transcript in {text}")
    return utterances


def corpus_utterances(folder: Path) -> list[Utterance]:
    """Clips of a corpus whose phones are known exactly, grouped by language."""
    return [Utterance(c.id, c.samples(), c.phones(), c.language) for c in read_corpus(folder).clips]


def judge_clean(judge: EngineJudge, utterances: Sequence[Utterance]) -> dict:
    """Every figure with its 95 % interval over clips."""
    seen = [judge.observe(u) for u in utterances]
    spread = bootstrap(seen, lips.summarise)
    return {
        "clips": len(seen),
        **lips.counts(seen),
        **{k: v for k, v in lips.summarise(seen).items() if k in FIGURES},
        **{f"{k}_95": list(spread[k]) for k in FIGURES},
    }


def judge_conditions(judge: EngineJudge, utterances: Sequence[Utterance], seeds: int, report: OnProgress) -> list[dict]:
    """Closure F1 a condition, median over seeds, and its fall against clean sound."""
    clean = lips.summarise([judge.observe(u) for u in utterances])["closure_f1"]
    rows = []
    kinds = conditions([u.samples for u in utterances])
    for index, condition in enumerate(kinds):
        report(condition.name, index / len(kinds))
        values = []
        for seed in range(seeds):
            random = np.random.default_rng([seed, index])
            seen = [judge.observe(u, condition.degrade(u.samples, random)) for u in utterances]
            values.append(lips.summarise(seen)["closure_f1"])
        f1 = float(np.median(values))
        rows.append(
            {"condition": condition.name, "closure_f1": f1, "drop": clean - f1, "allowed": condition.allowed_drop}
        )
    return rows


def judge_controls(judge: EngineJudge, utterances: Sequence[Utterance], report: OnProgress) -> list[dict]:
    """What strength and moods do, each beside neutral: whether lips still close, how far they open, how much shows.

    `opening`: median ratio of the vowels' largest gaps. `shown`: the mood's own face in what it changes, 1 = all of it.
    """
    plain = [judge.move(u.samples) for u in utterances]
    seen = [judge.watch(u, motion) for u, motion in zip(utterances, plain, strict=True)]
    neutral, rows = lips.summarise(seen), []
    moods = [name for name in EMOTIONS if name != "neutral"]
    judges = {f"strength {s:g}": replace(judge, strength=s) for s in _STRENGTHS}
    judges |= {f"{mood} {_INTENSITY:g}": replace(judge, emotions={mood: _INTENSITY}) for mood in moods}
    for index, (name, other) in enumerate(judges.items()):
        report(name, index / len(judges))
        motions = [other.move(u.samples) for u in utterances]
        moved = [judge.watch(u, motion) for u, motion in zip(utterances, motions, strict=True)]
        figures = lips.summarise(moved)
        wide = _openings(moved) / np.maximum(_openings(seen), _LEAST_MM)
        rows.append(
            {
                "asked": name,
                "closure_f1": figures["closure_f1"],
                "drop": neutral["closure_f1"] - figures["closure_f1"],
                "over_closed_mm": figures["over_closed_mm"],
                "opening": float(np.median(wide)),
                "shown": _shown(plain, motions, other.emotions) if other.emotions else None,
            }
        )
    return rows


def _openings(seen: Sequence[lips.LipObservation]) -> np.ndarray:
    return np.concatenate([s.opening for s in seen])


def _shown(plain: Sequence[Motion], moved: Sequence[Motion], emotions: Mapping[str, float]) -> float:
    """How much of the emotions' faces stands in the difference of two motions, by least squares."""
    face = np.zeros(len(plain[0].channels))
    for name, intensity in emotions.items():
        for channel, weight in EMOTIONS[name].items():
            face[plain[0].index(channel)] += intensity * weight
    differences = np.concatenate([b.values - a.values for a, b in zip(plain, moved, strict=True)])
    return float((differences @ face).mean() / (face @ face))


def judge_speakers(judge: EngineJudge, utterances: Sequence[Utterance]) -> list[dict]:
    """The figures a speaker, and how recordings differ; nothing where every name begins otherwise, or all alike."""
    names = {u.group for u in utterances}
    if not 1 < len(names) < len(utterances):
        return []
    levels = {name: [_levels(u.samples) for u in utterances if u.group == name] for name in names}
    return [
        {**row, "speech_dbfs": float(loud), "pauses_below_db": float(loud - quiet)}
        for row in judge_groups(judge, utterances)
        for loud, quiet in [np.mean(levels[row["group"]], 0)]
    ]


def _levels(samples: np.ndarray) -> np.ndarray:
    """The levels that a tenth of the time is above and that a tenth is below, dB full scale, over 20 ms."""
    frames = samples[: len(samples) // _CHUNK * _CHUNK].reshape(-1, _CHUNK)
    level = 10 * np.log10(np.square(frames, dtype=np.float64).mean(1) + 1e-10)
    return np.quantile(level, (0.9, 0.1))


def judge_groups(judge: EngineJudge, utterances: Sequence[Utterance]) -> list[dict]:
    """The figures a group, poor ones included."""
    groups = sorted({u.group for u in utterances})
    return [{"group": g, **judge_clean(judge, [u for u in utterances if u.group == g])} for g in groups]


def measure_cost(model: str, samples: np.ndarray) -> dict:
    """Real-time factor offline, time a 20 ms chunk, delay of the first frame; medians. Life and files left out."""
    duration = timing.seconds(len(samples))
    offline, chunks, first = [], [], []
    for _ in range(_REPEATS):
        animator = open_animator(model, Request())
        begin = time.perf_counter()
        animator.push(samples)
        animator.flush()
        offline.append((time.perf_counter() - begin) / duration)
    animator = open_animator(model, Request())
    for _ in range(2):
        animator.reset()
        heard_at_first = None
        for at in range(0, len(samples) - _CHUNK + 1, _CHUNK):
            begin = time.perf_counter()
            motion = animator.push(samples[at : at + _CHUNK])
            chunks.append(time.perf_counter() - begin)
            if heard_at_first is None and len(motion):
                heard_at_first = timing.seconds(at + _CHUNK) + chunks[-1]
        if heard_at_first is not None:
            first.append(heard_at_first)
    return {
        "model": animator.about.name,
        "seconds": duration,
        "real_time_factor": float(np.median(offline)),
        "chunk_ms_median": 1000 * float(np.median(chunks)),
        "chunk_ms_p99": 1000 * float(np.percentile(chunks, 99)),
        "look_ahead_ms": None if animator.about.look_ahead is None else 1000 * animator.about.look_ahead,
        "first_frame_ms": 1000 * float(np.median(first)) if first else None,
    }


def measure_memory(model: str, samples: np.ndarray, hours: float = 1.0) -> dict:
    """Peak memory after one minute and after `hours` of streamed sound, MB: flat where the two agree."""
    animator = open_animator(model, Request())
    block = np.resize(samples, timing.sample_count(10))
    peaks = {}
    for index in range(int(hours * 360)):
        animator.push(block)
        if index == 5:
            peaks["peak_mb_at_1_minute"] = _peak_mb()
    return {**peaks, "peak_mb_at_end": _peak_mb(), "hours": hours}


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def bench(
    audio: Path,
    text: Path,
    rig: LipRig,
    *,
    model: str = DEFAULT_BUNDLE,
    made: Path | None = None,
    seeds: int = 5,
    hours: float = 0.0,
    controls: bool = False,
    report: OnProgress = lambda what, part: None,
) -> dict:
    """The whole benchmark as plain numbers.

    Args:
        audio, text: real recordings and their transcripts, see `score.list_clips`.
        rig: whose lips are measured.
        model: engine or bundle, by name or folder.
        made: a corpus of made voices with exact phones, judged by language; None leaves that table out.
        seeds: how many times each kind of noise is drawn; 0 leaves degraded sound out.
        hours: how much streamed sound the memory is watched over; 0 leaves it out.
        controls: whether to ask for strength and moods too.
        report: receives what is being done.
    """
    judge = EngineJudge(model, rig)
    report("aligning", None)
    utterances = spoken_utterances(audio, text)
    report("real speech", None)
    result: dict = {"model": model, "rig": rig.name, "sets": {audio.name: judge_clean(judge, utterances)}}
    result["speakers"] = judge_speakers(judge, utterances)
    result["conditions"] = judge_conditions(judge, utterances, seeds, report) if seeds else []
    result["controls"] = judge_controls(judge, utterances, report) if controls else []
    result["groups"] = judge_groups(judge, corpus_utterances(made)) if made else []
    report("cost", None)
    ten_seconds = np.resize(np.concatenate([u.samples for u in utterances[:10]]), timing.sample_count(10.0))
    result["cost"] = measure_cost(model, ten_seconds)
    if hours:
        result["cost"] |= measure_memory(model, ten_seconds, hours)
    return result


def to_markdown(report: dict) -> str:
    """The report as tables, one section each; sections without figures are left out."""
    parts = [f"# Animator benchmark: {report['model']}"]
    for title, figures in report["sets"].items():
        rows = [(key, number(figures[key]), span(figures[f"{key}_95"])) for key in FIGURES]
        head = f"## {title}: {figures['clips']} clips, {figures['bilabials']} bilabials"
        parts += [head, table(("measure", "value", "95 %"), rows)]
    if report.get("speakers"):
        heads = ("speaker", "clips", "closure F1", "95 %", "recall", "precision", "speech, dBFS", "pauses below, dB")
        parts += ["## By speaker", table(heads, map(_speaker_row, report["speakers"]))]
    if report.get("conditions"):
        columns = ("condition", "closure F1", "fall", "allowed")
        parts += ["## Degraded sound", table(columns, map(_condition_row, report["conditions"]))]
    if report.get("controls"):
        controls = ("asked", "closure F1", "fall", "over-closed, mm", "opening", "shown")
        parts += ["## Strength and moods", table(controls, map(_control_row, report["controls"]))]
    if report.get("groups"):
        groups = ("language", "clips", "closure F1", "95 %", "height ρ", "rounding AUC")
        parts += ["## Made voices, by language", table(groups, map(_group_row, report["groups"]))]
    if report.get("cost"):
        costs = [(key, number(value)) for key, value in report["cost"].items()]
        parts += ["## Cost", table(("figure", "value"), costs)]
    return "\n\n".join(parts) + "\n"


def _condition_row(row: dict) -> Sequence[str]:
    return (row["condition"], *(number(row[key]) for key in ("closure_f1", "drop", "allowed")))


def _control_row(row: dict) -> Sequence[str]:
    figures = ("closure_f1", "drop", "over_closed_mm", "opening", "shown")
    return (row["asked"], *(number(row[key]) for key in figures))


def _speaker_row(row: dict) -> Sequence[str]:
    f1 = (number(round(row["closure_f1"], 3)), span([round(f, 2) for f in row["closure_f1_95"]]))
    shares = (number(round(row[key], 3)) for key in ("closure_recall", "closure_precision"))
    levels = (f"{row[key]:.0f}" for key in ("speech_dbfs", "pauses_below_db"))
    return (row["group"], str(row["clips"]), *f1, *shares, *levels)


def _group_row(group: dict) -> Sequence[str]:
    figures = [number(group[key]) for key in ("vowel_height_rho", "rounding_auc")]
    f1 = (number(group["closure_f1"]), span(group["closure_f1_95"]))
    return (group["group"], str(group["clips"]), *f1, *figures)
