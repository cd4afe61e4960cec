from itertools import pairwise

from utterface.speak.durations import phones_of


def test_symbols_become_phones_with_stress_and_pauses():
    symbols = ["", *"həlˈO, ʧˈɜɹʧ", ""]
    seconds = [0.2, *[0.05] * 5, 0.3, 0.05, *[0.05] * 5, 0.1]
    phones = phones_of(symbols, seconds)
    assert [(p.label, p.stress) for p in phones] == [
        ("h", 0), ("ə", 0), ("l", 0), ("oʊ", 2), ("sil", 0), ("tʃ", 0), ("ɜ", 2), ("ɹ", 0), ("tʃ", 0),
    ]  # fmt: skip
    assert phones[0].start == 0.2 and abs(phones[3].start - 0.35) < 1e-9  # the time of a stress mark is its vowel's
    assert all(abs(a.end - b.start) < 1e-9 for a, b in pairwise(phones))


def test_letters_of_one_phone_are_joined_and_a_late_network_is_set_right():
    phones = phones_of(list("tʃiːp"), [0.1] * 5, offset=0.05)
    assert [(p.label, round(p.start, 3), round(p.end, 3)) for p in phones] == [
        ("tʃ", 0.0, 0.15), ("i", 0.15, 0.35), ("p", 0.35, 0.45),
    ]  # fmt: skip
