"""The fusion network: what each of its kinds reads, and that the product holds what it should."""

import pytest
import torch

from utterface.errors import ConfigError
from utterface.lab.decoders import DecoderInput, make_decoder
from utterface.lab.decoders.audio_text import FUSIONS

KIND = "utterface.lab.decoders.audio_text:KIND"

SIZES = {"audio": 6, "words": 8, "text": 4, "width": 8, "hidden": 8}


def inputs(frames: int = 20) -> DecoderInput:
    torch.manual_seed(1)
    times, known = torch.arange(frames).repeat(2, 1) / 30, torch.ones(2, frames, dtype=torch.bool)
    return DecoderInput(torch.randn(2, frames, 10), times, known, times, known, {"text": torch.randn(2, frames, 3)})


def decoder(fusion: str):
    torch.manual_seed(0)
    return make_decoder({"kind": KIND, "fusion": fusion, **SIZES}, 5, 7, {"text": 3}).eval()


@pytest.mark.parametrize("fusion", FUSIONS)
def test_each_fusion_reads_what_its_name_says(fusion):
    net, given = decoder(fusion), inputs()
    plain = net(given)
    assert plain.shape == (2, 20, 7)
    louder = net(DecoderInput(given.speech + 1, *given_rest(given), given.conditions))
    other = net(DecoderInput(given.speech, *given_rest(given), {"text": given.conditions["text"] + 1}))
    assert torch.equal(plain, louder) == (fusion == "text")
    assert torch.equal(plain, other) == (fusion == "audio")


def given_rest(given: DecoderInput):
    return given.times, given.known, given.frame_times, given.frame_known


def test_a_clip_has_the_same_motion_beside_a_longer_one():
    net, given = decoder("tensor"), inputs()
    known = given.known.clone()
    known[1, 12:] = False
    padded = DecoderInput(given.speech, given.times, known, given.times, known, given.conditions)
    alone = DecoderInput(*(x[1:, :12] for x in (given.speech, given.times, known, given.times, known)),
                         {"text": given.conditions["text"][1:, :12]})  # fmt: skip
    torch.testing.assert_close(net(padded)[1, :12], net(alone)[0])


def test_the_tensor_product_holds_both_encoders_and_every_pair():
    net = decoder("tensor")
    audio, text = net.encoded(inputs())
    fused = net.fused(audio, text).view(2, 20, 7, 5)
    torch.testing.assert_close(fused[..., :-1, -1], audio)
    torch.testing.assert_close(fused[..., -1, :-1], text)
    torch.testing.assert_close(fused[..., 2, 3], audio[..., 2] * text[..., 3])
    assert bool((fused[..., -1, -1] == 1).all())


def test_the_paper_s_sizes():
    net = make_decoder({"kind": KIND}, 128, 53, {"text": 768})
    assert net.enter.in_features == 129 * 65


def test_an_unknown_fusion_and_text_without_a_condition_are_refused():
    with pytest.raises(ConfigError, match="fusion"):
        make_decoder({"kind": KIND, "fusion": "sum"}, 5, 7, {"text": 3})
    with pytest.raises(ConfigError, match="word vectors"):
        make_decoder({"kind": KIND}, 5, 7, {})
