"""The whole way from timed phones to lips, on alignments of real speech."""

import json
from pathlib import Path

import pytest

from utterface.articulation import articulate, blend, express, render
from utterface.metrics import lips
from utterface.phones import ARPABET_TO_IPA, Span


def aligned(path: Path) -> list[Span]:
    """Phones of a PocketSphinx alignment."""
    heard = [p for word in json.loads(path.read_text())["w"] for p in word["w"] if p["t"] in ARPABET_TO_IPA]
    return [Span(ARPABET_TO_IPA[p["t"]], p["b"], p["b"] + p["d"]) for p in heard]


@pytest.mark.parametrize(("frame_rate", "emotion"), [(60.0, "neutral"), (30.0, "joy"), (24.0, "disgust")])
def test_lips_of_real_alignments(rig, assets, frame_rate, emotion):
    seen = []
    for path in sorted((assets / "audio/librivox_pocketsphinx").glob("*.phone.json")):
        phones = aligned(path)
        motion = express(articulate(phones, phones[-1].end, frame_rate), {emotion: 1.0})
        rounding = motion["mouthPucker"] + motion["mouthFunnel"]
        seen.append(lips.observe(phones, motion.times, rig.gap_mm(motion), rounding, phones[-1].end))
    figures = lips.summarise(seen)
    assert figures["closure_recall"] >= 0.97 and figures["closure_precision"] >= 0.9
    assert figures["over_closed_mm"] <= 1 and figures["vowel_closed"] <= 0.01
    assert figures["vowel_height_rho"] > 0.75 and figures["rounding_auc"] > 0.96 and figures["silence_closed"] > 0.99


def test_articulating_is_rendering_what_was_blended():
    phones = [Span("m", 0.3, 0.4), Span("aɪ", 0.4, 0.6, 2)]
    whole = articulate(phones, 1.0, 60.0, 0.7)
    assert (render(blend(phones, 1.0, 60.0, 0.7), 60.0, 0.7).values == whole.values).all()
