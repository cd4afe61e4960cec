"""`utterface corpus encode`: a corpus through a representation, once for all trainings."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from utterface.cli.progress import Progress

STORE = Path("~/.cache/utterface/tracks")  # where recipes look, `speech.store`


def encode(
    *corpora: Path,
    representation: str,
    output: Annotated[Path, Parameter(name=["--output", "-o"])] = STORE,
    engine: str = "local",
    workers: int = 2,
    vectors: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Encode every clip of corpora through a representation, so that trainings find it done.

    Stop it at any time; the same command goes on where it stopped.

    utterface corpus encode recorded made_flite --representation ours:units --workers 8

    Parameters
    ----------
    corpora
        Folders.
    representation
        By name, exactly as the recipe's speech.representation writes it.
    output
        Folder of encoded clips, the recipe's speech.store.
    engine
        local, processes on this machine; or ray, a Ray cluster (RAY_ADDRESS) or workers that Ray starts here.
    workers
        Number of workers.
    vectors
        Rather than units, as speech.units = false asks; else units where the representation has some.
    """
    from utterface.errors import ConfigError
    from utterface.lab.batches.encode import encode as run

    if not corpora:
        raise ConfigError("name a corpus to encode: utterface corpus encode FOLDER --representation NAME")
    units = False if vectors else None
    with Progress("corpus encode") as progress:
        done = run(corpora, representation, output, units=units, engine=engine, workers=workers, report=progress)
    print(f"{done.folder}: {done.clips} clips, {done.new} encoded now", file=sys.stderr)
    return 0
