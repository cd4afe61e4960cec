"""A sentence spoken in every way of the study, and what each way adds to the sums of the measures.

text ─ synthetic ──┬─ its own phones ───────────── articulation                  (c)
                   ├─ sound ───────────────────── animator                      (b), the cascade
                   ├─ sound ─ tokenizer ───────── face of tokens, detokenised sound
                   └─ its phones without times ─ language model ─ tokens ─ the same, in parallel   (a)
"""

import os
import time
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import torch

from utterface import rigs, speech, timing
from utterface.articulation import articulate
from utterface.engines import DEFAULT_BUNDLE, open_animator
from utterface.engines.contract import Request
from utterface.errors import TextError
from utterface.lab.bundles.reading import weights_of
from utterface.lab.bundles.token_faces import TokenFaces
from utterface.lab.measures.catalogue import Sums
from utterface.lab.measures.edits import edit_distance
from utterface.lab.measures.fidelity import fidelity
from utterface.lab.measures.sums import closure_sums, observe_phones
from utterface.lab.networks.mesh_to_speech import gain
from utterface.lab.networks.speech_from_text import TOKEN_RATE
from utterface.lab.networks.vocoder import VocoderConfig, VocoderNetwork
from utterface.lab.representations import open_representation
from utterface.lab.studies.clips import FRAME_RATE
from utterface.lab.systems.speech_from_text import SpeechFromTextSystem
from utterface.motion import Motion
from utterface.phones import Span
from utterface.recognise.whisper import Whisper
from utterface.rigs.lips import LipRig
from utterface.speak import engine_named, find_voice
from utterface.speak.contract import SpeakingManner, SyntheticUtterance
from utterface.text import to_words

SHARED, SOUNDED = "(a) tokens of the language model", "tokens of synthetic speech"
CASCADE, OWN_CASCADE = "(b) synthetic speech, animator", "sound of (a), animator"
DURATIONS, OWN_DURATIONS = "(c) phones of synthetic speech, articulation", "phones of (a), articulation"
VOICE, CEILING = "synthetic speech", "its log-mel"
_PIECE = 0.1  # seconds of sound pushed at a time


def cpu_seconds() -> float:
    """Of this process and of the programs that it has run: on a busy machine the wall clock says little."""
    spent = os.times()
    return time.process_time() + spent.children_user + spent.children_system


class Resounding:
    """What depends on no training: a speech engine, and its sound through log-mel and other kinds of tokens.

    Args:
        voice: of a speech engine.
        listener: bundle with the vocoder.
        kinds: representations whose decoded sound is measured.
    """

    def __init__(self, voice: str, listener: Path, kinds: Sequence[str]) -> None:
        torch.set_num_threads(1)
        self.voice = find_voice(voice)
        self.vocoder = VocoderNetwork(VocoderConfig(blocks=4)).eval().requires_grad_(False)
        self.vocoder.load_state_dict(weights_of(self.vocoder, listener, "vocoder"))
        self.kinds = {name: open_representation(name) for name in kinds}

    @cached_property
    def recogniser(self) -> Whisper:
        """Of words."""
        return Whisper()

    def speak(self, text: str) -> tuple[SyntheticUtterance, float]:
        """What the engine speaks, and CPU seconds."""
        begin = cpu_seconds()
        (spoken,) = engine_named(self.voice.engine).speak(self.voice, [(text, SpeakingManner())])
        if spoken is None:
            raise TextError(f"{self.voice.title} cannot say {text!r}")
        return spoken, cpu_seconds() - begin

    def measure(self, text: str) -> dict[str, Sums]:
        """Sums of the sounds, way → sums."""
        spoken, took = self.speak(text)
        samples = spoken.samples
        ways: dict[str, Callable[[], np.ndarray]] = {
            CEILING: lambda: self.vocoded(speech.log_mel(gain(samples) * samples))
        }
        for name, kind in self.kinds.items():
            ways[name] = lambda kind=kind: kind.decode(kind.units(samples))  # type: ignore[misc]
        return {VOICE: self.words(text, samples, took)} | {
            name: self.resounded(text, samples, way) for name, way in ways.items()
        }

    def vocoded(self, mel: np.ndarray) -> np.ndarray:
        """(T, 80) log-mel → (160 T,) samples."""
        with torch.inference_mode():
            samples: np.ndarray = self.vocoder(torch.from_numpy(mel)[None])[0].numpy()
        return samples

    def resounded(self, text: str, samples: np.ndarray, way: Callable[[], np.ndarray]) -> Sums:
        """Sums of sound that a way makes of (N,) samples."""
        begin = cpu_seconds()
        sound = way()[: len(samples)]
        took = cpu_seconds() - begin
        sound = np.pad(sound, (0, len(samples) - len(sound)))
        return self.words(text, sound, took) | {"stoi": fidelity(samples, sound)["stoi"], "sounds": 1.0}

    def words(self, text: str, sound: np.ndarray, took: float) -> Sums:
        """Words that are recognised in (N,) samples, beside those of the text."""
        wanted, came = to_words(text), to_words(self.recogniser.recognise(sound).text)
        words = {"errors": float(edit_distance(came, wanted)), "words": float(len(wanted))}
        return words | {"cpu": took, "seconds": timing.seconds(len(sound)), "bilabials": 0.0}


