"""A program that writes a wave file is a voice: its phones are aligned to the text; what fails is one line."""

import pytest

from utterface.errors import ConfigError
from utterface.phones import SILENCE
from utterface.speak import find_voice, flite
from utterface.speak.contract import SpeakingManner
from utterface.speak.system import speak

TEXT = "My mama bought pepper."


@pytest.mark.skipif(not flite.voices(), reason="flite is not installed")
def test_a_program_speaks_and_its_phones_are_found():
    voice = find_voice("system:flite -voice slt -t {text} -o {wav}")
    (said,) = speak(voice, [(TEXT, SpeakingManner())])
    (exact,) = flite.speak(find_voice("flite:slt"), [(TEXT, SpeakingManner())])
    found, known = ([p for p in u.phones if p.label in "mpb"] for u in (said, exact))
    assert [p.label for p in found] == [p.label for p in known]
    assert max(abs(a.start - b.start) for a, b in zip(found, known, strict=True)) < 0.05
    assert voice.title == "system:flite" and any(p.label == SILENCE for p in said.phones)


@pytest.mark.parametrize(
    ("command", "part"),
    [
        ("no-such-program {wav}", "failed"),
        ("true {wav}", "wrote no sound"),
        ("flite {text}", "writes {wav}"),
        ("x '{wav}", "cannot be read"),
    ],
)
def test_what_makes_no_sound_is_refused_in_one_line(command, part):
    with pytest.raises(ConfigError) as error:
        speak(find_voice(f"system:{command}"), [(TEXT, SpeakingManner())])
    assert part in str(error.value) and "\n" not in str(error.value)
