"""Festival's diphone, unit-selection and HTS voices, in several languages. Its segments carry the moments they end.

https://www.cstr.ed.ac.uk/projects/festival/
"""

import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from utterface.phones import ARPABET_TO_IPA, SILENCE, Span, inventory
from utterface.speak.contract import SpeakingManner, SyntheticUtterance, SyntheticVoice, program, whole

# voice: language, speaker, licence of the voice. All are in Debian's free section; MBROLA voices are not.
_VOICES = {
    "kal_diphone": ("en-us", "kal", "BSD-style (University of Edinburgh)"),
    "ked_diphone": ("en-us", "ked", "BSD-style (University of Edinburgh)"),
    "cmu_us_slt_arctic_hts": ("en-us", "slt", "BSD-style (Carnegie Mellon University)"),
    "lp_diphone": ("it", "lp", "GPL-2.0-or-later"),
    "pc_diphone": ("it", "pc", "GPL-2.0-or-later"),
    "czech_dita": ("cs", "dita", "GPL-3.0-or-later"),
    "czech_krb": ("cs", "krb", "GPL-3.0-or-later"),
    "czech_machac": ("cs", "machac", "GPL-3.0-or-later"),
    "czech_ph": ("cs", "ph", "GPL-2.0-or-later"),
    "suo_fi_lj_diphone": ("fi", "lj-fi", "LGPL-2.0-or-later"),
    "hy_fi_mv_diphone": ("fi", "mv-fi", "LGPL-2.0-or-later"),
    "msu_ru_nsh_clunits": ("ru", "nsh", "BSD-style (N. V. Shmyrev)"),
    "upc_ca_ona_hts": ("ca", "ona", "LGPL-2.1-or-later"),
    "hindi_NSK_diphone": ("hi", "nsk", "GPL-2.0-or-later"),
    "marathi_NSK_diphone": ("mr", "nsk", "GPL-2.0-or-later"),
    "telugu_NSK_diphone": ("te", "nsk", "GPL-2.0-or-later"),
}
_LEFT_OUT = {"kal"}  # the same speaker as Flite's kal
_ENCODINGS = {"cs": "iso-8859-2", "it": "iso-8859-1", "fi": "iso-8859-1", "ca": "iso-8859-1"}
_NOWHERE = {"#", "##", "_", "pau", "h#", "brth"}

# Festival's names where they are neither ARPAbet nor IPA; several phones are parted by a space.
_ENGLISH = {"el": "ə l", "em": "ə m", "en": "ə n", "nx": "ɾ", "hv": "ɦ"}
_NAMES = {
    "it": {"E": "ɛ", "O": "ɔ", "S": "ʃ", "Z": "ʒ", "tS": "tʃ", "dZ": "dʒ", "J": "ɲ", "ng": "ŋ", "nf": "ɱ", "L": "ʎ",
           "g": "ɡ"},
    "cs": {"c": "ts", "ch": "x", "h": "ɦ", "c~": "tʃ", "d~": "ɟ", "t~": "c", "n~": "ɲ", "n*": "ŋ", "dz~": "dʒ",
           "g": "ɡ", "s~": "ʃ", "z~": "ʒ", "r~": "ʒ", "r~*": "ʃ"},
    "fi": {"@": "æ", "7": "ø", "&": "æ", "N": "ŋ", "g": "ɡ", "S": "ʃ", "T": "θ", "D": "ð", "Z": "ʒ", "L": "ʎ",
           "v": "ʋ"},
    "ru": {"ii": "i", "yy": "ɨ", "uu": "u", "ee": "e", "oo": "o", "aa": "a", "y": "ɨ", "ae": "ɛ", "ay": "ɪ", "ur": "ə",
           "pp": "p", "bb": "b", "tt": "t", "dd": "d", "kk": "k", "gg": "ɡ", "g": "ɡ", "c": "ts", "ch": "tɕ", "ff": "f",
           "vv": "v", "ss": "s", "zz": "z", "sh": "ʂ", "sch": "ʃ", "zh": "ʐ", "h": "x", "hh": "x", "mm": "m", "nn": "n",
           "ll": "l", "l": "ɫ", "rr": "r"},
    "ca": {"ax": "ə", "E": "ɛ", "O": "ɔ", "J": "ɲ", "L": "ʎ", "S": "ʃ", "Z": "ʒ", "rr": "r", "r": "ɾ", "g": "ɡ"},
    "hi": {"a": "ə", "aa": "a", "ih": "ɪ", "iy": "i", "uh": "ʊ", "uw": "u", "eh": "e", "ee": "e", "ay": "ɛ", "oh": "o",
           "oo": "o", "aw": "ɔ", "g": "ɡ", "ch": "tʃ", "T": "ʈ", "D": "ɖ", "N": "ɳ", "th": "t̪", "dh": "d̪", "y": "j",
           "v": "ʋ", "L": "ɭ", "R": "ɽ", "sh": "ʃ", "j": "dʒ", "ksh": "k ʂ", "sri": "ʃ r", "kh": "k", "gh": "ɡ",
           "td": "ʈ", "tth": "ʈ", "ddh": "ɖ", "bh": "b", "zh": "ʒ", "@": "ə"},
}  # fmt: skip
_NAMES |= {"mr": _NAMES["hi"], "te": _NAMES["hi"]}

