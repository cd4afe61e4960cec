"""Make the spoken takes in tests/assets: synthetic speech with the phone times of its engine, so that they are exact.

    python scripts/make_test_takes.py [FOLDER]

Writes NAME.flac and NAME.TextGrid for each, and takes.tsv with what they say. Needs Flite and the lab's packages. The
sentences are ours; Flite's voices (Carnegie Mellon University) are free to use with attribution, see README.md there.
"""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from utterface.align import Alignment
from utterface.formats.spans import write_spans
from utterface.lab.corpora.writer import encode_flac
from utterface.speak import flite
from utterface.speak.contract import SpeakingManner

TAKES = {
    "slt": "Maybe Bob's puppy jumps up, but my map may help us both.",
    "rms": "Five warm women saw a blue moon above the shore.",
    "awb": "Please put the brown papers by the big pump.",
    "kal16": "Do move a few tables out of the room before we play.",
}
PAUSE = 0.25  # seconds of quiet noise before and after


def main(folder: Path) -> None:
    """Every take."""
    folder.mkdir(parents=True, exist_ok=True)
    voices = {voice.name: voice for voice in flite.voices()}
    rows = []
    for number, (name, text) in enumerate(TAKES.items()):
        (utterance,) = flite.speak(voices[name], [(text, SpeakingManner())])
        assert utterance is not None, f"flite cannot speak {text!r}"
        quiet = 1e-4 * np.random.default_rng(number).standard_normal((2, round(PAUSE * 16_000)))
        samples = np.concatenate([quiet[0], 0.7 * utterance.samples / np.abs(utterance.samples).max(), quiet[1]])
        phones = tuple(replace(p, start=p.start + PAUSE, end=p.end + PAUSE) for p in utterance.phones)
        (folder / f"{name}.flac").write_bytes(encode_flac(samples))
        write_spans(Alignment((), phones, len(samples) / 16_000, 1.0), folder / f"{name}.TextGrid")
        rows.append(f"{name}.flac\t{text}")
    (folder / "takes.tsv").write_text("\n".join(rows) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "tests" / "assets")
