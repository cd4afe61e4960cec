"""Results of the tokens benchmark made up by hand, of which every figure is known."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from utterface.lab.studies.collected import plain, table
from utterface.lab.studies.figures import Sums
from utterface.lab.studies.tokens import claims, results, winner
from utterface.lab.studies.tokens.claims import Held, Study
from utterface.lab.studies.tokens.measures import FIGURES
from utterface.lab.studies.tokens.scores import MEAN_FACE, REFERENCE, Scores, System

REPRESENTATIONS = {  # phones heard, units?, family
    "mel": (0.40, False, "spectral"),
    "masked": (0.70, False, "self-supervised"),
    "codec": (0.30, True, "codec"),
    "units": (0.60, True, "self-supervised"),
    "tokenizer": (0.80, True, "label"),
}
HELD = {
    key: Held(discrete, family, heard, 1 - heard if discrete else None)
    for key, (heard, discrete, family) in REPRESENTATIONS.items()
}
PLAIN = {"hits": 5.0, "closed": 5.0, "error": 1.0, "shaken": 100.0}


def row(hits: float = 5, closed: float = 7, error: float = 1.0, shaken: float = 100.0, **more: float) -> Sums:
    """What a clip of ten bilabials adds: closures met, bilabial frames closed of ten, squared error of 100 weights."""
    return {
        "clips": 1, "frames": 10, "hits": hits, "bilabials": 10, "true_closures": hits, "closures": 10,
        "vowel_closed": 1, "vowel_frames": 20, "shaken": shaken, "weights": 100, "squared_error": error,
        "variance": 4.0, "lip_error": 0.02, "mesh_error": 0.01, "dynamics": 1e-6, "warped": 2.0, "bilabial_frames": 10,
        "bilabial_closed": closed, "apart": 0.0, "varied": 0.0, **more,
    }  # fmt: skip


def made_up(systems: Mapping[tuple[str, str], Mapping[str, float]], clips: int = 20, noise: float = 0.02) -> Scores:
    """Scores of systems whose clips are about what is asked for, with a little noise that all systems share."""
    random = np.random.default_rng(1)
    shared = {key: 1 + noise * random.standard_normal(clips) for key in ("hits", "closed", "error", "shaken")}
    runs = {}
    for (representation, decoder), asked in systems.items():
        own = np.random.default_rng(len(runs))
        table = {
            f"c{i:02d}": row(**{k: v * shared[k][i] * (1 + noise * own.standard_normal()) for k, v in asked.items()})
            for i in range(clips)
        }
        runs[System(representation, decoder)] = [table, table]
    runs |= {trivial: [{f"c{i:02d}": row() for i in range(clips)}] for trivial in (MEAN_FACE, REFERENCE)}
    return Scores(runs, rounds=200)


def made_report(spoken: bool = False) -> dict[str, Any]:
    """A whole report, `results.collect`'s and the costs', of cells whose faces follow the phones."""
    systems = {
        (key, decoder): {**PLAIN, "closed": 1 + 8 * held.phone_accuracy, "hits": 9 * held.phone_accuracy}
        for key, held in HELD.items()
        for decoder in ("transformer", "gru_diffusion", "animator")
    }
    scores = made_up(systems)
    study = Study(scores, HELD, scores if spoken else None)
    one = {clip: row() for clip in scores.clips}
    held = {key: _told(key, held) for key, held in HELD.items()}
    source = {"corpus": "made", "clips": 20, "minutes": 2.0, "speakers": 3, "phones": "exact", "faces": "articulatory"}
    report: dict[str, Any] = {
        "title": "From Tokens to Faces", "size": "tiny", "date": "2026-01-01", "versions": {"utterface": "0"},
        "cores": 2,
        "grid": {"decoders": {"transformer": {}, "gru_diffusion": {}, "animator": {}}, "seeds": 2, "steps": 4,
                 "batch": 2, "seconds": 2.0, "sampler": "dpm++", "sampling_steps": 4},
        "sources": [{**source, "split": split} for split in ("train", "test")],
        "representations": held, "missing": {}, "failed": {},
        "definitions": {name: asdict(figure) for name, figure in FIGURES.items()}, "paper": results.PAPER,
        "claims": [plain(claim) for claim in claims.judge(study)], "winner": winner.choose(study),
        "costs": [_cost(key, decoder) for key, decoder in systems],
    }  # fmt: skip
    for name in ("test", "spoken") if spoken else ("test",):
        report[name] = table(scores, one, results._name)
    return report


def _told(key: str, held: Held) -> dict[str, Any]:
    facts = {"frame_rate": 50.0, "dimension": 64, "codebooks": [256] if held.discrete else [], "family": held.family}
    probes = {"phone_accuracy": held.phone_accuracy, "phone_entropy": held.phone_entropy, "emotion_accuracy": None}
    return {"key": key, "facts": facts, "probes": probes, "discrete": held.discrete, "family": held.family}


def _cost(key: str, decoder: str) -> dict[str, Any]:
    return {"representation": key, "decoder": decoder, "parameters": 1_250_000, "flops": 1e6, "decoder_flops": 2e6,
            "bitrate": None, "real_time_encoding": 0.002, "real_time_decoding": 0.008, "real_time": 0.01,
            "look_ahead": None if decoder == "transformer" else 0.1458, "first_frame": 0.2, "memory_mb": 400.0,
            "cores": 2}  # fmt: skip
