"""Hand damaged files to everything that reads files, and report what is no clean error.

    python scripts/fuzz.py                                     600 cases over all kinds
    python scripts/fuzz.py --cases 10000 --seed 7              more, and others
    python scripts/fuzz.py --only sound,glb --cases 200        two kinds
    python scripts/fuzz.py --only csv --first 57 --cases 1     one case again

Small files of each kind are made, then damaged: bytes flipped, cut, put in, repeated, numbers exchanged. A reader may
succeed or raise an UtterfaceError, and may warn by UtterfaceWarning. A traceback, other warnings, words on standard
output, a crash, over 10 s of CPU or 1 GB of memory are findings: printed, their input saved, exit code 1. For Linux.
"""

import argparse
import io
import multiprocessing
import random
import re
import resource
import shutil
import signal
import sys
import tempfile
import traceback
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from utterface import formats, speech, text
from utterface.clip import Clip
from utterface.engines.bundle import MotionConfig, open_articulators, open_windows, read_config, shipped
from utterface.errors import UtterfaceError, UtterfaceWarning
from utterface.gltf import Gltf
from utterface.lab.training.recipe import TrainConfig, config_from, read_recipe
from utterface.motion import ARKIT, Motion

ROOT = Path(__file__).parents[1]
CPU = 10  # seconds a case
WALL = 120  # seconds a case, for what sleeps
MEMORY = 1 << 30  # bytes a case, above what the imports take
SOUNDS = {  # suffix → format and subtype, as libsndfile calls them
    "wav": ("WAV", "PCM_16"), "float.wav": ("WAV", "FLOAT"), "law.wav": ("WAV", "ULAW"), "flac": ("FLAC", "PCM_16"),
    "ogg": ("OGG", "VORBIS"), "opus": ("OGG", "OPUS"), "mp3": ("MP3", "MPEG_LAYER_III"), "aiff": ("AIFF", "PCM_24"),
    "w64": ("W64", "PCM_16"), "caf": ("CAF", "PCM_16"),
}  # fmt: skip
SAID = {
    "txt": "HELEN: Hello (waves), it's 1,250 — or 3rd of May — at 10:45. [music] Dr. Who & co.\n",
    "lab": "0 4100000 hello\n4100000 7000000 world\n",
    "srt": "1\n00:00:00,000 --> 00:00:01,500\n<i>Hello there</i>\n\n2\n00:00:02,000 --> 00:00:03,000\n- General\n",
    "vtt": "WEBVTT\n\nNOTE a note\n\n00:00.000 --> 00:01.500 align:start\n<v Helen>Hello <00:00.500>there</v>\n",
    "ass": "[Script Info]\n[Events]\nFormat: Layer, Start, End, Style, Text\n"
    "Dialogue: 0,0:00:00.00,0:00:01.50,Default,{\\i1}Hello{\\i0}\\Nthere\n",
    "lrc": "[ti:Hello]\n[00:01.50]Hello [00:02.00]there\n",
    "md": "# Take 1\n\n*Hello* [there](https://example.org), **24** `words` &amp; more\n",
    "ssml": '<speak>Hello <break time="1s"/><say-as interpret-as="date">1/2/2020</say-as></speak>',
    "tsv": "hello.flac\thello there\tHelen\nother\tgood bye\n",
    "psv": "hello|Hello there, Mr. 5|hello there mister five\n",
}
NUMBERS = (b"0", b"-1", b"1e999", b"1e-300", b"NaN", b"2147483648", b"9" * 30, b"null", b'"7"', b"[]", b"{}", b"-0.0")


@dataclass(frozen=True)
class Sample:
    """A whole file to be damaged: its name, its bytes, and a folder of files that lie beside it."""

    name: str
    data: bytes
    beside: Path | None = None


def sound_samples() -> list[Sample]:
    """A second of speech in each format that this libsndfile writes."""
    import soundfile

    samples, rate = soundfile.read(ROOT / "examples" / "hello.flac", frames=-1, dtype="float32")
    made = {name: io.BytesIO() for name, (kind, _) in SOUNDS.items() if kind in soundfile.available_formats()}
    for name, file in made.items():
        soundfile.write(file, samples[:rate], rate, format=SOUNDS[name][0], subtype=SOUNDS[name][1])
    return [Sample(f"hello.{name}", file.getvalue()) for name, file in made.items()]


def transcript_samples() -> list[Sample]:
    """Text of each kind, some also as UTF-16."""
    made = [Sample(f"hello.{suffix}", said.encode()) for suffix, said in SAID.items()]
    return [*made, *(Sample(f"hello.{suffix}", SAID[suffix].encode("utf-16")) for suffix in ("txt", "srt"))]


def motion_samples(*suffixes: str) -> list[Sample]:
    """A third of a second of motion, as utterface writes it."""
    values = np.linspace(0, 1, 20 * len(ARKIT), dtype=np.float32).reshape(20, -1)
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"take{suffix}" for suffix in suffixes]
        Clip.from_motion(Motion(values, ARKIT, 60.0)).save(*paths)
        return [Sample(path.name, path.read_bytes()) for path in paths]


