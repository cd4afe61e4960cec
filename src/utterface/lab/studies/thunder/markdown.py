"""The report in Markdown: verdicts first, then the tables."""

from collections.abc import Mapping
from typing import Any

from utterface.lab.networks.mesh_to_speech import INPUTS
from utterface.lab.studies.tables import paper, sources, to_markdown
from utterface.lab.studies.thunder import tables
from utterface.lab.studies.thunder.grid import VOCODER
from utterface.lab.studies.verdicts import claims, definitions, left_out, machine, outcome

QUESTION = "Does a face speak better when somebody listens?"
CLAIMED = "Do the paper's findings hold here?"
TITLES = {
    "test": "Beside the performances",
    "spoken": "Lips on real recordings",
    "hearing": "What the listeners hear",
    "ladder": "How many steps a take needs",
}
SETS = {"test": ("test", "closures"), "spoken": ("spoken",)}  # set of sounds → its tables
LADDER = "The row without a listener, first seed, one take of a sound; the last line is the yardstick."
HEARING = (
    "One performance of each test sound, heard in the right voice. The floor is another's face, the ceiling the true "
    "log-mel through the same vocoder."
)


def write(report: Mapping[str, Any]) -> str:
    """The whole report."""
    parts = [f"# {report['title']}: {QUESTION[0].lower()}{QUESTION[1:]}", summary(report)]
    parts += [f"## {CLAIMED}", claims(report)]
    if report.get("winner"):
        parts.append(won(report))
    for name, columns in SETS.items():
        if name in report:
            parts.append(f"## {TITLES[name]}: {counted(report, name)}")
            parts += [to_markdown(tables.figures(report, name, each)) for each in columns]
            if f"{name}_seeds" in report:
                parts += [repeated(report)] + [to_markdown(tables.seeds(report, name, each)) for each in columns]
    if "hearing" in report:
        parts += [f"## {TITLES['hearing']}: {counted(report, 'hearing')}", HEARING, to_markdown(tables.hearing(report))]
    if "ladder" in report:
        parts += [f"## {TITLES['ladder']}", LADDER, to_markdown(tables.ladder(report))]
    parts += ["## What ran", ran(report), to_markdown(sources(report))]
    parts += ["## Measures", "\n".join(f"- {line}" for line in definitions(report))]
    told = report["paper"]
    parts += ["## The paper's own table", f"{told['source']}. {told['corpus']}.", to_markdown(paper(report))]
    return "\n\n".join(parts) + "\n"


def summary(report: Mapping[str, Any]) -> str:
    """What it is in three sentences."""
    told = report["test"]
    faces = {row["faces"] for row in report["sources"]}
    made = " No face was captured: made-up performers move them." if "performed" in faces else ""
    best = report["best"]
    theirs = f", as the paper listens {best['paper']}" if best["paper"] != best["row"] else ""
    return (
        f"A diffusion head alone, and with frozen listeners that hear what its face says; judged on {told['clips']} "
        f"sounds of test speakers with {report['performances']} performances. The best on validation speakers is "
        f"{best['row']}{theirs}. Of the findings {outcome(report)}.{made}"
    )


def counted(report: Mapping[str, Any], where: str) -> str:
    """What a table's figures and intervals rest on."""
    told = report[where]
    if where == "hearing":
        return f"{told['clips']} sounds, {told['speakers']} speakers"
    unit = "sounds" if where == "test" else "recordings"
    return f"{told['clips']} {unit}, {told['bilabials']} bilabials"


def repeated(report: Mapping[str, Any]) -> str:
    """What the rows with more seeds are."""
    return f"All rows above are of the first seed. Over {report['grid']['seeds']} seeds, which claims rest on:"


def won(report: Mapping[str, Any]) -> str:
    """The winner and the rule."""
    told = report["winner"]
    return (
        f"**The head to ship: {told['row']}, trust “{told['trust']}”**. Rule: {told['rule']}. Its recipe: winner.toml."
    )


def ran(report: Mapping[str, Any]) -> str:
    """Size, budget, machine, versions, and what did not take part."""
    grid = report["grid"]
    head, brought = grid["head"], report["brought"]
    ears = [(name, grid["listener"]) for name in INPUTS] + [(VOCODER, grid["vocoder"])]
    trained = [f"{name} {budget['steps']} steps" for name, budget in ears if name not in brought]
    if brought:
        trained.append(f"{', '.join(brought)} brought along")
    if grid["begun"]:
        trained.append(f"all that were trained begin from the shipped voice “{grid['begun']}”, and its vocoder is used")
    begun = f"{grid['before']} steps that nobody listened to, then " if grid["before"] else ""
    lines = [
        f"Size {report['size']}, {report['date']}: heads {begun}{head['steps']} steps of {head['batch']} crops of at "
        f"most {head['seconds']:g} s; ears: {'; '.join(trained)}. The "
        f"average of the weights is judged; only the best row is chosen, by {report['chosen_on']['sounds']} sounds of "
        f"validation speakers. {grid['takes']} takes of a sound by {grid['steps']} steps of {grid['sampler']}, each "
        f"beside at most {grid['performances']} performances of it. Noise levels are trusted by “{grid['trust']}” "
        f"where no other way is told; {grid['listened']:.0%} of each batch is listened to. {machine(report)}"
    ]
    return "\n\n".join([*lines, *left_out(report)])
