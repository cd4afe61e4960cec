"""Commands of the lab's studies, made from what `lab.studies.STUDIES` says of them."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from utterface.cli.bench import NO_RECORDINGS, LipOptions, Output
from utterface.cli.progress import Progress


def __getattr__(name: str) -> Callable[..., int]:
    """The command of a study by its name."""
    from utterface.lab.studies import STUDIES

    if name not in STUDIES:
        raise AttributeError(name)
    return command(name, STUDIES[name])


def command(name: str, entry: Any) -> Callable[..., int]:
    """A study as a command: options of all studies and its own."""
    own = entry.open_options()
    nothing = own()

    def bench(
        *,
        size: str = "small",
        output: Output = Path("report"),
        draw: Path | None = None,
        page: Path | None = None,
        seeds: int = 0,
        recordings: LipOptions = NO_RECORDINGS,
        processes: int = 2,
        options: Annotated[own, Parameter(name="*")] = nothing,  # type: ignore[valid-type]
    ) -> int:
        from utterface.lab.studies import study as framework
        from utterface.lab.studies.markdown import draw_extract, of_verdicts, put_into

        study, whole = entry.open(), output / f"{name}.html"
        if draw:
            report = framework.draw(study, draw, output)
            if page:
                put_into(page, draw_extract(report, study.sections, study.extract))
            print(f"wrote {whole}")
            return 0
        request = framework.StudyRequest(size, options, seeds, recordings.paths(), recordings.rig, processes)
        with Progress(f"bench {name}") as progress:
            report = framework.run(
                study, request, output, progress, lambda line: print(line, file=sys.stderr, flush=True)
            )
        if report.claims:
            print(of_verdicts(report.claims, study.measures))
        if page:
            put_into(page, draw_extract(report, study.sections, study.extract))
        print(f"wrote {whole}")
        return 1 if report.failed else 0

    bench.__doc__ = f"""{entry.help}

    utterface bench {name} --size small -o report/
    utterface bench {name} --draw docs/research/figures/{name}.json -o report/

    Stop it at any time; the same command resumes it, and repeats only what depends on what has changed.

    Parameters
    ----------
    size
        smoke (a test), small (sized for two CPU cores), medium (tokens: small, trained for longer) or full (one GPU,
            the paper's sizes).
    output
        Folder for {name}.json, {name}.md, {name}.html and winner.toml; its work/ may be deleted afterwards.
    draw
        Draw tables, plots and the page without faces from a study's file of figures; nothing is trained.
    page
        Markdown page that gets the main tables between its lines <!-- measured --> and <!-- /measured -->.
    seeds
        Runs of each variant that claims rest on. Default: set by --size.
    processes
        Runs at once, a thread each.
    """
    return bench
