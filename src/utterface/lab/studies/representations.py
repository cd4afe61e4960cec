"""What speech representations keep and hold, on real recordings of people outside all training.

utterface bench representations --audio CLIPS --text clips.tsv -o report/

Phones come from forced alignment, folded to the 39 of English on both sides (`folding.py`). Measured is what a
representation can answer: a codec how the sound comes back, a tokenizer with a recogniser its phone error rate, units
what they tell of phones, vectors how well a linear probe names the phone, a speaker encoder how it tells voices apart.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from utterface.errors import ConfigError
from utterface.lab.batches.crops import labels_at
from utterface.lab.measures.edits import edit_distance
from utterface.lab.measures.fidelity import FIDELITY, fidelity
from utterface.lab.measures.folding import to_english
from utterface.lab.measures.probe import class_hits, commonest_share, shared_information
from utterface.lab.representations import Representation, open_representation
from utterface.lab.representations.shipped import installed
from utterface.lab.representations.speaker import SpeakerEncoder
from utterface.lab.studies.animator import Utterance, spoken_utterances
from utterface.lab.studies.jobs import OnProgress
from utterface.lab.studies.markdown import number, span, table
from utterface.lab.systems.speaker import equal_error_rate
from utterface.metrics.intervals import bootstrap, jackknife
from utterface.phones import SILENCE

Judged = tuple[dict[str, float], dict[str, tuple[float, float]]]  # figures, their 95 % intervals where there are some
CONTROL = "mfcc"
_PROBED = 20_000  # frames of all clips together, evenly taken, that linear probes see
_TABLES = {  # title: figure → how the table calls it, with the way it should go
    "Decoded sound": {
        "stoi": "STOI ↑", "estoi": "ESTOI ↑", "pesq_wb": "PESQ-WB ↑", "mel_error": "log-mel error, nats ↓",
    },
    "Units and phones": {
        "phone_purity": "phone purity ↑", "cluster_purity": "cluster purity ↑", "phone_information": "PNMI ↑",
        "codes_used": "codes in use",
    },
    "Phones": {"phone_accuracy": "linear probe, accuracy a frame ↑", "phone_error_rate": "phone error rate ↓"},
    "Voices": {"equal_error_rate": "equal error rate ↓"},
}  # fmt: skip


@dataclass(frozen=True)
class RepresentationMaterial:
    """Recordings with folded phones; `group` of an utterance is its speaker."""

    utterances: tuple[Utterance, ...]

    @property
    def speakers(self) -> list[str]:
        return sorted({u.group for u in self.utterances})

    @property
    def seconds(self) -> float:
        return sum(u.phones[-1].end for u in self.utterances)


def gather(audio: Path, text: Path) -> RepresentationMaterial:
    """Recordings whose transcripts align; who speaks is the first part of a file's name, `103` of `103-1240.flac`."""
    utterances = []
    for utterance in spoken_utterances(audio, text):
        phones = tuple(replace(p, label=to_english(p.label)) for p in utterance.phones)
        utterances.append(replace(utterance, phones=phones, group=re.split(r"[-_.]", utterance.name)[0]))
    return RepresentationMaterial(tuple(utterances))


def default_names() -> list[str]:
    """The control and all that ships: every member, codecs with all their codebooks and with the first alone."""
    names = [CONTROL]
    for member in installed():
        names.append(f"ours:{member}")
        if member.startswith("codec"):
            names.append(f"ours:{member}@1")
    return names


def bench(names: Sequence[str], material: RepresentationMaterial, report: OnProgress = lambda what, part: None) -> dict:
    """The whole benchmark as plain numbers.

    Args:
        names: as `open_representation` takes them; `ours:speaker` and `speaker:CHECKPOINT` are speaker encoders.
        material: what to judge on.
        report: receives what is being done.
    """
    rows = []
    for place, name in enumerate(names):
        report(name, place / len(names))
        row = judge_speaker(name, material) if _is_speaker(name) else judge(open_representation(name), material)
        rows.append(row)
    clips, speakers = len(material.utterances), len(material.speakers)
    return {"clips": clips, "speakers": speakers, "seconds": material.seconds, "rows": rows}


