"""A progress bar that shows only where the work takes longer than a second, and only to people."""

import sys
import threading
from types import TracebackType

DELAY = 1.0  # seconds before it shows


class Progress:
    """`with Progress("line.wav") as progress: progress("reading", 0.5)`; on standard error, gone when done."""

    def __init__(self, title: str, shown: bool = True) -> None:
        self.title = title
        self._state: tuple[str, float | None] = ("starting", None)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True) if shown and sys.stderr.isatty() else None

    def __call__(self, what: str, part: float | None) -> None:
        """Set what is being done and how far it is, 0…1; None where that is not known."""
        self._state = (what, part)

    def __enter__(self) -> "Progress":
        if self._thread:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        """On a thread of its own, since aligning is one long call that reports nothing."""
        if self._done.wait(DELAY):
            return
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        columns = (
            TextColumn("{task.fields[title]}"),
            BarColumn(),
            TextColumn("{task.fields[what]}"),
            TimeElapsedColumn(),
        )
        with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("", total=None, title=self.title, what="")
            while not self._done.wait(0.1):
                doing, part = self._state
                bar.update(task, total=None if part is None else 1.0, completed=part or 0.0, what=doing)
