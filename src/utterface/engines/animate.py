"""The main job: a recording (and its transcript, where known) → a clip.

Blocks are pushed into an engine, which is flushed at the end; then emotions and the life layer are added.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from os import PathLike
from pathlib import Path

import numpy as np

from utterface import align, speech, timing
from utterface import life as life_layer
from utterface.align import Alignment
from utterface.articulation import express, express_courses
from utterface.clip import Clip
from utterface.engines import Animator, Request, open_animator
from utterface.engines.contract import FRAME_RATES, check_range
from utterface.engines.emotion import EmotionStream, split_auto
from utterface.engines.expression import expression_strength, expressive, timed_words
from utterface.engines.loudness import Loudness
from utterface.engines.prosody import ProsodyStream
from utterface.errors import AudioError, ConfigError, NoWordsError, TextError
from utterface.motion import MOUTH, Motion, join, rest
from utterface.text import Transcript, words_in
from utterface.text.languages import code_of

ONSET, RELEASE = 0.08, 0.12  # seconds from rest into a take, and back
RESTING, RAMP = 0.5, 0.2  # seconds from which closed lips rest; in which an emotion parts them there
OFFSETS_MS = (-10_000.0, 10_000.0)

_WHOLE_FACE = ("cheeks", "breath", "sides")  # parts of an engine that moves the brows: it moves the whole face
Sound = str | PathLike[str] | np.ndarray
Words = str | PathLike[str] | Transcript
Report = Callable[[str, float | None], None]


def animate(
    sound: Sound,
    text: Words | None = None,
    *,
    language: str = "en",
    frame_rate: float = 60.0,
    emotions: Mapping[str, float] | None = None,
    life: bool | str | Collection[str] = True,
    expression: str | None = None,
    mouth_only: bool = False,
    strength: float = 1.0,
    offset_ms: float = 0.0,
    seed: int | None = None,
    model: str | None = None,
    listen: str = Request.listen,
    words_model: str | None = None,
    sample_rate: float = timing.SAMPLE_RATE,
    text_must_fit: bool = False,
    allow_truncated: bool = False,
    progress: Report | None = None,
) -> Clip:
    """A talking face for a recording.

    Args:
        sound: an audio file, or (N,) samples, float (full scale ±1) or int16.
        text: what is said, a `Path` of a file with it, or a `Transcript`; without it the engine recognises speech.
        language: code or name of the language spoken; a `Transcript` has its own.
        frame_rate: frames a second of the motion, 1 to 240.
        emotions: name → intensity 0…1, see `articulation.EMOTIONS`; or `auto` → strength: those of the voice.
        life: whether to add blinks, gaze, brows, head motion and more, or which of `life.PARTS`, or `calm` or `lively`,
            as names or as a string that `life.parts_of` reads; parts that the engine moves are left to it.
        expression: `words` lets brows, lids, cheeks, gaze and head follow what is said, `words:0.5` half as much; None
            or `off` does not. Words come from the transcript, the engine, or the extra `words`; without any a warning
            says so.
        mouth_only: keep jaw, mouth and tongue, leave the rest of the face still.
        strength: how much the lips articulate, 0 to 2, 1 = as measured.
        offset_ms: moves the motion against the sound, positive = later.
        seed: of the life layer and of engines that sample; the same seed gives the same take. None takes it from the
            sound (`life.SoundSeed`).
        model: engine or bundle by name, or a bundle's folder; None picks by `text` and `listen`.
        listen: what recognises speech where there is no transcript: `phones`, `words` or `animator`.
        words_model: of `words`: a folder, or a name of the hub; None takes that of the extra `words`, in English.
        sample_rate: Hz of samples that are given as an array.
        text_must_fit: refuse a transcript that does not fit the sound; else the default engine recognises speech then,
            and the clip's warnings say so.
        allow_truncated: animate what is there of a file that is cut short.
        progress: called with what is being done and how far it is, 0…1 (None = unknown).

    Returns:
        The clip; `clip.save("face.glb")` writes it.

    Raises:
        AudioError: sound that cannot be read. TextError: a transcript's file that cannot be read, or a transcript that
        does not fit or holds no words, with `text_must_fit`. ConfigError: an option that does not exist or fit.
    """
    check_options(frame_rate=frame_rate, life=life, expression=expression, offset_ms=offset_ms)
    language = code_of(language)
    transcript = _transcript(text, language)
    rate, (emotions, auto) = timing.fine_rate(frame_rate), split_auto(emotions or {})
    request = Request(transcript, language, rate, strength, emotions=emotions, listen=listen, words_model=words_model)
    sound, warnings = _sound(sound, sample_rate, allow_truncated)
    own = _sound_seed(sound)
    request = replace(request, seed=(own.seed or 0) if seed is None else seed)
    report = progress or (lambda what, part: None)
    run, known = _Run(sound, life, mouth_only, report, auto), transcript
    try:
        motion = run(open_animator(model, request))
    except TextError as error:
        if text_must_fit or transcript is None:
            raise
        motion = run(open_animator(None, replace(request, transcript=None)))
        told, known = align.hint(transcript.text, transcript.language), None
        warnings.append(f"{error}{told}; {run.about.name} recognises speech instead")
    alignment, about = run.alignment, run.about
    report("moving the face", None)
    motion = _fit(motion, run.duration, frame_rate)
    shown = {name: much for name, much in request.emotions.items() if name in about.emotions}
    motion = _at_rest_at_ends(motion, run.duration, shown)
    motion = life_layer.turn_eyes(motion) if "gaze" in about.moves else motion
    added = {name: much for name, much in request.emotions.items() if name not in about.emotions}
    manner = life_layer.manner_of(life, request.emotions)
    motion = _alive(motion, run, added, manner, request.seed, own.begin)
    if (much := expression_strength(expression)) and own.seed is not None and not mouth_only:
        report("reading the words", None)
        words, remarks = timed_words(sound, known, alignment, language, words_model)
        motion = expressive(motion, words, language, seed=request.seed, manner=manner, strength=much)
        warnings += remarks
    if alignment is not None and about.needs_text:
        warnings += align.remarks(alignment, transcript.text if transcript else "", language)
    clip = Clip(
        _shift(_mouth_only(motion) if mouth_only else motion, offset_ms / 1000),
        duration=run.duration,
        text=transcript.text if transcript else "",
        engine=about.name,
        audio=sound,
        emotions=dict(request.emotions) if auto is None else {"auto": auto},
        emotions_heard={} if run.emotion is None else run.emotion.confidence(),
        seed=request.seed,
        offset=offset_ms / 1000,
        warnings=(*warnings, *run.warnings),
    )
    return clip if alignment is None else _with_alignment(clip, alignment)


def check_options(
    *,
    frame_rate: float = 60.0,
    strength: float = 1.0,
    emotions: Mapping[str, float] | None = None,
    life: bool | str | Collection[str] = True,
    expression: str | None = None,
    offset_ms: float = 0.0,
) -> None:
    """ConfigError for options of `animate` that do not fit, whatever the recording."""
    check_range("frame rate", frame_rate, FRAME_RATES, " a second")
    check_range("offset", offset_ms, OFFSETS_MS, " ms")
    life_layer.parts_of(life)
    expression_strength(expression)
    Request(strength=strength, emotions=split_auto(emotions or {})[0])


def _with_alignment(clip: Clip, alignment: Alignment) -> Clip:
    """The clip with its timed words and phones; recognised words are its text."""
    return replace(
        clip,
        text=clip.text or " ".join(word.label for word in alignment.words),
        recogniser="" if clip.engine == "aligned" else alignment.engine,
        words=tuple(alignment.words),
        phones=tuple(alignment.phones),
        confidence=alignment.confidence,
        unspoken=alignment.unspoken,
        sources=alignment.sources,
    )


def _transcript(text: Words | None, language: str) -> Transcript | None:
    """What is said; TextError where a string is called like a file that is there."""
    if isinstance(text, Transcript):
        return replace(text, language=code_of(text.language))
    if text is None:
        return None
    if isinstance(text, PathLike):
        return Transcript(_words_of(Path(text)), language, source=Path(text).name)
    if isinstance(text, str) and _is_file(text):
        raise TextError(f"text={text!r} is the name of a file, and a string is what is said; pass Path({text!r})")
    return Transcript(words_in(text) if isinstance(text, str) else text, language)


def _words_of(path: Path) -> str:
    """Words of a transcript's file; none where it holds none, which an engine that needs words refuses later."""
    try:
        return words_in(path)
    except NoWordsError:
        return ""


