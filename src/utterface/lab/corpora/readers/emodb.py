"""EmoDB: ten German actors, ten sentences, seven emotions; sound alone.

    FOLDER/03a01Fa.flac (or .wav)     speaker 03, sentence a01, emotion F, version a

Burkhardt, Paeschke, Rolfes, Sendlmeier, Weiss: "A database of German emotional speech" (Interspeech 2005); published
under CC0-1.0 by audEERING with its first author. Boredom, which no face of ours shows, stays out: 454 of 535 takes.
"""

import re
from collections.abc import Container, Iterator
from pathlib import Path

from utterface import speech
from utterface.errors import CorpusError
from utterface.lab.corpora.readers.contract import CapturedTake, Reader, Report, Split, SplitPart

EMOTIONS = {"N": "neutral", "W": "anger", "E": "disgust", "A": "fear", "F": "joy", "T": "sadness"}
SENTENCES = {
    "a01": "Der Lappen liegt auf dem Eisschrank.",
    "a02": "Das will sie am Mittwoch abgeben.",
    "a04": "Heute abend könnte ich es ihm sagen.",
    "a05": "Das schwarze Stück Papier befindet sich da oben neben dem Holzstück.",
    "a07": "In sieben Stunden wird es soweit sein.",
    "b01": "Was sind denn das für Tüten, die da unter dem Tisch stehen?",
    "b02": "Sie haben es gerade hochgetragen und jetzt gehen sie wieder runter.",
    "b03": "An den Wochenenden bin ich jetzt immer nach Hause gefahren und habe Agnes besucht.",
    "b09": "Ich will das eben wegbringen und dann mit Karl was trinken gehen.",
    "b10": "Die wird auf dem Platz sein, wo wir sie immer hinlegen.",
}
HELD_OUT = ("a07", "b10")  # sentences that nothing of the split `lsf` trains on
_TRAIN, _VALID, _TEST = ("03", "08", "09", "10", "13", "15"), ("12", "14"), ("11", "16")
_KNOWN = tuple(i for i, sentence in enumerate(SENTENCES) if sentence not in HELD_OUT)
_UNKNOWN = tuple(i for i, sentence in enumerate(SENTENCES) if sentence in HELD_OUT)


def _part(speakers: tuple[str, ...], sentences: tuple[int, ...]) -> SplitPart:
    return SplitPart(speakers, {"neutral": sentences, "emotional": sentences})


SPLITS = {
    "speakers": Split(
        "ours: six speakers train, two validate, two test, a woman and a man each; all sentences",
        _part(_TRAIN, _KNOWN + _UNKNOWN),
        _part(_VALID, _KNOWN + _UNKNOWN),
        _part(_TEST, _KNOWN + _UNKNOWN),
    ),
    "lsf": Split(
        "ours: the same speakers; sentences a07 and b10 are in valid and test, which have no other",
        _part(_TRAIN, _KNOWN),
        _part(_VALID, _UNKNOWN),
        _part(_TEST, _UNKNOWN),
    ),
}


def read(folder: Path, split: Split, done: Container[str], report: Report) -> Iterator[CapturedTake]:
    """The takes. See `contract.Reader.read`."""
    named = {path.stem: path for kind in ("wav", "flac") for path in folder.rglob(f"*.{kind}")}
    parsed = {key: re.fullmatch(r"(\d\d)([ab]\d\d)([NWEAFTL])([a-z])", key) for key in sorted(named)}
    if not any(parsed.values()):
        raise CorpusError(f"{folder} is no EmoDB: expected recordings named like 03a01Fa.wav in it")
    for key, match in parsed.items():
        if match is None or match[3] not in EMOTIONS or match[2] not in SENTENCES or key in done:
            continue
        speaker, emotion = match[1], EMOTIONS[match[3]]
        kind = "neutral" if emotion == "neutral" else "emotional"
        part = split.place(speaker, list(SENTENCES).index(match[2]), kind)
        if part:
            yield CapturedTake(
                id=key,
                speaker=f"emodb-{speaker}",
                split=part,
                samples=speech.read(named[key]).samples,
                motion=None,
                text=SENTENCES[match[2]],
                language="de",
                emotion=emotion,
                intensity=float(emotion != "neutral"),
            )


READER = Reader("emodb", "EmoDB", "CC0-1.0", read, SPLITS)
