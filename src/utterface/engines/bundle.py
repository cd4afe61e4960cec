"""Model bundles: a folder with model.onnx, config.json and CARD.md, checked before anything runs.

Three kinds. `articulators`: a step that carries a state and says what the mouth does (`Network`). `motion`: no
state, a window of sound in, the channels of its frames out (`WindowNetwork`); of a network that samples, noise too.
`voice` goes the other way, from channels to sound; it has networks of its own (`engines/mesh_to_speech.py`).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from utterface import timing
from utterface.articulation import ARTICULATORS, EMOTIONS
from utterface.errors import ConfigError, ModelError
from utterface.motion import ARKIT, CHANNELS
from utterface.sessions import open_session
from utterface.timing import SAMPLE_RATE

FORMAT = "utterface bundle"
VERSION = 1
CONTROLLED = 2  # version of bundles with controls, which older readers refuse by it
CONTROLS = ("strength", *(name for name in EMOTIONS if name != "neutral"))  # what a network may be told
STRENGTHS = (0.5, 1.5)  # within which a network learns to articulate
GRID = 0.2  # seconds in which samples at 16 kHz, frames at 25, 30 and 60 Hz and tokens at 25 and 50 Hz come out whole
_DECISIONS = ("closure", "silence")  # logits after the articulators


@dataclass(frozen=True)
class BundleConfig:
    """What config.json says of every network.

    Attributes:
        name: the bundle's folder.
        licence: of the weights.
        channels: what the network gives each frame.
        frame_rate: frames a second.
    """

    name: str
    licence: str
    channels: tuple[str, ...]
    frame_rate: int


@dataclass(frozen=True)
class ArticulatorConfig(BundleConfig):
    """Kind `articulators`; its channels are the articulators, then the logits of closure and silence.

    Where it has controls, the articulators come scaled by the strength that it was told, and after the logits there are
    ARKit's channels with what its moods add to them.

    Attributes:
        hop: samples a frame.
        lead: zero samples before the first one.
        delay_frames: by how many frames the answers lag.
        look_ahead: seconds of later sound that a frame needs.
        state: shapes of what is carried from call to call, without the batch.
        closing: the probability of a closure from which the lips seal.
        resting: the network's `rest` at which the face is half at rest.
        controls: what it is told beside the sound, some of CONTROLS; constant from the first sample to the last.
    """

    hop: int
    lead: int
    delay_frames: int
    look_ahead: float
    state: dict[str, tuple[int, ...]]
    closing: float
    resting: float
    controls: tuple[str, ...] = ()

    @property
    def expression(self) -> tuple[str, ...]:
        """Channels that its moods add to."""
        return self.channels[len(ARTICULATORS) + len(_DECISIONS) :]


@dataclass(frozen=True)
class Windows:
    """Where a network without a state hears: one window a block, on a grid that starts at time 0. All in seconds.

    Window k hears from k · block − past to (k + 1) · block + future and answers for its block. What it says of the
    `overlap` after the block fades into what window k + 1 says of it. Beyond the ends of the sound there is silence.
    """

    block: float = 0.4
    past: float = 1.6
    future: float = 0.4
    overlap: float = 0.2

    def __post_init__(self) -> None:
        lengths = {name: getattr(self, name) for name in ("block", "past", "future", "overlap")}
        for name, length in lengths.items():
            if length < 0 or abs(length / GRID - round(length / GRID)) > 1e-6:
                raise ConfigError(f"{name} must be a whole multiple of {GRID} s, so that frames fit; got {length:g}")
        if not self.block:
            raise ConfigError(f"block must be {GRID} s at least")
        if self.overlap > min(self.block, self.future):
            raise ConfigError(
                f"overlap must not exceed block or future, {min(self.block, self.future):g} s; got {self.overlap:g}"
            )

    @property
    def length(self) -> float:
        """Seconds of sound that a window hears."""
        return self.past + self.block + self.future

    @property
    def look_ahead(self) -> float:
        """Seconds of later sound until a frame is final, at the most: those of a block's first frame."""
        return self.block + self.future


@dataclass(frozen=True)
class Noise:
    """What is drawn for every frame of a window: (B, draws, F, channels)."""

    channels: int
    draws: int = 1

    @property
    def row(self) -> tuple[int, int]:
        """Shape of a frame's numbers: (draws, channels)."""
        return self.draws, self.channels


@dataclass(frozen=True)
class WindowedConfig(BundleConfig):
    """What kinds that know no state have in common.

    Attributes:
        windows: where it hears: in sound, or, of a voice, in motion.
    """

    windows: Windows

    @property
    def frames(self) -> int:
        """Of motion in a window, F."""
        return self.frames_in(self.windows.length)

    def frames_in(self, duration: float) -> int:
        """In a stretch of the grid."""
        return round(duration * self.frame_rate)


