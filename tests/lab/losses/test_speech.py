import numpy as np
import pytest
import torch

from utterface.lab.losses.speech import SpeechLossConfig, speech_losses
from utterface.lab.networks.mesh_to_speech import MeshToSpeechOutput


def test_losses_by_hand():
    told = MeshToSpeechOutput(torch.full((2, 4, 80), -3.0), torch.zeros(2, 2, 8))
    mel, units = torch.full((2, 4, 80), -5.0), torch.zeros(2, 2, dtype=torch.int64)
    parts = speech_losses(told, mel, units)
    assert parts["mel"].item() == pytest.approx(10 * 2 / 4)  # 2 nats are half a deviation of speech
    assert parts["units"].item() == pytest.approx(np.log(8), rel=1e-5)
    told.mel[0, 2:] = 0  # beyond what is known
    known = torch.tensor([[True, False], [True, True]])
    assert speech_losses(told, mel, units, known)["mel"].item() == pytest.approx(5)
    halved = speech_losses(told, mel, units, known, torch.tensor([0.5, 0.5]))
    assert halved["units"].item() == pytest.approx(np.log(8) / 2, rel=1e-5)
    assert speech_losses(told, mel, units, config=SpeechLossConfig(mel=0)).keys() == {"units"}
