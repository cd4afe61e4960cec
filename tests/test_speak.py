"""Voices by name: the best there is for a language, one-line errors for the rest."""

import pytest

from utterface import speak
from utterface.errors import ConfigError, MissingExtra


def test_the_best_voice_of_a_language_is_found():
    there = speak.voices()
    if not there:
        pytest.skip("no voice is installed")
    best = speak.find_voice()
    first = next(name for name in speak.ENGINES if any(v.engine == name and v.language[:2] == "en" for v in there))
    assert best.engine == first and best.language.startswith("en")
    assert all(speak.find_voice(f"{v.engine}:{v.name}").language == v.language for v in there)


def test_espeak_speaks_what_it_does_not_list():
    if not speak.engine_named("espeak").voices():
        pytest.skip("espeakng-loader is not installed")
    assert speak.find_voice("espeak:is").language == "is"
    assert speak.find_voice("espeak:en-us+f3").name == "en-us+f3"
    assert speak.find_voice(None, "German").engine in ("kokoro", "espeak")
    with pytest.raises(ConfigError, match=r"no voice is called 'espeak:en-us\+nobody'"):
        speak.find_voice("espeak:en-us+nobody")


@pytest.mark.parametrize(("name", "language", "part"), [("nope", None, "no voice is called 'nope'"),
                                                        (None, "Klingonese", "no language is called")])  # fmt: skip
def test_unknown_names_are_refused(name, language, part):
    with pytest.raises(ConfigError, match=part):
        speak.find_voice(name, language)


def test_a_language_that_the_voice_lacks_names_one_that_has_it():
    if not speak.engine_named("flite").voices():
        pytest.skip("flite is not installed")
    with pytest.raises(ConfigError, match="flite:slt speaks en-us, not de"):
        speak.find_voice("flite:slt", "de")


def test_without_any_voice_one_line_says_how_to_get_one(monkeypatch):
    monkeypatch.setattr(speak, "ENGINES", ())
    with pytest.raises(MissingExtra, match=r"pip install 'utterface\[say\]'"):
        speak.find_voice()