def _is_file(text: str) -> bool:
    try:
        return "." in text and Path(text).is_file()
    except (OSError, ValueError):  # longer than a file name can be, or a NUL in it
        return False


def _sound(sound: Sound, sample_rate: float, allow_truncated: bool) -> tuple[Path | np.ndarray, list[str]]:
    """(the recording's path, or (N,) float32 samples at 16 kHz; warnings). What is left of a file comes as samples."""
    if isinstance(sound, str | PathLike):
        if sample_rate != speech.SAMPLE_RATE:
            raise ConfigError("sample_rate is for samples that are given as an array; a file states its own")
        path = Path(sound)
        if not allow_truncated:
            return path, []
        try:
            speech.read(path)
        except AudioError:
            left = speech.read(path, allow_truncated=True)
            return left.samples, [f"{path.name} is cut short; {left.duration:.2f} s of it are animated"]
        return path, []
    samples = speech.resampled(sound, sample_rate)
    least = round(speech.MIN_DURATION * speech.SAMPLE_RATE)
    if len(samples) < least:
        raise AudioError(f"{len(samples)} samples are too short for speech; at least {least} are needed")
    return samples, []


class _Run:
    """Everything pushed into an engine, then flushed; once more, amplified, where the recording is too quiet.

    Attributes, known after a call: `duration` of the sound in seconds, `prosody` where the life layer wants it, `parts`
    that the life layer moves, `about` and `alignment` of the engine, `warnings`, `emotion` of the voice where `auto`
    says with which strength it shows.
    """

    def __init__(
        self,
        sound: Path | np.ndarray,
        life: bool | str | Collection[str],
        mouth_only: bool,
        report: Report,
        auto: float | None = None,
    ) -> None:
        self._sound, self._report = sound, report
        self.auto, self.emotion = auto or 0.0, None if auto is None else EmotionStream()
        self._wanted = () if mouth_only else tuple(life_layer.parts_of(life))
        self.warnings: list[str] = []

    def __call__(self, animator: Animator) -> Motion:
        self.about = animator.about
        moved = {*self.about.moves, *(_WHOLE_FACE if "brows" in self.about.moves else ())}
        self.parts = tuple(part for part in self._wanted if part not in moved)
        self.warnings = []
        motion = self._pushed(animator)
        self.alignment = animator.alignment
        return motion

    def _pushed(self, animator: Animator, gain: float = 1.0) -> Motion:
        self.prosody = ProsodyStream() if self.parts else None
        loudness, pieces, count = Loudness(), [], 0
        if self.emotion is not None:
            self.emotion.reset()
        for read in _blocks(self._sound, self._report):
            block = read if gain == 1 else np.clip(read * np.float32(gain), -1, 1)
            loudness.push(block)
            if self.prosody is not None:
                self.prosody.push(block)
            if self.emotion is not None:
                self.emotion.push(block)
            pieces.append(animator.push(block))
            count += len(block)
        if gain == 1 and loudness.is_faint:
            if (more := loudness.gain()) is not None:
                self.warnings.append(f"the recording is very quiet; amplified by {20 * np.log10(more):.0f} dB")
                animator.reset()
                return self._pushed(animator, more)
            self.warnings.append("no speech was found; the mouth rests")
        self.duration = timing.seconds(count)
        self._report("recognising", None)
        pieces.append(animator.flush())
        return join([piece for piece in pieces if len(piece)])