def bundle_samples() -> list[Sample]:
    """The config, three times as often as the network, of the bundles that animate."""
    names = ("config.json", "config.json", "config.json", "model.onnx")
    return [Sample(name, (folder / name).read_bytes(), folder) for folder in shipped().values() for name in names]


def recipe_samples() -> list[Sample]:
    """The recipes of the project."""
    return [Sample(path.name, path.read_bytes()) for path in sorted((ROOT / "recipes").glob("*.toml"))]


def read_sound(path: Path) -> None:
    """All of a recording, whole and as far as it goes."""
    for allow_truncated in (True, False):
        speech.duration(path, allow_truncated=allow_truncated)
        speech.read(path, allow_truncated=allow_truncated)


def read_text(path: Path) -> None:
    """The words of a transcript, as they are spelt and said."""
    table = path.suffix in text.TABLES
    for said in text.texts_of(["hello", "other"], path).values() if table else [text.words_in(path)]:
        text.to_words(str(said))


def read_glb(path: Path) -> None:
    """The tree of a glTF file, then its motion."""
    gltf = Gltf.read(path)
    gltf.parents()
    for number in range(min(64, len(gltf.items("accessors")))):
        gltf.accessor(number, fractions=True)
    formats.read(path)


def read_bundle(path: Path) -> None:
    """The config of a bundle and its network, which hears a step of silence where it opens."""
    config = read_config(path.parent)
    if isinstance(config, MotionConfig):
        open_windows(path.parent, threads=1)
    else:
        network = open_articulators(path.parent, threads=1)
        network.step(np.zeros((1, network.config.hop), np.float32), network.zero_state())


KINDS: dict[str, tuple[Callable[[], list[Sample]], Callable[[Path], object]]] = {
    "sound": (sound_samples, read_sound),
    "transcripts": (transcript_samples, read_text),
    "npz": (partial(motion_samples, ".npz"), formats.read),
    "csv": (partial(motion_samples, ".csv", ".json"), formats.read),
    "glb": (partial(motion_samples, ".glb"), read_glb),
    "bundles": (bundle_samples, read_bundle),
    "recipes": (recipe_samples, lambda path: config_from(TrainConfig, read_recipe(path).get("train", {}), "train")),
}


def damaged(sample: Sample, rng: random.Random) -> bytes:
    """The bytes of a file after one to four changes; of an archive half of the time in one of its members."""
    if sample.name.endswith(".npz") and rng.random() < 0.5:
        return _with_member_damaged(sample.data, rng)
    data = sample.data
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        data = rng.choice((_flipped, _cut, _filled, _repeated, _overwritten, _renumbered, _renumbered))(data, rng)
    return data


def _with_member_damaged(data: bytes, rng: random.Random) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w") as new:
        chosen = rng.choice(old.namelist())
        for name in old.namelist():
            new.writestr(name, damaged(Sample(name, old.read(name)), rng) if name == chosen else old.read(name))
    return file.getvalue()


def _place(data: bytes, rng: random.Random) -> int:
    """Somewhere in a file, more often in its first bytes, where headers are."""
    return rng.randrange(max(1, rng.choice((len(data), min(len(data), 200), min(len(data), 8000)))))


def _flipped(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data or b" ")
    for _ in range(rng.choice((1, 1, 4, 32))):
        changed[_place(data, rng)] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _cut(data: bytes, rng: random.Random) -> bytes:
    at = _place(data, rng)
    return data[:at] + (b"" if rng.random() < 0.4 else data[at + rng.randint(1, 64) :])


def _filled(data: bytes, rng: random.Random) -> bytes:
    at, random_bytes = _place(data, rng), rng.randbytes(rng.randint(1, 16))
    return data[:at] + rng.choice((random_bytes, b"\0" * 64, b"[" * 3000, b'"', b"\n")) + data[at:]


def _repeated(data: bytes, rng: random.Random) -> bytes:
    at = _place(data, rng)
    return data[:at] + data[at : at + rng.randint(1, 400)] * rng.choice((2, 2, 3, 100)) + data[at:]


def _renumbered(data: bytes, rng: random.Random) -> bytes:
    """A number in digits exchanged, half of the time for one as long, so that lengths stay."""
    if not (found := [*re.finditer(rb"-?\d+(?:\.\d+)?", data[: 1 << 18])]):
        return _overwritten(data, rng)
    old = rng.choice(found)
    new = rng.choice((rng.choice(NUMBERS), rng.choice(NUMBERS), b"9" * len(old[0]), b"0" * len(old[0])))
    return data[: old.start()] + new + data[old.end() :]


