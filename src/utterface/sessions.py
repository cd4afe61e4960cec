"""The only place that opens networks: ONNX Runtime sessions, on CPUs, kept for the next recording."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from utterface.errors import ModelError

if TYPE_CHECKING:
    import onnxruntime


def open_session(path: Path, threads: int) -> "onnxruntime.InferenceSession":
    """Open a network; the sessions of the last four are kept and returned again while the file stays the same.

    Args:
        path: of the `.onnx` file.
        threads: of the arithmetic; 0 takes all cores.

    Raises:
        ModelError: no such file, or no network in it.
    """
    try:
        stat = path.stat()
        return _session(str(path), threads, stat.st_mtime_ns, stat.st_size)
    except Exception as error:  # ONNX Runtime raises kinds of its own, which derive from Exception alone
        raise ModelError(
            f"{path} cannot be opened as a network ({type(error).__name__}); install the bundle again"
        ) from None


@lru_cache(maxsize=4)
def _session(path: str, threads: int, *version: int) -> "onnxruntime.InferenceSession":
    """`version`: time and size of the file, so that another file of that name is opened anew."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    # without the fallback, which retries on the CPU alone what failed there, and prints so on standard output
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"], enable_fallback=False)
