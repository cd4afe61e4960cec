"""The neural engine: a model bundle of articulators at work, live or offline.

    samples ──network, 50 Hz──▶ articulators, closure, silence ──settle──▶ articulators ──render──▶ Motion

The network takes whole hops on an absolute grid and carries a state, and every later step looks at one frame or at two
neighbours, so any chunking of the sound gives the same motion. Lips seal where the network's closure decision says so
and nowhere else: a regression alone would blur closures.

In a bundle with controls, strength and emotions are inputs of the network, constant from the first sample to the last;
what the network adds for emotions is laid over the speech. Without a control, strength acts in `render` and emotions
are added by `animate`.
"""

from pathlib import Path

import numpy as np

from utterface import speech, timing
from utterface.align import Alignment
from utterface.articulation import ARTICULATORS, Pace, lay, render
from utterface.articulation.rendering import SCALED
from utterface.engines.bundle import CONTROLS, STRENGTHS, ArticulatorConfig, open_articulators
from utterface.engines.closures import Closures
from utterface.engines.contract import EngineInfo, Request
from utterface.motion import CHANNELS, Motion

_BLOCK_FRAMES = 256  # frames the network answers at once, so that an hour needs no more memory than a minute
_APART = 0.12  # the greatest seal of lips that are not closed; they stay visibly apart
_STRAY = 0.3  # a regressed seal below this is doubt, not a movement of the lips
_SEALED = 0.8  # the least seal of lips that are closed
_NEARING = 0.18  # the seal a frame before and after it; the jaw is half-way there
_SCALED = [ARTICULATORS.index(name) for name in SCALED]
_SEAL, _REST = ARTICULATORS.index("seal"), ARTICULATORS.index("rest")
_GESTURES = slice(ARTICULATORS.index("labiodental"), ARTICULATORS.index("sibilant") + 1)  # neighbours
_DOUBT, _SURE = 0.25, 0.85  # a gesture regressed at this much is none, is a whole one
_TURN = 0.5  # from a regressed rest this much wide, around `resting`, the face goes from awake to neutral
_SILENT = 3.0  # the logit of silence from which the face rests whatever the regression says
_LIMIT = 8.0  # full scale ±1; samples beyond it are clipped


