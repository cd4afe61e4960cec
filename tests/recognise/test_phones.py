import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from utterface import speech
from utterface.errors import ModelError
from utterface.phones import SILENCE, Span, inventory
from utterface.recognise import Recogniser, open_recogniser
from utterface.recognise.phones import PhoneRecogniser, PhoneStream, default_folder, is_installed

EXAMPLE = Path(__file__).parents[2] / "examples" / "hello.flac"
TEXT = "The boy asked his mother for a piece of warm apple pie, but she was busy painting the table brown."

pytestmark = pytest.mark.skipif(not is_installed(), reason="the phone recogniser is not built here; pip install . does")


@pytest.fixture(scope="module")
def recogniser() -> PhoneRecogniser:
    return PhoneRecogniser()


def said(phones: tuple[Span, ...]) -> list[Span]:
    return [phone for phone in phones if phone.label != SILENCE]


def test_speech_gives_phones_that_tile_its_time(recogniser):
    samples = speech.read(EXAMPLE).samples
    result = recogniser.recognise(samples)
    assert isinstance(recogniser, Recogniser) and open_recogniser("phones").name == result.engine == "hama 1.7.0"
    assert result.phones[0].start == 0 and result.phones[-1].end == result.duration == len(samples) / 16_000
    assert all(a.end == b.start for a, b in zip(result.phones, result.phones[1:], strict=False))
    assert 0.7 < result.confidence <= 1 and result.words == ()
    bilabials = [p for p in result.phones if p.label != SILENCE and inventory()[p.label].is_bilabial]
    assert 10 <= len(bilabials) <= 16  # my move my lips my keep them maps pubs bumblebees


@pytest.mark.parametrize("block", [1_000, 15_000, 700_001])
def test_any_pieces_of_the_sound_give_the_same_phones(recogniser, block):
    samples = np.tile(speech.read(EXAMPLE).samples, 8)[: 16_000 * 43]
    whole = recogniser.recognise(samples)
    stream = PhoneStream(recogniser)
    for start in range(0, len(samples), block):
        stream.push(samples[start : start + block])
    assert stream.finish() == whole


def test_windows_find_what_a_whole_recording_gives(recogniser, monkeypatch):
    once = speech.read(EXAMPLE).samples
    samples = np.concatenate([once, once, once, once, once])[: 16_000 * 29]
    windows = said(recogniser.recognise(samples).phones)
    monkeypatch.setattr("utterface.recognise.phones.WINDOW", 3000)
    whole = said(recogniser.recognise(samples).phones)
    near = [any(w.label == p.label and abs(w.start - p.start) < 0.045 for w in windows) for p in whole]
    assert np.mean(near) > 0.93 and abs(len(windows) - len(whole)) < 0.05 * len(whole)


@pytest.mark.parametrize("language", ["en", "de"])
def test_without_speech_there_are_no_phones(recogniser, language):
    rng, t = np.random.default_rng(0), np.arange(16_000 * 5) / 16_000
    chord = sum(0.1 * np.sin(2 * np.pi * hertz * t) for hertz in (220, 277, 330, 440))
    for sound in (0 * t, rng.normal(0, 0.1, len(t)), rng.normal(0, 0.001, len(t)), chord, 0.3 * np.sin(600 * t)):
        result = recogniser.recognise(sound.astype(np.float32), language)
        assert said(result.phones) == [] and result.confidence is None


def test_the_shortest_sounds_are_answered(recogniser):
    for count in (0, 1, 199, 320, 321, 1_600):
        result = recogniser.recognise(np.zeros(count, np.float32))
        assert result.duration == count / 16_000 and said(result.phones) == []


def test_phones_stand_where_a_synthesiser_put_them(recogniser):
    flite = pytest.importorskip("utterface.speak.flite")
    from utterface.speak.contract import SpeakingManner

    voices = flite.voices()
    if not voices:
        pytest.skip("flite is not installed")
    errors, bilabials, found = [], 0, 0
    for utterance in (flite.speak(voice, [(TEXT, SpeakingManner())])[0] for voice in voices[:3]):
        phones = said(recogniser.recognise(utterance.samples).phones)
        for phone in said(tuple(utterance.phones)):
            same = [p for p in phones if p.label == phone.label and abs(p.start - phone.start) < 0.15]
            errors += [min((p.start - phone.start for p in same), key=abs)] if same else []
            if inventory()[phone.label].is_bilabial:
                bilabials += 1
                near = [p for p in phones if p.start < phone.end + 0.02 and p.end > phone.start - 0.02]
                found += any(inventory()[p.label].is_bilabial for p in near)
    assert abs(np.median(errors)) < 0.015 and np.median(np.abs(errors)) < 0.03
    assert found / bilabials > 0.8


@pytest.fixture
def folder(tmp_path) -> Path:
    return Path(shutil.copytree(default_folder(), tmp_path / "hama"))


def test_missing_and_damaged_files_are_told_in_one_line(folder):
    for name, content, message in (
        ("model.onnx", b"no network", "cannot be opened as a network"),
        ("config.json", b"{", r"config\.json is damaged"),
        ("config.json", b'{"format": "utterface recogniser", "version": 2}', "another version"),
    ):
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(content)
        with pytest.raises(ModelError, match=message) as refused:
            PhoneRecogniser(folder)
        assert len(str(refused.value).splitlines()) == 1
        (folder / name).write_bytes(whole)
    (folder / "config.json").unlink()
    with pytest.raises(ModelError, match=r"not installed.*--listen animator"):
        PhoneRecogniser(folder)
    assert not is_installed(folder) and is_installed()


def test_a_network_of_other_tokens_is_refused(folder):
    config = json.loads((folder / "config.json").read_text("utf-8"))
    config["tokens"].append("x")
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    with pytest.raises(ModelError, match="is damaged"):
        PhoneRecogniser(folder)


def test_recognition_takes_one_thread(recogniser):
    assert recogniser._session.get_session_options().intra_op_num_threads == 1
