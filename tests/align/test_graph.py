"""Paths through word graphs, without sound; tests/align/test_align.py follows sound along them."""

from utterface.align import graph
from utterface.align.lexicon import Entry
from utterface.text.readings import Slot


def test_a_path_is_read_back_from_its_words() -> None:
    slots = [Slot((("a",),)), Slot((("b",), ("b", "c"), ())), Slot(((),)), Slot((("c",), ("d",)), ends=True)]
    known = [[[Entry(word, word) for word in reading] for reading in slot.readings] for slot in slots]
    arcs, final = graph._arcs(slots, known, range(4), free=False, open_end=False)
    for spoken, numbers in (("abcc", [0, 1, 1, 3]), ("ad", [0, 3]), ("abd", [0, 1, 3])):
        path = graph._walk(arcs, final, list(spoken))
        assert path is not None
        assert [arc.slot for arc in path] == numbers
    for spoken in ("ab", "b", "acd", "abcdd"):
        assert graph._walk(arcs, final, list(spoken)) is None


def test_steps_without_words_are_taken_at_once() -> None:
    arcs = [graph.Arc(0, 1, 0.5), graph.Arc(1, 2, 0.5), graph.Arc(1, 3, 1.0), graph.Arc(2, 3, 0.1)]
    arcs += [graph.Arc(3, 4, 1.0, "word"), graph.Arc(4, 5, 0.2)]
    steps = {(start, end): probability for start, end, probability, _ in graph._shortcuts(arcs)}
    assert steps == {(0, 1): 0.5, (0, 2): 0.25, (0, 3): 0.5, (1, 2): 0.5, (1, 3): 1.0, (2, 3): 0.1, (4, 5): 0.2}


def test_an_open_end_may_come_after_any_slot() -> None:
    slots = [Slot(((word,),)) for word in "abc"]
    known = [[[Entry(word, word)]] for word in "abc"]
    arcs, final = graph._arcs(slots, known, range(3), free=False, open_end=True)
    assert all(graph._walk(arcs, final, list("abc"[:n])) is not None for n in range(4))


def test_a_stretch_is_cut_in_a_late_pause() -> None:
    words = [(i, float(i), i + 0.5) for i in range(60)]
    assert graph.settled(words, 60.0) == (55, 54.75)
    assert graph.settled(words[:40], 60.0) == (40, 39.5)
    assert graph.settled([], 60.0) == (0, 55.0)
