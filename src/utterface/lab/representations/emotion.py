"""How the voice sounds around each moment: the layer below the decision of an emotion network, in moving windows."""

from pathlib import Path

import numpy as np

from utterface import speech, timing
from utterface.engines.bundle import EmotionConfig, EmotionNetwork, read_config
from utterface.engines.emotion import emotion_features, is_voice
from utterface.errors import ModelError
from utterface.lab.representations.contract import RepresentationInfo
from utterface.track import Track

FRAME_RATE = 5.0  # Hz; a window is seconds long
LEAST = 100  # frames of 10 ms of a window at an edge


class EmotionWindows:
    """A bundle of kind `emotion` as a representation; where a window holds too little voice, the one before it stands.

    Args:
        folder: of the bundle.
        name: of the representation.

    Raises:
        ModelError: no such bundle, or one of another kind.
    """

    def __init__(self, folder: str | Path, name: str) -> None:
        config = read_config(folder)
        if not isinstance(config, EmotionConfig):
            raise ModelError(f"bundle {config.name} tells no emotions; expected one of kind emotion")
        self.network = EmotionNetwork(folder, config)
        parameters = config.features * config.hidden + config.hidden * (1 + len(config.channels))
        ahead = config.window / 2
        self.about = RepresentationInfo(
            name, "label", FRAME_RATE, config.hidden, look_ahead=ahead, parameters=parameters + len(config.channels)
        )

    def encode(self, samples: np.ndarray) -> Track:
        mel, prosody = speech.log_mel(samples), speech.prosody(samples)
        half = round(self.network.config.window * speech.TRACK_RATE / 2)
        count = timing.frame_count(timing.seconds(len(samples)), FRAME_RATE)
        values = np.zeros((count, self.about.dimension), np.float32)
        for i in range(count):
            middle = round(i * speech.TRACK_RATE / FRAME_RATE)
            first, last = max(0, min(middle - half, len(mel) - LEAST)), max(middle + half, LEAST)
            energy, pitch = prosody.energy[first:last], prosody.pitch[first:last]
            if is_voice(energy, pitch):
                _, values[i] = self.network(emotion_features(mel[first:last], energy, pitch))
            elif i:
                values[i] = values[i - 1]
        return Track(values, FRAME_RATE)

    def units(self, samples: np.ndarray) -> None:
        return None
