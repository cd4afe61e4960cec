import numpy as np
import pytest
import torch

from utterface.errors import ConfigError
from utterface.lab.batches.crops import Crop
from utterface.lab.corpora.manifest import read_corpus
from utterface.lab.networks.animator import phone_labels
from utterface.lab.networks.speech_from_text import PAD
from utterface.lab.systems.registry import make_system
from utterface.lab.systems.speech_from_text import SpeechFromTextSystem
from utterface.lab.training.checkpoints import load_average

TABLES = """
[network]
width = 16
heads = 2
inner = 16
layers = 1
kernel = 3
[language]
width = 16
heads = 2
inner = 16
layers = 1
phone_layers = 1
"""


@pytest.fixture
def recipe(toy, tmp_path):
    return {
        "system": "speech_from_text",
        "data": {"root": str(toy), "shares": {"toy": 1.0}, "seconds": 1.2},
        "speech": {"store": str(tmp_path / "tracks")},
    }


def test_crops_walk_along_their_phones(recipe, toy):
    system = SpeechFromTextSystem(recipe)
    clip = read_corpus(toy / "toy").clips[0]
    batch = system.arrays(Crop(clip, 0.419, clip.samples()[6704:25904]))
    spans, labels = clip.phones(), phone_labels()
    moments = 0.4 + 0.015 + np.arange(31) / 25  # a crop begins with a whole token
    sounding = [next(i for i, s in enumerate(spans) if s.start <= t < s.end or s is spans[-1]) for t in moments]
    assert [labels[n] for n in batch["phones"] if n != PAD] == [s.label for s in spans[sounding[0] : sounding[-1] + 1]]
    assert batch["place"].tolist() == [i - sounding[0] for i in sounding[:-1]]
    assert batch["advance"].tolist() == np.diff(sounding).tolist()
    units = system.representation.units(clip.samples()).values
    assert batch["tokens"][: len(units) - 10].tolist() == units[10:40].tolist()
    assert batch["mel"].shape == (120, 80)


def test_training_and_speaking(trained, tmp_path):
    checkpoint = trained("speech_from_text", "fit", f'{TABLES}[speech]\nstore = "{tmp_path / "tracks"}"\n')
    weights, recipe, _ = load_average(checkpoint)
    system = make_system(recipe)
    system.network.load_state_dict(weights)
    speaker = np.ones(system.speaker.network.config.features, np.float32)
    labels = ["sil", "ɑ", "b", "ɑ", "sil"]
    rows = list(
        system.network.eval().language.speak(torch.from_numpy(system.numbers(labels)), torch.from_numpy(speaker))
    )
    mel = system.network.whole_mel(np.array(rows)[:, 0], speaker)
    assert mel.shape == (4 * len(rows), 80)
    assert np.isfinite(mel).all()


def test_crops_of_no_whole_tokens_are_an_error(recipe):
    recipe["data"]["seconds"] = 1.01
    with pytest.raises(ConfigError, match=r"0\.04"):
        SpeechFromTextSystem(recipe)
    recipe["data"]["seconds"] = 1.0
    with pytest.raises(ConfigError, match=r"network\.input"):
        SpeechFromTextSystem({**recipe, "network": {"input": "mouth"}})
