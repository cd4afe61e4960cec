"""What each representation is and holds, before any decoder hears it: facts and probes, once a run.

representations/KEY.json
"""

import json
import re
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np

from utterface.errors import CorpusError, ModelError, UtterfaceError
from utterface.files import replacing
from utterface.lab.batches.tracks import Tracks
from utterface.lab.measures.probe import probe
from utterface.lab.representations import Representation, fit_codebook, open_representation
from utterface.lab.studies.kept import done, write_json
from utterface.lab.studies.tokens.grid import Entry, Folder, Grid, Opened
from utterface.lab.studies.tokens.material import Material

_OF_UNITS = ("phone_entropy", "phone_purity", "phone_information", "viseme_entropy", "motion_r2")
_HUB = "hub:"
_CLUSTERED = 60_000  # frames that a codebook is fitted to


def open_entry(entry: Entry, material: Material, folder: Folder) -> Opened:
    """A representation of the grid, its codebook fitted to the training clips where it is clustered in the run.

    Raises:
        UtterfaceError: it is not installed, or its model is not in the hub's local cache.
    """
    if entry.name.startswith(_HUB):
        _require_cached(entry.name)
    representation = open_representation(entry.name)
    name = entry.name
    if entry.clusters:
        path = folder.codebooks / f"{entry.key}.safetensors"
        if not path.is_file():
            mixed = np.random.default_rng(0).permutation(len(material.train))  # not one corpus after another
            sounds = (material.train[i].samples() for i in mixed)
            codebook = fit_codebook(representation, sounds, entry.clusters, frames=_CLUSTERED)
            with replacing(path) as part:
                codebook.save(part)
        name = f"{entry.name}#{path.resolve()}"
        representation = open_representation(name)
    return Opened(entry, name, facts(representation))


def facts(representation: Representation) -> dict[str, Any]:
    """What a representation says of itself, as plain values; where its codebook lies is nobody's business."""
    about = representation.about
    name = re.sub(r"#.*/", "#", about.name)
    return {**asdict(about), "name": name, "codebooks": list(about.codebooks), "bitrate": about.bitrate}


def prepare(opened: Opened, grid: Grid, material: Material, folder: Folder) -> None:
    """Encode all clips that a run hears and probe the representation, or what of it is left to do."""
    representation = open_representation(opened.name)
    discrete = bool(representation.about.codebooks)
    tracks = Tracks(representation, discrete, folder.work / "tracks")
    for clip in (*material.train, *material.test, *material.spoken):
        tracks[clip]
    path = folder.representations / f"{opened.entry.key}.json"
    mark = f"{tracks.folder.name} {len(material.probed)} {material.probed[0].id} {material.probed[-1].id}"
    if done(path, mark):
        return
    emotions = {clip.id: clip.emotion for clip in material.probed if clip.emotion}
    try:
        found = probe(representation, material.probed, emotions=emotions)
    except CorpusError:  # one speaker, or hardly any motion: decoders are judged all the same
        found = {}
    if len(representation.about.codebooks) > 1:  # nearly every frame is a row of its own, which would know everything
        found = {name: value for name, value in found.items() if name not in _OF_UNITS[:-1]}
    write_json(path, {"mark": mark, "key": opened.entry.key, "facts": dict(opened.facts), "probes": found})


def read(key: str, folder: Folder) -> dict[str, Any]:
    """What `prepare` found."""
    told: dict[str, Any] = json.loads((folder.representations / f"{key}.json").read_text("utf-8"))
    return told


def available(
    entries: tuple[Entry, ...], material: Material, folder: Folder, report: Callable[[str], None]
) -> tuple[list[Opened], dict[str, str]]:
    """The representations that are here, and why the others are not."""
    here, missing = [], {}
    for entry in entries:
        try:
            here.append(open_entry(entry, material, folder))
        except UtterfaceError as error:
            missing[entry.key] = str(error)
            report(f"left out: {entry.key} ({error})")
    return here, missing


def _require_cached(name: str) -> None:
    """Whoever starts a benchmark did not ask for gigabytes: models of the hub take part where they are at hand."""
    from huggingface_hub import try_to_load_from_cache

    place = name.removeprefix(_HUB).partition("@")[0]
    if not isinstance(try_to_load_from_cache(place, "config.json"), str):
        raise ModelError(f"{place} is not in the hub's local cache")
