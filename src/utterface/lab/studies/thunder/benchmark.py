"""The command's whole work: train and judge, write the report.

report.json · report.md · report.html · winner.toml
"""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from utterface.files import replacing
from utterface.lab.studies.jobs import Report, Tell
from utterface.lab.studies.report import write_both
from utterface.lab.studies.thunder import faces, markdown, page, results, winner
from utterface.lab.studies.thunder.grid import MOUTH, Folder, Row
from utterface.lab.studies.thunder.run import Asked, Finished, train_all
from utterface.pages.comparison import frame
from utterface.rigs.mannequin import cache

NAME = "report"


def bench(
    asked: Asked, output: Path, report: Report = lambda what, part: None, tell: Tell = lambda line: None
) -> dict[str, Any]:
    """Everything, going on where a stopped run left off; what `report.json` holds.

    Args:
        asked: what to run.
        output: folder of the report.
        report: told what is being done and how far it is.
        tell: told what is finished or failed.
    """
    folder = Folder(output)
    finished = train_all(asked, folder, report, tell)
    report("the report", None)
    found = results.collect(asked, finished, folder)
    write(found, asked, finished, folder)
    return found


def write(found: Mapping[str, Any], asked: Asked, finished: Finished, folder: Folder) -> None:
    """All files of the report."""
    write_both(NAME, dict(found), markdown.write(found), folder.root)
    with replacing(folder.root / f"{NAME}.html") as part:
        shown = faces.page(found, finished.runner)
        part.write_text(page.write(found, frame(shown) if shown else ""), "utf-8")
    won = found.get("winner")
    if won:
        row = Row(**{field.name: won[field.name] for field in fields(Row)})
        text = winner.recipe(
            asked.grid, row, asked.corpora, finished.runner.ear(MOUTH), cache.folder() / "runs" / "thunder"
        )
        with replacing(folder.root / "winner.toml") as part:
            part.write_text(text, "utf-8")
