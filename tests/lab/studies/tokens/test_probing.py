import json
from dataclasses import replace

import numpy as np
import pytest

from utterface.lab.batches.tracks import Tracks
from utterface.lab.representations import open_representation
from utterface.lab.studies.tokens import probing
from utterface.lab.studies.tokens.sizes import RepresentationEntry


def test_a_codebook_is_fitted_once_and_kept(material, folder):
    first = probing.open_entry(RepresentationEntry("units", "mfcc", 8), material, folder)
    assert first.name == f"mfcc#{folder.models / 'units.safetensors'}"
    assert "#" in first.facts["name"] and "/" not in first.facts["name"]
    assert first.facts["codebooks"] == [8] and first.facts["bitrate"] == pytest.approx(300)
    before = (folder.models / "units.safetensors").read_bytes()
    probing.open_entry(RepresentationEntry("units", "mfcc", 8), material, folder)
    assert (folder.models / "units.safetensors").read_bytes() == before


def test_what_is_not_here_is_left_out_with_a_word(material, folder):
    told = []
    entries = (
        RepresentationEntry("mel", "mel"),
        RepresentationEntry("gone", "ours:gone"),
        RepresentationEntry("hub", "hub:nobody/nothing@3"),
        RepresentationEntry("spt", "hub:fnlp/SpeechTokenizer@1"),
    )
    here, missing = probing.available(entries, material, folder, told.append)
    assert [o.entry.key for o in here] == ["mel"]
    assert set(missing) == {"gone", "hub", "spt"} and "local cache" in missing["hub"]
    assert [line.split()[2] for line in told] == ["gone", "hub", "spt"]


def test_clips_are_encoded_and_probed_once(material, folder):
    opened = probing.open_entry(RepresentationEntry("units", "mfcc", 8), material, folder)
    probing.prepare(opened, material, folder)
    path = folder.models / "units.json"
    told, before = probing.read("units", folder), path.stat().st_mtime_ns
    assert 0 <= told["probes"]["phone_entropy"] <= 1 and 0 <= told["probes"]["phone_accuracy"] <= 1
    probing.prepare(opened, material, folder)
    assert path.stat().st_mtime_ns == before
    tracks = Tracks(open_representation(opened.name), True, folder.tracks)
    tracks.representation = None  # type: ignore[assignment]
    assert all(len(tracks[clip]) for clip in (*material.train, *material.test))


def test_rows_of_many_codebooks_have_no_entropy(material, folder, monkeypatch):
    """Nearly every row of eight codebooks comes once, which would look like perfect knowledge."""
    seen = {"phone_entropy": 0.0, "phone_purity": 1.0, "phone_information": 1.0, "viseme_entropy": 0.0,
            "motion_r2": 0.5, "phone_accuracy": 0.5}  # fmt: skip
    monkeypatch.setattr(probing, "probe", lambda *a, **k: dict(seen))
    opened = probing.open_entry(RepresentationEntry("units", "mfcc", 8), material, folder)
    several = open_representation(opened.name)
    several.about = replace(several.about, codebooks=(8, 8))
    monkeypatch.setattr(probing, "open_representation", lambda name: several)
    probing.prepare(opened, material, folder)
    assert set(probing.read("units", folder)["probes"]) == {"motion_r2", "phone_accuracy"}


def test_one_speaker_is_not_probed(material, folder):
    alone = replace(material, probed=tuple(c for c in material.probed if c.speaker == "speaker3"))
    probing.prepare(probing.open_entry(RepresentationEntry("mel", "mel"), alone, folder), alone, folder)
    assert json.loads((folder.models / "mel.json").read_text())["probes"] == {}


def test_facts_are_plain():
    told = probing.facts(open_representation("mfcc"))
    assert json.loads(json.dumps(told))["dimension"] == 39 and told["bitrate"] is None
    assert np.isfinite(told["frame_rate"])