@dataclass(frozen=True)
class MotionConfig(WindowedConfig):
    """Kind `motion`; its channels are some of the 61.

    Attributes:
        noise: what it wants drawn; None where it does not sample.
        alive: parts of `life.PARTS` that it moves by itself, which the life layer then leaves alone.
    """

    noise: Noise | None
    alive: tuple[str, ...] = ()

    @property
    def samples(self) -> int:
        """In a window, N."""
        return timing.sample_count(self.windows.length)


@dataclass(frozen=True)
class VoiceConfig(WindowedConfig):
    """Kind `voice`; its channels are what it hears, some of ARKit's, at its own frame rate.

    Attributes:
        reach: frames of log-mel on either side of its own that the vocoder needs.
        speaker: the voice where none is asked for.
    """

    reach: int
    speaker: tuple[float, ...]


class Network:
    """A network of kind `articulators` at work: one step of sound after the other, for one or many streams at once."""

    def __init__(self, folder: str | Path, threads: int = 0) -> None:
        config = read_config(folder)
        if not isinstance(config, ArticulatorConfig):
            raise ModelError(f"bundle {config.name} gives motion, not articulators; run it with animate --model")
        self.config = config
        self._session = open_session(Path(folder) / "model.onnx", threads)
        self._outputs = ["frames", *(f"{name}_next" for name in self.config.state)]
        self._check()

    def zero_state(self, batch: int = 1) -> dict[str, np.ndarray]:
        """Nothing was heard yet."""
        return {name: np.zeros((batch, *shape), np.float32) for name, shape in self.config.state.items()}

    def neutral(self, batch: int = 1) -> np.ndarray:
        """(B, K) controls that ask for nothing: strength 1, no mood."""
        return np.tile(np.array([name == CONTROLS[0] for name in self.config.controls], np.float32), (batch, 1))

    def step(
        self, samples: np.ndarray, state: dict[str, np.ndarray], controls: np.ndarray | None = None
    ) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """(B, hop · n) float32 samples and the state → (B, n, channels) float32 frames and the state anew.

        Args:
            samples, state: as above.
            controls: (B, K), in the order of the config; None is neutral. Frames on their way through the network keep
                what was asked when they came in, so a change from one step to the next shows within its memory.

        Raises:
            ModelError: the network gave a number that is none.
        """
        told = {"samples": samples, **state}
        if self.config.controls:
            told["controls"] = self.neutral(len(samples)) if controls is None else controls
        frames, *carried = self._session.run(self._outputs, told)
        check_finite(frames, self.config.name)
        return frames, dict(zip(self.config.state, carried, strict=True))

    def _check(self) -> None:
        asked = len(self.config.controls)
        wanted = {"samples", *self.config.state, *(["controls"] if asked else [])}
        found = {i.name: i.shape for i in self._session.get_inputs()}
        given = {o.name: o.shape for o in self._session.get_outputs()}
        channels = len(self.config.channels)
        if (
            found.keys() != wanted
            or (asked and found["controls"][-1] != asked)
            or not given.keys() >= set(self._outputs)
            or given["frames"][-1] != channels
        ):
            raise unfit(self.config.name)


class WindowNetwork:
    """A network of kind `motion` at work: a window of sound in, the motion of its frames out."""

    def __init__(self, folder: str | Path, threads: int = 0) -> None:
        config = read_config(folder)
        if not isinstance(config, MotionConfig):
            raise ModelError(f"bundle {config.name} gives articulators, not motion; run it with animate --model")
        self.config = config
        self._session = open_session(Path(folder) / "model.onnx", threads)
        self._check()

    def predict(self, samples: np.ndarray, noise: np.ndarray | None = None) -> np.ndarray:
        """(B, N) float32 samples, and the noise that the config asks for → (B, F, C) float32.

        Raises:
            ModelError: the network gave a number that is none.
        """
        heard = {"samples": samples} if noise is None else {"samples": samples, "noise": noise}
        (motion,) = self._session.run(["motion"], heard)
        check_finite(motion, self.config.name)
        return np.asarray(motion)

    def _check(self) -> None:
        config = self.config
        wanted = {"samples": [config.samples]}
        if config.noise is not None:
            wanted["noise"] = [config.noise.draws, config.frames, config.noise.channels]
        found = {i.name: i.shape[1:] for i in self._session.get_inputs()}  # without the batch
        given = {o.name: o.shape[1:] for o in self._session.get_outputs()}
        if found != wanted or given.get("motion") != [config.frames, len(config.channels)]:
            raise unfit(config.name)