def _blocks(sound: Path | np.ndarray, report: Report) -> Iterator[np.ndarray]:
    """Blocks of a file or an array; the report tells how far the reading is."""
    if isinstance(sound, np.ndarray):
        yield sound
        return
    total, done = speech.duration(sound), 0.0
    for block in speech.blocks(sound):
        yield block
        done += timing.seconds(len(block))
        report("reading", min(1.0, done / max(total, done)))


def _fit(motion: Motion, duration: float, frame_rate: float) -> Motion:
    """The motion at the frame rate wanted, with exactly the frames that the sound has."""
    values = motion.at_rate(frame_rate).values
    count = timing.frame_count(duration, frame_rate)
    if len(values) < count:
        values = np.concatenate([values, np.repeat(values[-1:], count - len(values), 0)])
    return replace(motion, values=values[:count], frame_rate=frame_rate)


def _at_rest_at_ends(motion: Motion, duration: float, emotions: Mapping[str, float]) -> Motion:
    """The motion led out of rest in its first `ONSET` and back in its last `RELEASE` seconds, mouth and tongue alone.

    Weights fade together, so lips that touch go on touching. Rest keeps the emotions that the engine shows.
    """
    times = timing.frame_times(len(motion), motion.frame_rate)
    last = min(duration, times[-1])
    opened = np.clip(np.minimum(times / ONSET, (last - times) / RELEASE), 0, 1)
    much = (0.5 - 0.5 * np.cos(np.pi * opened))[:, None].astype(np.float32)
    mouth = np.array([channel.startswith(MOUTH) for channel in motion.channels])
    resting = express(rest(len(motion), motion.frame_rate), emotions).values if emotions else np.float32(0)
    return motion.with_values(np.where(mouth, resting + much * (motion.values - resting), motion.values))


