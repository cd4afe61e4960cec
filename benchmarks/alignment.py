"""How well the aligner agrees with others, whether it aligns every clip and knows a wrong transcript, how fast it is.

    python benchmarks/alignment.py [agreement] [fit] [hearing] [--clips N]

agreement  phone boundaries against PocketSphinx's published phone times and the Montreal Forced Aligner's TextGrids
fit        every clip of three sets with its own transcript and with another clip's of about the same length: how many
           align, the area under the curve of the confidence, and seconds of computing per second of sound
hearing    without transcripts: word errors, speed

Needs ../shared/assets.
"""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np

from utterface import align, speech
from utterface.errors import TextError
from utterface.formats.spans import read_textgrid
from utterface.lab.measures.edits import edit_distance
from utterface.phones import ARPABET_TO_IPA, SILENCE, Span
from utterface.recognise import recognise
from utterface.text import to_words

AUDIO = Path(__file__).resolve().parents[2] / "shared/assets/audio"
FIT_SETS = ("dc_tts_voice", "lj_coqui", "librispeech_other")


def list_clips(name: str) -> list[tuple[Path, str]]:
    """Recordings of a set with their transcripts."""
    folder = AUDIO / name
    table = next(p for n in ("clips.tsv", "metadata.psv", "transcript.csv") if (p := folder / n).exists())
    rows = [line.split("\t" if table.suffix == ".tsv" else "|") for line in table.read_text("utf-8").splitlines()]
    paths = [folder / row[0] if row[0].endswith(".flac") else folder / f"{row[0]}.flac" for row in rows]
    return [(path, row[-1]) for path, row in zip(paths, rows, strict=True) if path.exists()]


def list_references() -> Iterator[tuple[str, Path, str, list[Span]]]:
    """(set, recording, transcript, phones in IPA) of recordings that others have aligned."""
    for path in sorted((AUDIO / "librivox_pocketsphinx").glob("*.phone.json")):
        stem = path.name.removesuffix(".phone.json")
        words = json.loads(path.read_text("utf-8"))["w"]
        phones = [Span(ARPABET_TO_IPA[p["t"]], p["b"], p["b"] + p["d"]) for w in words for p in w["w"]]
        yield "librivox_pocketsphinx", path.with_name(f"{stem}.wav"), path.with_name(f"{stem}.txt").read_text(), phones
    for path in sorted((AUDIO / "mfa").glob("*.TextGrid")):
        tier = read_textgrid(path)["phones"]
        names = [(p.label.rstrip("012"), p.start, p.end) for p in tier if p.label not in ("", "sp", "sil", "spn")]
        phones = [Span(ARPABET_TO_IPA[name], start, end) for name, start, end in names]
        yield "mfa", path.with_suffix(".wav"), path.with_suffix(".lab").read_text(), phones


def boundary_errors(ours: Sequence[Span], theirs: Sequence[Span]) -> list[float]:
    """Our start and end less theirs, in seconds, of the phones that both have in the same place of the sequence."""
    ours, theirs = ([p for p in phones if p.label != SILENCE] for phones in (ours, theirs))
    labels = [[p.label.replace("ə", "ʌ") for p in phones] for phones in (ours, theirs)]
    blocks = SequenceMatcher(a=labels[0], b=labels[1], autojunk=False).get_matching_blocks()
    pairs = [(ours[m.a + i], theirs[m.b + i]) for m in blocks for i in range(m.size)]
    pairs = [(a, b) for a, b in pairs if abs(a.start - b.start) < 0.5]  # a word said twice
    return [x for a, b in pairs for x in (a.start - b.start, a.end - b.end)]


def measure_agreement() -> None:
    errors: dict[str, list[float]] = {}
    for name, path, text, phones in list_references():
        found = align.align(speech.read(path).samples, text)
        these = boundary_errors(found.phones, phones)
        errors.setdefault(name, []).extend(these)
        errors.setdefault(f"{name}/{path.stem}", []).extend(these)
    for name, values in errors.items():
        e = 1000 * np.array(values)
        print(f"{name:64} boundaries {len(e):5}  median |ms| {np.median(np.abs(e)):5.1f}  median ms {np.median(e):6.1f}"
              f"  within 20 ms {np.mean(np.abs(e) <= 20.5):.2f}")  # fmt: skip


def measure_fit(most: int) -> None:
    for name in FIT_SETS:
        clips = list_clips(name)[:most]
        lengths = np.array([len(to_words(text)) for _, text in clips])
        fits, misfits, seconds, spent, failed = [], [], 0.0, 0.0, []
        for i, (path, text) in enumerate(clips):
            samples = speech.read(path).samples
            begun = time.process_time()
            fits.append(confidence(samples, text))
            spent += time.process_time() - begun
            seconds += len(samples) / speech.SAMPLE_RATE
            if fits[-1] < 0.5:
                failed.append(path.stem)
            gap = np.abs(lengths - lengths[i]) + np.where(np.arange(len(clips)) == i, 1000, 0)
            misfits.append(confidence(samples, clips[int(gap.argmin())][1]))
        auc = (np.subtract.outer(fits, misfits) > 0).mean() + (np.subtract.outer(fits, misfits) == 0).mean() / 2
        refused = float(np.mean(np.array(misfits) < 0.5))
        print(
            f"{name:18} clips {len(clips)}  align {len(clips) - len(failed)} {failed}  wrong ones refused {refused:.3f}"
            f"  AUC {auc:.4f}  confidence: right, least {min(fits):.2f} median {np.median(fits):.2f};"
            f" wrong, most {max(misfits):.2f}  CPU s per s {spent / seconds:.3f} over {seconds:.0f} s"
        )


def confidence(samples: np.ndarray, text: str) -> float:
    """Of the alignment, also where it is refused."""
    try:
        return align.align(samples, text).confidence or 0.0
    except TextError as error:
        return float(str(error).split("confidence ")[1].split(",")[0])


def measure_hearing(most: int) -> None:
    for name in ("librispeech_other", "lj_coqui"):
        errors = words = 0
        seconds = spent = 0.0
        for path, text in list_clips(name)[:most]:
            samples = speech.read(path).samples
            begun = time.process_time()
            heard = recognise(samples)
            spent += time.process_time() - begun
            seconds += len(samples) / speech.SAMPLE_RATE
            said = to_words(text)
            errors += edit_distance(tuple(said), tuple(to_words(" ".join(w.label for w in heard.words))))
            words += len(said)
        print(f"{name:18} word error rate {errors / words:.3f}  CPU s per s {spent / seconds:.3f} over {seconds:.0f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", default=["agreement", "fit", "hearing"])
    parser.add_argument("--clips", type=int, default=10_000, help="at most this many of each set")
    given = parser.parse_args()
    if "agreement" in given.parts:
        measure_agreement()
    if "fit" in given.parts:
        measure_fit(given.clips)
    if "hearing" in given.parts:
        measure_hearing(given.clips)
