"""Help pages: paragraphs instead of the line breaks of docstrings, and no defaults that say nothing."""

from typing import TYPE_CHECKING, Any

from cyclopts.help import DefaultFormatter

if TYPE_CHECKING:
    from cyclopts.help import HelpPanel
    from rich.console import Console, ConsoleOptions


class Paragraphs(DefaultFormatter):
    """Cyclopts' formatter, with the description of each option as one paragraph."""

    def __call__(self, console: "Console", options: "ConsoleOptions", panel: "HelpPanel") -> None:
        """Render a panel of options."""
        for entry in panel.entries:
            text = getattr(entry.description, "primary_renderable", None)
            if text is not None:
                text.plain = " ".join(text.plain.split())
        super().__call__(console, options, panel)


def shown_default(value: Any) -> str | None:
    """A default as help shows it; None where there is none, for flags that are off and for empty lists."""
    if value is None or value is False or value in ((), []):
        return None
    return f"{value:g}" if isinstance(value, float) else str(value)
