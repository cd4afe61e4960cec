"""How well voices and the faces that say them go together, how fast, and how well they are understood.

    python benchmarks/say.py [VOICE ...]

For each voice, over ten sentences (IEEE Harvard sentences and others with many closures):

recall     bilabials /p b m/ of the voice's own phones during which the lips touch, ± 20 ms
precision  closures of the lips, of those shorter than a rest, that lie on a bilabial, ± 20 ms
length     greatest difference of sound and face, frames of 60 a second
first      seconds from the first sound of a stream to its first frames
voice, all real-time factors: of the voice alone, and with its face
WER        word errors of Whisper tiny.en on the sound, English alone
"""

import sys
import time

import numpy as np

from utterface.clip import LONGEST_CLOSURE, NEAR
from utterface.lab.measures.edits import edit_distance
from utterface.lab.studies.avtts.sizes import SENTENCES
from utterface.phones import inventory
from utterface.recognise.words import WordRecogniser
from utterface.speak import find_voice
from utterface.speak.contract import to_16k
from utterface.speaking import face_of, spoken_by, stream
from utterface.text import to_words

ENGLISH = SENTENCES[:10]
GERMAN = (
    "Meine Mama backt am Abend prima Pflaumenkuchen.", "Der Bäcker am Marktplatz bringt mir bald mein Brot.",
    "Peter malt einen bunten Papagei an den Baum.", "Bitte komm pünktlich, denn der Bus ist immer voll.",
)  # fmt: skip
VOICES = ("hibari:heart", "kokoro:af_heart", "flite:slt", "festival:cmu_us_slt_arctic_hts", "espeak:en-us", "espeak:de")


def measure(name: str, recogniser: WordRecogniser) -> str:
    """One row of the table."""
    voice = find_voice(name)
    english = voice.language.startswith("en")
    texts = ENGLISH if english else GERMAN
    spoken_by(voice, texts[0])
    speaking = moving = length = 0.0
    frames, sealed, bilabials, good, closures, errors, words = 0.0, 0, 0, 0, 0, 0, 0
    for text in texts:
        begun = time.process_time()
        spoken = spoken_by(voice, text)
        middle = time.process_time()
        clip = face_of(spoken, voice)
        speaking, moving = speaking + middle - begun, moving + time.process_time() - middle
        length += spoken.duration
        frames = max(frames, abs(len(clip.motion) - 60 * spoken.duration))
        made, needed = clip.closures()
        sealed, bilabials = sealed + made, bilabials + needed
        lips = [p for p in clip.phones if inventory()[p.label].is_bilabial]
        short = [c for c in clip.motion.closures() if c[1] - c[0] < LONGEST_CLOSURE]
        pauses = [p for p in clip.phones if inventory()[p.label].manner == "silence"]
        rests = [c for c in short if any(c[0] >= p.start - 0.1 and c[1] <= p.end + 0.1 for p in pauses)]
        counted = [c for c in short if c not in rests]
        closures += len(counted)
        good += sum(any(c[0] <= p.end + NEAR and c[1] >= p.start - NEAR for p in lips) for c in counted)
        if english:
            heard = recogniser.recognise(to_16k(spoken.samples, spoken.sample_rate), "en").words
            wanted = to_words(text)
            errors += edit_distance(to_words(" ".join(word.label for word in heard)), wanted)
            words += len(wanted)
    return (
        f"| `{name}` | {sealed / bilabials:.3f} ({bilabials}) | {good / closures:.3f} ({closures}) | {frames:.2f} | "
        f"{_first(name, texts):.3f} | {speaking / length:.3f} | {(speaking + moving) / length:.3f} | "
        f"{f'{100 * errors / words:.0f} %' if words else ''} |"
    )


def _first(name: str, texts: tuple[str, ...]) -> float:
    """Seconds between the first sound and its frames, the middle of five streams."""
    import utterface.speaking as module

    waits = []
    spoken, original = [0.0], module.parts

    def timed(text, voice):  # type: ignore[no-untyped-def]
        for part in original(text, voice):
            spoken[0] = time.perf_counter()
            yield part

    module.parts = timed
    for text in texts[:5]:
        next(stream(text, voice=name))
        waits.append(time.perf_counter() - spoken[0])
    module.parts = original
    return float(np.median(waits))


if __name__ == "__main__":
    print("| voice | recall | precision | length, frames | first, s | voice | all | WER |")
    print("|---|---|---|---|---|---|---|---|")
    listener = WordRecogniser()
    for each in sys.argv[1:] or VOICES:
        print(measure(each, listener), flush=True)
