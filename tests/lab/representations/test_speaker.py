import numpy as np

from utterface import speech
from utterface.lab.representations.speaker import SpeakerEncoder
from utterface.lab.systems.speaker import equal_error_rate


def test_the_shipped_encoder_separates_unseen_speakers(assets):
    encoder, folder = SpeakerEncoder(), assets / "audio" / "librispeech_other"
    names = sorted(path.name for path in folder.glob("*.flac"))
    speakers = sorted({name.split("-")[0] for name in names})
    chosen = [name for who in speakers for name in [n for n in names if n.startswith(f"{who}-")][:3]]
    voices = np.stack([encoder(speech.read(folder / name).samples) for name in chosen])
    whose = np.array([name.split("-")[0] for name in chosen])
    first, second = np.triu_indices(len(chosen), 1)
    rate = equal_error_rate((voices[first] * voices[second]).sum(1), whose[first] == whose[second])
    assert len(speakers) == 5 and rate < 0.1