class NeuralStreams:
    """Several streams of sound in step, with one pass of the network for all.

    Args:
        bundle: folder of the bundle.
        count: number of streams, B.
        request: frame rate, strength and, in a bundle with controls, emotions are used.
        threads: threads of the network; 0 takes all cores.

    Attributes:
        about: name of the bundle, frame rate of the request, emotions that the network shows; the look-ahead is the
            network's, a network frame to smooth and another to interpolate.
        start: the moment of the next frame, seconds.
    """

    _extra = 0  # network frames beyond the end that the last decisions need

    def __init__(self, bundle: str | Path, count: int, request: Request | None = None, threads: int = 1) -> None:
        request = request or Request()
        self._network = open_articulators(bundle, threads)
        self._config = self._network.config
        self._count = count
        self._strength = request.strength
        self._trained_strength = 1.0  # the strength at which the network articulates; `render` sees to the rest
        self._controls = self._network.neutral(count)
        for column, control in enumerate(self._config.controls):
            if control == CONTROLS[0]:
                self._trained_strength = float(np.clip(request.strength, *STRENGTHS))
                self._controls[:, column] = self._trained_strength
            else:
                self._controls[:, column] = request.emotions.get(control, 0.0)
        self._added = [CHANNELS.index(name) for name in self._config.expression]
        self.frame_rate, own_rate = request.frame_rate, self._config.frame_rate
        between = 0.0 if self.frame_rate == own_rate else 1 / own_rate
        look_ahead = self._config.look_ahead + 1 / own_rate + between
        shown = tuple(name for name in self._config.controls if name != CONTROLS[0])
        self.about = EngineInfo(self._config.name, self.frame_rate, look_ahead, emotions=shown)
        self.reset()

    def reset(self) -> None:
        """Back to time 0."""
        count, config = self._count, self._config
        self._state = self._network.zero_state(count)
        self._waiting = np.zeros((count, config.lead), np.float32)  # samples short of a whole hop
        self._pushed = 0  # samples
        self._predicted = -config.delay_frames  # network frames, those before time 0 included
        self._raw = np.zeros((0, count, len(config.channels)), np.float32)  # the newest outputs, which lack a neighbour
        kept = len(ARTICULATORS) + len(self._added)
        self._settled = np.zeros((0, count, kept), np.float32)  # network frames that motion may still need
        self._first = 0  # number of the first of them
        self._emitted = 0  # frames of motion
        self._closures = Closures((count,))
        self._pace = Pace(self.frame_rate)

    @property
    def start(self) -> float:
        return self._emitted / self.frame_rate

    def push(self, samples: np.ndarray) -> np.ndarray:
        """(B, N) samples at 16 kHz, the next stretch of every stream → (T, B, 61), the frames that it settles.

        Raises:
            AudioError: see `speech.samples_of`.
        """
        return self._rendered(self.push_articulators(samples))

    def flush(self) -> np.ndarray:
        """End of the sound: (T, B, 61), the frames that remain."""
        return self._rendered(self.flush_articulators())

    def push_articulators(self, samples: np.ndarray) -> np.ndarray:
        """As `push`, before it is rendered: (T, B, A + E), articulators at strength 1 and weights that emotions add."""
        samples = speech.samples_of(samples, self._count)
        self._pushed += samples.shape[1]
        self._run(np.clip(samples, -_LIMIT, _LIMIT))
        last = self._first + len(self._settled) - 1  # number of the newest network frame
        settled = int(np.floor(last * self.frame_rate / self._config.frame_rate + 1e-6)) + 1 if last >= 0 else 0
        return self._take(max(self._emitted, settled))

    def flush_articulators(self) -> np.ndarray:
        """As `flush`, before it is rendered."""
        duration, hop = timing.seconds(self._pushed), self._config.hop
        frames = timing.frame_count(duration, self._config.frame_rate) + 2 + self._extra
        missing = (frames + self._config.delay_frames) * hop - self._config.lead - self._pushed
        self._run(np.zeros((self._count, max(0, missing) + hop), np.float32))
        return self._take(timing.frame_count(duration, self.frame_rate))

    def _run(self, samples: np.ndarray) -> None:
        """Run the network over the whole hops that are known."""
        hop = self._config.hop
        self._waiting = np.concatenate([self._waiting, samples], 1)
        whole = self._waiting.shape[1] // hop
        for start in range(0, whole, _BLOCK_FRAMES):
            block = self._waiting[:, start * hop : min(start + _BLOCK_FRAMES, whole) * hop]
            frames, self._state = self._network.step(np.ascontiguousarray(block), self._state, self._controls)
            kept = self._decided(frames[:, max(0, -self._predicted) :].swapaxes(0, 1))
            self._predicted += frames.shape[1]
            if not len(self._raw) and len(kept):
                kept = np.concatenate([kept[:1], kept])  # the first frame has no neighbour before it
            self._raw = np.concatenate([self._raw, kept])
            if len(self._raw) > 2:
                self._settled = np.concatenate(
                    [self._settled, settle(self._raw, self._config, self._trained_strength, self._closures)]
                )
                self._raw = self._raw[-2:]
        self._waiting = self._waiting[:, whole * hop :]

    def _decided(self, frames: np.ndarray) -> np.ndarray:
        """(T, B, C), the network's next frames → those whose closures are decided, in their order: here all of them."""
        return frames

    def _take(self, count: int) -> np.ndarray:
        """Articulators up to frame `count` of the motion."""
        times = timing.frame_times(count - self._emitted, self.frame_rate, self.start)
        if not len(times):
            return np.zeros((0, *self._settled.shape[1:]), np.float32)
        rate = self._config.frame_rate
        shown = timing.sample_at(self._settled, rate, times, self._first / rate)
        self._emitted = count
        done = max(0, int(self.start * rate) - 1 - self._first)  # none of these is needed again
        self._settled, self._first = self._settled[done:], self._first + done
        return shown

    def _rendered(self, shown: np.ndarray) -> np.ndarray:
        """(T, B, A + E) → (T, B, 61)."""
        articulators, added = np.split(shown.reshape(-1, shown.shape[-1]), [len(ARTICULATORS)], 1)
        motion = render(articulators, self.frame_rate, self._strength)
        if added.any():
            face = np.zeros_like(motion.values)
            face[:, self._added] = added
            motion = lay(motion, face)
        return self._pace.push(motion.values.reshape(len(shown), self._count, len(CHANNELS)))


