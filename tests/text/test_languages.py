import pytest

from utterface.errors import ConfigError
from utterface.text import espeak
from utterface.text.languages import code_of, language_hint


@pytest.mark.parametrize(
    ("name", "code"),
    [("en", "en"), ("EN_us", "en-us"), ("zh", "cmn"), ("zh-CN", "cmn"), ("zh-HK", "yue"), ("es-MX", "es-419"),
     ("es-ES", "es"), ("pt_BR", "pt-br"), ("de-DE.UTF-8", "de"), ("German", "de"), ("français", "fr"), ("jp", "ja"),
     ("eng", "en"), (" it ", "it")],
)  # fmt: skip
def test_codes_as_people_write_them(name: str, code: str) -> None:
    assert code_of(name) == code
    assert code_of(code) == code


@pytest.mark.parametrize(("name", "hint"), [("klingon", "such as en"), ("germn", "did you mean de"), ("", "such as")])
def test_languages_that_do_not_exist(name: str, hint: str) -> None:
    with pytest.raises(ConfigError, match=hint):
        code_of(name)


def test_codes_are_known_to_espeak() -> None:
    pytest.importorskip("espeakng_loader")
    for code in ("cmn", "es-419", "pt-br", "de", "fr", "ja", "uk"):
        espeak.transcribe(["a"], code_of(code))


def test_a_text_in_another_language_is_suspected() -> None:
    assert language_hint("Das ist nicht die Frage, und der Wind weht.") == "de"
    assert language_hint("Je ne sais pas pour qui est la table.") == "fr"
    assert language_hint("Die another day; the men do not die on the table.") is None
    assert language_hint("") is None
