"""The report of the study: results, the winner, tables, plots, sections, faces."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from itertools import groupby
from typing import Any

import numpy as np

from utterface.lab.corpora.manifest import CorpusClip
from utterface.lab.measures.catalogue import Sums, select
from utterface.lab.networks.mesh_to_speech import INPUTS
from utterface.lab.networks.vocoder import Vocoder
from utterface.lab.studies import faces as side_by_side
from utterface.lab.studies import recipes as toml
from utterface.lab.studies import sections, tables
from utterface.lab.studies.clips import FRAME_RATE
from utterface.lab.studies.mesh_to_speech import TrainedMeshToSpeech, of_rows
from utterface.lab.studies.plots import INK, drawing, svg
from utterface.lab.studies.report import Report, known, results_of
from utterface.lab.studies.runs import MEAN_FACE, TRIVIAL, VariantRun, read_runs, scores_of
from utterface.lab.studies.scores import Scores, interval
from utterface.lab.studies.sections import Block, Folded, Plot, Section
from utterface.lab.studies.store import read_json
from utterface.lab.studies.study import Findings
from utterface.lab.studies.tables import Table
from utterface.lab.studies.thunder import recipes
from utterface.lab.studies.thunder.claims import Key, ThunderResults
from utterface.lab.studies.thunder.runs import (
    CHOSEN_BY,
    MESH_TO_SPEECH,
    ThunderRunner,
    best_of,
    sampler_name,
    samplers_of,
)
from utterface.lab.studies.thunder.sizes import DIFFUSION, FACE, MOUTH, VOCODER, Best, ThunderSize, ThunderVariant
from utterface.motion import Motion
from utterface.pages.comparison import Row
from utterface.rigs import cache

TITLE = "THUNDER"
MEASURES = select((
    "lve_mm", "l_ccc", "l_pcc", "dtw_mm", "s_div_u", "t_div_u", "s_div_l", "t_div_l", "fdd_u", "fdd_l", "ba", "s_div_h",
    "m2s_loss",
    "m2s_units", "jitter", "bcs_mm", "bcs", "closure_f1", "closure_recall", "closure_precision", "vowel_closed",
))  # fmt: skip
RULE = "of the diffusion variants with the loss of the mouth's model, the highest L-CCC on validation speakers"
_COLUMNS = {
    "test": (
        "lve_mm",
        "l_ccc",
        "l_pcc",
        "dtw_mm",
        "s_div_u",
        "t_div_u",
        "s_div_l",
        "t_div_l",
        "fdd_u",
        "fdd_l",
        "ba",
        "s_div_h",
    ),
    "spoken": ("closure_f1", "closure_recall", "closure_precision", "vowel_closed"),
    "samplers": ("s_div_u", "t_div_u", "jitter", "lve_mm", "l_ccc", "dtw_mm"),
}
_CLOSURES = (
    "bcs_mm",
    "bcs",
    "closure_f1",
    "closure_recall",
    "closure_precision",
    "vowel_closed",
    "m2s_loss",
    "m2s_units",
)
_LONGER = 2  # times as long as a run
_PERFORMED = "performed"
_LIPS, _UPPER = "#2f7ed8", "#d9822b"
_SWEPT = (  # set of clips, measure, caption, colour
    ("test", "lve_mm", "Is the error of the lips lower the larger the weight? Low is good.", _LIPS),
    ("test", "l_ccc", "The same in concordance. High is good.", _LIPS),
    ("test", "s_div_u", "And the upper face's variety? High is good.", _UPPER),
    ("spoken", "closure_f1", "Do lips close where real people closed theirs? High is good.", _LIPS),
)
_ABOUT_M2S = (
    "One performance of each test sound, in the right voice. The floor is another's face, the ceiling the true "
    "log-mel through the same vocoder."
)
_ABOUT_SAMPLERS = (
    "The variant without the loss, first seed; the last line is the yardstick. LVE rewards the mean face, so diversity "
    "and jitter say whether a sampler is as good."
)
Sets = Mapping[str, Any]  # of a run: set of clips → clip → its sums


# ---------------------------------------------------------------------------------------------------------- results


def collect(runner: ThunderRunner, failed: Mapping[str, str]) -> Findings[ThunderResults]:
    """Scores of all finished runs, samplers, mesh-to-speech models."""
    size, folder, best = runner.size, runner.folder, best_of(runner, failed)
    read = read_runs(folder, size.runs(best), failed)
    trivial = read_json(folder.figures(TRIVIAL)) if TRIVIAL not in failed else {}
    samplers = {
        each: read_json(folder.figures(sampler_name(*each)))["test"]
        for each in samplers_of(size)
        if sampler_name(*each) not in failed and folder.figures(sampler_name(*each)).is_file()
    }
    more = {
        "best": {"variant": best.variant.title(size.trust), "paper": best.paper.title(size.trust)},
        "validation_sounds": len(runner.material.valid),
        "performances": sum(len(sound.performances) for sound in runner.material.test),
        "given": sorted(runner.given),
    }
    if MESH_TO_SPEECH not in failed:
        figures = read_json(folder.figures(MESH_TO_SPEECH))
        more["mesh_to_speech"] = {name: figures[name] for name in ("clips", "speakers", "seconds", "rows")}
    return findings(size, best, read, {k: v for k, v in trivial.items() if k != "mark"}, samplers, more)


def findings(
    size: ThunderSize,
    best: Best,
    read: Mapping[VariantRun[ThunderVariant], Sets],
    trivial: Mapping[str, Sets],
    samplers: Mapping[tuple[str, int], Mapping[str, Sums]],
    more: Mapping[str, Any],
) -> Findings[ThunderResults]:
    """Tables and the basis of claims.

    Tables compare all variants on the first seed, which they have in common; variants with more seeds stand once more
    in `test_seeds` and `spoken_seeds`, and claims are judged on all seeds that are shared.
    """
    first = {run: sums for run, sums in read.items() if run.seed == 0}
    many = {run: sums for run, sums in read.items() if size.seeds_of(run.variant, best) > 1}
    any_run = next(iter(read.values()))
    sets = [name for name in ("test", "spoken") if any_run[name]]
    results, swept = {}, {}

    def name(key: Key) -> tuple[str, ...]:
        return (key if isinstance(key, str) else key.title(size.trust),)

    for where in sets:
        scores = scores_of(where, first, trivial, MEASURES)
        sums = trivial.get(MEAN_FACE, {}).get(where) or any_run[where]  # of one face a clip
        results[where] = results_of(scores, sums, name)
        if size.seeds > 1:
            results[f"{where}_seeds"] = results_of(scores_of(where, many, {}, MEASURES), sums, name)
        sweep = [v for v in size.sweep() if v in scores.variants]
        labels = [f"{v.weight:g}" + (f"\n{FACE}" if v.beside == FACE else "") for v in sweep]
        swept[where] = {m: _against(scores, sweep, labels, sweep[0], m) for w, m, _, _ in _SWEPT if w == where}
    more = {**more, "sweep": swept}
    sampled: Scores[tuple[str, int]] | None = None
    if samplers:
        sampled = Scores({each: [sums] for each, sums in samplers.items()}, MEASURES)
        results["samplers"] = results_of(sampled, next(iter(samplers.values())), lambda s: (f"{s[0]}, {s[1]} steps",))
        labels = [f"{steps}\n{sampler}" for sampler, steps in samplers]
        more["samplers"] = _against(sampled, list(samplers), labels, list(samplers)[-1], "lve_mm")
    whole = {where: scores_of(where, read, {}, MEASURES) for where in sets}
    wanted = [
        v for v in dict.fromkeys([*size.sweep(), *size.trusts(best)]) if v.input == MOUTH and VariantRun(v, 0) in first
    ]
    valid = (
        scores_of("valid", {VariantRun(v, 0): first[VariantRun(v, 0)] for v in wanted}, {}, select([CHOSEN_BY]))
        if wanted
        else None
    )
    return Findings(ThunderResults(size, best, whole["test"], whole.get("spoken"), sampled, valid), results, more)


def _against(
    scores: Scores[Any], variants: Sequence[Hashable], labels: Sequence[str], base: Hashable, measure: str
) -> list[dict[str, Any]]:
    """Values with the paired interval of their difference from a base, put around them."""
    points = []
    for variant, label in zip(variants, labels, strict=True):
        (value, drawn), (_, base_drawn) = scores.paired((variant, base), measure)
        level = scores.paired((base,), measure)[0][0]
        low, high = (None, None) if variant == base else (known(level + v) for v in interval(drawn - base_drawn))
        points.append({"label": label, "value": known(value), "low": low, "high": high})
    return points


def winner(results: ThunderResults) -> dict[str, Any] | None:
    """The best variant by `RULE`; None where no such variant has figures."""
    scores = results.valid
    if scores is None:
        return None
    variants = [v for v in scores.variants if isinstance(v, ThunderVariant)]
    chosen = max(variants, key=lambda v: np.nan_to_num(scores.value(v, CHOSEN_BY), nan=-1.0))
    return {"title": chosen.title(chosen.trust), **asdict(chosen), CHOSEN_BY: scores.value(chosen, CHOSEN_BY),
            "rule": RULE}  # fmt: skip


def recipe(runner: ThunderRunner, won: Mapping[str, Any]) -> str:
    """The winner's recipe, longer than a run, with the loss from the first step on."""
    size, variant = runner.size, ThunderVariant(**{each.name: won[each.name] for each in fields(ThunderVariant)})
    budget, steps = size.model, _LONGER * (size.base_steps + size.model.steps)
    named: dict[str, dict[str, Any]] = {
        "train": {
            "folder": str(cache.folder() / "runs" / "thunder"), "steps": steps, "rate": budget.rate, "warmup": 200,
            "decay": 0.3, "average": 0.999, "validate_every": max(1, steps // 4), "save_every": max(1, steps // 8),
            "select": CHOSEN_BY,
        },
        "speech": {"representation": size.representation},
        "data": {"batch": budget.batch, "seconds": budget.seconds, "judged": 8},
        "decoder": dict(size.decoders[DIFFUSION]),
        "losses": {"hearing": variant.weight},
        "hearing": recipes.loss(size, variant, runner.model(MOUTH).resolve()),
        "sampling": {"sampler": size.sampler, "steps": size.steps, "takes": 2},
        "bundle": {**size.windows, "weights": "halves"},
    }  # fmt: skip
    return toml.winner_toml("thunder", variant.title(), RULE, "thunder", runner.options.corpora, named)


# ----------------------------------------------------------------------------------------------- tables and plots


def _table(report: Report, where: str, columns: Sequence[str], spread: bool = False) -> Table:
    """One seed has no spread."""
    first = "sampler" if where == "samplers" else "face"
    return tables.of_results(report.results[where], MEASURES, columns, (first,), spread=spread)


def plots(report: Report) -> Iterator[Plot]:
    """The weight's effect on lips and variety, and how many sampling steps a take needs."""
    across = "weight of the loss, 0 without; face: beside the true face"
    for where, measure, caption, colour in _SWEPT:
        points = _points(report.more["sweep"].get(where, {}).get(measure, ()), measure)
        if len(points) > 1:
            about = f"{caption} Bars: 95 % of the difference from 0, sound by sound, first seed."
            level = points[0]["value"]
            yield Plot(f"{where}-{measure}", about, drawn(points, across, MEASURES[measure].name_unit, colour, level))
    points = _points(report.more.get("samplers", ()), "lve_mm")
    if len(points) > 1:
        about = "How many steps does a take need? Bars: 95 % of the difference from the last; band: 5 % around it."
        level = points[-1]["value"]
        picture = drawn(points, "steps of the sampler", MEASURES["lve_mm"].name_unit, _LIPS, level, 0.05)
        yield Plot("samplers", about, picture)


def drawn(
    points: Sequence[Mapping[str, Any]], across: str, up: str, colour: str, level: float, band: float = 0.0
) -> str:
    """Values with their intervals, beside a level; a line joins neighbours whose labels end in the same line."""
    with drawing(across, up) as (figure, axes):
        axes.axhline(level, color=INK, linewidth=1, linestyle="--", alpha=0.5)
        if band:
            axes.axhspan(level * (1 - band), level * (1 + band), color=INK, alpha=0.08, linewidth=0)
        for place, point in enumerate(points):
            if point["low"] is not None:
                axes.plot([place, place], [point["low"], point["high"]], color=colour, alpha=0.4, linewidth=2, zorder=1)
            axes.plot(place, point["value"], "o", color=colour, markersize=7, zorder=2)
        for _, joined in groupby(enumerate(points), key=lambda placed: placed[1]["label"].partition("\n")[2]):
            places, values = zip(*((place, point["value"]) for place, point in joined), strict=True)
            axes.plot(places, values, color=colour, linewidth=1.2, alpha=0.7, zorder=1)
        axes.ticklabel_format(axis="y", useOffset=False)
        axes.set_xticks(range(len(points)), [point["label"] for point in points])
        return svg(figure)


def _points(points: Sequence[Mapping[str, Any]], measure: str) -> list[dict[str, Any]]:
    """In printed units, those that have a value."""
    scale = MEASURES[measure].scale
    return [
        {key: value * scale if isinstance(value, float) else value for key, value in point.items()}
        for point in points
        if point["value"] is not None
    ]


# --------------------------------------------------------------------------------------------------------- sections


def _summary(report: Report) -> list[Block]:
    results, best = report.results["test"], report.more["best"]
    paper = f", as in the paper {best['paper']}" if best["paper"] != best["variant"] else ""
    performed = any(source.faces == _PERFORMED for source in report.sources)
    return [
        "A diffusion model alone, and with frozen mesh-to-speech models in its loss; measured on "
        f"{results.clips} sounds of test speakers with {report.more['performances']} performances. The best on "
        f"validation speakers is {best['variant']}{paper}." + " No face was captured: rules performed them." * performed
    ]


def _winner(report: Report) -> list[Block]:
    won = report.winner
    return [f"**{won['title']}**, trust “{won['trust']}”. Rule: {won['rule']}. Its recipe: winner.toml."] if won else []


def _set(where: str, more: Sequence[str] = ()) -> Section:
    """Tables of a set of clips, further columns and further seeds folded away."""
    title, unit = (
        ("Beside the performances", "sounds") if where == "test" else ("Lips on real recordings", "recordings")
    )

    def blocks(report: Report) -> list[Block]:
        if where not in report.results:
            return []
        shown: list[Block] = [_table(report, where, _COLUMNS[where])]
        if more:
            shown.append(Folded("Closures and mesh-to-speech", (_table(report, where, more),)))
        if f"{where}_seeds" in report.results:
            seeds = report.settings["seeds"]
            about = f"All variants above are of the first seed. Over {seeds} seeds, which claims rest on:"
            again = [_table(report, f"{where}_seeds", c, spread=True) for c in (_COLUMNS[where], more) if c]
            shown.append(Folded(f"Over {seeds} seeds", (about, *again)))
        return shown

    return Section(where, sections.counted(title, where, unit), blocks)


def _models(report: Report) -> list[Block]:
    figures = report.more.get("mesh_to_speech")
    if not figures:
        return []
    return [f"{figures['clips']} sounds, {figures['speakers']} speakers. {_ABOUT_M2S}", of_rows(figures["rows"])]


def _samplers(report: Report) -> list[Block]:
    if "samplers" not in report.results:
        return []
    return [_ABOUT_SAMPLERS, _table(report, "samplers", _COLUMNS["samplers"])]


def _ran(report: Report) -> list[str]:
    s, given = report.settings, report.more["given"]
    model = s["model"]
    budgets = [(name, s["m2s"]) for name in INPUTS] + [(VOCODER, s["vocoder"])]
    trained = [f"{name} {budget['steps']} steps" for name, budget in budgets if name not in given]
    if given:
        trained.append(f"given: {', '.join(given)}")
    if s["shipped"]:
        trained.append(f"those trained begin from the shipped bundle “{s['shipped']}”, whose vocoder is used")
    base = f"{s['base_steps']} steps without the loss, then " if s["base_steps"] else ""
    return [
        f"Size {report.size}, {report.date}: variants {base}{model['steps']} steps of {model['batch']} crops of at "
        f"most {model['seconds']:g} s; mesh-to-speech models: {'; '.join(trained)}. The average of the weights is "
        f"measured; only the best variant is chosen, by {report.more['validation_sounds']} sounds of validation "
        f"speakers. {s['takes']} takes of a sound by {s['steps']} steps of {s['sampler']}, each beside at most "
        f"{s['performances']} performances of it. Noise levels are weighted by “{s['trust']}” where no other way is "
        f"named; the loss sees {s['share']:.0%} of each batch."
    ]


SECTIONS = (
    Section("summary", "What is compared", _summary),
    sections.verdicts(MEASURES),
    Section("winner", "The model to ship", _winner),
    sections.faces("The same sentence, face beside face, with the sound that the model makes of each"),
    Section("pictures", "In pictures", plots),
    _set("test", _CLOSURES),
    _set("spoken"),
    Section("mesh_to_speech", "Mesh-to-speech models", _models),
    Section("samplers", "How many steps a take needs", _samplers),
    sections.ran(_ran),
    sections.definitions(MEASURES),
)


# ------------------------------------------------------------------------------------------------------------ faces


def faces(runner: ThunderRunner, report: Report) -> str | None:
    """A performance, without the loss and with the winner, two takes each, another decoder, then all others."""
    titles = [line.name[0] for line in report.results["test"].trained]
    by_title = {
        v.title(runner.size.trust): VariantRun(v, 0) for v in runner.size.variants(best_of(runner, report.failed))
    }
    kept = side_by_side.motions(runner.folder, {title: by_title[title] for title in titles})
    if not kept:
        return None
    voice = _FaceVoice(runner) if runner.model(MOUTH).is_file() and runner.model(VOCODER).is_file() else None
    sentences = []
    for clip in runner.material.shown(runner.size.shown):
        performances = next((s.performances for s in runner.material.test if s.clip.id == clip.id), (clip,))
        motions = {
            take_name(_PERFORMED, k): runner.reference(one) for k, one in enumerate(performances[: runner.size.samples])
        }
        for title, clips in kept.items():
            for k, values in enumerate(clips.get(clip.id, ())):
                motions[take_name(title, k)] = Motion(values, runner.channels, FRAME_RATE)
        rows = [Row(name, motion, voice(clip, motion) if voice else None) for name, motion in motions.items()]
        sentences.append(side_by_side.sentence(clip, rows))
    return side_by_side.element(TITLE, sentences, shown_first(runner.size, report, titles))


def shown_first(size: ThunderSize, report: Report, titles: Sequence[str]) -> list[str]:
    """Names of faces, the most important first."""
    won = report.winner
    best = titles[0]
    if won:
        best = ThunderVariant(**{each.name: won[each.name] for each in fields(ThunderVariant)}).title(size.trust)
    return [
        take_name(_PERFORMED, 0), take_name(titles[0], 0), take_name(best, 0), take_name(best, 1),
        take_name(titles[0], 1), *(take_name(title, 0) for title in reversed(titles)),
    ]  # fmt: skip


def take_name(title: str, number: int) -> str:
    """What a face is called: short, since it stands below it."""
    return f"{title.removeprefix(f'{DIFFUSION} + ')} · {number + 1}"


class _FaceVoice:
    """A mesh-to-speech model and a vocoder: the sound of a face in the voice of a clip."""

    def __init__(self, runner: ThunderRunner) -> None:
        self.trained, self.vocoder = TrainedMeshToSpeech(runner.model(MOUTH)), Vocoder(runner.model(VOCODER))

    def __call__(self, clip: CorpusClip, motion: Motion) -> np.ndarray:
        """(N,) samples at 16 kHz."""
        speaker = self.trained.system.voices[clip].values[0]
        mel, _ = self.trained.model.whole(motion.select(self.trained.model.channels), speaker)
        return np.clip(self.vocoder(mel), -1, 1)
