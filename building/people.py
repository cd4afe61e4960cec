"""The people that pages offer, built and packed by the package's own code from the head's data."""

import sys
from collections.abc import Callable
from pathlib import Path


def build_people(root: Path, say: Callable[[str], None] = print) -> bool:
    """Pack them unless they stand already for this code and data. Returns whether they were packed.

    Args:
        root: the project's, with the head's data built.
        say: called with what is being done.
    """
    sys.path.insert(0, str(root / "src"))
    try:
        from utterface.pages import people
    finally:
        sys.path.pop(0)
    target = root / "src" / "utterface" / "pages" / people.FILE
    if people.is_current(target):
        return False
    say("building the people of the pages")
    people.write_people(target)
    return True
