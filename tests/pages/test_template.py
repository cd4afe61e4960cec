"""What goes into a page comes out of it, and the sounds in it keep their clock."""

import base64
import io
import re

import numpy as np
import pytest
import soundfile

from utterface.errors import OutputError
from utterface.pages import template


def embedded(element: str) -> bytes:
    return base64.b64decode(re.fullmatch(r"<script [^>]*>([^<]*)</script>\n", element)[1])


@pytest.mark.parametrize("name", ["player", "compare"])
def test_both_pages_are_built_and_take_what_they_play_once(name):
    built = template.built(name)
    assert built.count("<!--clip-->") == 1
    filled = template.fill(built, "a </title> & b", ["<!-- one -->", "<!-- two -->"])
    assert "<title>a &lt;/title&gt; &amp; b</title>" in filled and "<!-- one --><!-- two -->" in filled
    assert len(filled) < len(built) + 300
    assert filled.count("Content-Security-Policy") == 1 and "script-src 'sha256-" in filled


def test_a_page_without_a_policy_is_not_filled():
    with pytest.raises(OutputError, match="another version"):
        template.fill("<title>utterface</title><!--clip-->", "x", [])


def test_a_page_that_was_not_built_is_an_error_with_the_way_out():
    with pytest.raises(OutputError, match=r"nothing page was not built.*pip install"):
        template.built("nothing")


def test_what_is_embedded_comes_back_and_carries_its_kind():
    element = template.embed("some-id", "audio/flac", b"\0\xff<script>")
    assert embedded(element) == b"\0\xff<script>"
    assert 'id="some-id"' in element and 'data-type="audio/flac"' in element


@pytest.mark.parametrize(("embed", "closeness"), [(template.embed_flac, 0.9999), (template.embed_mp3, 0.9)])
def test_a_sound_keeps_its_length_and_its_moments(embed, closeness):
    rng = np.random.default_rng(5)
    t = np.arange(48_000) / 16_000
    sound = (0.3 * np.sin(2 * np.pi * 150 * t * (1 + 0.2 * t)) * (np.sin(9 * t) > 0)).astype(np.float32)
    sound += 0.01 * rng.standard_normal(len(sound)).astype(np.float32)
    back, sample_rate = soundfile.read(io.BytesIO(embedded(embed("x", sound))), dtype="float32")
    assert sample_rate == 16_000 and len(back) == len(sound)
    assert np.corrcoef(back, sound)[0, 1] > closeness  # a shift of ten samples would halve it


def test_mp3_takes_a_third_of_flac_or_less():
    noise = 0.1 * np.random.default_rng(5).standard_normal(64_000).astype(np.float32)
    assert 3 * len(template.embed_mp3("x", noise)) < len(template.embed_flac("x", noise))
