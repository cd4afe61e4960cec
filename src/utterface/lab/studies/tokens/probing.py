"""Facts and probes of each representation, once a study: models/KEY.json."""

import re
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from utterface.errors import CorpusError, ModelError, UtterfaceError
from utterface.lab.batches.tracks import Tracks
from utterface.lab.measures.probe import probe
from utterface.lab.representations import Representation, open_representation
from utterface.lab.studies.report import known
from utterface.lab.studies.store import Folder, clustered, done, read_json, write_json
from utterface.lab.studies.tokens.material import TokensMaterial
from utterface.lab.studies.tokens.sizes import Opened, RepresentationEntry

_OF_ROWS = ("phone_entropy", "phone_purity", "phone_information", "viseme_entropy")
_VERSION = 2  # of what is probed
_HUB = "hub:"
SYNTHETIC = "exact"  # labels of synthetic speech, whose emotion is the manner that an engine was set to


def open_entry(entry: RepresentationEntry, material: TokensMaterial, folder: Folder) -> Opened:
    """A representation, its codebook fitted to the training clips where it is clustered in the study.

    Raises:
        UtterfaceError: it is not installed, or its model is not in the hub's local cache.
    """
    if entry.name.startswith(_HUB):
        _require_cached(entry.name)
    name = entry.name
    if entry.clusters:
        name = clustered(name, entry.clusters, material.train, folder.models / f"{entry.key}.safetensors")
    return Opened(entry, name, facts(open_representation(name)))


def facts(representation: Representation) -> dict[str, Any]:
    """What a representation says of itself, as plain values, without the place of its codebook."""
    about = representation.about
    name = re.sub(r"#.*/", "#", about.name)
    return {**asdict(about), "name": name, "codebooks": list(about.codebooks), "bitrate": about.bitrate}


def prepare(opened: Opened, material: TokensMaterial, folder: Folder) -> None:
    """Encode all clips and probe the representation, or what of it is left to do."""
    representation = open_representation(opened.name)
    discrete = bool(representation.about.codebooks)
    tracks = Tracks(representation, discrete, folder.tracks)
    for clip in (*material.train, *material.test, *material.spoken):
        tracks[clip]
    path = facts_file(opened.entry.key, folder)
    mark = f"{_VERSION} {tracks.folder.name} {len(material.probed)} {material.probed[0].id} {material.probed[-1].id}"
    if done(path, mark):
        return
    emotions = {c.id: c.emotion for c in material.probed if c.emotion and c.labels != SYNTHETIC}
    try:
        probes = probe(representation, material.probed, emotions=emotions)
    except CorpusError:  # one speaker, or hardly any motion: decoders are compared all the same
        probes = {}
    if len(representation.about.codebooks) > 1:  # nearly every frame is a row of its own, which would know everything
        probes = {name: value for name, value in probes.items() if not name.startswith(_OF_ROWS)}
    finite = {name: known(value) for name, value in probes.items()}
    write_json(path, {"mark": mark, "facts": dict(opened.facts), "probes": finite})


def facts_file(key: str, folder: Folder) -> Path:
    """Facts and probes of a representation."""
    return folder.models / f"{key}.json"


def read(key: str, folder: Folder) -> dict[str, Any]:
    """`facts` and `probes` that `prepare` wrote, and whether a representation is `discrete`, its `family`."""
    content = read_json(facts_file(key, folder))
    kind = {"discrete": bool(content["facts"]["codebooks"]), "family": content["facts"]["family"]}
    return {"facts": content["facts"], "probes": content["probes"], **kind}


def available(
    entries: tuple[RepresentationEntry, ...], material: TokensMaterial, folder: Folder, tell: Callable[[str], None]
) -> tuple[list[Opened], dict[str, str]]:
    """The representations that are installed here, and why the others are not."""
    here, missing = [], {}
    for entry in entries:
        try:
            here.append(open_entry(entry, material, folder))
        except UtterfaceError as error:
            missing[entry.key] = str(error)
            tell(f"left out: {entry.key} ({error})")
    return here, missing


def _require_cached(name: str) -> None:
    """Models of the hub take part where they are cached: starting a study downloads nothing."""
    from huggingface_hub import try_to_load_from_cache

    from utterface.lab.representations.tokenizer_files import HUB, fetch_tokenizer

    place = name.removeprefix(_HUB).partition("@")[0]
    if place.startswith(tuple(HUB)):
        fetch_tokenizer(place, network=False)
        return
    if not isinstance(try_to_load_from_cache(place, "config.json"), str):
        raise ModelError(f"{place} is not in the hub's local cache")
