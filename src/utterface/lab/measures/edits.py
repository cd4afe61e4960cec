"""Edits that turn one sequence into another."""


def edit_distance(said: list[int], wanted: list[int]) -> int:
    """Least number of insertions, deletions and substitutions from one to the other (Levenshtein 1966)."""
    row = list(range(len(wanted) + 1))
    for i, label in enumerate(said, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(wanted, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (label != other))
    return row[-1]
