from utterface.lab.measures.folding import ENGLISH, to_english
from utterface.phones import inventory


def test_folding_keeps_the_39_and_finds_all_others_a_place():
    assert len(set(ENGLISH)) == 39
    assert all(to_english(p) == p for p in ENGLISH)
    told = {"ə": "ʌ", "ɚ": "ɝ", "ɾ": "t", "x": "h", "ɔʏ": "ɔɪ", "t̪": "t", "ʔ": "", "sil": "sil"}
    assert {p: to_english(p) for p in told} == told


def test_vowels_stay_vowels_and_consonants_consonants():
    table = inventory()
    folded = [(p, to_english(p)) for p in table if p not in ("sil", "ʔ")]
    assert all(table[p].is_vowel == table[english].is_vowel and english in ENGLISH for p, english in folded)