def judge(representation: Representation, material: RepresentationMaterial) -> dict:
    """All figures of a representation, with its facts."""
    about = representation.about
    facts = {
        "name": about.name,
        "family": about.family,
        "frame_rate": about.frame_rate,
        "dimension": about.dimension,
        "codebooks": list(about.codebooks),
        "bitrate": about.bitrate,
        "parameters": about.parameters,
    }
    parts: list[Judged] = []
    if about.codebooks:
        parts.append(judge_units(representation, material))
    if hasattr(representation, "decode"):
        parts.append(judge_decoded(representation, material))
    if hasattr(representation, "phones"):
        parts.append(judge_phones(representation, material))
    parts.append(judge_probe(representation, material))
    return facts | _joined(parts)


def judge_units(representation: Representation, material: RepresentationMaterial) -> Judged:
    """Codes in use; of units of one codebook HuBERT's phone purity, cluster purity and PNMI, a frame of theirs each."""
    tracks = []
    for utterance in material.utterances:
        track = representation.units(utterance.samples)
        assert track is not None  # whoever has codebooks has units
        tracks.append(track)
    sizes = representation.about.codebooks
    columns = np.concatenate([t.values.reshape(len(t), -1) for t in tracks])
    used = [len(np.unique(column)) / min(size, len(column)) for column, size in zip(columns.T, sizes, strict=True)]
    figures = {"codes_used": float(np.mean(used))}
    if len(sizes) > 1:  # rows of several codebooks hardly ever occur twice, so each would know its phone by heart
        return figures, {}
    names = {
        label: i for i, label in enumerate(sorted({p.label for u in material.utterances for p in u.phones} | {SILENCE}))
    }
    tables = []
    for utterance, track in zip(material.utterances, tracks, strict=True):
        counts = np.zeros((sizes[0], len(names)))
        phones = np.array([names[label] for label in labels_at(utterance.phones, track.times)])
        np.add.at(counts, (track.values, phones), 1)
        tables.append(counts)
    return figures | unit_figures(tables), jackknife(tables, unit_figures)


def unit_figures(tables: Sequence[np.ndarray]) -> dict[str, float]:
    """Phone purity, cluster purity and PNMI from how often units (rows) meet phones (columns) in each clip."""
    counts = np.sum(tables, 0)
    return {
        "phone_purity": commonest_share(counts),
        "cluster_purity": commonest_share(counts.T),
        "phone_information": shared_information(counts),
    }


def judge_decoded(codec: Any, material: RepresentationMaterial) -> Judged:
    """How the sound comes back from the codebooks that are read, means over clips."""
    clips = []
    for utterance in material.utterances:
        decoded = codec.decode(codec.units(utterance.samples))[: len(utterance.samples)]
        clips.append(fidelity(utterance.samples, decoded))
    return _with_intervals(clips, _means)


def judge_phones(tokenizer: Any, material: RepresentationMaterial) -> Judged:
    """Phone error rate: insertions, deletions and substitutions a phone of the alignment, silence left out."""
    clips = []
    for utterance in material.utterances:
        phones = [p for p in map(to_english, tokenizer.phones(utterance.samples)) if p not in ("", SILENCE)]
        wanted = [p.label for p in utterance.phones if p.label not in ("", SILENCE)]
        number_of = {label: i for i, label in enumerate({*phones, *wanted})}
        errors = edit_distance([number_of[p] for p in phones], [number_of[p] for p in wanted])
        clips.append({"errors": errors, "phones": len(wanted)})
    return _with_intervals(clips, _error_rate)


def judge_probe(representation: Representation, material: RepresentationMaterial) -> Judged:
    """Accuracy of a linear probe of the phone on the speaker that it was not fitted to, each one in turn."""
    speakers = np.array([u.group for u in material.utterances])
    if len(set(speakers)) < 2:
        return {}, {}
    step = max(1, round(material.seconds * representation.about.frame_rate / _PROBED))
    features, labels, owner = [], [], []
    for place, utterance in enumerate(material.utterances):
        track = representation.encode(utterance.samples)
        features.append(track.values[::step])
        labels.append(labels_at(utterance.phones, track.times[::step]))
        owner.append(np.full(len(labels[-1]), place))
    rows, names, clip = np.concatenate(features), np.concatenate(labels), np.concatenate(owner)
    right = np.zeros(len(rows))
    for speaker in sorted(set(speakers)):
        held_out = speakers[clip] == speaker
        right[held_out] = class_hits(rows, names, held_out)
    clips = [{"right": float(right[clip == i].sum()), "frames": int((clip == i).sum())} for i in range(len(speakers))]
    return _with_intervals(clips, _accuracy)


