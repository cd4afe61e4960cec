"""Two who know when phones are said, an engine and the aligner, tell the same."""

import numpy as np
import pytest

from utterface.align import align
from utterface.phones import SILENCE
from utterface.speak import espeak, festival, flite
from utterface.speak.contract import SpeakingManner

TEXT = "My brother bought five apples and moved the big piano."


@pytest.mark.parametrize(("engine", "name"), [(flite, "slt"), (festival, "ked_diphone"), (espeak, "en-us+f2")])
def test_engines_and_the_aligner_agree_on_time(engine, name):
    voices = [v for v in engine.voices() if v.name == name]
    if not voices:
        pytest.skip(f"{engine.__name__.rpartition('.')[2]} with the voice {name} is not installed")
    (said,) = engine.speak(voices[0], [(TEXT, SpeakingManner())])
    told = [p for p in said.phones if p.label != SILENCE]
    heard = [p for p in align(said.samples, TEXT).phones if p.label != SILENCE]
    offsets = [
        (a.start + a.end - b.start - b.end) / 2
        for a in told
        for b in heard
        if a.label == b.label and abs(a.start - b.start) < 0.1
    ]
    assert len(offsets) > 0.6 * len(told)
    assert abs(np.median(offsets)) < 0.02
    assert np.mean(np.abs(offsets) < 0.05) > 0.85