def read_config(folder: str | Path) -> ArticulatorConfig | MotionConfig | VoiceConfig:
    """The config of the bundle in `folder`.

    Raises:
        ModelError: no bundle, damaged, of a newer version or another kind, or for channels that there are not.
    """
    folder = Path(folder)
    path = folder / "config.json"
    if not path.is_file() or not (folder / "model.onnx").is_file():
        raise ModelError(f"{folder} is no model bundle: config.json and model.onnx are expected in it")
    try:
        config: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if config["format"] != FORMAT:
            raise ModelError(f"{path}: expected an {FORMAT}, got {config['format']!r}")
        if int(config["version"]) > CONTROLLED:
            told = f"this utterface reads up to {CONTROLLED}; update it"
            raise ModelError(f"bundle {folder.name} has version {config['version']}, {told}")
        if config["kind"] not in _KINDS:
            raise ModelError(f"bundle {folder.name} is of kind {config['kind']!r}, here run {', '.join(_KINDS)}")
        channels = tuple(config["channels"])
        about = BundleConfig(folder.name, str(config["licence"]), channels, int(config["frame_rate"]))
        found = _KINDS[config["kind"]](about, config)
        rate = int(config["sample_rate"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{path} is damaged ({error!r}); install the bundle again") from None
    except ConfigError as error:
        raise ModelError(f"bundle {folder.name}: {error}") from None
    if rate != SAMPLE_RATE:
        raise ModelError(f"bundle {folder.name} wants sound at {rate} Hz; {SAMPLE_RATE} Hz is what there is")
    return found


def _articulators(about: BundleConfig, config: Mapping[str, Any]) -> ArticulatorConfig:
    wanted, controls = (*ARTICULATORS, *_DECISIONS), tuple(config.get("controls", ()))
    said, added = about.channels[: len(wanted)], about.channels[len(wanted) :]
    if said != wanted:
        raise _strange(about.name, set(said) ^ set(wanted))
    if not set(added) <= set(ARKIT) or len(set(added)) != len(added) or (added and not controls):
        raise _strange(about.name, set(added) - set(ARKIT))
    if not set(controls) <= set(CONTROLS) or len(set(controls)) != len(controls):
        raise ConfigError(f"its controls are {', '.join(controls)}; known are {', '.join(CONTROLS)}; update utterface")
    return ArticulatorConfig(
        **vars(about),
        hop=int(config["hop"]),
        lead=int(config["lead"]),
        delay_frames=int(config["delay_frames"]),
        look_ahead=float(config["look_ahead"]),
        state={name: tuple(shape) for name, shape in config["state"].items()},
        closing=float(config["closing"]),
        resting=float(config["resting"]),
        controls=controls,
    )


def _motion(about: BundleConfig, config: Mapping[str, Any]) -> MotionConfig:
    windows = _windows(about, config, CHANNELS)
    if abs(float(config["look_ahead"]) - windows.look_ahead) > 1e-6:
        raise ConfigError(f"look_ahead must be block + future, {windows.look_ahead:g} s; got {config['look_ahead']}")
    drawn = config["noise"]
    noise = None if drawn is None else Noise(int(drawn["channels"]), int(drawn["draws"]))
    return MotionConfig(**vars(about), windows=windows, noise=noise, alive=tuple(config.get("alive", ())))


def _voice(about: BundleConfig, config: Mapping[str, Any]) -> VoiceConfig:
    return VoiceConfig(
        **vars(about),
        windows=_windows(about, config, ARKIT),
        reach=int(config["reach"]),
        speaker=tuple(float(value) for value in config["speaker"]),
    )


def _windows(about: BundleConfig, config: Mapping[str, Any], known: tuple[str, ...]) -> Windows:
    """Where a bundle hears, once its channels are some of those that are known and its frames fit the grid."""
    unknown = set(about.channels) - set(known)
    if unknown or len(set(about.channels)) != len(about.channels) or not about.channels:
        raise _strange(about.name, unknown)
    if about.frame_rate < 1 or abs(about.frame_rate * GRID % 1) > 1e-6:
        raise ConfigError(f"frame_rate must give whole frames in {GRID} s, as 25, 30 and 60 do; got {about.frame_rate}")
    return Windows(*(float(config[name]) for name in ("block", "past", "future", "overlap")))


_Reader = Callable[[BundleConfig, Mapping[str, Any]], ArticulatorConfig | MotionConfig | VoiceConfig]
_KINDS: dict[str, _Reader] = {"articulators": _articulators, "motion": _motion, "voice": _voice}


def _strange(name: str, channels: set[str]) -> ModelError:
    told = ", ".join(sorted(channels)) or "another order"
    return ModelError(f"bundle {name} is for other channels ({told}); update it")


def unfit(name: str) -> ModelError:
    return ModelError(f"bundle {name}: model.onnx does not fit config.json; install the bundle again")


def check_finite(frames: np.ndarray, name: str) -> None:
    if not np.isfinite(frames).all():
        raise ModelError(f"the network of bundle {name} gave NaN; the bundle is damaged, install it again")