class Speaking:
    """What speaks with tokens, and every face.

    Args:
        system: trained, its network at rest.
        speaker: (S,) of the voice.
        sounds: the speech engine, one of the training, and the vocoder.
        faces: bundle of faces of tokens.
        temperature: of the draws of tokens.
    """

    def __init__(
        self, system: SpeechFromTextSystem, speaker: np.ndarray, sounds: Resounding, faces: Path, temperature: float
    ) -> None:
        self.system, self.speaker, self.sounds, self.temperature = system, speaker, sounds, temperature
        system.network.eval().requires_grad_(False)
        self.faces = TokenFaces(faces, TOKEN_RATE, system.silence)
        self.lips = LipRig.from_rig(rigs.head())

    def measure(self, text: str) -> dict[str, dict[str, Sums]]:
        """Sums of every way: `faces` and `sounds`, way → sums."""
        spoken, told = self.sounds.speak(text)
        begin = cpu_seconds()
        units = self.system.representation.units(spoken.samples)
        assert units is not None
        known, encoded = units.values, cpu_seconds() - begin
        tokens, phones, walked, first = self.generate([p.label for p in spoken.phones])
        begin = cpu_seconds()
        sound = self.sound_of(tokens)
        vocoded = cpu_seconds() - begin
        own = SyntheticUtterance(sound, phones, text)
        return {
            "faces": {
                SHARED: self._of_tokens(tokens, own, walked, first),
                SOUNDED: self._of_tokens(known, spoken, told + encoded, told + encoded),
                CASCADE: self._of_sound(spoken, told),
                OWN_CASCADE: self._of_sound(own, walked + vocoded),
                DURATIONS: self._of_phones(spoken, told),
                OWN_DURATIONS: self._of_phones(own, walked),
            },
            "sounds": {
                SOUNDED: self.sounds.resounded(text, spoken.samples, lambda: self.sound_of(known)),
                SHARED: self.sounds.words(text, own.samples, walked + vocoded),
            },
        }

    def generate(self, labels: Sequence[str]) -> tuple[np.ndarray, tuple[Span, ...], float, float]:
        """Tokens for phones, the phones with their times, CPU seconds in all and until the first frames may begin."""
        begin = cpu_seconds()
        numbers = torch.from_numpy(self.system.numbers(labels))
        rows, first = [], 0.0
        speaker = torch.from_numpy(self.speaker)
        for row in self.system.network.language.speak(numbers, speaker, temperature=self.temperature):
            rows.append(row)
            if len(rows) == self.faces.first:
                first = cpu_seconds() - begin
        walked = cpu_seconds() - begin
        tokens, places = np.array(rows).T
        return tokens, timed(labels, places), walked, first or walked

    def sound_of(self, tokens: np.ndarray) -> np.ndarray:
        """(T,) tokens → (640 T,) samples."""
        return self.sounds.vocoded(self.system.network.whole_mel(tokens, self.speaker))

    def _of_tokens(self, tokens: np.ndarray, spoken: SyntheticUtterance, before: float, first: float) -> Sums:
        begin = cpu_seconds()
        self.faces.motion(tokens[: self.faces.first], self.faces.first_samples)
        window = cpu_seconds() - begin
        begin = cpu_seconds()
        motion = self.faces.motion(tokens, len(spoken.samples))
        return self._face(spoken, motion, before + cpu_seconds() - begin, first + window)

    def _of_sound(self, spoken: SyntheticUtterance, before: float) -> Sums:
        animator = open_animator(DEFAULT_BUNDLE, Request(frame_rate=FRAME_RATE))
        begin, first = cpu_seconds(), 0.0
        pieces, size = [], timing.sample_count(_PIECE)
        for start in range(0, len(spoken.samples), size):
            pieces.append(animator.push(spoken.samples[start : start + size]))
            if not first and len(pieces[-1]):
                first = cpu_seconds() - begin
        pieces.append(animator.flush())
        values = np.concatenate([piece.values for piece in pieces])
        motion = Motion(values, pieces[0].channels, pieces[0].frame_rate)
        return self._face(spoken, motion, before + cpu_seconds() - begin, before + first)

    def _of_phones(self, spoken: SyntheticUtterance, before: float) -> Sums:
        begin = cpu_seconds()
        motion = articulate(spoken.phones, spoken.duration, FRAME_RATE)
        took = before + cpu_seconds() - begin
        return self._face(spoken, motion, took, took)

    def _face(self, spoken: SyntheticUtterance, motion: Motion, took: float, first: float) -> Sums:
        drift = abs(len(motion) / motion.frame_rate - spoken.duration)
        costs = {"cpu": took, "seconds": spoken.duration, "first": first, "drift": drift, "sentences": 1.0}
        return closure_sums(observe_phones(self.lips, spoken.phones, spoken.duration, motion)) | costs


def timed(labels: Sequence[str], places: np.ndarray) -> tuple[Span, ...]:
    """Phones with their times, from (T,) the place of each token; one without a token takes half of its neighbour's."""
    begins = np.searchsorted(places, np.arange(len(labels) + 1)).astype(float)
    for number in range(len(labels) - 1, 0, -1):
        if begins[number] >= begins[number + 1]:
            begins[number] = begins[number + 1] - 0.5
    starts = begins / TOKEN_RATE
    return tuple(Span(label, starts[i], starts[i + 1]) for i, label in enumerate(labels))
