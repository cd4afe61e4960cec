"""Corpora of made voices: the same from the same seed, stopped and resumed, the left-out kept out."""

import numpy as np
import pytest

pytest.importorskip("scipy", reason="the lab extra is not installed")

from utterface.errors import ConfigError, CorpusError
from utterface.lab.corpora import synthetic
from utterface.lab.corpora.manifest import read_corpus
from utterface.phones import SILENCE, Span, inventory
from utterface.speak import espeak
from utterface.speak.contract import SyntheticUtterance

needs_espeak = pytest.mark.skipif(not espeak.voices(), reason="espeakng-loader is not installed")


@needs_espeak
def test_a_corpus_is_made_stopped_and_gone_on_with(tmp_path):
    whole = synthetic.make(tmp_path / "whole", ("espeak",), hours=0.006, seed=5, processes=1)
    synthetic.make(tmp_path / "parts", ("espeak",), hours=0.002, seed=5, processes=1)
    parts = synthetic.make(tmp_path / "parts", ("espeak",), hours=0.006, seed=5, processes=1)
    assert [c.id for c in whole] == [c.id for c in parts]
    assert all(np.array_equal(a.samples(), b.samples()) for a, b in zip(whole, parts, strict=True))
    assert 0.006 <= whole.hours < 0.01
    for clip in whole:
        phones = clip.phones()
        assert phones[0].start == 0 and phones[-1].end == pytest.approx(clip.duration)
        assert clip.labels == "exact" and clip.split == "train" and clip.licence


@needs_espeak
def test_one_language_alone_is_a_corpus_of_its_own(tmp_path):
    english = synthetic.make(tmp_path, ("espeak",), hours=0.004, seed=5, processes=1, language="en")
    assert {c.language.split("-")[0] for c in english} == {"en"}
    assert all(c.id.startswith("espeak-en-5-") for c in english)
    with pytest.raises(ConfigError, match="none of the engines"):
        synthetic.make(tmp_path / "none", ("espeak",), hours=0.004, processes=1, language="xx")


@needs_espeak
def test_clips_whose_sentences_agree_tell_how_they_were_to_sound(tmp_path):
    clips = synthetic.make(tmp_path, ("espeak",), hours=0.03, seed=1, processes=1, language="en").clips
    told = {c.emotion for c in clips}
    assert {"", "neutral"} < told <= {"", "neutral", "joy", "anger", "sadness", "fear"}
    assert all(c.intensity == 0 for c in clips)  # how much is not told


@needs_espeak
def test_a_missing_engine_is_skipped_with_a_word(tmp_path, monkeypatch):
    monkeypatch.setattr("utterface.speak.contract.shutil.which", lambda name: None)
    told = []
    corpus = synthetic.make(tmp_path, ("flite", "espeak"), hours=0.002, processes=1, report=told.append)
    assert {c.source.split(":")[0] for c in corpus} == {"espeak"}
    assert any(line.startswith("flite: not installed") for line in told)


@pytest.mark.parametrize(
    ("options", "message"), [({"engines": ("sam",)}, "no engine 'sam'"), ({"hours": 0}, "above 0")]
)
def test_wrong_options_are_refused(tmp_path, options, message):
    with pytest.raises(ConfigError, match=message):
        synthetic.make(tmp_path, **options)


def test_rest_between_sentences_is_silence():
    part = SyntheticUtterance(np.full(8000, 0.2, np.float32), (Span("m", 0.0, 0.2), Span("a", 0.2, 0.5)), "ma")
    for seed in range(20):
        joined = synthetic.join([part, part], 0.5, np.random.default_rng(seed))
        spoken = [p for p in joined.phones if p.label != SILENCE]
        assert [p.label for p in spoken] == ["m", "a", "m", "a"]
        assert joined.phones[-1].end == pytest.approx(joined.duration)
        for phone in spoken:
            inside = joined.samples[round(phone.start * 16_000) + 1 : round(phone.end * 16_000) - 1]
            assert inside.mean() == pytest.approx(0.5, abs=0.05)


def test_nonspeech_is_all_rest(tmp_path):
    corpus = synthetic.make_nonspeech(tmp_path, minutes=0.3, seed=2)
    assert corpus.hours * 60 >= 0.3
    assert {p.label for c in read_corpus(tmp_path) for p in c.phones()} == {SILENCE}
    assert SILENCE in inventory()


@needs_espeak
def test_an_engine_that_falls_silent_ends_the_making(tmp_path, monkeypatch):
    monkeypatch.setattr(espeak, "speak", lambda voice, sentences: [None] * len(sentences))
    with pytest.raises(CorpusError, match="espeak makes no sound"):
        synthetic.make(tmp_path, ("espeak",), hours=0.001, processes=1)
