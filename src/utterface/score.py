"""Measures of how well motion fits real speech; no captured face is needed.

    utterface score PREDICTIONS --audio CLIPS --text clips.tsv

Phones come from forced alignment of the recordings, lips from the motion put on a rig; the measures are those of
`metrics.lips`. With `strict` the alignment is the bare one that published anchors were judged with: the whole file in
two PocketSphinx passes, words only from its dictionary and a given lexicon, other clips left out.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from utterface import align as aligner
from utterface import formats, speech, timing
from utterface.errors import AudioError, ConfigError, MotionError, TextError
from utterface.formats import rhubarb
from utterface.metrics import lips
from utterface.metrics.intervals import bootstrap, paired_difference
from utterface.phones import ARPABET_TO_IPA, Span
from utterface.rigs.lips import LipRig
from utterface.text import texts_of, words_in, words_or_file

PREDICTIONS = (".csv", ".npz", ".glb", ".tsv")  # in order of preference where a folder holds several for one clip


@dataclass(frozen=True)
class SpokenClip:
    """One recording with what is said in it."""

    name: str
    audio: Path
    text: str


@dataclass(frozen=True)
class JudgedClip:
    """What the lips of one prediction did in one clip."""

    name: str
    observation: lips.LipObservation


@dataclass(frozen=True)
class Score:
    """Figures over clips, with 95 % intervals from resampling them.

    Attributes:
        figures: measure → value, see `metrics.lips`.
        intervals: measure → (low, high).
        clips: the clips judged, one observation each.
        missing: names without a prediction.
        unaligned: names whose transcript did not align.
    """

    figures: dict[str, float]
    intervals: dict[str, tuple[float, float]]
    clips: tuple[JudgedClip, ...]
    missing: tuple[str, ...]
    unaligned: tuple[str, ...]

    def to_dict(self) -> dict:
        """Plain numbers, for JSON."""
        return {
            "clips": len(self.clips),
            "missing": len(self.missing),
            "unaligned": len(self.unaligned),
            **lips.counts(c.observation for c in self.clips),
            **self.figures,
            **{f"{key}_95": list(span) for key, span in self.intervals.items()},
        }


def list_clips(audio: Path, text: str | Path) -> list[SpokenClip]:
    """The recordings to judge on.

    Args:
        audio: one sound file, or a folder of them.
        text: for one file its transcript, or where it stands; for a folder a folder of transcripts or a table, see
            `text.texts_of`.

    Raises:
        AudioError: no such recording, or none in the folder. TextError: no transcripts.
    """
    if not audio.exists():
        raise AudioError(f"no such file: {audio}")
    sounds = {audio.stem: audio}
    if audio.is_dir():
        kinds = speech.kinds()
        inside = sorted(p for p in audio.iterdir() if p.suffix.lower() in kinds)
        sounds = {p.stem: p for p in inside}
        twice = next((a.name for a in inside if sounds[a.stem] is not a), None)
        if twice:
            raise AudioError(f"{audio} holds {twice} and {sounds[Path(twice).stem].name}; move one of them away")
    if not sounds:
        raise AudioError(f"no recordings in {audio}; it looks for {' '.join(speech.kinds())}")
    texts = texts_of(list(sounds), words_or_file(text))
    return [SpokenClip(name, sounds[name], words_in(words)) for name, words in texts.items()]


def score_speech(
    predictions: Path,
    audio: Path,
    text: str | Path,
    rig: LipRig,
    *,
    strict: bool = False,
    lexicon: Path | None = None,
) -> Score:
    """How well predicted lips fit the phones of real recordings.

    Args:
        predictions: a file for one recording, or a folder with one per recording, named like it: .csv (Live Link Face),
            .npz, .glb or .tsv (Rhubarb mouth cues).
        audio: recordings, see `list_clips`.
        text: their transcripts, see `list_clips`.
        rig: the lips that the gap is measured on.
        strict: align as the published anchors were aligned.
        lexicon: with `strict`, words outside the dictionary, one a line: word TAB ARPAbet phones.

    Raises:
        ConfigError: when nothing is left to judge.
        MotionError: no such predictions.
        AudioError: a recording that `list_clips` cannot read.
        TextError: transcripts that `list_clips` cannot read.
    """
    if not predictions.exists():
        raise MotionError(f"no such file: {predictions}")
    clips = list_clips(audio, text)
    if len(clips) > 1 and not predictions.is_dir():
        raise ConfigError(f"{len(clips)} recordings need a folder of predictions named like them, not {predictions}")
    judged, missing, unaligned = [], [], []
    for clip in clips:
        prediction = _prediction_for(predictions, clip.name)
        if prediction is None:
            missing.append(clip.name)
            continue
        duration, phones = _aligned(clip, clip.audio.stat().st_mtime_ns, strict, lexicon)
        if phones is None:
            unaligned.append(clip.name)
            continue
        times, gap, rounding = _lips_of(prediction, rig, duration)
        judged.append(JudgedClip(clip.name, lips.observe(phones, times, gap, rounding, duration)))
    if not judged:
        raise ConfigError(
            f"nothing to judge: {len(missing)} recordings have no prediction in {predictions} "
            f"and {len(unaligned)} do not align"
        )
    observations = [j.observation for j in judged]
    figures, intervals = lips.summarise(observations), bootstrap(observations, lips.summarise)
    return Score(figures, intervals, tuple(judged), tuple(missing), tuple(unaligned))


def compare(ours: Score, theirs: Score) -> dict[str, tuple[float, float, float]]:
    """(difference, low, high) a measure, ours − theirs, paired on the clips that both judged."""
    other = {c.name: c.observation for c in theirs.clips}
    pairs = [(c.observation, other[c.name]) for c in ours.clips if c.name in other]
    if not pairs:
        raise ConfigError("the two predictions share no clip, so they cannot be compared")
    return paired_difference([a for a, _ in pairs], [b for _, b in pairs], lips.summarise)


@lru_cache(maxsize=1000)
def _aligned(clip: SpokenClip, written: int, strict: bool, lexicon: Path | None) -> tuple[float, Sequence[Span] | None]:
    """(seconds, phones or None) of a recording as it was `written`; aligned once for all that are judged on it."""
    samples = speech.read(clip.audio).samples
    return timing.seconds(len(samples)), phones_of(samples, clip.text, strict=strict, lexicon=lexicon)


def _prediction_for(predictions: Path, name: str) -> Path | None:
    if predictions.is_file():
        return predictions
    return next((p for suffix in PREDICTIONS if (p := predictions / f"{name}{suffix}").is_file()), None)


def _lips_of(prediction: Path, rig: LipRig, duration: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(times, gap in mm, rounding) of one prediction."""
    if prediction.suffix == ".tsv":
        grid = np.arange(0, duration, lips.STEP)
        return grid, *rhubarb.to_lips(rhubarb.read(prediction), grid)
    motion = formats.read(prediction).motion
    rounding = motion.select(("mouthPucker", "mouthFunnel")).sum(1)
    return motion.times, rig.gap_mm(motion), rounding


