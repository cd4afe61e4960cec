import csv
import json
from dataclasses import replace

import numpy as np

from utterface.formats import visemes
from utterface.phones import OCULUS
from utterface.rigs import reduction


def test_the_sequence_plays_in_unity(clip, tmp_path):
    visemes.write_json(clip, tmp_path / "a.json")
    sequence = json.loads((tmp_path / "a.json").read_text())
    entries, wanted = sequence["entries"], reduction.to_visemes(clip.motion)
    assert sequence["visemes"] == list(OCULUS) and set(entries[0]) == {
        "frameNumber", "frameDelay", "Visemes", "laughterScore",
    }  # fmt: skip
    for moment in (0.0, 0.5, 1.99):  # OVRLipSyncSequence.GetFrameAtTime
        entry = entries[int(len(entries) * moment / sequence["length"])]
        np.testing.assert_allclose(entry["Visemes"], wanted[int(moment * 60)], atol=1e-4)


def test_a_late_start_moves_the_entries(clip, tmp_path):
    visemes.write_json(replace(clip, motion=replace(clip.motion, start=0.5)), tmp_path / "a.json")
    entries = json.loads((tmp_path / "a.json").read_text())["entries"]
    np.testing.assert_allclose(entries[30]["Visemes"], reduction.to_visemes(clip.motion)[0], atol=1e-4)


def test_the_table_names_its_columns(clip, tmp_path):
    visemes.write_csv(replace(clip, motion=replace(clip.motion, start=0.25)), tmp_path / "a.csv")
    rows = list(csv.DictReader((tmp_path / "a.csv").read_text().splitlines()))
    assert list(rows[0]) == ["time", *OCULUS] and len(rows) == 120
    assert (rows[0]["time"], rows[6]["time"]) == ("0.2500", "0.3500")
    got = np.array([[float(row[name]) for name in OCULUS] for row in rows])
    np.testing.assert_allclose(got, reduction.to_visemes(clip.motion), atol=1e-4)
