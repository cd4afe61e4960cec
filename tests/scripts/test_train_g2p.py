import itertools
from dataclasses import replace

import numpy as np
import train_g2p as g2p

from utterface.text.g2p import from_file

SETTINGS = g2p.Settings(order=4, held_out=0.1, rarest=1, pruning=0.0)


def toy() -> dict[str, list[tuple[str, ...]]]:
    """A language spelled regularly, but for `sh` (one phone) and `x` (two)."""
    sounds = {"b": ("B",), "a": ("AA",), "sh": ("SH",), "x": ("K", "S"), "i": ("IH",), "t": ("T",)}
    return {
        "".join(spelling): [tuple(p for s in spelling for p in sounds[s])]
        for spelling in itertools.product(("b", "sh", "t"), ("a", "i"), ("b", "x", "t", "sh"), ("a", "i"), ("b", "t"))
    }


def test_learns_a_regular_language() -> None:
    train, held_out = g2p.split(toy(), SETTINGS)
    assert not set(train) & set(held_out)
    assert len(held_out) == np.ceil(0.1 * len(toy()))
    figures = g2p.evaluate(from_file(g2p.train(train, SETTINGS)), held_out)
    assert figures["word_accuracy"] == 1.0


def test_alignment_gives_x_two_phones() -> None:
    pairs = [(word, phones) for word, several in toy().items() for phones in several]
    aligner = g2p.Aligner(sorted({p for _, phones in pairs for p in phones}))
    groups = aligner.group(pairs)
    for _ in range(5):
        aligner.round(groups)
    at = next(n for n, (word, _) in enumerate(pairs) if word == "baxat")
    steps = aligner.best(groups)[at]
    assert [[aligner.phones[p - 1] for p in row[1:] if p] for row in steps.tolist()] == [
        ["B"], ["AA"], ["K", "S"], ["AA"], ["T"],
    ]  # fmt: skip


def test_pruning_shrinks_and_keeps_a_distribution() -> None:
    words = toy()
    full, small = (g2p.train(words, replace(SETTINGS, pruning=p)) for p in (0.0, 1e-3))
    assert 0 < len(small["tokens"]) < len(full["tokens"])
    model = from_file(small)
    _, state = model.advance(np.zeros(1, np.int64), np.zeros(1, np.int64))
    scores, _ = model.advance(state[:, 0], np.arange(1, len(model.letters)))
    assert abs(np.exp(scores).sum() - 1) < 0.06
