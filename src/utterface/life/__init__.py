"""Life: blinks, gaze, brows, cheeks, head motion, breath and uneven sides, a seeded layer over any engine's motion.

    energy, pitch, phones ──▶ Passage ──blinks · gaze · head · brows · cheeks · breath · sides──▶ Motion

Everything is a function of the seed, the absolute moment and the voice shortly before it, never of the call, so any
chunking gives the same face. Random numbers are hashes of (seed, stream, index) on a grid that starts at time 0.
`SoundSeed` takes the seed from the sound. `gestures` go with what is said, where cues of its words are known.
docs/research/life.md compares the figures with people's.
"""

from utterface.life.gestures import gesture_face, gestures_of
from utterface.life.layer import enliven, live, turn_eyes
from utterface.life.manner import PARTS, USUAL, Manner, manner_of, parts_of
from utterface.life.passage import Events, Passage, stacked
from utterface.life.seed import BLOCK, SoundSeed
from utterface.life.swell import swell, swell_of
from utterface.life.voices import AHEAD, CONTEXT, TRACK_RATE, VoiceStream

__all__ = [
    "AHEAD",
    "BLOCK",
    "CONTEXT",
    "PARTS",
    "TRACK_RATE",
    "USUAL",
    "Events",
    "Manner",
    "Passage",
    "SoundSeed",
    "VoiceStream",
    "enliven",
    "gesture_face",
    "gestures_of",
    "live",
    "manner_of",
    "parts_of",
    "stacked",
    "swell",
    "swell_of",
    "turn_eyes",
]