def phones_of(samples: np.ndarray, text: str, *, strict: bool, lexicon: Path | None = None) -> Sequence[Span] | None:
    """Timed IPA phones of a recording whose words are known; None where they do not align."""
    if strict:
        return _strict_phones(samples, text, lexicon)
    try:
        return aligner.align(samples, text).phones
    except TextError:
        return None


@cache
def _strict_decoder(lexicon: Path | None) -> Any:  # pocketsphinx has no types
    from pocketsphinx import Decoder

    decoder = Decoder(lm=None, loglevel="FATAL", bestpath=False)  # with bestpath a fifth of read clips fail to align
    for word, pronunciation in _words_of(lexicon) if lexicon else ():
        try:
            decoder.add_word(word, pronunciation, False)
        except RuntimeError:
            raise ConfigError(f"{lexicon}: {pronunciation!r} of {word!r} are no ARPAbet phones") from None
    return decoder


def _words_of(lexicon: Path) -> list[tuple[str, str]]:
    try:
        lines = [line.split("\t") for line in lexicon.read_text("utf-8").splitlines() if line.strip()]
        return [(word, phones) for word, phones in lines]
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"cannot read the lexicon {lexicon} ({error}); a line a word: word TAB ARPAbet phones"
        ) from None


def _strict_phones(samples: np.ndarray, text: str, lexicon: Path | None) -> list[Span] | None:
    decoder = _strict_decoder(lexicon)
    words = re.sub(r"[^a-z' ]+", " ", text.lower()).split()
    if not words or any(decoder.lookup_word(word) is None for word in words):
        return None
    pcm = aligner.to_pcm(samples).tobytes()
    try:
        decoder.set_align_text(" ".join(words))
        _decode(decoder, pcm)  # words
        decoder.set_alignment()
        _decode(decoder, pcm)  # their phones
    except RuntimeError:
        return None
    return list(_spans(phone for word in decoder.get_alignment() for phone in word))


def _decode(decoder: Any, pcm: bytes) -> None:
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()


def _spans(phones: Iterable) -> Iterator[Span]:
    for phone in phones:  # PocketSphinx counts in frames of 10 ms
        yield Span(ARPABET_TO_IPA[phone.name], phone.start / 100, (phone.start + phone.duration) / 100)
