"""Edits that turn one sequence into another."""

from collections.abc import Sequence


def edit_distance(predicted: Sequence[object], target: Sequence[object]) -> int:
    """Least number of insertions, deletions and substitutions from one to the other (Levenshtein 1966)."""
    row = list(range(len(target) + 1))
    for i, label in enumerate(predicted, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(target, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (label != other))
    return row[-1]
