"""Difference of two sounds by their spectra."""

import torch
from torch import Tensor


def spectral_loss(predicted: Tensor, target: Tensor, window: int) -> Tensor:
    """‖|Y| − |X|‖ / ‖|X|‖ + mean |log |Y| − log |X||, spectral convergence and log magnitude (Yamamoto et al. 2020).

    Args:
        predicted, target: (B, N) samples. window: length of the Hann window; the hop is a quarter.
    """
    hann = torch.hann_window(window, device=predicted.device)
    came, meant = (
        torch.stft(x, window, window // 4, window=hann, return_complex=True).abs().clamp(min=1e-5)
        for x in (predicted, target)
    )
    convergence = torch.linalg.vector_norm(came - meant) / torch.linalg.vector_norm(meant)
    return convergence + (came.log() - meant.log()).abs().mean()
