"""`utterface hear`: what a face says, as sound."""

import time
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from utterface.cli.progress import Progress

Flag = Annotated[bool, Parameter(negative="")]


def hear(
    motion: Path,
    /,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    speaker: Path | None = None,
    model: str = "listener",
    quiet: Flag = False,
) -> int:
    """Hear what a face says: motion in, sound out.

    Parameters
    ----------
    motion
        A face's motion: .npz, .glb with named ARKit targets, Live Link .csv.
    output
        Sound file to write: .wav, .flac or .ogg.
    speaker
        A recording of whose voice it shall be; by default the middle of many.
    model
        Voice bundle, by name or folder.
    quiet
        Print nothing but errors.
    """
    from utterface.mesh_to_speech import check_output, save

    check_output(output)
    begun = time.perf_counter()
    with Progress(motion.name, not quiet) as progress:
        progress("listening", None)
        seconds = save(motion, output, speaker, model)
    if not quiet:
        print(f"{output}: {seconds:.2f} s of sound in {time.perf_counter() - begun:.1f} s")
    return 0