_SAY = """
(define (say number stretch text wave)
  (Parameter.set 'Duration_Stretch stretch)
  (let ((utterance (utt.synth (eval (list 'Utterance 'Text text)))))
    (mapcar (lambda (s) (format t "SEGMENT %d %s %f %s\\n" number (item.name s) (item.feat s "end")
                          (item.feat s "R:SylStructure.parent.stress")))
      (utt.relation.items utterance 'Segment))
    (utt.save.wave utterance wave 'riff)))
"""


@cache
def voices() -> tuple[SyntheticVoice, ...]:
    """The installed voices of those known here; empty without Festival. The speaker `kal` is left out of training."""
    path = program("festival")
    if path is None:
        return ()
    listed = subprocess.run(
        [path, "--batch", "(print (voice.list))"], capture_output=True, text=True, check=False
    ).stdout
    installed = set(listed.replace("(", " ").replace(")", " ").split())
    return tuple(
        SyntheticVoice("festival", name, language, speaker, "test" if speaker in _LEFT_OUT else "train", licence)
        for name, (language, speaker, licence) in _VOICES.items()
        if name in installed
    )


def speak(voice: SyntheticVoice, sentences: Sequence[tuple[str, SpeakingManner]]) -> list[SyntheticUtterance | None]:
    """Each sentence as sound with phone times; None for one that the engine could not say."""
    encoding = _ENCODINGS.get(voice.language, "utf-8")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = [_SAY, f"(voice_{voice.name})"]
        for number, (text, prosody) in enumerate(sentences):
            quoted = text.replace("\\", " ").replace('"', " ")
            lines.append(
                f'(unwind-protect (say {number} {1 / prosody.rate:.3f} "{quoted}" "{folder}/{number}.wav") nil)'
            )
        script = folder / "say.scm"
        script.write_bytes("\n".join(lines).encode(encoding, "ignore"))
        command = [program("festival") or "festival", "--batch", str(script)]
        printed = subprocess.run(command, capture_output=True, check=False).stdout.decode("utf-8", "replace")
        segments = from_segments(printed, voice.language, len(sentences))
        return [_utterance(folder / f"{i}.wav", segments[i], *sentence) for i, sentence in enumerate(sentences)]


def _utterance(wave: Path, phones: list[Span], text: str, prosody: SpeakingManner) -> SyntheticUtterance | None:
    """The pitch is set by playing the sound faster or slower: few of the voices have a parameter for it."""
    import soundfile

    if not wave.exists() or not phones:
        return None
    samples, sample_rate = soundfile.read(wave, dtype="float32")
    factor = min(max(prosody.pitch, 0.85), 1.2)
    moved = [Span(p.label, p.start / factor, p.end / factor, p.stress) for p in phones]
    return whole(samples, moved, text, round(sample_rate * factor))


def from_segments(printed: str, language: str, count: int) -> list[list[Span]]:
    """The lines `SEGMENT number name end stress` of each of `count` sentences; Festival's names become IPA."""
    segments: list[list[Span]] = [[] for _ in range(count)]
    for line in printed.splitlines():
        parts = line.split()
        if len(parts) != 5 or parts[0] != "SEGMENT":
            continue
        phones, end = segments[int(parts[1])], float(parts[3])
        start, labels = phones[-1].end if phones else 0.0, to_ipa(parts[2], language)
        stress = 2 if parts[4] == "1" or parts[2].endswith("1") else 0
        width = (end - start) / len(labels)
        for place, label in enumerate(labels):
            level = stress if inventory()[label].is_vowel else 0
            phones.append(Span(label, start + place * width, start + (place + 1) * width, level))
    return segments


def to_ipa(name: str, language: str) -> list[str]:
    """A name of Festival's phone set for the language as IPA symbols; unknown names are silence."""
    if name in _NOWHERE:
        return [SILENCE]
    if language.startswith("en"):
        return _ENGLISH.get(name, ARPABET_TO_IPA.get(name.upper(), SILENCE)).split()
    plain = name.rstrip("1:")
    ipa = _NAMES[language].get(plain, plain).split()
    return ipa if all(p in inventory() for p in ipa) else [SILENCE]
