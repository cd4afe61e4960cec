import math

import pytest
import torch

from utterface.lab.losses.spectral import spectral_loss


def test_spectral_loss_by_hand():
    wanted = torch.randn(1, 4000, generator=torch.Generator().manual_seed(0))
    assert spectral_loss(wanted, wanted, 256) == 0
    assert spectral_loss(2 * wanted, wanted, 256).item() == pytest.approx(1 + math.log(2), rel=1e-3)
    assert spectral_loss(-wanted, wanted, 256) == 0  # spectra hold no sign
