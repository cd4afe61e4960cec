"""Three voices teach where phones lie; the fourth, which the script has not seen, says whether they did."""

import sys
from pathlib import Path

import numpy as np
import pytest
import train_boundaries

from utterface import speech
from utterface.align import tile
from utterface.formats.spans import read_textgrid
from utterface.lab.corpora.manifest import CorpusClip
from utterface.lab.corpora.writer import CorpusWriter
from utterface.phones import SILENCE
from utterface.recognise.boundaries import FRAME_RATE, PhoneFrames
from utterface.recognise.phones import PhoneRecogniser, is_installed

TAKES = Path(__file__).parents[1] / "assets"

pytestmark = pytest.mark.skipif(not is_installed(), reason="the phone recogniser is not built here; pip install . does")


def test_learns_where_phones_lie(tmp_path, monkeypatch, capsys) -> None:
    writer = CorpusWriter(tmp_path / "takes")
    for name in ("slt", "rms", "awb"):
        sound = speech.read(TAKES / f"{name}.flac")
        phones = tile(read_textgrid(TAKES / f"{name}.TextGrid")["phones"], sound.duration)
        writer.add(CorpusClip(name, sound.duration, name), sound.samples, phones)
    out = tmp_path / "out"
    monkeypatch.setattr(train_boundaries, "BATCH", 4)
    monkeypatch.setattr(sys, "argv", ["train_boundaries.py", str(out), str(tmp_path / "takes"), "--steps", "200"])
    train_boundaries.main()
    assert '"clips": 6' in capsys.readouterr().out  # each as recorded and elsewhere
    network, recogniser = PhoneFrames(out / "boundaries.npz"), PhoneRecogniser()
    frames = network(recogniser.scores(speech.read(TAKES / "kal16.flac").samples))
    phones = read_textgrid(TAKES / "kal16.TextGrid")["phones"]
    middles = [round((p.start + p.end) / 2 * FRAME_RATE) for p in phones]
    columns = network.columns([p.label for p in phones])
    assert np.mean(frames[middles].argmax(1) == columns) > 0.15  # one in forty by chance
    before = frames[: round(phones[0].start * FRAME_RATE)].argmax(1)
    assert len(before) > 10 and np.mean(before == network.symbols.index(SILENCE)) > 0.8