def judge_speaker(name: str, material: RepresentationMaterial) -> dict:
    """Equal error rate over all pairs of clips."""
    kind, _, rest = name.partition(":")
    encoder = SpeakerEncoder(Path(rest).expanduser() if kind == "speaker" else None)
    voices = [(i, u.group, encoder(u.samples)) for i, u in enumerate(material.utterances)]
    if len({u.group for u in material.utterances}) < 2:
        raise ConfigError("telling voices apart needs recordings of two speakers at least")
    count = sum(p.numel() for p in encoder.network.parameters())
    facts = {"name": name, "family": "speaker", "dimension": len(voices[0][2]), "parameters": count}
    return facts | _joined([_with_intervals(voices, _equal_error_rate)])


def to_markdown(report: Mapping[str, Any]) -> str:
    """The report as tables; what was not measured is a dash, a table without figures is left out."""
    rows: Sequence[Mapping[str, Any]] = report["rows"]
    head = ("name", "family", "frames/s", "features", "codebooks", "bit/s", "weights")
    parts = [
        f"{report['clips']} clips, {report['speakers']} speakers, {report['seconds'] / 60:.1f} minutes.",
        table(head, map(_facts, rows)),
    ]
    for title, columns in _TABLES.items():
        known = [row for row in rows if columns.keys() & row["figures"].keys()]
        if known:
            cells = [(f"`{row['name']}`", *(_cell(row, key) for key in columns)) for row in known]
            parts += [f"**{title}**", table(("name", *columns.values()), cells)]
    return "\n\n".join(parts) + "\n"


def _facts(row: Mapping[str, Any]) -> Sequence[str]:
    books = row.get("codebooks") or []
    sizes = f"{len(books)} × {books[0]}" if len(set(books)) == 1 else " + ".join(map(str, books)) or "–"
    rate = row.get("bitrate")
    facts = (row.get("frame_rate"), row["dimension"], sizes, None if rate is None else round(rate), row["parameters"])
    return (f"`{row['name']}`", row["family"], *map(number, facts))


def _cell(row: Mapping[str, Any], key: str) -> str:
    value = row["figures"].get(key)
    if value is None:
        return "–"
    interval = row["intervals"].get(key)
    return f"{value:.3f}" + (f" ({span([round(x, 3) for x in interval])})" if interval else "")


def _is_speaker(name: str) -> bool:
    return name == "ours:speaker" or name.startswith("speaker:")


def _joined(parts: Sequence[Judged]) -> dict:
    """Figures and intervals of several measures, without those that are no number."""
    figures = {key: value for part, _ in parts for key, value in part.items() if np.isfinite(value)}
    spread = {key: list(pair) for _, part in parts for key, pair in part.items() if key in figures}
    return {"figures": figures, "intervals": spread}


def _with_intervals(items: Sequence[Any], summary: Callable[[Sequence[Any]], dict[str, float]]) -> Judged:
    return summary(items), bootstrap(items, summary)


def _means(clips: Sequence[Mapping[str, float]]) -> dict[str, float]:
    columns = {key: np.array([clip[key] for clip in clips]) for key in FIDELITY}
    return {k: float(v[np.isfinite(v)].mean()) if np.isfinite(v).any() else float("nan") for k, v in columns.items()}


def _error_rate(clips: Sequence[Mapping[str, int]]) -> dict[str, float]:
    return {"phone_error_rate": sum(c["errors"] for c in clips) / max(1, sum(c["phones"] for c in clips))}


def _accuracy(clips: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {"phone_accuracy": sum(c["right"] for c in clips) / sum(c["frames"] for c in clips)}


def _equal_error_rate(voices: Sequence[tuple[int, str, np.ndarray]]) -> dict[str, float]:
    """Of clips drawn several times no pair with themselves counts."""
    first, second = np.triu_indices(len(voices), 1)
    number_of, whose, vectors = (np.array(x) for x in zip(*voices, strict=True))
    other = number_of[first] != number_of[second]
    first, second = first[other], second[other]
    same = whose[first] == whose[second]
    if same.all() or not same.any():
        return {"equal_error_rate": float("nan")}
    return {"equal_error_rate": equal_error_rate((vectors @ vectors.T)[first, second], same)}
