import numpy as np
import pytest

from utterface.phones import inventory
from utterface.recognise.phones import default_folder, is_installed, read_config
from utterface.recognise.tokens import BLANK, BOUNDARY, LAG, LONGEST, Spike, spikes, symbols_of, timed_phones

TOKENS = ("m", "a", "jo", "ʰ", BOUNDARY, BLANK)


def test_runs_of_equal_tokens_are_one_spike_at_their_middle_and_blanks_part_them():
    best = np.array([5, 0, 0, 0, 5, 0, 1, 4, 5])
    found = spikes(best, np.array([1, 0.2, 0.8, 0.2, 1, 0.9, 0.7, 0.6, 1]), TOKENS, 50.0)
    assert [s.token for s in found] == ["m", "m", "a", BOUNDARY]
    assert [s.moment for s in found] == pytest.approx([0.04, 0.10, 0.12, 0.14])
    assert found[0].probability == 0.8
    assert spikes(np.zeros(0, int), np.zeros(0), TOKENS, 50.0) == []


def test_every_token_of_the_recogniser_maps_to_our_phones():
    if not is_installed():
        pytest.skip("the phone recogniser is not built here; pip install . builds it")
    tokens = read_config(default_folder()).tokens
    assert len(tokens) == len(set(tokens)) == 191
    mapped = {token: symbols_of(token) for token in tokens}
    assert all(symbol in inventory() for symbols in mapped.values() for symbol in symbols)
    letters = [token for token in tokens if not token.startswith("<") and any(c.isalpha() for c in token)]
    silent = {token for token in letters if not mapped[token]}
    assert silent <= set("ʰʱʲʷˀˑˤᵝː") | {"一", "不"}  # marks, and two stray characters
    assert mapped["t͡ʃ"] == ("tʃ",) and mapped["p͈"] == ("p",) and mapped["jo"] == ("j", "o")
    assert mapped[BLANK] == mapped[BOUNDARY] == ()


def test_phones_begin_a_lag_before_their_spikes_and_end_where_the_next_begins():
    found = [Spike("m", 1.0, 0.9), Spike("a", 1.1, 0.9), Spike(BOUNDARY, 1.2, 0.9), Spike("jo", 2.0, 0.9)]
    m, a, j, o = timed_phones(found, 3.0, english=False)
    assert (m.label, a.label, j.label, o.label) == ("m", "a", "j", "o")
    assert m.start == pytest.approx(1.0 - LAG) and m.end == a.start == pytest.approx(1.1 - LAG)
    assert a.end == pytest.approx(a.start + LONGEST)
    assert j.start < j.end == o.start < o.end <= 3.0


def test_phones_stay_within_the_sound_and_in_order():
    found = [Spike("m", 0.01, 0.9), Spike("a", 0.02, 0.9), Spike("m", 0.5, 0.9)]
    phones = timed_phones(found, 0.45, english=False)
    assert phones[0].start == 0 and phones[-1].end <= 0.45
    assert all(p.end > p.start for p in phones)
    assert timed_phones([], 1.0, english=True) == []


@pytest.mark.parametrize("english, labels", [(True, ["aɪ", "f", "t", "u"]), (False, ["i", "f", "t", "oʊ"])])
def test_common_english_words_are_read_as_they_sound(english, labels):
    word = Spike(BOUNDARY, 1.15, 1.0)
    found = [Spike("i", 1.0, 1.0), Spike(BOUNDARY, 1.05, 1.0), Spike("f", 1.1, 1.0), word]
    found += [Spike("t", 1.2, 1.0), Spike("oʊ", 1.3, 1.0), word, Spike("β", 1.4, 1.0)]
    assert [p.label for p in timed_phones(found, 2.0, english)] == [*labels, "b" if english else "β"]
