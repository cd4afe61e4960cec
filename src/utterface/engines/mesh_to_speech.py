"""The mesh-to-speech engine: a bundle of kind `voice`, motion in, sound out.

    motion ─ its own frame rate ─ mesh-to-speech, in windows ─ log-mel, joined ─ vocoder, block by block ─ samples

Windows stand on a grid that starts at time 0 and one runs at a time, as in `windowed`, so any pieces of the motion give
the same sound and hours need no more memory than seconds. Before and after the motion the face is at rest.
"""

from pathlib import Path

import numpy as np

from utterface import speech, timing
from utterface.engines.bundle import MeshToSpeechBundleConfig, read_config
from utterface.engines.bundle.config import check_finite, run, unfit
from utterface.engines.seam import Seam
from utterface.errors import ModelError, MotionError
from utterface.motion import Motion
from utterface.sessions import open_session

LONGEST_REFERENCE = 60.0  # seconds of a speaker's sound that are used
_MOUTH = ("jaw", "mouth")
_SILENCE = np.float32(np.log(speech.MEL_FLOOR))


class MeshToSpeechEngine:
    """A mesh-to-speech bundle: `push` motion, `push`, …, `flush`.

    Args:
        bundle: its folder.
        speaker: (S,) embedding of the speaker, from `speaker_of`; by default the bundle's own.
        threads: threads of the networks; 0 takes all cores.

    Raises:
        ModelError: no bundle, damaged, or of another kind.
    """

    def __init__(self, bundle: str | Path, speaker: np.ndarray | None = None, threads: int = 1) -> None:
        folder = Path(bundle)
        config = read_config(folder)
        if not isinstance(config, MeshToSpeechBundleConfig):
            raise ModelError(f"bundle {config.name} animates faces; give the folder of a mesh-to-speech bundle")
        self.config = config
        names = ("model", "vocoder", "speaker")
        self._model, self._vocoder, self._embedding = (open_session(folder / f"{name}.onnx", threads) for name in names)
        windows, rate = config.windows, speech.TRACK_RATE
        self._past, self._block = (config.frames_in(length) for length in (windows.past, windows.block))
        self._mel_past, self._mel_block, overlap = (
            round(length * rate) for length in (windows.past, windows.block, windows.overlap)
        )
        self._seam = Seam(self._mel_block, overlap)
        self._check()
        self.speaker = np.asarray(config.speaker if speaker is None else speaker, np.float32)
        self.reset()

    def speaker_of(self, samples: np.ndarray) -> np.ndarray:
        """(N,) samples at 16 kHz → (S,) speaker embedding; of long sound the first minute is used."""
        mel = speech.log_mel(samples[: timing.sample_count(LONGEST_REFERENCE)])
        (embedding,) = run(self._embedding, ["speaker"], {"mel": mel[None]}, self.config.name)
        return np.asarray(embedding[0])

    def reset(self) -> None:
        """Back to time 0."""
        config = self.config
        self._origin: Motion | None = None  # the first piece
        self._raw = np.zeros((0, len(config.channels)), np.float32)  # what is still needed of the motion given
        self._first = 0  # number of the frame with which it begins
        self._taken = 0  # frames at the bundle's rate that were read from it
        self._window = np.zeros((self._past, len(config.channels)), np.float32)  # the next window, as far as known
        self._seam.reset()
        self._mel = np.full((config.reach, speech.MEL_COUNT), _SILENCE)  # what the vocoder still needs
        self._given = 0  # samples

    def push(self, motion: Motion) -> np.ndarray:
        """The next piece of motion → (N,) float32 samples at 16 kHz that it settles, possibly none.

        Raises:
            MotionError: no mouth in it, NaN or infinite values, or other channels or another frame rate than before.
        """
        first = self._origin
        if first is None:
            self._check_mouth(motion)
            first = self._origin = motion
        if motion.channels != first.channels or motion.frame_rate != first.frame_rate:
            raise MotionError("pieces of motion differ in channels or frame rate")
        if not np.isfinite(motion.values).all():
            raise MotionError("the motion holds NaN or infinite values; export it again")
        self._raw = np.concatenate([self._raw, motion.select(self.config.channels)])
        return self._joined(self._run(self._at_own_rate(first, ended=False)))

    def flush(self) -> np.ndarray:
        """End of the motion: the samples that remain, up to where its last frame ends."""
        if self._origin is None or not self._first + len(self._raw):
            return np.zeros(0, np.float32)
        count = self._first + len(self._raw)
        duration = self._origin.start + count / self._origin.frame_rate
        blocks = self._run(self._at_own_rate(self._origin, ended=True))
        total = timing.sample_count(max(0.0, duration))
        rest = np.zeros((self._block, len(self.config.channels)), np.float32)
        while self._given < total:
            blocks += self._run(rest)
        sound = self._joined(blocks)
        return sound[: len(sound) - (self._given - total)]

    def _at_own_rate(self, first: Motion, ended: bool) -> np.ndarray:
        """(n, C) the frames at the bundle's rate that the motion settles; at its end, all that lie before the end."""
        rate, known = self.config.frame_rate, self._first + len(self._raw)
        limit = known if ended else known - 1  # without the frame after it, a moment is not settled
        end = timing.frame_count(max(0.0, first.start + limit / first.frame_rate), rate) if limit > 0 else 0
        if not ended:
            end -= 1  # which may lie on the last frame, where rounding would decide
        if end <= self._taken:
            return np.zeros((0, len(self.config.channels)), np.float32)
        moments = timing.frame_times(end, rate)[self._taken :]
        # Counted in frames of the motion, less a whole number: exact, so the pieces that came change no bit.
        place = (moments - first.start) * first.frame_rate - self._first
        frames = timing.sample_at(self._raw, 1.0, place)
        self._taken = end
        done = int(max(0.0, np.floor(place[-1]))) if len(place) else 0
        done = min(done, len(self._raw) - 1)
        self._raw, self._first = self._raw[done:], self._first + done
        return frames

    def _run(self, frames: np.ndarray) -> list[np.ndarray]:
        """The samples that become final with (n, C) frames, block by block."""
        self._window = np.concatenate([self._window, frames])
        blocks = []
        while len(self._window) >= self.config.frames:
            blocks += self._vocode(self._run_window())
        return blocks

    def _run_window(self) -> np.ndarray:
        """Run the window, which is full, and move on by a block: (100 · block, 80) log-mel."""
        window = {"motion": self._window[None, : self.config.frames], "speaker": self.speaker[None]}
        (mel,) = run(self._model, ["mel"], window, self.config.name)
        block = self._seam.join(mel[0, self._mel_past :])
        self._window = self._window[self._block :]
        return np.maximum(block, _SILENCE)

    def _vocode(self, mel: np.ndarray) -> list[np.ndarray]:
        """The sound of blocks whose surroundings are known by now."""
        self._mel = np.concatenate([self._mel, mel])
        blocks, wanted = [], self._mel_block + 2 * self.config.reach
        while len(self._mel) >= wanted:
            (sound,) = run(self._vocoder, ["samples"], {"mel": self._mel[None, :wanted]}, self.config.name)
            begin = self.config.reach * speech.HOP
            blocks.append(sound[0, begin : begin + self._mel_block * speech.HOP])
            self._given += len(blocks[-1])
            self._mel = self._mel[self._mel_block :]
        return blocks

    def _joined(self, blocks: list[np.ndarray]) -> np.ndarray:
        sound = np.concatenate([np.zeros(0, np.float32), *blocks])
        check_finite(sound, self.config.name)
        return np.clip(sound, -1, 1)

    def _check_mouth(self, motion: Motion) -> None:
        if not any(c.startswith(_MOUTH) for c in motion.channels if c in self.config.channels):
            names = ", ".join(motion.channels[:3])
            raise MotionError(f"the motion has no mouth channels by ARKit's names (it has {names} …)")

    def _check(self) -> None:
        """Whether the graphs have the shapes that the config promises, the batch left out."""
        config, mels, features = self.config, speech.MEL_COUNT, len(self.config.speaker)
        window = round(config.windows.length * speech.TRACK_RATE)
        around = self._mel_block + 2 * config.reach
        wanted = [
            (self._model, {"motion": [config.frames, len(config.channels)], "speaker": [features]}, [window, mels]),
            (self._vocoder, {"mel": [around, mels]}, [around * speech.HOP]),
        ]
        for session, inputs, output in wanted:
            actual = {i.name: i.shape[1:] for i in session.get_inputs()}
            if actual != inputs or session.get_outputs()[0].shape[1:] != output:
                raise unfit(config.name)
        if [i.name for i in self._embedding.get_inputs()] != ["mel"] or self._embedding.get_outputs()[0].shape[
            -1
        ] != features:
            raise unfit(config.name)