class NeuralAnimator:
    """`Animator` of a model bundle of articulators: one stream.

    Args:
        bundle: folder of the bundle.
        request: as of `NeuralStreams`.
        threads: threads of the network; one is fast enough, 0 takes all cores.
    """

    alignment: Alignment | None = None

    def __init__(self, bundle: str | Path, request: Request | None = None, threads: int = 1) -> None:
        self._streams = NeuralStreams(bundle, 1, request, threads)
        self.about = self._streams.about

    def reset(self) -> None:
        """See `Animator.reset`."""
        self._streams.reset()

    def push(self, samples: np.ndarray) -> Motion:
        """See `Animator.push`.

        Raises:
            AudioError: not (N,), or NaN or infinite samples.
        """
        start = self._streams.start
        return Motion(self._streams.push(np.asarray(samples)[None])[:, 0], CHANNELS, self.about.frame_rate, start)

    def flush(self) -> Motion:
        """See `Animator.flush`."""
        start = self._streams.start
        return Motion(self._streams.flush()[:, 0], CHANNELS, self.about.frame_rate, start)


def settle(
    frames: np.ndarray,
    config: ArticulatorConfig,
    strength: float | np.ndarray = 1.0,
    closures: Closures | None = None,
    rows: np.ndarray | None = None,
) -> np.ndarray:
    """The network's frames → articulators that keep its decisions.

    Args:
        frames: (T + 2, …, A + 2 + E): articulators, closure and silence as logits, weights that emotions add; the
            first and the last are neighbours.
        config: the bundle's, with its thresholds.
        strength: of the articulators that come in, a number or (…, 1); they leave at strength 1, and `render` scales
            them again.
        closures: of the frames before; None begins anew.
        rows: numbers of the streams (…) in `closures`, where these are some of its streams.

    Returns:
        (T, …, A + E) float32, the articulators in 0…1. A closure lasts two frames or more, shorter ones are mostly
        mistakes; the higher its probability, the firmer the seal, which sets its moment; the lips near each other a
        frame before and after it, and else stay apart.
    """
    here, count = frames[1:-1], len(ARTICULATORS)
    smooth = 0.25 * (frames[:-2] + frames[2:]) + 0.5 * here
    articulators, added = smooth[..., :count], smooth[..., count + 2 :]
    articulators[..., _SCALED] /= np.asarray(strength, np.float32)
    articulators = np.clip(articulators, 0, 1)
    before, after = frames[:-2, ..., count], frames[2:, ..., count]
    closure = np.minimum(here[..., count], np.maximum(before, after))  # 40 ms at the least
    threshold = np.log(config.closing / (1 - config.closing))
    surer = closure - np.float32(threshold)
    sealed = _SEALED + (1 - _SEALED) * np.clip(surer / 8, 0, 1)
    closures = closures or Closures(surer.shape[1:])
    was_closed = closures.closed if rows is None else closures.closed[rows]
    closed = closures.push(surer) if rows is None else closures.push_rows(rows, surer)
    # where the frame after the next does not confirm a closure, the lips turn back half-way
    near = (after >= np.float32(threshold)) | np.concatenate([was_closed[None], closed[:-1]])
    apart = np.maximum(np.clip(articulators[..., _SEAL] - _STRAY, 0, _APART), _NEARING * near)
    articulators[..., _SEAL] = np.where(closed, sealed, apart)
    articulators[..., _GESTURES] = np.clip((articulators[..., _GESTURES] - _DOUBT) / (_SURE - _DOUBT), 0, 1)
    rest = np.clip(0.5 + (articulators[..., _REST] - config.resting) / _TURN, 0, 1)
    rest = np.maximum(rest, np.clip(here[..., count + 1] / _SILENT, 0, 1))
    articulators[..., _REST] = rest * rest * (3 - 2 * rest)
    return np.concatenate([articulators, added], -1)
