"""Which numbers the arithmetic of training uses, here."""

import platform

import torch

PRECISIONS = ("no", "bf16")
_WITHOUT = ("DEFAULT", "NO AVX", "AVX2")  # what an x86 CPU can at most, where it cannot multiply bf16


def precision_here(wanted: str, device: torch.device) -> str:
    """`wanted` where it is quicker than float32, else `no`.

    On a CPU with AVX2 alone a product of 6000 × 384 by 384 × 384 took 25 times as long as in float32. A run that is
    moved to another kind of CPU goes on in the numbers that suit it.

    Args:
        wanted: one of PRECISIONS.
        device: where the arithmetic is done.
    """
    return "no" if wanted == "bf16" and device.type == "cpu" and not cpu_multiplies_bf16() else wanted


def cpu_multiplies_bf16() -> bool:
    """Whether PyTorch has kernels for it on this CPU; of others than x86 nothing is known, they are trusted."""
    if platform.machine().lower() not in ("x86_64", "amd64", "i386", "i686"):
        return True
    return torch.backends.cpu.get_cpu_capability() not in _WITHOUT
