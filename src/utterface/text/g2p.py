"""How an unknown English word is probably pronounced: a joint n-gram of letters and phones (Bisani and Ney 2008).

The model counts pairs of one letter and the zero to two phones it stands for (graphones); a word's pronunciation is
the likeliest chain of pairs that spells it. Trained by `scripts/train_g2p.py` on the CMU dictionary; the model's card
(`models/g2p/CARD.md`) says how well it does.
"""

from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from utterface.errors import ModelError

LETTERS = "abcdefghijklmnopqrstuvwxyz'"
LOG_STEP = 1 / 16  # nats; log probabilities are stored in one byte
_BEAM = 24
_FINAL = 1  # token 0 begins a word, token 1 ends it


@dataclass(frozen=True)
class Graphones:
    """A back-off n-gram over graphones as a trie.

    Attributes:
        letters: (V,) letter index of each token; tokens 0 and 1 are the borders of the word.
        phones: V tuples of ARPAbet names.
        keys: (K,) int64 sorted, `parent node · V + token` of every node but the root.
        log_p: (K + 1,) float32 of the last token after the ones before it; node 0 is the root.
        log_backoff: (K + 1,) float32.
        suffix: (K + 1,) int32, the node of the same chain without its first token.
        has_children: (K + 1,) bool.
    """

    letters: np.ndarray
    phones: tuple[tuple[str, ...], ...]
    keys: np.ndarray
    log_p: np.ndarray
    log_backoff: np.ndarray
    suffix: np.ndarray
    has_children: np.ndarray

    @classmethod
    def from_arrays(
        cls, letters: np.ndarray, phones: tuple[tuple[str, ...], ...], tokens: np.ndarray, children: np.ndarray,
        log_p: np.ndarray, log_backoff: np.ndarray,
    ) -> "Graphones":  # fmt: skip
        """The model from nodes in breadth-first order: `children` (K + 1,) counts, the rest one entry a node."""
        parents = np.repeat(np.arange(len(children)), children)
        keys = parents.astype(np.int64) * len(letters) + tokens
        suffix = np.zeros(len(children), np.int64)
        edges = np.concatenate([[0, 1], 1 + np.cumsum(children)])
        start, end = 1, 1 + int(children[0])
        while start < end:  # one order at a time; the root's children keep the root
            if start > 1:
                wanted = suffix[parents[start - 1 : end - 1]] * len(letters) + tokens[start - 1 : end - 1]
                suffix[start:end] = np.searchsorted(keys, wanted) + 1
            start, end = end, int(edges[end])
        return cls(letters, phones, keys, log_p, log_backoff, suffix, children > 0)

    def advance(self, states: np.ndarray, tokens: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(log probability, next state) of tokens (T,) after states (S,), each (S, T)."""
        count = len(self.letters)
        state = np.repeat(states[:, None], len(tokens), 1)
        score = np.zeros(state.shape, np.float32)
        open_ = np.ones(state.shape, bool)
        node = np.zeros(state.shape, np.int64)
        token = np.broadcast_to(tokens, state.shape)
        while open_.any():
            wanted = state[open_] * count + token[open_]
            at = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
            hit = self.keys[at] == wanted
            where = np.nonzero(open_)
            found = tuple(axis[hit] for axis in where)
            missed = tuple(axis[~hit] for axis in where)
            node[found] = at[hit] + 1
            open_[found] = False
            at_root = state[missed] == 0  # a token that was never seen alone
            score[missed] += np.where(at_root, -20.0, self.log_backoff[state[missed]])
            open_[tuple(axis[at_root] for axis in missed)] = False
            state[missed] = self.suffix[state[missed]]
        score += np.where(node > 0, self.log_p[node], 0)
        while (leaf := ~self.has_children[node] & (node > 0)).any():
            node[leaf] = self.suffix[node[leaf]]
        return score, node

    def spell(self, word: str, count: int = 1) -> list[tuple[tuple[str, ...], float]]:
        """The likeliest pronunciations of a word made of `LETTERS`, best first, each with its log probability."""
        score, state = self.advance(np.zeros(1, np.int64), np.zeros(1, np.int64))
        states, scores = state[:, 0], np.zeros(1, np.float32)
        chains: list[tuple[int, ...]] = [()]
        for letter in [LETTERS.index(c) for c in word] + [-1]:
            tokens = np.nonzero(self.letters == letter)[0] if letter >= 0 else np.array([_FINAL])
            score, following = self.advance(states, tokens)
            total = (scores[:, None] + score).ravel()
            best = np.argsort(-total, kind="stable")[:_BEAM]
            chains = [(*chains[i // len(tokens)], int(tokens[i % len(tokens)])) for i in best]
            states, scores = following.ravel()[best], total[best]
        found: dict[tuple[str, ...], float] = {}
        for chain, value in zip(chains, scores, strict=True):
            phones = tuple(p for token in chain for p in self.phones[token])
            if phones:
                found[phones] = float(np.logaddexp(found[phones], value)) if phones in found else float(value)
        return sorted(found.items(), key=lambda item: -item[1])[:count]


@cache
def shipped() -> Graphones:
    """The model that comes with the package; ModelError where its file is missing or damaged."""
    path = resources.files("utterface.models") / "g2p" / "graphones.npz"
    try:
        with resources.as_file(path) as file, np.load(file) as data:
            return from_file(dict(data))
    except (OSError, KeyError, ValueError) as error:
        raise ModelError(f"the pronunciation model is missing or damaged ({path}); install utterface again") from error


def from_file(data: dict[str, np.ndarray]) -> Graphones:
    """The model from the arrays of its `.npz`: names, and one byte a log probability."""
    rows = [line.split() for line in bytes(data["graphones"]).decode().split("\n")]
    letters = np.array([LETTERS.index(row[0]) if row[0] in LETTERS else -2 for row in rows])
    log_p, log_backoff = (-LOG_STEP * data[name].astype(np.float32) for name in ("log_p", "log_backoff"))
    return Graphones.from_arrays(
        letters, tuple(tuple(row[1:]) for row in rows), data["tokens"].astype(np.int64),
        data["children"].astype(np.int64), log_p, log_backoff,
    )  # fmt: skip


def pronounce(word: str, count: int = 1) -> list[tuple[str, ...]]:
    """Likely pronunciations of an English word, best first.

    Args:
        word: lower case, letters a to z and apostrophes; other characters are skipped.
        count: how many different ones at most.

    Returns:
        ARPAbet phones without stress; empty for a word without letters.
    """
    kept = "".join(c for c in word.lower() if c in LETTERS)
    return [phones for phones, _ in shipped().spell(kept, count)] if kept.strip("'") else []
