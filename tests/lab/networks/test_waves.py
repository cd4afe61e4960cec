import numpy as np
import torch

from utterface.lab.networks.waves import InverseTransform, WaveConfig, WaveDecoder


def test_spectra_of_windows_give_the_sound_back():
    hop = 20
    sound = torch.randn(2, 400, generator=torch.Generator().manual_seed(0))
    padded = torch.nn.functional.pad(sound, (3 * hop // 2, 4 * hop))
    windows = torch.stack([padded[:, t * hop : (t + 4) * hop] for t in range(20)], 1) * torch.hann_window(4 * hop)
    spectra = torch.fft.rfft(windows)
    back = InverseTransform(hop)(spectra.real, spectra.imag)
    assert back.shape == sound.shape
    torch.testing.assert_close(back[:, 3 * hop : -3 * hop], sound[:, 3 * hop : -3 * hop], atol=1e-4, rtol=1e-4)


def test_frames_say_their_own_hop_and_no_more_than_the_stated_reach():
    torch.manual_seed(0)
    decoder = WaveDecoder(5, WaveConfig(width=8, inner=16, blocks=2, kernel=3, hop=10)).eval()
    frames = torch.randn(1, 40, 5)
    other = frames.clone()
    other[:, 20] += 1
    with torch.inference_mode():
        said, changed = decoder(frames)[0], decoder(other)[0]
    assert said.shape == (400,)
    moved = np.flatnonzero((said - changed).abs().numpy() > 1e-6)
    assert moved.min() >= (20 - decoder.reach) * 10
    assert moved.max() < (21 + decoder.reach) * 10
    assert moved.min() < 200 <= moved.max()


def test_sound_learns_to_sound():
    torch.manual_seed(0)
    decoder = WaveDecoder(4, WaveConfig(width=16, inner=32, blocks=2, hop=20))
    frames, wanted = torch.randn(1, 30, 4), torch.sin(torch.arange(600) * 0.3)[None]
    optimiser = torch.optim.Adam(decoder.parameters(), 3e-3)
    errors = []
    for _ in range(150):
        loss = (decoder(frames) - wanted).abs().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        errors.append(loss.item())
    assert errors[-1] < 0.4 * errors[0]
