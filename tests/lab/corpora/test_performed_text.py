"""The grammar is honest: words of the test are unseen in training, cues stand where the templates put them."""

import shutil

import numpy as np
import pytest

from utterface.errors import ConfigError
from utterface.lab.corpora import performed_text as corpus
from utterface.lab.corpora.performed_text import class_words, cues_of, gestures_in, grammar, line_of, templates
from utterface.phones import Span
from utterface.text.cues import KINDS, read_cues

LINES = {split: [line_of(0, split, number) for number in range(400)] for split in ("train", "test")}


def test_there_are_250_templates_and_all_their_marks_are_known():
    assert len(templates()) >= 250
    kinds = {cue[0] for lines in LINES.values() for line in lines for cue in line.cues}
    assert kinds == set(KINDS)
    for lines in LINES.values():
        for line in lines:
            assert not set("{}[]|_") & set(line.text) and line.text[-1] in ".?"
            assert all(0 <= first <= last < len(line.text.split()) for _, first, last in line.cues)


def test_a_third_of_each_class_is_said_in_the_test_split_alone():
    for name in grammar()["classes"]:
        train, test = class_words(name, False), class_words(name, True)
        assert train and test and not set(train) & set(test)
        assert len(test) == -(-len([*train, *test]) // 3)


def test_cue_words_of_the_test_are_not_said_in_training():
    def of_classes(split: str) -> set[str]:
        test = [w.lower() for name in grammar()["classes"] if grammar()["classes"][name]["kind"]
                for w in class_words(name, True)]  # fmt: skip
        text = " | ".join(line.text.lower().replace(",", "").rstrip(".?") for line in LINES[split])
        return {word for word in test if f" {word} " in f" {text} "}

    assert len(of_classes("test")) > 10 and not of_classes("train")


def test_words_of_two_senses_stand_in_other_contexts_in_the_test():
    contexts = {split: {line.text for line in LINES[split] if line.pair} for split in LINES}
    assert not contexts["train"] & contexts["test"]
    share = [bool(line.cues) for line in LINES["test"] if line.pair]
    assert 0.3 < np.mean(share) < 0.7


def test_half_of_the_questions_are_flat():
    flat = [line.flat for lines in LINES.values() for line in lines if line.text.endswith("?")]
    assert 0.35 < np.mean(flat) < 0.65


def test_the_rules_of_the_product_find_most_cues_of_the_grammar_and_few_others():
    met = seen = wanted = 0
    for line in LINES["train"]:
        words = [Span(word, 0.3 * i, 0.3 * i + 0.28) for i, word in enumerate(line.text.split())]
        planted = {(kind, first) for kind, first, _ in line.cues if "question" not in kind}
        found = {(cue.label, round(cue.start / 0.3)) for cue in read_cues(words) if "question" not in cue.label}
        met, seen, wanted = met + len(planted & found), seen + len(found), wanted + len(planted)
    assert met / wanted > 0.8 and met / seen > 0.8


def test_a_corpus_of_no_sentences_is_refused(tmp_path):
    for counts in ({}, {"train": 0}, {"train": 3, "test": -1}):
        with pytest.raises(ConfigError, match="above 0"):
            corpus.make_performed_text(tmp_path / "none", counts)


@pytest.mark.skipif(not shutil.which("flite"), reason="Flite is not installed")
def test_a_corpus_resumes_and_its_clips_know_their_cues(tmp_path, monkeypatch):
    monkeypatch.setattr(corpus, "_voices", lambda split: [v for v in corpus.voices() if v.engine == "flite"][:1])
    made = corpus.make_performed_text(tmp_path, {"train": 2, "test": 1})
    again = corpus.make_performed_text(tmp_path, {"train": 2, "test": 1})
    assert [clip.id for clip in made] == [clip.id for clip in again] and len(made) == 4
    first, second = made.split("test")
    assert first.text == second.text and len(first.words()) == len(first.text.split())
    assert cues_of(first) == cues_of(second)
    motions = [clip.motion().values for clip in (first, second)]
    assert not np.array_equal(*motions)
    assert all(gesture.moments[0] < gesture.moments[3] for gesture in gestures_in(first))
    with pytest.raises(ConfigError, match="no clip"):
        corpus.place_of(type("C", (), {"id": "made.0"})())
