"""Strips of sentences without and with the expression that follows their words, one picture.

python scripts/make_strips.py strips.png [SENTENCES.txt]
"""

import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from utterface import rigs, speaking
from utterface.clip import Clip
from utterface.rigs.human.identity import identity_of
from utterface.video.encode import Look, frames

SENTENCES = (
    "I never said that to anybody.",
    "Did you lock the front door?",
    "Where did you put the keys?",
    "The house was really enormous.",
    "Maybe we could leave on Monday, I think.",
    "What a wonderful cake, thank you!",
    "The fish smelled rotten.",
    "I wanted to come, but it rained.",
    "We need apples, pears and plums.",
    "He was so mean to her, wasn't he?",
)
COUNT, SIDE = 2, 440  # pictures a sentence; pixels of one
FACE = (slice(105, 365), slice(110, 330))  # rows and columns of the face in it
HEADING = 20  # pixels above a strip


def main() -> None:
    path, *given = map(Path, sys.argv[1:])
    sentences = given[0].read_text(encoding="utf-8").splitlines() if given else SENTENCES
    rows = [strip(sentence) for sentence in sentences]
    sheet = Image.fromarray(np.concatenate(rows))
    draw = ImageDraw.Draw(sheet)
    for number, sentence in enumerate(sentences):
        draw.text(
            (6, number * len(rows[0]) + 4), f"{sentence}   left: without, right: --expression words", (20, 20, 20)
        )
    sheet.convert("P", palette=Image.Palette.ADAPTIVE, colors=64).save(path, optimize=True)


def strip(sentence: str) -> np.ndarray:
    """(H, W, 3) pictures without and with, where the upper faces differ most within equal stretches."""
    plain, moved = (speaking.say(sentence, voice="flite:slt", seed=3, expression=name) for name in (None, "words"))
    upper = [
        c for c in plain.motion.channels if c.startswith(("brow", "cheek", "nose", "eyeWide", "eyeSquint", "head"))
    ]
    distance = np.abs(moved.motion.select(upper) - plain.motion.select(upper)).sum(1)
    edges = np.linspace(0, len(distance), COUNT + 1).astype(int)
    at = [int(a + distance[a:b].argmax()) for a, b in pairwise(edges)]
    faces = np.concatenate([pictures(clip, at) for clip in (plain, moved)], 1)
    return np.concatenate([np.full((HEADING, *faces.shape[1:]), 255, np.uint8), faces])


def pictures(clip: Clip, at: list[int]) -> np.ndarray:
    """Faces at frames, side by side."""
    rig = rigs.head(identity_of("david", None))
    drawn = frames(clip.motion.select(rig.channels)[at], rig, Look.of(f"{SIDE}x{SIDE}", "#dddddd", "numpy"))
    return np.concatenate([picture[FACE] for picture in drawn], 1)


if __name__ == "__main__":
    main()
