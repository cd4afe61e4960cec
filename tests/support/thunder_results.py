"""Results of the THUNDER study made up by hand, of which every value is known."""

from dataclasses import asdict, replace

import numpy as np

from utterface.lab.measures.sampled import MEASURES as SAMPLED
from utterface.lab.studies.claims import Claim
from utterface.lab.studies.report import Report, Source, finite
from utterface.lab.studies.scores import Scores
from utterface.lab.studies.thunder import report as thunder
from utterface.lab.studies.thunder.claims import ThunderResults, judge
from utterface.lab.studies.thunder.report import MEASURES, findings
from utterface.lab.studies.thunder.sizes import FACE, SMALL, SMOKE, Best, ThunderVariant

SIZE = replace(SMOKE, samplers=(("dpm++", 4), ("dpm++", 8), ("dpm++", 20), ("ddpm", 50)))
PLAIN = dict.fromkeys(SAMPLED, 1.0) | {"l_ccc": 0.4, "l_pcc": 0.5, "s_div_u": 0.1}
BEST = Best(SIZE.with_loss(1.0), SIZE.with_loss(1.0))


def sums(told: dict, spread: float) -> dict:
    """What a sound adds: the paper's measures, closures met of ten, all as much as `spread` says."""
    row = {name: told.get(name, PLAIN[name]) * spread for name in SAMPLED}
    row |= {f"{name}_sounds": 1.0 for name in SAMPLED}
    hits = told.get("hits", 5.0)
    return row | {
        "hits": hits, "bilabials": 10.0, "true_closures": hits, "closures": 10.0, "vowel_closed": 1.0,
        "vowel_frames": 20.0, "bilabial_frames": 10.0, "bilabial_closed": 6.0, "bilabial_closed_mm": 8.0,
        "m2s_distance": 20.0, "m2s_mel_frames": 10.0, "m2s_surprise": 30.0, "m2s_right": 2.0,
        "m2s_frames": 10.0, "shaken": 50.0 * told.get("jitter", 1.0), "moved": 5.0, "frames": 10.0,
    }  # fmt: skip


def sums_of(rows: dict, sounds: int = 20, noise: float = 0.01, own: int = 1) -> dict:
    """Row → for each seed what its sounds add: about what is asked for, one seed each or as many as are listed."""
    shared = 1 + 0.2 * np.random.default_rng(0).standard_normal(sounds)  # sounds differ far more than rows do
    runs = {}
    for key, told in rows.items():
        random = np.random.default_rng(len(runs) + own)
        runs[key] = [
            {f"s{i:02d}": sums(one, shared[i] * (1 + noise * random.standard_normal())) for i in range(sounds)}
            for one in (told if isinstance(told, list) else [told])
        ]
    return runs


def made_up(rows: dict, sounds: int = 20, noise: float = 0.01) -> Scores:
    """Scores of rows like `sums_of`."""
    return Scores(sums_of(rows, sounds, noise), MEASURES)


def results(changes: dict[ThunderVariant, dict], spoken: bool = False, **more) -> ThunderResults:
    """All rows alike but for what changes; those that claims rest on have three seeds."""
    rows = {row: [{}] * 3 if row in (SIZE.plain(), BEST.variant) else {} for row in SIZE.variants(BEST)}
    rows |= {row: [told] * len(rows[row]) if isinstance(rows[row], list) else told for row, told in changes.items()}
    scores = made_up(rows, **more)
    return ThunderResults(SIZE, BEST, scores, scores if spoken else None)


def better(share: float) -> dict:
    """Every lip measure better by a share."""
    low = dict.fromkeys(("lve_mm", "dtw_mm"), 1 - share)
    return low | {"l_ccc": 0.4 * (1 + share), "l_pcc": 0.5 * (1 + share)}


def made_report(weight: float = 0.5) -> Report:
    """A whole report: variants are better the larger the weight, up to 0.5; any steps are as good as others."""
    gains = {0.0: 0.0, 0.1: 0.05, 0.5: 0.1, 1.0: 0.05, 5.0: -0.1, 20.0: -0.1}
    usual, best = ("", SMALL.trust), Best(SMALL.with_loss(weight), SMALL.with_loss(weight))
    rows = {v: better(gains[v.weight] if v.trust in usual and v.beside != FACE else 0.02) for v in SMALL.variants(best)}
    read = {}
    for n, run in enumerate(SMALL.runs(best)):
        sums = sums_of({run.variant: rows[run.variant]}, own=7 * n)[run.variant][0]
        read[run] = {"test": sums, "spoken": sums, "valid": sums}
    samplers = {each: seeds[0] for each, seeds in sums_of({each: {} for each in SMALL.samplers}).items()}
    models = [{"name": "mouth", "mel_distance": 1.0, "mel_distance_95": [0.9, 1.1]}, {"name": "the recording itself"}]
    more = {
        "best": {"variant": best.variant.title("kept"), "paper": best.paper.title("kept")}, "validation_sounds": 9,
        "performances": 40, "given": ["mouth", "vocoder"],
        "mesh_to_speech": {"clips": 20, "speakers": 3, "rows": models},
    }  # fmt: skip
    result = findings(SMALL, best, read, {}, samplers, more)
    claims: tuple[Claim, ...] = tuple(map(finite, judge(result.basis)))
    return Report(
        "thunder", "small", asdict(SMALL), (Source("made", "test", 20, 2.0, 3, "exact", "performed"),), result.results,
        claims, thunder.winner(result.basis), failed={"gru.0": "ValueError"}, more=result.more,
    )  # fmt: skip
