"""The benchmark on toy networks and on representations whose every answer is known."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from utterface.errors import ConfigError
from utterface.lab.corpora.manifest import read_corpus
from utterface.lab.measures.folding import ENGLISH
from utterface.lab.representations import RepresentationInfo
from utterface.lab.studies import representations as bench
from utterface.lab.studies.animator import Utterance
from utterface.lab.studies.markdown import put_into
from utterface.phones import Span
from utterface.track import Track

ROOT = Path(__file__).parents[3]
PHONES = tuple(Span(label, 0.1 * i, 0.1 * (i + 1)) for i, label in enumerate(("sil", "ɑ", "s", "ɑ", "m", "sil")))


def utterance(speaker: str, phones=PHONES) -> Utterance:
    noise = np.random.default_rng(0).normal(0, 0.1, 9600).astype(np.float32)
    return Utterance(f"{speaker}-1", noise, phones, speaker)


class Oracle:
    """Says what is in the alignment: a unit a phone, at 100 frames a second; but of the first share `wrong` another."""

    def __init__(self, wrong: float = 0) -> None:
        self.about = RepresentationInfo("oracle", "label", 100, 2, (8,), start=0.005)
        self.wrong = wrong

    def units(self, samples: np.ndarray) -> Track:
        names = ["sil", "ɑ", "s", "m"]
        times = 0.005 + np.arange(60) / 100
        units = np.array([names.index(next(p.label for p in PHONES if p.start <= t < p.end)) for t in times])
        units[: round(60 * self.wrong)] = 7
        return Track(units, 100, 0.005)

    def encode(self, samples: np.ndarray) -> Track:
        units = self.units(samples).values
        return Track(np.stack([np.cos(units), np.sin(units)], 1), 100, 0.005)

    def phones(self, samples: np.ndarray) -> list[str]:
        return ["sil", "a", "z", "ɑ", "m"]  # a is ɑ elsewhere, z for s is an error

    def decode(self, units: Track) -> np.ndarray:
        return np.random.default_rng(0).normal(0, 0.1, 9700).astype(np.float32)  # what `utterance` sounds like at first


@pytest.fixture
def material() -> bench.RepresentationMaterial:
    return bench.RepresentationMaterial((utterance("a"), utterance("b"), utterance("c")))


def test_units_that_tell_the_phone_are_pure(material):
    figures, spread = bench.judge_units(Oracle(), material)
    assert figures["phone_purity"] == figures["cluster_purity"] == figures["phone_information"] == 1
    assert figures["codes_used"] == 4 / 8
    assert spread["phone_purity"] == (1, 1)
    worse, _ = bench.judge_units(Oracle(wrong=0.3), material)  # unit 7 is 10 frames of silence, then 8 of ɑ
    assert worse["phone_purity"] == pytest.approx(1 - 8 / 60)
    assert worse["cluster_purity"] == pytest.approx(1 - (10 + 8) / 60)
    assert worse["phone_information"] < 1


def test_phone_errors_are_counted_on_folded_phones(material):
    figures, spread = bench.judge_phones(Oracle(), material)
    assert figures["phone_error_rate"] == 1 / 4
    assert spread["phone_error_rate"] == (1 / 4, 1 / 4)


def test_what_comes_back_whole_is_perfect(material):
    figures, _ = bench.judge_decoded(Oracle(), material)
    whole = np.random.default_rng(0).normal(0, 0.1, 9700).astype(np.float32)[:9600]
    same = bool((whole == material.utterances[0].samples).all())
    assert same and figures["mel_error"] == 0
    assert figures["stoi"] == pytest.approx(1) and figures["estoi"] == pytest.approx(1)


def test_the_linear_probe_judges_speakers_that_it_was_not_fitted_to(material):
    figures, _ = bench.judge_probe(Oracle(), material)
    assert figures["phone_accuracy"] > 0.95
    others = ("s", "m", "ɑ", "s", "ɑ", "m")
    shuffled = tuple(Span(label, p.start, p.end) for p, label in zip(PHONES, others, strict=True))
    other = bench.RepresentationMaterial((utterance("a"), utterance("b"), utterance("c", shuffled)))
    assert 0.5 < bench.judge_probe(Oracle(), other)[0]["phone_accuracy"] < 0.8  # c is named as a and b are
    assert bench.judge_probe(Oracle(), bench.RepresentationMaterial((utterance("a"),))) == ({}, {})


def test_a_clip_is_never_paired_with_itself():
    vectors = np.eye(4)[[0, 0, 1, 1]]
    voices = [(i, "ab"[i // 2], v) for i, v in enumerate(vectors)]
    assert bench._equal_error_rate(voices)["equal_error_rate"] == 0
    assert np.isnan(bench._equal_error_rate([voices[0], voices[0], voices[2]])["equal_error_rate"])


def test_toy_networks_are_judged_end_to_end(trained, toy, tmp_path):
    codec = trained("codec", "mel_fit", "[network]\nchannels = 2\nfeatures = 8\ncodebooks = 2\nsize = 16\nwidth = 8\n")
    sizes = "[network]\nwidth = 16\nheads = 2\ninner = 32\nbelow = 1\nabove = 1\nlevels = [3, 4]\n"
    tokenizer = trained("tokenizer", "phone_accuracy", sizes)
    speaker = trained("speaker", "separation", "[network]\nwidth = 16\nfeatures = 8\nclips = 2\n")
    clips = [c for c in read_corpus(toy / "toy") if c.split == "valid"]
    material = bench.RepresentationMaterial(tuple(Utterance(c.id, c.samples(), c.phones(), c.speaker) for c in clips))
    names = ["mfcc", f"checkpoint:{codec}", f"checkpoint:{codec}@1", f"checkpoint:{tokenizer}", f"speaker:{speaker}"]
    lines: list[str] = []
    result = bench.bench(names, material, lambda what, part: lines.append(what))
    assert lines == names and [row["name"] for row in result["rows"]] == names
    assert result["speakers"] == 2 and result["clips"] == 4
    keys = [row["figures"].keys() for row in result["rows"]]
    assert keys[0] == {"phone_accuracy"}
    assert {"stoi", "estoi", "mel_error", "codes_used"} <= keys[1] and "phone_purity" not in keys[1]
    assert "phone_purity" in keys[2] and "phone_error_rate" in keys[3] and keys[4] == {"equal_error_rate"}
    for row in result["rows"]:
        for key, (low, high) in row["intervals"].items():
            assert low - 1e-9 <= row["figures"][key] <= high + 1e-9
    json.dumps(result, allow_nan=False)
    text = bench.to_markdown(result)
    assert f"| `checkpoint:{codec}` | codec | 50 | 8 | 2 × 16 | 400 |" in text
    assert "STOI" in text and "equal error rate" in text and "nan" not in text
    page = tmp_path / "CARD.md"
    page.write_text("# Card\n\n<!-- measured -->\nold\n<!-- /measured -->\n\nend\n")
    put_into(page, text)
    put_into(page, text)
    assert page.read_text() == f"# Card\n\n<!-- measured -->\n{text.strip()}\n<!-- /measured -->\n\nend\n"


def test_a_page_without_a_place_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="no place"):
        put_into(tmp_path / "none.md", "x")


def test_by_default_all_that_ships_is_judged(tmp_path, monkeypatch):
    from utterface.lab.representations import shipped

    monkeypatch.setattr(shipped, "member_folder", lambda: tmp_path)
    for name in ("codec", "masked", "units.codebook"):
        (tmp_path / f"{name}.safetensors").touch()
    assert bench.default_names() == [
        "mfcc", "ours:animator", "ours:codec", "ours:codec@1", "ours:emotion", "ours:masked",
        "ours:units",
    ]  # fmt: skip


def test_recordings_are_aligned_folded_and_named_by_who_speaks(tmp_path):
    said = "Hello! I move my lips for every word, and I keep them shut for maps, pubs and bumblebees."
    shutil.copy(ROOT / "examples" / "hello.flac", tmp_path / "a-1.flac")
    (tmp_path / "clips.tsv").write_text(f"a-1.flac\t{said}\n")
    material = bench.gather(tmp_path, tmp_path / "clips.tsv")
    assert material.speakers == ["a"] and 3 < material.seconds < 10
    labels = {p.label for p in material.utterances[0].phones}
    assert "b" in labels and labels <= {*ENGLISH, "sil"}
