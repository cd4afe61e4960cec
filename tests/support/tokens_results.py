"""Results of the tokens study made up by hand, of which every value is known."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from utterface.lab.measures.catalogue import Sums
from utterface.lab.studies.report import Report, Source, finite, results_of
from utterface.lab.studies.runs import ARTICULATION, MEAN_FACE
from utterface.lab.studies.scores import Scores
from utterface.lab.studies.tokens import report as tokens
from utterface.lab.studies.tokens.claims import Key, RepresentationKind, TokensResults, judge
from utterface.lab.studies.tokens.sizes import SMOKE, TokensVariant

REPRESENTATIONS = {  # phones heard, units?, family
    "mel": (0.40, False, "spectral"),
    "masked": (0.70, False, "self-supervised"),
    "codec": (0.30, True, "codec"),
    "units": (0.60, True, "self-supervised"),
    "tokenizer": (0.80, True, "label"),
}
KINDS = {
    key: RepresentationKind(discrete, family, heard, 1 - heard if discrete else None)
    for key, (heard, discrete, family) in REPRESENTATIONS.items()
}
PLAIN = {"hits": 5.0, "closed": 5.0, "error": 1.0, "shaken": 100.0}


def row(hits: float = 5, closed: float = 7, error: float = 1.0, shaken: float = 100.0, **more: float) -> Sums:
    """What a clip of ten bilabials adds: closures met, bilabial frames closed of ten, squared error of 100 weights."""
    return {
        "clips": 1, "frames": 10, "hits": hits, "bilabials": 10, "true_closures": hits, "closures": 10,
        "vowel_closed": 1, "vowel_frames": 20, "shaken": shaken, "moved": 10.0, "weights": 100, "squared_error": error,
        "variance": 4.0, "lip_error": 0.02, "mesh_error": 0.01, "dynamics": 1e-6, "dtw_mm": 2.0, "dtw_mm_sounds": 1.0,
        "bilabial_frames": 10,
        "bilabial_closed": closed, "bilabial_closed_mm": closed, "apart": 0.0, "varied": 0.0, **more,
    }  # fmt: skip


def made_up(
    systems: Mapping[tuple[str, str], Mapping[str, float]], clips: int = 20, noise: float = 0.02
) -> Scores[Key]:
    """Scores of systems whose clips are about what is asked for, with a little noise that all systems share."""
    random = np.random.default_rng(1)
    shared = {key: 1 + noise * random.standard_normal(clips) for key in ("hits", "closed", "error", "shaken", "moved")}
    runs = {}
    for (representation, decoder), asked in systems.items():
        own = np.random.default_rng(len(runs))
        table = {
            f"c{i:02d}": row(**{k: v * shared[k][i] * (1 + noise * own.standard_normal()) for k, v in asked.items()})
            for i in range(clips)
        }
        runs[TokensVariant(representation, decoder)] = [table, table]
    runs |= {trivial: [{f"c{i:02d}": row() for i in range(clips)}] for trivial in (MEAN_FACE, ARTICULATION)}
    return Scores(runs, tokens.MEASURES, (MEAN_FACE, ARTICULATION), rounds=200)


def made_report(spoken: bool = False) -> Report:
    """A whole report, of variants whose faces follow the phones."""
    variants = {
        (key, decoder): {**PLAIN, "closed": 1 + 8 * kind.phone_accuracy, "hits": 9 * kind.phone_accuracy}
        for key, kind in KINDS.items()
        for decoder in ("transformer", "gru_diffusion", "animator")
    }
    scores = made_up(variants)
    basis = TokensResults(scores, KINDS, scores if spoken else None, speakers=3)
    sums = {clip: row() for clip in scores.clips}
    sources = tuple(Source("made", split, 20, 2.0, 3, "exact", "articulatory") for split in ("train", "test"))
    results = {name: results_of(scores, sums, tokens._name) for name in (("test", "spoken") if spoken else ("test",))}
    more = {
        "representations": {key: _held(kind) for key, kind in KINDS.items()},
        "costs": [_cost(key, decoder) for key, decoder in variants],
    }
    claims = tuple(map(finite, judge(basis)))
    return Report("tokens", "smoke", asdict(SMOKE), sources, results, claims, tokens.winner(basis), more=more)


def _held(kind: RepresentationKind) -> dict[str, Any]:
    facts = {"frame_rate": 50.0, "dimension": 64, "codebooks": [256] if kind.discrete else [], "family": kind.family}
    heard = kind.phone_accuracy
    probes = {"phone_accuracy": heard, "phone_entropy": kind.phone_entropy, "emotion_accuracy": None,
              "phone_accuracy_low": heard - 0.1, "phone_accuracy_high": heard + 0.1,
              "phone_accuracy_clips": 12.0}  # fmt: skip
    return {"facts": facts, "probes": probes, "discrete": kind.discrete, "family": kind.family}


def _cost(key: str, decoder: str) -> dict[str, Any]:
    return {"representation": key, "decoder": decoder, "parameters": 1_250_000, "flops": 1e6, "decoder_flops": 2e6,
            "bitrate": None, "real_time_encoding": 0.002, "real_time_decoding": 0.008, "real_time": 0.01,
            "look_ahead": None if decoder == "transformer" else 0.1458, "first_frame": 0.2, "memory_mb": 400.0,
            "cores": 2}  # fmt: skip
