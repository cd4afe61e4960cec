import pytest

from utterface.errors import ConfigError
from utterface.phones import from_ipa
from utterface.text import espeak

pytest.importorskip("espeakng_loader")


def test_words_of_other_languages() -> None:
    assert from_ipa(espeak.transcribe(["zwölf", "jagen"], "de")[0]) == ("ts", "v", "œ", "l", "f")
    assert espeak.transcribe(["42"], "de")[0].startswith("tsvˈaɪ")
    assert from_ipa(espeak.transcribe(["bonjour"], "fr")[0])[0] == "b"
    assert all("(" not in ipa for ipa in espeak.transcribe(["whisky", "weekend", "software"], "fr"))


def test_a_country_it_does_not_know_speaks_the_language() -> None:
    assert espeak.transcribe(["jagen"], "de-DE") == espeak.transcribe(["jagen"], "de")
    assert espeak.transcribe(["menino"], "pt_BR") == espeak.transcribe(["menino"], "pt-br")


def test_unknown_language() -> None:
    with pytest.raises(ConfigError, match="speaks no 'klingonese'"):
        espeak.transcribe(["hello"], "klingonese")
