"""Words of other languages → IPA, by eSpeak NG where the extra `languages` is installed.

eSpeak NG is under the GPL and no part of utterface; `espeakng-loader` brings the library, loaded when asked for.
https://github.com/espeak-ng/espeak-ng/blob/master/src/include/espeak-ng/speak_lib.h
"""

import ctypes
import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from utterface.errors import ConfigError, MissingExtra

_RETRIEVAL, _DONT_EXIT = 1, 0x8000  # espeak_AUDIO_OUTPUT, an option of espeak_Initialize
_UTF8, _IPA = 1, 0x02


def transcribe(words: Sequence[str], language: str) -> list[str]:
    """IPA of each word, said on its own, with eSpeak's stress and length marks; empty where nothing is said.

    Args:
        words: as they are written.
        language: eSpeak's code of a voice, such as `de`, `fr`, `pt-br`, `cmn`; `de` for `de-DE`.

    Raises:
        MissingExtra: eSpeak NG is not installed. ConfigError: it has no such language.
    """
    library = _library()
    code = language.lower().replace("_", "-")
    if all(library.espeak_SetVoiceByName(name.encode()) != 0 for name in (code, code.partition("-")[0])):
        raise ConfigError(f"eSpeak NG speaks no {language!r}; give a language code such as en, de, fr, es, it or pt-br")
    return [_transcribe(library, word) for word in words]


def _transcribe(library: Any, word: str) -> str:
    buffer = ctypes.create_string_buffer(word.encode())
    place = ctypes.c_void_p(ctypes.addressof(buffer))
    said = []
    while place.value:  # it answers a clause a call and moves the pointer
        said.append((library.espeak_TextToPhonemes(ctypes.byref(place), _UTF8, _IPA) or b"").decode("utf-8", "ignore"))
    return re.sub(r"\([a-z-]+\)", " ", " ".join(said)).strip()  # (en)ˈɪŋɡlɪʃ(de): a word said in another language


@cache
def _library() -> Any:
    try:
        import espeakng_loader

        library = ctypes.CDLL(espeakng_loader.get_library_path())
    except (ImportError, OSError):
        raise MissingExtra(
            "other languages than English need eSpeak NG; install it with: pip install 'utterface[languages]'"
        ) from None
    library.espeak_TextToPhonemes.restype = ctypes.c_char_p
    library.espeak_TextToPhonemes.argtypes = [ctypes.POINTER(ctypes.c_void_p), ctypes.c_int, ctypes.c_int]
    library.espeak_Initialize(_RETRIEVAL, 0, espeakng_loader.get_data_path().encode(), _DONT_EXIT)
    return library
