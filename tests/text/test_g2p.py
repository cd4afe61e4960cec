import numpy as np
import pytest

from utterface.errors import ModelError
from utterface.text import g2p


def test_spelling_rules_of_made_up_words() -> None:
    assert g2p.pronounce("blick") == [("B", "L", "IH", "K")]
    assert g2p.pronounce("phoob")[0][0] == "F"
    assert g2p.pronounce("Knaster")[0][:2] == ("N", "AE")
    assert g2p.pronounce("tibbles")[0][-1] == "Z"


def test_several_guesses_differ_and_come_best_first() -> None:
    guesses = g2p.shipped().spell("schlossberg", 5)
    assert len({phones for phones, _ in guesses}) == 5
    scores = [score for _, score in guesses]
    assert scores == sorted(scores, reverse=True)
    assert all(score < 0 for score in scores)


def test_what_is_no_letter_is_skipped() -> None:
    assert g2p.pronounce("x-ray", 1) == g2p.pronounce("xray", 1)
    assert g2p.pronounce("'") == []
    assert g2p.pronounce("42") == []
    assert g2p.pronounce("é") == []


def test_the_model_is_a_distribution() -> None:
    model = g2p.shipped()
    everything = np.arange(1, len(model.letters))  # all tokens but the word's beginning
    _, state = model.advance(np.zeros(1, np.int64), np.zeros(1, np.int64))
    for _ in range(4):
        scores, following = model.advance(state[:, 0], everything)
        assert abs(np.exp(scores).sum() - 1) < 0.05  # one byte a log probability
        best = int(scores[0].argmax())
        state = following[:, best : best + 1]


def test_a_model_that_is_missing_is_named_with_its_cure(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(g2p.resources, "files", lambda package: tmp_path)
    with pytest.raises(ModelError, match=r"pronunciation model is missing or damaged .*install utterface again"):
        g2p.shipped.__wrapped__()
