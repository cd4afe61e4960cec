"""Piper's voices from a file of the user's: blanks shared out, the language that the file names, no other files."""

import json

import pytest

from support.voice_models import flat_voice
from utterface.errors import ConfigError
from utterface.phones import SILENCE
from utterface.speak import find_voice
from utterface.speak.contract import SpeakingManner
from utterface.speak.piper import speak

INPUTS = {"input": ("int64", [1, None]), "input_lengths": ("int64", [1]), "scales": ("float", [3])}


@pytest.fixture
def voice(tmp_path):
    path = flat_voice(tmp_path / "bob.onnx", INPUTS, "/Ceil_output_0", hop=256)
    symbols = "_^$ .,ˈˌːabdefhijklmnopstuvwzæðŋɐɑɔəɛɜɡɪɹʃʊʌʒθ"
    config = {"audio": {"sample_rate": 22_050}, "espeak": {"voice": "en-us"}, "inference": {"noise_scale": 0.5},
              "phoneme_id_map": {c: [i] for i, c in enumerate(symbols)}}  # fmt: skip
    (tmp_path / "bob.onnx.json").write_text(json.dumps(config), encoding="utf-8")
    return find_voice(f"piper:{path}")


def test_blanks_between_symbols_belong_to_their_neighbours(voice):
    (said,) = speak(voice, [("My mama.", SpeakingManner())])
    spoken = [p for p in said.phones if p.label != SILENCE]
    assert [p.label for p in spoken] == ["m", "aɪ", "m", "ɑ", "m", "ɐ"]
    assert all(a.end == pytest.approx(b.start) for a, b in zip(said.phones, said.phones[1:], strict=False))
    assert spoken[0].end - spoken[0].start == pytest.approx(2 * 4 * 256 / 22_050, rel=0.3)


def test_a_folder_will_do_and_the_file_tells_its_language_but_not_where_it_lies(voice, tmp_path):
    assert find_voice(f"piper:{tmp_path}") == voice
    assert (voice.language, voice.title) == ("en-us", "piper:bob")


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"espeak": {"voice": ""}}'])
def test_other_files_are_refused(tmp_path, content):
    (tmp_path / "x.onnx").write_bytes(b"")
    (tmp_path / "x.onnx.json").write_text(content)
    with pytest.raises(ConfigError, match="no voice of Piper"):
        find_voice(f"piper:{tmp_path / 'x.onnx'}")
