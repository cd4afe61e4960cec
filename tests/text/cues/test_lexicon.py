"""The lexicon as a table: no word under two kinds, every kind filled, senses that decide by neighbours."""

import tomllib
from pathlib import Path

import pytest

from utterface.text.cues import KINDS, lexicon, lexicon_of


def test_every_kind_of_word_has_entries_and_no_entry_stands_twice():
    table = tomllib.loads((Path(lexicon.__file__).parent / "en.toml").read_text(encoding="utf-8"))
    entries = [entry for kind in (*lexicon.WORD_KINDS, "silent") for entry in table[kind].split()]
    assert set(lexicon_of("en").entries.values()) == {*lexicon.WORD_KINDS, ""}
    assert [entry for entry in set(entries) if entries.count(entry) > 1] == []


def test_a_language_is_known_by_its_code_and_one_without_a_file_is_not():
    assert lexicon_of("en-GB") is lexicon_of("en-GB")
    assert lexicon_of("en-US").entries == lexicon_of("en").entries
    assert lexicon_of("sv") is None


@pytest.mark.parametrize(
    "sentence, word, kind",
    [
        ("that is pretty good", "pretty", "intensifier"),
        ("she has a pretty garden", "pretty", "pleasant"),
        ("he is kind of tired", "kind", "hedge"),
        ("this kind of cheese", "kind", ""),
        ("she has a kind voice", "kind", "pleasant"),
        ("he was so mean to her", "mean", "unpleasant"),
        ("the words mean little", "mean", ""),
        ("i like it", "like", "pleasant"),
        ("it looks like rain", "like", ""),
        ("he paid a heavy fine", "fine", "unpleasant"),
        ("i feel fine", "fine", "pleasant"),
        ("do lie to me", "lie", "unpleasant"),
        ("please lie down", "lie", ""),
        ("turn right here", "right", ""),
        ("they shan't", "shan't", "negation"),
    ],
)
def test_neighbours_decide_between_the_senses_of_a_word(sentence, word, kind):
    words = sentence.split()
    assert lexicon_of("en").match(words, words.index(word))[0] == kind


def test_the_longest_entry_wins():
    assert lexicon_of("en").match("not bad at all".split(), 0) == ("pleasant", 4)
    assert set(KINDS) >= set(lexicon.WORD_KINDS)