def sound_seed(sound: Sound) -> int:
    """The seed that `animate` takes for a recording at 16 kHz or in a file where it is given none."""
    samples, _ = _sound(sound, speech.SAMPLE_RATE, False)
    return _sound_seed(samples).seed or 0


def _sound_seed(sound: Path | np.ndarray) -> life_layer.SoundSeed:
    """The seed of a recording, read as far as it takes."""
    own = life_layer.SoundSeed()
    for block in _blocks(sound, lambda what, part: None):
        own.push(block)
        if own.seed is not None:
            break
    return own


def _alive(
    motion: Motion, run: "_Run", emotions: Mapping[str, float], manner: life_layer.Manner, seed: int, begin: float
) -> Motion:
    """The motion with emotions and its life layer; a recording without any sound gets no life: silence means rest."""
    energy, pitch = run.prosody.tracks() if run.prosody else (np.zeros(0), np.zeros(0))
    heard = run.emotion.courses(motion.times) if run.emotion else {}
    resting = _resting(motion)
    if not run.parts or energy.max(initial=speech.QUIET_DB - 1) < speech.QUIET_DB:
        motion = express(motion, emotions, resting=resting)
        return express_courses(motion, {name: run.auto * much for name, much in heard.items()}, resting)
    swells = (emotions or heard) and "emotion" in run.parts
    course = life_layer.swell(motion.times, energy, pitch, seed) if swells else None
    motion = express(motion, emotions, course, resting)
    shown = run.auto * (1.0 if course is None else course)
    motion = express_courses(motion, {name: shown * much for name, much in heard.items()}, resting)
    phones = run.alignment.phones if run.alignment else ()
    end = motion.start + motion.duration
    return life_layer.live(motion, energy, pitch, phones, seed, run.parts, manner=manner, until=end, begin=begin)


def _resting(motion: Motion) -> np.ndarray:
    """(T,) 1 where the lips rest, closed for half a second or more; 0 where they are closed for a sound."""
    times, resting = motion.times, np.zeros(len(motion))
    for begin, end in motion.closures():
        if end - begin >= RESTING:
            risen = np.clip((times - begin) / RAMP, 0, 1) if begin > times[0] else 1.0
            left = np.clip((end - times) / RAMP, 0, 1) if end < times[-1] else 1.0
            resting = np.maximum(resting, risen * left * ((times >= begin) & (times <= end)))
    return resting * resting * (3 - 2 * resting)


def _mouth_only(motion: Motion) -> Motion:
    keep = np.array([channel.startswith(MOUTH) for channel in motion.channels])
    return motion.with_values(motion.values * keep.astype(np.float32))


def _shift(motion: Motion, offset: float) -> Motion:
    """The motion `offset` seconds later, over the same stretch of sound; the end frames fill the gap.

    Whole frames move the rows, the rest moves `start`: no value is interpolated, so every closure stays.
    """
    if offset == 0:
        return motion
    frames = int(np.floor(offset * motion.frame_rate + 1e-6))
    rows = np.clip(np.arange(len(motion)) - frames, 0, len(motion) - 1)
    return replace(motion, values=motion.values[rows], start=max(0.0, offset - frames / motion.frame_rate))
