"""The sound of a motion file, by name and hash: looked for beside the file, and nowhere else.

A motion file may come from a stranger; a path in it would make its reader open any file, on this machine or in a
network. So it stores the bare name of the recording and the SHA-256 of its bytes, and only a file beside it with that
name and those bytes is its sound.
"""

import hashlib
from pathlib import Path, PureWindowsPath


def digest_of(path: Path) -> str | None:
    """SHA-256 of a file's bytes, as text; None where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def beside(motion: Path, name: str, digest: str | None) -> Path | None:
    """Where the sound of a motion file is.

    Args:
        motion: the motion file.
        name: as it stands in the file; of a path (older versions stored one) the last part.
        digest: SHA-256 of the sound; None where the file has none.

    Returns:
        The file beside `motion`; where there is none, or another recording has its name, a place that cannot exist but
        bears the name; None without a name.
    """
    bare = PureWindowsPath(name).name  # knows both kinds of slashes
    if not bare or bare == ".." or "\0" in bare:
        return None
    place = motion.parent / bare
    is_it = place.is_file() and (digest is None or digest_of(place) == digest)
    return place if is_it else motion / bare
