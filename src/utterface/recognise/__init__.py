"""Speech → timed words and phones without a transcript, by recognisers that open by name.

A further recogniser is one module and one line in `RECOGNISERS`.
"""

from collections.abc import Callable

import numpy as np

from utterface.align import Alignment, align
from utterface.errors import ConfigError
from utterface.recognise.contract import Recogniser
from utterface.text.transcript import Transcript

__all__ = ["DEFAULT", "RECOGNISERS", "Recogniser", "open_recogniser", "recognise"]

DEFAULT = "sphinx"


def _sphinx() -> Recogniser:
    from utterface.recognise.sphinx import SphinxRecogniser

    return SphinxRecogniser()


def _phones() -> Recogniser:
    from utterface.recognise.phones import PhoneRecogniser

    return PhoneRecogniser()


def _words() -> Recogniser:
    from utterface.recognise.words import WordRecogniser

    return WordRecogniser()


# name: constructor; modules are imported when it is called
RECOGNISERS: dict[str, Callable[[], Recogniser]] = {"phones": _phones, "sphinx": _sphinx, "words": _words}


def open_recogniser(name: str = DEFAULT) -> Recogniser:
    """The recogniser of that name; ConfigError where there is none."""
    if name not in RECOGNISERS:
        raise ConfigError(f"no recogniser is called {name!r}; there are {', '.join(RECOGNISERS)}")
    return RECOGNISERS[name]()


def recognise(samples: np.ndarray, language: str = "en", recogniser: str | Recogniser = DEFAULT) -> Alignment:
    """Timed words and phones of a recording whose transcript is not known.

    Args:
        samples: (N,) float at 16 kHz, full scale ±1, or int16.
        language: code of the language spoken.
        recogniser: name, or an open one. The words of one that returns a transcript are aligned.

    Raises:
        ConfigError: no recogniser of that name. TextError: recognised words that do not fit the sound.
    """
    opened = open_recogniser(recogniser) if isinstance(recogniser, str) else recogniser
    result = opened.recognise(samples, language)
    return align(samples, result.text, result.language) if isinstance(result, Transcript) else result
