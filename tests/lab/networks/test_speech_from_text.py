import itertools

import pytest
import torch

from utterface.lab.networks.animator import phone_labels
from utterface.lab.networks.speech_from_text import (
    PAD,
    PAUSE,
    LanguageModelConfig,
    TokenLanguageModel,
    ages,
)


@pytest.fixture
def model():
    torch.manual_seed(0)
    return TokenLanguageModel(LanguageModelConfig(16, 2, 32, 0.0, 1, 2, 2, 6), 4).eval()


def test_ages_count_the_tokens_of_one_phone():
    places = torch.tensor([[0, 0, 0, 1, 3, 3], [0, 1, 1, 1, 1, 2]])
    assert ages(places).tolist() == [[0, 1, 2, 0, 0, 1], [0, 0, 1, 2, 3, 0]]


def test_a_walk_ends_behind_the_last_phone_and_never_goes_back(model):
    rows = list(model.speak(torch.arange(7), torch.ones(4), seed=3))
    tokens, places = zip(*rows, strict=True)
    assert places[0] == 0
    assert all(0 <= after - before <= 3 for before, after in itertools.pairwise(places))
    assert max(places) <= 6
    assert max(tokens) < model.quantiser.size
    assert rows == list(model.speak(torch.arange(7), torch.ones(4), seed=3))
    assert len(list(model.speak(torch.arange(7), torch.ones(4), longest=5))) <= 5


def test_a_pause_ends_though_the_model_would_hold_it(model):
    model.advance[2].bias.data[:2] = torch.tensor([30.0, 15.0])  # nothing ends by itself, nothing is passed over
    phones = torch.tensor([phone_labels().index("sil"), 5])
    places = [place for _, place in model.speak(phones, torch.ones(4), longest=20)]
    assert places == [0] * PAUSE + [1] * (20 - PAUSE)


def test_speaking_draws_what_the_model_says_of_the_whole(model):
    """The likeliest tokens, drawn one by one from the last few, are those of the same speech read at once."""
    model.advance[2].bias.data[0] = 4.0  # so that phones last a few tokens
    phones, speaker = torch.arange(20), torch.ones(4)
    rows = list(model.speak(phones, speaker, temperature=0.0))
    tokens, places = torch.tensor(rows).T[:, None]
    padded = torch.cat([phones, torch.full((4,), PAD)])[None]
    output = model(padded, places, tokens, speaker[None])
    assert output.tokens.argmax(2).tolist() == tokens.tolist()
    assert len(rows) > 13  # more than the attention reaches back