def _overwritten(data: bytes, rng: random.Random) -> bytes:
    """A number in bytes exchanged for one at a limit."""
    at, bits = _place(data, rng), rng.choice((8, 16, 32, 64))
    value = rng.choice((0, 1, (1 << bits) - 1, 1 << (bits - 1), (1 << (bits - 1)) - 1, rng.getrandbits(bits)))
    return data[:at] + value.to_bytes(bits // 8, rng.choice(("little", "big"))) + data[at + bits // 8 :]


def serve(pipe: Connection) -> None:
    """Read the files whose kinds and names come through the pipe; send the outcome of each."""
    statm = Path("/proc/self/statm")
    own = int(statm.read_text().split()[0]) * resource.getpagesize() if statm.exists() else 0
    resource.setrlimit(resource.RLIMIT_AS, (own + MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
    while True:
        try:
            kind, path = pipe.recv()
        except EOFError:
            return
        limit = int(sum(resource.getrusage(resource.RUSAGE_SELF)[:2])) + CPU + 1
        resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))
        pipe.send(outcome(KINDS[kind][1], Path(path)))


def outcome(read: Callable[[Path], object], path: Path) -> str:
    """`read` or `refused`, as it should be; else what went wrong."""
    said = "read"
    with warnings.catch_warnings(record=True) as told, redirect_stdout(io.StringIO()) as printed:
        warnings.simplefilter("always")
        try:
            read(path)
        except UtterfaceError as error:
            said = f"memory\n{traceback.format_exc(-6)}" if _out_of_memory(error) else "refused"
            if "\n" in str(error).strip():
                said = f"several lines: {error}"
        except BaseException as error:
            said = f"{'memory' if _out_of_memory(error) else 'traceback'}\n{traceback.format_exc(-6)}"
    strange = [each for each in told if not issubclass(each.category, UtterfaceWarning)]
    if strange:
        return f"warning: {strange[0].message} ({strange[0].filename}:{strange[0].lineno})"
    return f"printed: {printed.getvalue()}" if printed.getvalue() else said


def _out_of_memory(error: BaseException | None) -> bool:
    while error is not None and not isinstance(error, MemoryError):
        error = error.__cause__ or error.__context__
    return error is not None


class Worker:
    """A process that reads files within limits; a new one takes the place of one that ended."""

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=serve, args=(other,), daemon=True)
        self._process.start()
        other.close()

    def read(self, kind: str, path: Path) -> str:
        """As `outcome`; also what ended the process."""
        try:
            self._pipe.send((kind, str(path)))
            if self._pipe.poll(WALL):
                return str(self._pipe.recv())
        except (EOFError, OSError):
            self._process.join(5)
        ended = self._process.exitcode
        self.close()
        self._start()
        return "hang" if ended in (None, -signal.SIGXCPU) else f"crash: exit code {ended}"

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()
        self._pipe.close()


def cases(kind: str, first: int, count: int, seed: int, folder: Path) -> Iterator[tuple[int, Path]]:
    """Number and file of each case of a kind; the file is there until the next."""
    samples = KINDS[kind][0]()
    for number in range(first, first + count):
        rng = random.Random(f"{seed} {kind} {number}")
        sample, place = rng.choice(samples), folder / kind
        place.mkdir()
        for other in sample.beside.iterdir() if sample.beside else ():
            if other.name != sample.name and other.is_file():
                (place / other.name).symlink_to(other)
        (place / sample.name).write_bytes(damaged(sample, rng))
        yield number, place / sample.name
        shutil.rmtree(place)


def run(count: int, seed: int, kinds: list[str], findings: Path, first: int = 0) -> Counter[str]:
    """How many of `count` cases, spread over the kinds, were `read`, `refused` or `found` wanting; these are saved."""
    tally, worker = Counter[str](), Worker()
    try:
        with tempfile.TemporaryDirectory() as folder:
            for place, kind in enumerate(kinds):
                share = count // len(kinds) + (place < count % len(kinds))
                for number, path in cases(kind, first, share, seed, Path(folder)):
                    said = worker.read(kind, path)
                    tally[said if said in ("read", "refused") else "found"] += 1
                    if said not in tally:
                        findings.mkdir(parents=True, exist_ok=True)
                        kept = shutil.copy(path, findings / f"{kind}-{seed}-{number}-{path.name}")
                        print(f"\n{kind} {number} of seed {seed}, saved as {kept}: {said}", flush=True)
                    if sys.stderr.isatty() or tally.total() % 1000 == 0:
                        done = f"{tally.total()} of {count}: {kind}, {tally['found']} found"
                        print(f"\r{done} ", end="", file=sys.stderr, flush=True)
    finally:
        worker.close()
    print(file=sys.stderr)
    return tally


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line; 1 where something was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=600, help="over all kinds (default 600)")
    parser.add_argument("--seed", type=int, default=0, help="of the damage (default 0)")
    parser.add_argument("--first", type=int, default=0, help="number of the first case of each kind")
    parser.add_argument("--only", default=",".join(KINDS), help=f"kinds, of {','.join(KINDS)}")
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"), help="folder for inputs that fail")
    given = parser.parse_args(arguments)
    if unknown := set(kinds := given.only.split(",")) - set(KINDS):
        parser.error(f"there is no kind {', '.join(sorted(unknown))}; there are {', '.join(KINDS)}")
    tally = run(given.cases, given.seed, kinds, given.findings, given.first)
    figures = ", ".join(f"{tally[name]} {name}" for name in ("read", "refused", "found"))
    print(f"{tally.total()} cases of seed {given.seed}: {figures}")
    return 1 if tally["found"] else 0


if __name__ == "__main__":
    sys.exit(main())
