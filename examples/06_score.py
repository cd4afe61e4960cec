"""Measure lips on speech: do they close at /p b m/, do vowels open, does silence rest?"""

from pathlib import Path

import utterface
from utterface import rigs
from utterface.rigs.lips import LipRig
from utterface.score import score_speech

HELLO = Path(__file__).with_name("hello.flac")
TEXT = "Hello! I move my lips for every word, and I keep them shut for maps, pubs and bumblebees."

lips = LipRig.from_rig(rigs.head())
for model in ("animator", "tokens"):
    utterface.animate(HELLO, model=model).save(f"{model}.csv")
    score = score_speech(Path(f"{model}.csv"), HELLO, TEXT, lips)
    print(f"{model}: closure F1 {score.figures['closure_f1']:.2f}, recall {score.figures['closure_recall']:.2f}")
