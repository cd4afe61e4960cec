"""How well articulation closes lips when the phones are known, and how fast it is.

    python benchmarks/articulation.py [SET ...] [--frame-rates 60,30,24] [--emotion NAME]

The judge in ../shared/judge aligns real recordings with their transcripts; the same phones are articulated, written as
Live Link CSV and judged on ICT-FaceKit's lips, and on those of the built-in head. Aligner and judge being the same,
this tests articulation alone. Without ../shared only the speed is measured.
"""

import argparse
import importlib.util
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np

from utterface import articulation, rigs
from utterface.clip import Clip
from utterface.formats import save
from utterface.motion import Motion
from utterface.phones import ARPABET_TO_IPA, Span
from utterface.rigs.lips import LipRig

SHARED = Path(__file__).resolve().parents[2] / "shared"
SETS = ("librispeech_other", "lj_coqui", "librivox_pocketsphinx")
FIGURES = ("closure_recall", "closure_precision", "closure_timing_ms", "over_closed_mm", "vowel_closed",
           "vowel_height_rho", "rounding_auc", "silence_closed")  # fmt: skip


def load_judge() -> ModuleType | None:
    """../shared/judge/lip_truth.py as a module; None where it is not there."""
    path = SHARED / "judge/lip_truth.py"
    if not path.exists():
        return None
    spec = importlib.util.spec_from_file_location("lip_truth", path)
    judge = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(judge)
    return judge


def list_clips(name: str) -> Iterator[tuple[Path, str]]:
    """Recordings of a set with their transcripts."""
    folder = SHARED / "assets/audio" / name
    if (folder / "clips.tsv").exists():
        rows = (line.split("\t")[:2] for line in (folder / "clips.tsv").read_text("utf-8").splitlines())
        yield from ((folder / file, text) for file, text in rows)
    elif (folder / "metadata.psv").exists():
        rows = (line.split("|") for line in (folder / "metadata.psv").read_text("utf-8").splitlines())
        yield from ((path, row[-1]) for row in rows if (path := folder / f"{row[0]}.flac").exists())
    else:
        yield from ((path, path.with_suffix(".txt").read_text("utf-8")) for path in sorted(folder.glob("*.wav")))


def align_set(judge: ModuleType, name: str) -> list[tuple[list, float]]:
    """(ARPAbet phones with times, duration) of every clip that aligns."""
    aligned = [judge.align(str(path), text) for path, text in list_clips(name)]
    return [(phones, duration) for phones, duration in aligned if phones is not None]


def judge_clips(judge: ModuleType, clips: list, frame_rate: float, emotions: dict[str, float]) -> dict[str, dict]:
    """Figures by rig over all clips."""
    ict, own = judge.Lips(str(SHARED / "judge/ict_lips.npz")), LipRig.from_rig(rigs.head())
    pooled: dict[str, dict] = {"ICT": {}, "head": {}}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "take.csv"
        for phones, duration in clips:
            spans = [Span(ARPABET_TO_IPA[name], start, end) for name, start, end in phones]
            motion = articulation.express(articulation.articulate(spans, duration, frame_rate), emotions)
            save(Clip(motion, duration), path)
            times, weights, channels = judge.read_csv(str(path))
            low = [c.lower() for c in channels]
            rounding = weights[:, low.index("mouthpucker")] + weights[:, low.index("mouthfunnel")]
            for rig, gap in (("ICT", ict.gap(weights, channels)), ("head", own.gap_mm(motion))):
                for key, values in judge.observe(phones, times, gap, rounding, duration).items():
                    pooled[rig].setdefault(key, []).extend(values)
    return {rig: judge.summary(found, len(clips), 0) for rig, found in pooled.items()}


def speed() -> float:
    """Milliseconds for 10 s of speech at 60 frames a second, median of nine."""
    labels = "ðə kwɪk bɹaʊn fɑks dʒʌmps oʊvɝ ðə leɪzi dɔɡ"
    symbols = [c for c in labels if c in ARPABET_TO_IPA.values()]
    length = 10 / 130
    phones = [Span(symbols[i % len(symbols)], i * length, (i + 1) * length) for i in range(130)]
    took = []
    for _ in range(9):
        start = time.perf_counter()
        motion: Motion = articulation.articulate(phones, 10.0)
        took.append(1000 * (time.perf_counter() - start))
        assert len(motion) == 600
    return float(np.median(took))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="*", default=list(SETS))
    parser.add_argument("--frame-rates", default="60,30,24")
    parser.add_argument("--emotion", help="also at full intensity")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results: dict = {"ms_for_10_s": round(speed(), 1)}
    print(f"motion for 10 s of speech: {results['ms_for_10_s']} ms")
    judge = load_judge()
    if judge is None:
        print("../shared/judge is not here: closures not judged")
        return
    print(f"{'set':22} {'rate':>4} {'rig':5}" + "".join(f"{key.removeprefix('closure_')[:12]:>13}" for key in FIGURES))
    for name in options.sets:
        clips = align_set(judge, name)
        for frame_rate in map(float, options.frame_rates.split(",")):
            emotions = {options.emotion: 1.0} if options.emotion else {}
            for rig, figures in judge_clips(judge, clips, frame_rate, emotions).items():
                results[f"{name} {frame_rate:g} {rig}"] = figures
                print(f"{name:22} {frame_rate:4g} {rig:5}" + "".join(f"{figures[key]:13.3f}" for key in FIGURES))
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
