"""Golden cue files of a clip made by hand, and cues of motion without phones."""

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from utterface.clip import Clip
from utterface.formats import cues, rhubarb
from utterface.formats.cues import cues_of
from utterface.motion import Motion, rest
from utterface.phones import Span

PHONES = (("sil", 0.0, 0.1), ("m", 0.1, 0.2), ("ɑ", 0.2, 0.406), ("f", 0.41, 0.47), ("u", 0.47, 0.5), ("n", 0.5, 0.9))
TSV = "0.00\tX\n0.10\tA\n0.20\tD\n0.41\tG\n0.47\tF\n0.50\tB\n0.90\tX\n"


@pytest.fixture
def said() -> Clip:
    phones = tuple(Span(*phone) for phone in PHONES)
    return Clip(rest(54), duration=0.9, phones=phones, audio=Path("take & 1.wav"))


def test_tsv_is_as_rhubarb_writes_it_and_reads_back(said, tmp_path):
    cues.write_tsv(said, tmp_path / "a.tsv")
    assert (tmp_path / "a.tsv").read_text() == TSV
    back = rhubarb.read(tmp_path / "a.tsv")
    assert [(cue.label, cue.start) for cue in back][:-1] == [(cue.label, cue.start) for cue in cues_of(said)]


def test_xml_is_as_rhubarb_writes_it(said, tmp_path):
    cues.write_xml(said, tmp_path / "a.xml")
    text = (tmp_path / "a.xml").read_text("utf-8")
    assert text.startswith('<?xml version="1.0" encoding="utf-8"?>\n<rhubarbResult>\n  <metadata>\n')
    root = ElementTree.fromstring(text)
    assert (root.findtext("metadata/soundFile"), root.findtext("metadata/duration")) == ("take & 1.wav", "0.90")
    rows = [(cue.get("start"), cue.get("end"), cue.text) for cue in root.iterfind("mouthCues/mouthCue")]
    assert rows[0] == ("0.00", "0.10", "X") and rows[-1] == ("0.50", "0.90", "B") and len(rows) == 6


def test_json_is_as_rhubarb_writes_it(said, tmp_path):
    cues.write_json(said, tmp_path / "a.json")
    text = (tmp_path / "a.json").read_text("utf-8")
    assert '{ "start": 0.00, "end": 0.10, "value": "X" },\n' in text
    content = json.loads(text)
    assert content["metadata"] == {"soundFile": "take & 1.wav", "duration": 0.9}
    assert content["mouthCues"][1] == {"start": 0.1, "end": 0.2, "value": "A"} and len(content["mouthCues"]) == 6


def test_moho_counts_frames_from_one_and_leaves_out_a_second_cue_of_a_frame(said, tmp_path):
    cues.write_moho(said, tmp_path / "a.dat")  # 60 frames a second, so it counts 24
    assert (tmp_path / "a.dat").read_text() == "MohoSwitch1\n1 rest\n3 MBP\n5 AI\n10 FV\n12 U\n13 etc\n22 rest\n"
    cues.write_moho(replace(said, motion=rest(11, 12.0)), tmp_path / "a.dat")
    assert (tmp_path / "a.dat").read_text() == "MohoSwitch1\n1 rest\n2 MBP\n3 AI\n5 FV\n6 U\n7 etc\n11 rest\n"


def test_cues_follow_a_face_that_was_moved(said):
    later = cues_of(replace(said, offset=0.05))
    assert [(cue.label, cue.start) for cue in later][:3] == [("X", 0.0), ("A", 0.15), ("D", 0.25)]
    sooner = cues_of(replace(said, offset=-0.15))
    assert [(cue.label, cue.start) for cue in sooner][:2] == [("A", 0.0), ("D", 0.05)]
    assert sooner[-1].end == 0.9


def test_motion_without_phones_gives_cues_too():
    frames = np.zeros((60, 2))
    frames[10:30, 0] = 0.6  # the jaw opens
    frames[40:42] = 0.5, 0.5  # and closes with it
    cues = cues_of(Clip.from_motion(Motion(frames, ("jawOpen", "mouthClose"))))
    assert next(cue.label for cue in cues if 10 / 60 <= cue.start < 0.4) in "CD"
    assert cues[0].label == "X" and cues[-1].end == 1.0
    assert all(first.end == second.start for first, second in pairwise(cues))
