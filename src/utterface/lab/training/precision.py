"""Numeric precision of training on this machine."""

import platform

import torch

PRECISIONS = ("no", "bf16")
_WITHOUT = ("DEFAULT", "NO AVX", "AVX2")  # the best that x86 CPUs without bf16 products report


def precision_here(wanted: str, device: torch.device) -> str:
    """`wanted` where it is quicker than float32, else `no`.

    On a CPU with AVX2 alone a product of 6000 × 384 by 384 × 384 took 25 times as long as in float32. A run that is
    resumed on another kind of CPU uses the precision that suits it.

    Args:
        wanted: one of PRECISIONS.
        device: where the arithmetic is done.
    """
    return "no" if wanted == "bf16" and device.type == "cpu" and not cpu_multiplies_bf16() else wanted


def cpu_multiplies_bf16() -> bool:
    """Whether PyTorch has kernels for it on this CPU; assumed on other architectures than x86."""
    if platform.machine().lower() not in ("x86_64", "amd64", "i386", "i686"):
        return True
    return torch.backends.cpu.get_cpu_capability() not in _WITHOUT
