import numpy as np
import pytest

from utterface.lab.studies.tokens import faces
from utterface.lab.studies.tokens.cells import CHANNELS, reference


@pytest.fixture
def report() -> dict:
    def row(representation, decoder, f1):
        return {"representation": representation, "decoder": decoder, "figures": {"closure_f1": {"value": f1}}}

    rows = [row("mel", "transformer", 0.3), row("units", "transformer", 0.7), row("units", "gru_diffusion", 0.1)]
    return {"test": {"rows": [*rows, row("mean face", "", 0.0)]}, "winner": {"representation": "units"}}


def test_kept_sentences_play_beside_their_reference(report, material, folder):
    clip = material.shown[0]
    for name in ("mel.transformer.0", "units.gru_diffusion.0"):
        np.savez(folder.cells / f"{name}.npz", **{clip.id: np.zeros((40, len(CHANNELS)), np.float32)})
    kept = faces._kept(report, folder)
    assert list(kept) == ["mel, Transformer", "units, GRU, diffusion"]
    sentence = faces._sentence(clip, kept)
    assert [row.name for row in sentence.rows] == [faces.REFERENCE, *kept]
    assert np.array_equal(sentence.rows[0].motion.values, reference(clip).values)
    assert sentence.phones == clip.phones() and len(sentence.samples)
    text = faces.page(report, material, folder)
    assert text.startswith("<!doctype html>") or "<html" in text


def test_the_winner_and_the_extremes_are_shown_first(report):
    names = [faces.row_name(r["representation"], r["decoder"]) for r in report["test"]["rows"][:3]]
    shown = faces._shown(report, names)
    assert shown == ["reference", "units, Transformer", "units, GRU, diffusion", "mel, Transformer"]


def test_without_kept_motion_there_is_no_page(report, material, folder):
    assert faces.page(report, material, folder) is None
