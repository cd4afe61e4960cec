"""The only place that opens networks: ONNX Runtime sessions, on CPUs, kept for the next recording."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from utterface.errors import ModelError

if TYPE_CHECKING:
    import onnxruntime


def open_session(path: Path, threads: int, inner: str = "") -> "onnxruntime.InferenceSession":
    """Open a network; the sessions of the last four are kept and returned again while the file stays the same.

    Args:
        path: of the `.onnx` file.
        threads: of the arithmetic; 0 takes all cores.
        inner: name of an inner value that becomes the last output, as the durations in a speech engine's network.

    Raises:
        ModelError: no such file, or no network in it.
    """
    try:
        stat = path.stat()
        return _session(str(path), threads, inner, stat.st_mtime_ns, stat.st_size)
    except Exception as error:  # ONNX Runtime raises kinds of its own, which derive from Exception alone
        raise ModelError(
            f"{path} cannot be opened as a network ({type(error).__name__}); install the bundle again"
        ) from None


@lru_cache(maxsize=4)
def _session(path: str, threads: int, inner: str, *version: int) -> "onnxruntime.InferenceSession":
    """`version`: time and size of the file, so that another file of that name is opened anew."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    model = with_output(Path(path).read_bytes(), inner) if inner else path
    # without the fallback, which retries on the CPU alone what failed there, and prints so on standard output
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"], enable_fallback=False)


def with_output(model: bytes, name: str) -> bytes:
    """The bytes of an ONNX model with one more output, the inner value of that name.

    Messages of protocol buffers that follow one another are merged, and repeated fields joined, so a graph that has
    this output alone is appended. onnx.proto: `graph` is field 7 of ModelProto, `output` 12 of GraphProto, `name` 1 of
    ValueInfoProto. https://protobuf.dev/programming-guides/encoding/#last-one-wins
    """
    message = name.encode()
    for field in (1, 12, 7):
        message = bytes([field << 3 | 2]) + _varint(len(message)) + message
    return model + message


def _varint(number: int) -> bytes:
    parts = []
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes([*parts, number])
