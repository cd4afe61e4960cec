"""The command's whole work: train and judge, measure costs, write the report.

tokens.json · tokens.md · tokens.html · winner.toml
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from utterface.errors import ModelError
from utterface.files import replacing
from utterface.lab.studies.jobs import Report, Tell
from utterface.lab.studies.kept import done, read_json, write_json
from utterface.lab.studies.report import write_both
from utterface.lab.studies.tokens import faces, markdown, page, results, winner
from utterface.lab.studies.tokens.costs import Asked as Cost
from utterface.lab.studies.tokens.costs import measure_apart
from utterface.lab.studies.tokens.grid import Folder
from utterface.lab.studies.tokens.run import Asked, Finished, train_all
from utterface.pages.comparison import frame
from utterface.rigs.mannequin import cache

NAME = "tokens"


def bench(
    asked: Asked, output: Path, report: Report = lambda what, part: None, tell: Tell = lambda line: None
) -> dict[str, Any]:
    """Everything, going on where a stopped run left off; what `tokens.json` holds.

    Args:
        asked: what to run.
        output: folder of the report.
        report: told what is being done and how far it is.
        tell: told what is finished, left out or failed.
    """
    folder = Folder(output)
    finished = train_all(asked, folder, report, tell)
    costs = measure_costs(asked, finished, folder, report, tell)
    found, _ = results.collect(asked, finished, folder)
    found["costs"] = costs
    write(found, asked, finished, folder)
    return found


def measure_costs(asked: Asked, finished: Finished, folder: Folder, report: Report, tell: Tell) -> list[dict[str, Any]]:
    """Of every representation × decoder, one after another while nothing else runs; those known already are kept."""
    rows = []
    jobs = results.cost_jobs(asked, finished, folder)
    for number, (key, name, recipe) in enumerate(jobs):
        kind = recipe["decoder"]["kind"]
        report(f"costs, {key} with {kind}", number / len(jobs))
        path = folder.representations / f"{key}.{kind}.costs.json"
        mark = f"{name} {recipe['decoder']} {recipe['sampling']} {recipe['speech']['embedding']}"
        if not done(path, mark):
            try:
                write_json(path, {"mark": mark, **measure_apart(Cost(name, recipe))})
            except ModelError as error:
                tell(str(error))
                continue
        told = read_json(path)
        rows.append({"representation": key, "decoder": kind, **{k: v for k, v in told.items() if k != "mark"}})
    return rows


def write(found: Mapping[str, Any], asked: Asked, finished: Finished, folder: Folder) -> None:
    """All files of the report."""
    write_both(NAME, dict(found), markdown.write(found), folder.root)
    with replacing(folder.root / f"{NAME}.html") as part:
        playing = faces.page(found, finished.material, folder)
        part.write_text(page.write(found, frame(playing) if playing else ""), "utf-8")
    won = found.get("winner")
    if won:
        name = next(o.name for o in finished.opened if o.entry.key == won["representation"])
        corpora = asked.corpora or tuple(cache.folder() / "bench" / n for n in ("made", "made_test"))
        text = winner.recipe(name, won["representation"], corpora, cache.folder() / "runs" / NAME)
        with replacing(folder.root / "winner.toml") as part:
            part.write_text(text, "utf-8")
