"""Costs of a face system on two CPU cores, measured in a process of its own.

    python -m utterface.lab.studies.costs RECIPE_AS_JSON

parameters      weights at work, representation and decoder
flops           of the encoder, a second of speech, counted by PyTorch on ten seconds; None if NumPy computes it
                (log-mel takes some 6 MFLOP a second); `decoder_flops` are the decoder's
real_time       seconds of computing a second of speech: encoding, decoding and both, median of three
look_ahead      seconds of later sound that a frame needs; None: the whole utterance
first_frame     seconds from the first sound to the first frame: look-ahead and computing; of a whole utterance, ten
                seconds and computing
memory_mb       peak of the process; `base_mb` is what importing alone takes
"""

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from utterface.errors import ModelError
from utterface.timing import SAMPLE_RATE

SECONDS = 10.0
_REPEATS = 3
_CORES = 2
_HALF_FRAME = 1 / 60  # seconds, where a decoder with moments reads a second time


def measure_apart(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """`measure` in a new process, so that its peak of memory is its own.

    Raises:
        ModelError: the process failed.
    """
    command = [sys.executable, "-m", "utterface.lab.studies.costs", json.dumps(recipe)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        last = ran.stderr.strip().splitlines()[-1:] or ["it printed nothing"]
        raise ModelError(f"measuring the cost of {recipe['speech']['representation']} failed: {last[0]}")
    figures: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return figures


def measure(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of the module's table, of a recipe of `tokens_to_faces`; weights are random, they cost the same."""
    import torch

    from utterface.lab.systems.tokens_to_faces import make

    torch.set_num_threads(_CORES)
    system = make(recipe)
    network, about = system.network.eval(), system.face.representation.about
    base = _peak_mb()
    samples = _speechlike(SECONDS)
    encode = system.face.tracks.encode
    track = encode(samples)
    decode = lambda speech, seconds: system.face.animate(network, speech, seconds)  # noqa: E731
    decode(track, SECONDS)
    encoding, decoding = _seconds(lambda: encode(samples)), _seconds(lambda: decode(track, SECONDS))
    peak = _peak_mb()
    look_ahead = _look_ahead(network.decoder, about.look_ahead)
    if look_ahead is None:
        first = SECONDS + encoding + decoding
    else:
        little = samples[: max(1, round((look_ahead + 1 / 30) * SAMPLE_RATE))]
        first = look_ahead + _seconds(lambda: decode(encode(little), len(little) / SAMPLE_RATE))
    weights = sum(p.numel() for p in network.parameters())
    return {
        "parameters": weights + about.parameters,
        "decoder_parameters": weights,
        "flops": _flops(lambda: encode(samples)) / SECONDS or None,
        "decoder_flops": _flops(lambda: decode(track, SECONDS)) / SECONDS,
        "bitrate": about.bitrate,
        "real_time_encoding": encoding / SECONDS,
        "real_time_decoding": decoding / SECONDS,
        "real_time": (encoding + decoding) / SECONDS,
        "look_ahead": look_ahead,
        "first_frame": first,
        "memory_mb": peak,
        "base_mb": base,
        "cores": _CORES,
    }


def _look_ahead(decoder: Any, of_speech: float | None) -> float | None:
    """Later sound that a frame needs, seconds.

    A decoder that reads speech at its own frame rate attends to all of it; one that reads it at moments needs the
    second of them, and as many frames as it delays.
    """
    if of_speech is None or not decoder.moments:
        return None
    return float(of_speech + _HALF_FRAME + getattr(decoder, "delay", 0) / 30)


def _speechlike(seconds: float) -> np.ndarray:
    """Noise whose loudness moves as speech's does; the words make no difference to the cost."""
    time_ = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    noise = np.random.default_rng(0).standard_normal(len(time_))
    return (0.1 * noise * (0.5 + 0.5 * np.sin(2 * np.pi * 4 * time_))).astype(np.float32)


def _seconds(work: Callable[[], object]) -> float:
    work()
    taken = []
    for _ in range(_REPEATS):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def _flops(work: Callable[[], object]) -> int:
    """Counted with attention as plain products, which the counter knows; a multiplication with its addition is two."""
    import torch
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.utils.flop_counter import FlopCounterMode

    torch.backends.mha.set_fastpath_enabled(False)  # one fused operation, which it does not know
    try:
        with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
            work()
    finally:
        torch.backends.mha.set_fastpath_enabled(True)
    return counter.get_total_flops()


def _peak_mb() -> float:
    """Of this process so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024**2 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(json.loads(sys.argv[1]))) + "\n")
