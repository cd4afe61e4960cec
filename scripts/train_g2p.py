"""Train the pronunciation model of `utterface.text.g2p` on the CMU dictionary that PocketSphinx carries.

    python scripts/train_g2p.py OUT_FOLDER [--seed 0]

One letter stands for zero to two phones; expectation–maximisation finds which (Bisani and Ney 2008, their 1-to-2
graphones), an interpolated modified Kneser–Ney n-gram (Chen and Goodman 1999) counts the chains, and pruning by lost
likelihood (Stolcke 1998) makes it small. NumPy only, a minute or two on one core; the same seed gives the same file.
"""

import argparse
import itertools
import json
import math
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from utterface.lab.measures.edits import edit_distance
from utterface.text.g2p import LETTERS, LOG_STEP, Graphones, from_file

BEGIN, END = 0, 1


@dataclass(frozen=True)
class Settings:
    """What the training depends on."""

    order: int = 7
    held_out: float = 0.1
    em_words: int = 30_000
    em_rounds: int = 8
    rarest: int = 4  # graphones seen less often are dropped with their words
    pruning: float = 4e-6  # a chain goes when the likelihood of the corpus, per token, falls by less than this
    seed: int = 0


def read_dictionary(path: str | Path) -> dict[str, list[tuple[str, ...]]]:
    """Words of a–z and apostrophes with all their pronunciations, from a PocketSphinx dictionary."""
    words: dict[str, list[tuple[str, ...]]] = {}
    for line in Path(path).read_text().splitlines():
        head, *phones = line.split()
        word = head.split("(")[0]
        if set(word) <= set(LETTERS) and word.strip("'"):
            words.setdefault(word, []).append(tuple(phones))
    return words


# ------------------------------------------------------------------------------------------------------- alignment


