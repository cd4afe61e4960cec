"""Synthetic speech: hours of it with exact phone times, from every free engine that the machine has.

Clip `i` of an engine depends on the seed, the engine and `i` alone, so a stopped corpus resumes, and two machines
make the same corpus if they have the same engines.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import ModuleType

import numpy as np

from utterface import timing
from utterface.errors import ConfigError, CorpusError
from utterface.lab.corpora.manifest import Corpus, CorpusClip, read_corpus
from utterface.lab.corpora.nonspeech import KINDS, coloured, nonspeech
from utterface.lab.corpora.processes import mapped
from utterface.lab.corpora.sentences import sentence
from utterface.lab.corpora.writer import CorpusWriter, encode_flac
from utterface.phones import SILENCE, Span
from utterface.speak import espeak, festival, flite, openjtalk
from utterface.speak.contract import SpeakingManner, SyntheticUtterance, SyntheticVoice

ENGINES: dict[str, ModuleType] = {"flite": flite, "festival": festival, "espeak": espeak, "openjtalk": openjtalk}
TRAINED = ("flite", "festival", "espeak")
SHARES = {"flite": 0.35, "festival": 0.2, "espeak": 0.45, "openjtalk": 0.2}  # of the hours
BATCH = 8  # clips of one voice, spoken in one call

# manner: mean rate, pitch, range, loudness; after what acoustic studies of emotional speech agree on
# (Scherer 2003, "Vocal communication of emotion", Speech Communication 40)
MANNERS = {
    "neutral": SpeakingManner(1.0, 1.0, 1.0, 0.5),
    "lively": SpeakingManner(1.1, 1.15, 1.5, 0.6),
    "excited": SpeakingManner(1.2, 1.35, 2.0, 0.8),
    "angry": SpeakingManner(1.15, 1.2, 1.7, 0.9),
    "sad": SpeakingManner(0.8, 0.88, 0.5, 0.25),
    "calm": SpeakingManner(0.88, 0.95, 0.7, 0.35),
    "afraid": SpeakingManner(1.25, 1.3, 1.1, 0.45),
    "bored": SpeakingManner(0.85, 0.92, 0.35, 0.35),
    "small": SpeakingManner(1.05, 1.6, 1.2, 0.5),  # a child's voice, as far as pitch makes one
}
_MANNER_SHARES = (0.36, 0.12, 0.09, 0.09, 0.09, 0.09, 0.06, 0.05, 0.05)
# which of them a listener would call an emotion; what the others say is left open
FELT = {"neutral": "neutral", "excited": "joy", "angry": "anger", "sad": "sadness", "afraid": "fear"}
_FILLS = ("silence", "room", "breath", "noise", "music", "laughter", "clicks", "hum", "tones")
_FILL_SHARES = (0.36, 0.28, 0.18, 0.04, 0.03, 0.04, 0.03, 0.02, 0.02)


def make(
    folder: str | os.PathLike[str],
    engines: Sequence[str] = TRAINED,
    hours: float = 8.0,
    seed: int = 0,
    test: bool = False,
    processes: int = 2,
    report: Callable[[str], None] = lambda line: None,
    language: str = "",
) -> Corpus:
    """Build or resume a corpus of synthetic speech.

    Args:
        folder: the corpus folder.
        engines: some of `ENGINES`; one that is not installed is skipped and reported.
        hours: of sound in all, shared among the engines that are there.
        seed: the same seed makes the same clips.
        test: use the voices and languages that are left out of training instead of those that train.
        processes: that speak at once.
        report: called with a line of progress now and then.
        language: the only one spoken, the first part of its tag (`en`); all where it is empty.
    """
    unknown = sorted(set(engines) - set(ENGINES))
    if unknown:
        raise ConfigError(f"no engine {unknown[0]!r}; there are {', '.join(ENGINES)}")
    if not hours > 0:
        raise ConfigError(f"hours must be above 0, got {hours}")
    present = []
    for engine in engines:
        if _voices(engine, test, language):
            present.append(engine)
        else:
            report(f"{engine}: not installed or no voice for this split, skipped")
    if not present:
        raise ConfigError(
            f"none of the engines {', '.join(engines)} is installed; `pip install espeakng-loader` brings one"
        )
    writer = CorpusWriter(folder)
    total = sum(SHARES[e] for e in present)
    jobs = [(SynthesisJob(e, seed, test, language), hours * 3600 * SHARES[e] / total) for e in present]
    ahead = 1 if processes == 1 else 4 * processes
    with mapped(processes) as map_:
        for job, seconds in jobs:
            _fill(writer, map_, job, seconds, ahead, report)
    return read_corpus(folder)


def make_nonspeech(folder: str | os.PathLike[str], minutes: float = 20.0, seed: int = 0) -> Corpus:
    """Build a corpus of sound without speech: every clip is one `sil` phone."""
    writer, done, number = CorpusWriter(folder), 0.0, 0
    while done < minutes * 60:
        rng, kinds = np.random.default_rng([seed, 99, number]), list(KINDS)
        kind, duration = kinds[number % len(kinds)], float(np.round(rng.uniform(3, 10), 2))
        clip_id = f"nonspeech-{seed}-{number:05d}"
        done, number = done + duration, number + 1
        if clip_id in writer:
            continue
        count = timing.sample_count(duration)
        gain = 10 ** rng.uniform(-2.5, -0.2)
        samples = gain * nonspeech(kind, count, rng) + 10 ** rng.uniform(-4.5, -3) * coloured(count, rng)
        clip = CorpusClip(
            clip_id, timing.seconds(count), f"nonspeech-{number % 20}", "zxx", "", "train", f"made:{kind}", "MIT"
        )
        writer.add(clip, samples, [Span(SILENCE, 0.0, clip.duration)])
    return read_corpus(folder)


@dataclass(frozen=True)
class SynthesisJob:
    """What makes a batch of clips but its number."""

    engine: str
    seed: int
    test: bool
    language: str = ""

    @property
    def prefix(self) -> str:
        return f"{self.engine}-{self.language and self.language + '-'}{'test-' if self.test else ''}{self.seed}-"

    def clip_id(self, batch: int, place: int) -> str:
        return f"{self.prefix}{batch:05d}-{place}"


def _voices(engine: str, test: bool, language: str = "") -> tuple[SyntheticVoice, ...]:
    spoken = (v for v in ENGINES[engine].voices() if not language or v.language.split("-")[0] == language)
    return tuple(v for v in spoken if (v.split == "test") == test)


def _fill(
    writer: CorpusWriter, each: Callable, job: SynthesisJob, seconds: float, ahead: int, report: Callable[[str], None]
) -> None:
    """Add batches in order until the engine has `seconds` of sound; those that are there already count."""
    done, batch = 0.0, 0
    mine = [c for c in writer if c.id.startswith(job.prefix)]
    if mine:
        done, batch = sum(c.duration for c in mine), max(int(c.id.split("-")[-2]) for c in mine)
    while done < seconds:
        numbers, spoken = range(batch, batch + ahead), 0
        for clips in each(partial(say_batch, job), numbers):
            for clip, sound, phones in clips:
                if clip.id not in writer and done < seconds:
                    writer.add(clip, sound, phones)
                    done += clip.duration
            spoken += len(clips)
        if not spoken:
            raise CorpusError(f"{job.engine} makes no sound: none of {len(numbers) * BATCH} clips; try it by hand")
        batch += len(numbers)
        report(f"{job.engine}: {min(done, seconds) / 60:.1f} of {seconds / 60:.1f} min")


def say_batch(job: SynthesisJob, number: int) -> list[tuple[CorpusClip, bytes, tuple[Span, ...]]]:
    """The clips of one batch, their sound as FLAC, their phones; sentences that the engine failed on are left out."""
    rng = np.random.default_rng([job.seed, list(ENGINES).index(job.engine), int(job.test), number])
    voice = _draw_voice(_voices(job.engine, job.test, job.language), rng)
    plans = [
        [_draw_sentence(voice, rng) for _ in range(int(rng.choice([1, 2, 3], p=[0.5, 0.35, 0.15])))]
        for _ in range(BATCH)
    ]
    utterances = iter(
        ENGINES[job.engine].speak(voice, [(text, prosody) for plan in plans for text, prosody, _ in plan])
    )
    clips = []
    for place, plan in enumerate(plans):
        parts = [u for u in (next(utterances) for _ in plan) if u is not None]
        if not parts:
            continue
        whole = join(parts, plan[0][1].loudness, rng)
        clip = CorpusClip(
            id=job.clip_id(number, place),
            duration=whole.duration,
            speaker=voice.speaker,
            language=voice.language,
            text=whole.text,
            split="test" if job.test else "train",
            source=f"{voice.engine}:{voice.name}",
            licence=voice.licence,
            emotion=_emotion({manner for _, _, manner in plan}),
        )
        clips.append((clip, encode_flac(whole.samples), whole.phones))
    return clips


def _draw_voice(voices: Sequence[SyntheticVoice], rng: np.random.Generator) -> SyntheticVoice:
    """A language first, English most often, then one of its voices."""
    languages = sorted({v.language.split("-")[0] for v in voices})
    weights = np.array([4.0 if language == "en" else 1.0 for language in languages])
    language = rng.choice(languages, p=weights / weights.sum())
    mine = [v for v in voices if v.language.split("-")[0] == language]
    return mine[int(rng.integers(len(mine)))]


def _emotion(manners: set[str]) -> str:
    """The emotion that all sentences of a clip imitate, by rate, pitch, range and loudness; empty where they differ."""
    return FELT.get(next(iter(manners)), "") if len(manners) == 1 else ""


def _draw_sentence(voice: SyntheticVoice, rng: np.random.Generator) -> tuple[str, SpeakingManner, str]:
    name = str(rng.choice(list(MANNERS), p=_MANNER_SHARES))
    manner = MANNERS[name]
    spread = np.exp(rng.normal(0, [0.12, 0.1, 0.2, 0.3]))
    rate, pitch, span, loudness = np.array([manner.rate, manner.pitch, manner.range, manner.loudness]) * spread
    return sentence(voice.language, rng), SpeakingManner(float(rate), float(pitch), float(span), float(loudness)), name


def join(parts: Sequence[SyntheticUtterance], loudness: float, rng: np.random.Generator) -> SyntheticUtterance:
    """Sentences in a row with rest before, between and after them; the rests hold silence, breath, noise, music …"""
    pieces: list[np.ndarray] = []
    phones: list[Span] = []
    peak = max(float(np.abs(p.samples).max()) for p in parts)
    level = float(np.clip(loudness, 0.05, 1)) / max(peak, 1e-3)

    def append(samples: np.ndarray, spans: Sequence[Span]) -> None:
        start = timing.seconds(sum(len(p) for p in pieces))
        for span in spans:
            moved = replace(span, start=span.start + start, end=span.end + start)
            if phones and phones[-1].label == moved.label == SILENCE:
                phones[-1] = replace(phones[-1], end=moved.end)
            else:
                phones.append(moved)
        pieces.append(samples.astype(np.float32))

    for number, part in enumerate([*parts, None]):
        if rng.random() < (0.75 if 0 < number < len(parts) else 0.45):
            rest = _rest(rng)
            append(rest * level * 0.5, [Span(SILENCE, 0.0, timing.seconds(len(rest)))])
        if part is not None:
            append(part.samples * level, part.phones)
    samples = np.concatenate(pieces)
    if rng.random() < 0.5:
        samples = samples + float(10 ** rng.uniform(-4.3, -2.5)) * coloured(len(samples), rng).astype(np.float32)
    return SyntheticUtterance(samples, tuple(phones), " ".join(p.text for p in parts))


def _rest(rng: np.random.Generator) -> np.ndarray:
    kind = str(rng.choice(_FILLS, p=_FILL_SHARES))
    long = kind in ("music", "laughter", "noise", "tones") or rng.random() < 0.08
    count = timing.sample_count(rng.uniform(0.8, 2.5) if long else rng.uniform(0.1, 1.0))
    gain = 10 ** rng.uniform(-2.2, -1.2) if kind in ("room", "breath") else 10 ** rng.uniform(-1.6, 0)
    return gain * nonspeech(kind, count, rng)
