"""The whole way from timed phones to lips, on synthetic and on real speech."""

import json
from pathlib import Path

import pytest

from utterface.articulation import articulate, blend, express, render
from utterface.formats.spans import read_textgrid
from utterface.metrics import lips
from utterface.phones import ARPABET_TO_IPA, Span


def aligned(path: Path) -> list[Span]:
    """Phones of a PocketSphinx alignment."""
    phones = [p for word in json.loads(path.read_text())["w"] for p in word["w"] if p["t"] in ARPABET_TO_IPA]
    return [Span(ARPABET_TO_IPA[p["t"]], p["b"], p["b"] + p["d"]) for p in phones]


@pytest.fixture(params=["synthetic speech", "real speech"])
def sentences(request) -> tuple[list[list[Span]], float]:
    """Timed phones of several sentences, and the least correlation of vowel heights, of few vowels or of many."""
    if request.param == "real speech":
        folder = request.getfixturevalue("assets") / "audio" / "librivox_pocketsphinx"
        return [aligned(path) for path in sorted(folder.glob("*.phone.json"))], 0.75
    folder = request.getfixturevalue("takes")
    return [list(read_textgrid(path)["phones"]) for path in sorted(folder.glob("*.TextGrid"))], 0.5


@pytest.mark.parametrize(("frame_rate", "emotion"), [(60.0, "neutral"), (30.0, "joy"), (24.0, "disgust")])
def test_lips_of_timed_phones(rig, sentences, frame_rate, emotion):
    seen, (spoken, least) = [], sentences
    for phones in spoken:
        motion = express(articulate(phones, phones[-1].end, frame_rate), {emotion: 1.0})
        rounding = motion["mouthPucker"] + motion["mouthFunnel"]
        seen.append(lips.observe(phones, motion.times, rig.gap_mm(motion), rounding, phones[-1].end))
    figures = lips.summarise(seen)
    assert figures["closure_recall"] >= 0.97 and figures["closure_precision"] >= 0.9
    assert figures["over_closed_mm"] <= 1 and figures["vowel_closed"] <= 0.01
    assert figures["vowel_height_rho"] > least and figures["rounding_auc"] > 0.96 and figures["silence_closed"] > 0.99


def test_articulating_is_rendering_what_was_blended():
    phones = [Span("m", 0.3, 0.4), Span("aɪ", 0.4, 0.6, 2)]
    whole = articulate(phones, 1.0, 60.0, 0.7)
    assert (render(blend(phones, 1.0, 60.0, 0.7), 60.0, 0.7).values == whole.values).all()