class Aligner:
    """Which phones each letter stands for, by expectation–maximisation over all words of equal shape at once."""

    def __init__(self, phones: list[str]) -> None:
        self.phones = phones
        self.width = len(phones) + 1  # 0 is "no phone"
        self.table = np.full((len(LETTERS), self.width, self.width), 1.0)

    def group(self, pairs: list[tuple[str, tuple[str, ...]]]) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """(letters (B, I), phones (B, J), positions in `pairs`) of equal I and J; impossible shapes are left out."""
        at = {p: i + 1 for i, p in enumerate(self.phones)}
        shapes: dict[tuple[int, int], list[int]] = {}
        for n, (word, phones) in enumerate(pairs):
            if 1 <= len(phones) <= 2 * len(word):
                shapes.setdefault((len(word), len(phones)), []).append(n)
        return [
            (
                np.array([[LETTERS.index(c) for c in pairs[n][0]] for n in members]),
                np.array([[at[p] for p in pairs[n][1]] for n in members]),
                np.array(members),
            )
            for _, members in sorted(shapes.items())
        ]

    def scores(self, letters: np.ndarray, phones: np.ndarray) -> list[np.ndarray]:
        """For 0, 1, 2 phones: (B, I, J + 1) weight of letter i taking that many phones that end before j."""
        first = np.pad(phones, ((0, 0), (1, 0)))[:, None, :]
        before = np.pad(phones, ((0, 0), (2, 0)))[:, None, :-1]
        letter = letters[:, :, None]
        none = np.broadcast_to(self.table[letter, 0, 0], (*letters.shape, phones.shape[1] + 1)).copy()
        one, two = self.table[letter, first, 0], self.table[letter, before, first]
        one[:, :, :1] = 0
        two[:, :, :2] = 0
        return [none, one, two]

    def round(self, groups: list[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> None:
        """One round: expected counts become the new weights."""
        counts = np.zeros_like(self.table)
        for letters, phones, _ in groups:
            weights = self.scores(letters, phones)
            size, (length, width) = len(letters), (letters.shape[1], phones.shape[1] + 1)
            ahead = np.zeros((length + 1, size, width))
            ahead[0, :, 0] = 1
            for i in range(length):
                for k in range(3):
                    ahead[i + 1, :, k:] += ahead[i, :, : width - k] * weights[k][:, i, k:]
                ahead[i + 1] /= ahead[i + 1].max(1, keepdims=True) + 1e-300
            behind = np.zeros((size, width))
            behind[:, -1] = 1
            padded = np.pad(phones, ((0, 0), (2, 0)))
            for i in reversed(range(length)):
                shares = [ahead[i, :, : width - k] * weights[k][:, i, k:] * behind[:, k:] for k in range(3)]
                total = sum(s.sum(1) for s in shares)[:, None] + 1e-300
                letter, none = letters[:, i, None], np.zeros((1, 1), np.int64)
                np.add.at(counts, (letter, none, none), (shares[0] / total).sum(1, keepdims=True))
                np.add.at(counts, (letter, padded[:, 2:], none), shares[1] / total)
                if width > 2:
                    np.add.at(counts, (letter, padded[:, 2:-1], padded[:, 3:]), shares[2] / total)
                earlier = np.zeros_like(behind)
                for k in range(3):
                    earlier[:, : width - k] += weights[k][:, i, k:] * behind[:, k:]
                behind = earlier / (earlier.max(1, keepdims=True) + 1e-300)
        counts[counts < 1e-3] = 0
        self.table = counts / np.maximum(counts.sum((1, 2), keepdims=True), 1e-300)

    def best(self, groups: list[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> dict[int, np.ndarray]:
        """Position in `pairs` → (I, 3) letter, first and second phone of the likeliest alignment (Viterbi)."""
        chosen: dict[int, np.ndarray] = {}
        for letters, phones, members in groups:
            with np.errstate(divide="ignore"):
                weights = [np.log(w) for w in self.scores(letters, phones)]
            size, (length, width) = len(letters), (letters.shape[1], phones.shape[1] + 1)
            ahead = np.full((size, width), -np.inf)
            ahead[:, 0] = 0
            taken = np.zeros((length, size, width), np.int64)
            for i in range(length):
                options = np.full((3, size, width), -np.inf)
                for k in range(3):
                    options[k, :, k:] = ahead[:, : width - k] + weights[k][:, i, k:]
                taken[i], ahead = options.argmax(0), options.max(0)
            j, rows = np.full(size, width - 1), np.arange(size)
            padded = np.pad(phones, ((0, 0), (1, 0)))
            path = np.zeros((size, length, 3), np.int64)
            for i in reversed(range(length)):
                k = taken[i, rows, j]
                path[:, i, 0] = letters[:, i]
                path[:, i, 1] = np.where(k > 0, padded[rows, np.where(k == 2, j - 1, j)], 0)
                path[:, i, 2] = np.where(k == 2, padded[rows, j], 0)
                j = j - k
            possible = np.isfinite(ahead[:, -1])
            chosen |= {int(members[b]): path[b] for b in np.nonzero(possible)[0]}
        return chosen


# ---------------------------------------------------------------------------------------------------------- n-gram


@dataclass
class Order:
    """All chains of one length: their parent, last token, suffix, count and probabilities."""

    parent: np.ndarray
    token: np.ndarray
    suffix: np.ndarray
    count: np.ndarray
    begins: np.ndarray  # whether the chain starts a word
    p: np.ndarray
    backoff: np.ndarray


def count_chains(sequences: list[np.ndarray], types: int, order: int) -> list[Order]:
    """Chains of 1 … `order` tokens; counts below the highest order are Kneser–Ney's numbers of left neighbours."""
    text = np.concatenate([np.r_[BEGIN, s, END] for s in sequences])
    ends = np.repeat(np.cumsum([len(s) + 2 for s in sequences]), [len(s) + 2 for s in sequences])
    node = node_before = np.zeros(len(text) + 1, np.int64)
    orders: list[Order] = []
    for n in range(1, order + 1):
        at = np.nonzero(np.arange(len(text)) + n <= ends)[0]
        key, first, inverse, count = np.unique(
            node[at] * types + text[at + n - 1], return_index=True, return_inverse=True, return_counts=True
        )
        start = at[first]
        suffix = node_before[start + 1]
        blank = np.zeros(len(key))
        orders.append(Order(key // types, key % types, suffix, count, text[start] == BEGIN, blank, blank.copy()))
        node_before = np.full(len(text) + 1, -1)
        node_before[at] = inverse
        node = np.where(node_before >= 0, node_before, 0)
    for lower, upper in itertools.pairwise(orders):
        neighbours = np.bincount(upper.suffix, minlength=len(lower.count))
        lower.count = np.where(lower.begins, lower.count, neighbours)
    return orders


def smooth(orders: list[Order], types: int) -> None:
    """Interpolated modified Kneser–Ney probabilities and back-off weights, in place."""
    for n, this in enumerate(orders):
        counts = np.where((this.token == BEGIN) & (n == 0), 0, this.count)
        of = [max(1, int((counts == k).sum())) for k in (1, 2, 3, 4)]
        y = of[0] / (of[0] + 2 * of[1])
        steps = [0.0] + [max(0.1, k - (k + 1) * y * of[k] / of[k - 1]) for k in (1, 2, 3)]
        discount = np.minimum(np.array(steps)[np.minimum(counts, 3)], counts)
        contexts = len(orders[n - 1].count) if n else 1
        total = np.bincount(this.parent, counts, contexts)
        freed = np.bincount(this.parent, discount, contexts) / np.maximum(total, 1)
        lower = orders[n - 1].p[this.suffix] if n else np.full(len(counts), 1 / types)
        this.p = (counts - discount) / np.maximum(total[this.parent], 1) + freed[this.parent] * lower
        if n:
            orders[n - 1].backoff = np.where(total > 0, freed, 1.0)
    orders[0].p = np.where(orders[0].token == BEGIN, 1e-9, orders[0].p)


def prune(orders: list[Order], threshold: float) -> list[Order]:
    """Without the chains that the shorter ones predict nearly as well; back-off weights made to sum to one again."""
    tokens = orders[0].count.sum()
    keep = [np.ones(len(o.p), bool) for o in orders]
    for n in range(len(orders) - 1, 1, -1):
        this, lower = orders[n], orders[n - 1]
        needed = np.zeros(len(this.p), bool)
        if n + 1 < len(orders):
            needed[orders[n + 1].parent[keep[n + 1]]] = True
            needed[orders[n + 1].suffix[keep[n + 1]]] = True
        estimate = lower.backoff[this.parent] * lower.p[this.suffix]
        gain = this.count / tokens * np.log(np.maximum(this.p, 1e-12) / np.maximum(estimate, 1e-12))
        keep[n] = needed | (gain > threshold)
    kept: list[Order] = []
    renamed = np.zeros(1, np.int64)
    lower_renamed = renamed
    for this, here in zip(orders, keep, strict=True):
        parent, suffix = renamed[this.parent[here]], lower_renamed[this.suffix[here]]
        kept.append(Order(parent, this.token[here], suffix, this.count[here], this.begins[here], this.p[here],
                          this.backoff[here]))  # fmt: skip
        lower_renamed, renamed = np.cumsum(here) - 1, np.cumsum(here) - 1
    for lower, upper in itertools.pairwise(kept):
        given = np.bincount(upper.parent, upper.p, len(lower.p))
        covered = np.bincount(upper.parent, lower.p[upper.suffix], len(lower.p))
        lower.backoff = np.clip((1 - given) / np.maximum(1 - covered, 1e-9), 1e-6, 1.0)
    kept[-1].backoff = np.ones(len(kept[-1].p))
    return kept


def to_arrays(orders: list[Order], names: list[str]) -> dict[str, np.ndarray]:
    """The trie, breadth first, as the shipped file holds it."""

    def byte(p: np.ndarray) -> np.ndarray:
        return np.clip(np.round(-np.log(np.maximum(p, 1e-12)) / LOG_STEP), 0, 255).astype(np.uint8)

    sizes = [1] + [len(o.p) for o in orders]
    children = [np.bincount(o.parent, minlength=sizes[n]) for n, o in enumerate(orders)] + [np.zeros(sizes[-1], int)]
    return {
        "graphones": np.frombuffer("\n".join(names).encode(), np.uint8),
        "tokens": np.concatenate([o.token for o in orders]).astype(np.uint16),
        "children": np.concatenate(children).astype(np.uint16),
        "log_p": np.concatenate([[0], *[byte(o.p) for o in orders]]).astype(np.uint8),
        "log_backoff": np.concatenate([[0], *[byte(o.backoff) for o in orders]]).astype(np.uint8),
    }


# ----------------------------------------------------------------------------------------------------------- whole


def train(words: dict[str, list[tuple[str, ...]]], settings: Settings) -> dict[str, np.ndarray]:
    """The model's arrays from a dictionary."""
    pairs = [(word, phones) for word, several in sorted(words.items()) for phones in several]
    aligner = Aligner(sorted({p for _, phones in pairs for p in phones}))
    chosen = np.random.default_rng(settings.seed).permutation(len(pairs))[: settings.em_words]
    some = aligner.group([pairs[i] for i in chosen])
    for _ in range(settings.em_rounds):
        aligner.round(some)
    paths = aligner.best(aligner.group(pairs))
    types, counts = np.unique(np.concatenate([paths[n] for n in sorted(paths)]), axis=0, return_counts=True)
    types = types[counts >= settings.rarest]
    token = {tuple(row): i + 2 for i, row in enumerate(types.tolist())}
    sequences = [[token.get(tuple(step), -1) for step in paths[n].tolist()] for n in sorted(paths)]
    sequences = [s for s in sequences if min(s) >= 0]
    names = ["<", ">"] + [" ".join([LETTERS[a]] + [aligner.phones[p - 1] for p in (b, c) if p]) for a, b, c in types]
    orders = count_chains([np.array(s) for s in sequences], len(names), settings.order)
    smooth(orders, len(names))
    return to_arrays(prune(orders, settings.pruning), names)


def evaluate(model: Graphones, words: dict[str, list[tuple[str, ...]]]) -> dict[str, float]:
    """Share of words whose first guess is a listed pronunciation, and phone errors against the nearest listed one."""
    right = errors = phones = 0
    for word, listed in words.items():
        guess = model.spell(word, 1)[0][0]
        best = min(listed, key=lambda p: edit_distance(guess, p))
        right += guess in listed
        errors += edit_distance(guess, best)
        phones += len(best)
    return {"words": len(words), "word_accuracy": right / len(words), "phone_error_rate": errors / phones}


def split(
    words: dict[str, list[tuple[str, ...]]], settings: Settings
) -> tuple[dict[str, list[tuple[str, ...]]], dict[str, list[tuple[str, ...]]]]:
    """(train, held out) by word."""
    names = sorted(words)
    order = np.random.default_rng(settings.seed).permutation(len(names))
    away = {names[i] for i in order[: math.ceil(settings.held_out * len(names))]}
    return {w: p for w, p in words.items() if w not in away}, {w: p for w, p in words.items() if w in away}


def main() -> None:
    import pocketsphinx

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--order", type=int, default=Settings.order)
    parser.add_argument("--pruning", type=float, default=Settings.pruning)
    parser.add_argument("--test-words", type=int, default=0, help="evaluate on this many held-out words; 0 is all")
    given = parser.parse_args()
    settings = Settings(seed=given.seed, order=given.order, pruning=given.pruning)
    words = read_dictionary(Path(pocketsphinx.get_model_path()) / "en-us" / "cmudict-en-us.dict")
    training, held_out = split(words, settings)
    began = time.process_time()
    arrays = train(training, settings)
    took = time.process_time() - began
    given.out.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(given.out / "graphones.npz", **arrays)  # type: ignore[arg-type]
    if given.test_words:
        held_out = {w: held_out[w] for w in sorted(held_out)[:: max(1, len(held_out) // given.test_words)]}
    figures = evaluate(from_file(arrays), held_out)
    size = (given.out / "graphones.npz").stat().st_size
    print(json.dumps({**figures, "nodes": len(arrays["tokens"]), "bytes": size, "cpu_seconds": round(took, 1)}))


if __name__ == "__main__":
    main()
