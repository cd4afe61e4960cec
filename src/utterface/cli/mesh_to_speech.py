"""`utterface mesh-to-speech`: the sound of a face."""

import time
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from utterface.cli.progress import Progress

Flag = Annotated[bool, Parameter(negative="")]


def mesh_to_speech(
    motion: Path,
    /,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    speaker: Path | None = None,
    model: str = "listener",
    quiet: Flag = False,
) -> int:
    """Predict the sound of a face: motion in, sound out.

    Parameters
    ----------
    motion
        Motion of a face: .npz, .glb with named ARKit targets, Live Link .csv.
    output
        Sound file to write: .wav, .flac or .ogg.
    speaker
        Recording of the speaker whose voice is wanted. Default: the mean of many speakers.
    model
        Mesh-to-speech bundle, by name or folder.
    quiet
        Print nothing but errors.
    """
    from utterface.mesh_to_speech import check_output, write

    check_output(output, motion, speaker)
    begun = time.perf_counter()
    with Progress(motion.name, not quiet) as progress:
        progress("predicting", None)
        seconds = write(motion, output, speaker, model)
    if not quiet:
        print(f"{output}: {seconds:.2f} s of sound in {time.perf_counter() - begun:.1f} s")
    return 0
