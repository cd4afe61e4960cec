"""The report in Markdown: verdicts first, then the tables."""

from collections.abc import Mapping
from typing import Any

from utterface.lab.studies.tables import paper, sources, to_markdown
from utterface.lab.studies.tokens import tables
from utterface.lab.studies.verdicts import claims, definitions, left_out, machine, outcome

EMOTION = (
    "Emotion is what captured corpora say was played; of made voices, the manner that the engine was told (rate, "
    "pitch, range, loudness), not anything felt."
)
COSTS = (
    "On {cores} CPU cores, ten seconds of speech, each in a process of its own, random weights. A decoder that needs "
    "the whole utterance answers after its end: its first frame is ten seconds + computing."
)


def write(report: Mapping[str, Any]) -> str:
    """The whole report."""
    parts = [f"# {report['title']}: which speech makes good faces?", summary(report)]
    if "claims" in report:
        parts += ["## Do the paper's findings hold here?", claims(report)]
    if report.get("winner"):
        parts.append(won(report))
    if "test" in report:
        told = report["test"]
        parts += [
            f"## Against the reference: {told['clips']} test clips, {told['bilabials']} bilabials",
            to_markdown(tables.figures(report, "test", tables.CHOSEN["test"])),
            to_markdown(tables.figures(report, "test", tables.CHOSEN["more"])),
        ]
    if "spoken" in report:
        told = report["spoken"]
        parts += [
            f"## Lips on real recordings: {told['clips']} clips, {told['bilabials']} bilabials",
            to_markdown(tables.figures(report, "spoken", tables.CHOSEN["spoken"])),
        ]
    if report["representations"]:
        parts += ["## What the representations hold", to_markdown(tables.probes(report)), EMOTION]
    if report.get("costs"):
        cores = report["costs"][0]["cores"]
        parts += ["## What it costs", COSTS.format(cores=cores), to_markdown(tables.costs(report))]
    parts += ["## What ran", ran(report), to_markdown(sources(report))]
    parts += ["## Measures", "\n".join(f"- {line}" for line in definitions(report))]
    told = report["paper"]
    parts += [
        "## The paper's own table",
        f"{told['source']}. {told['corpus']}.",
        to_markdown(paper(report)),
    ]
    return "\n\n".join(parts) + "\n"


def summary(report: Mapping[str, Any]) -> str:
    """What it is in three sentences: who was compared, on what, with what outcome."""
    found = outcome(report)
    reps, kinds = len(report["representations"]), len(report["grid"]["decoders"])
    said = f" Of the paper's findings {found}." if found else ""
    return (
        f"{reps} representations × {kinds} decoders × {report['grid']['seeds']} seeds, the same clips and budget for "
        f"all. {corpus_named(report)}{said}"
    )


def corpus_named(report: Mapping[str, Any]) -> str:
    """The corpus for what it is."""
    faces = {row["faces"] for row in report["sources"] if row["split"] in ("train", "test")}
    if faces == {"articulatory"}:
        return (
            "No face was captured: the targets are articulatory, what timed phones ask of the mouth by coarticulation "
            "rules. Results tell how well a representation lets lips be timed and shaped, not how people move."
        )
    return "The targets are captured faces." if faces == {"captured"} else (
        "Some targets are captured faces, others articulatory: what timed phones ask of the mouth."
    )  # fmt: skip


def won(report: Mapping[str, Any]) -> str:
    """The winner and the rule."""
    told = report["winner"]
    tied = f" Not clearly worse: {', '.join(told['tied'])}." if len(told["tied"]) > 1 else ""
    f1, score = (f"{100 * told[name]:.1f} %" for name in ("closure_f1", "bcs"))
    return (
        f"**The discrete representation to ship: {told['representation']}**, closure F1 {f1} on {told['on']}, BCS "
        f"{score}. Rule: {told['rule']}.{tied} Its recipe: winner.toml."
    )


def ran(report: Mapping[str, Any]) -> str:
    """Size, budget, machine, versions, and what did not take part."""
    grid = report["grid"]
    lines = [
        f"Size {report['size']}, {report['date']}: {grid['steps']} steps of {grid['batch']} crops of at most "
        f"{grid['seconds']:g} s a cell, AdamW, the average of the weights judged, nothing chosen on validation or test "
        f"clips. Decoders that sample take {grid['sampling_steps']} steps of {grid['sampler']}. "
        f"{machine(report)}"
    ]
    return "\n\n".join([*lines, *left_out(report)])
