"""Several motions for the same sentence, side by side: one HTML file in which they speak at once, on the same clock.

    write_comparison([Sentence("Hello!", samples, [Row("aligned", motion), Row("mean face", rest(300))])], "faces.html")

A report shows such a page in itself with `frame(comparison_page(...))`, or links to a file beside it.
"""

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from os import PathLike

import numpy as np

from utterface import rigs
from utterface.errors import OutputError
from utterface.files import replacing
from utterface.motion import Motion
from utterface.pages import payload, template
from utterface.phones import Span
from utterface.rigs import Rig
from utterface.timing import sample_count, seconds

SHOWN = 6  # faces at first; more are a click away


@dataclass(frozen=True)
class Row:
    """How one system moves the face for a sentence: a row of a benchmark.

    Attributes:
        name: of the system, the same in every sentence.
        motion: on the clock of the sentence's sound.
        samples: (N,) float32 at 16 kHz, sound predicted from this motion; None without one.
    """

    name: str
    motion: Motion
    samples: np.ndarray | None = None


@dataclass(frozen=True)
class Sentence:
    """One recording and how every row speaks it.

    Attributes:
        title: by which it is chosen.
        samples: (N,) float32 at 16 kHz; empty where there is no sound, then the longest motion says how long it lasts.
        rows: in the order of the page; a row may be missing in some sentences.
        text: the words, shown where they are not timed.
        words, phones: timed, where known.
    """

    title: str
    samples: np.ndarray
    rows: Sequence[Row]
    text: str = ""
    words: Sequence[Span] = ()
    phones: Sequence[Span] = ()

    @property
    def duration(self) -> float:
        """Seconds."""
        if len(self.samples):
            return seconds(len(self.samples))
        return max(row.motion.start + row.motion.duration for row in self.rows)


def write_comparison(
    sentences: Sequence[Sentence],
    path: str | PathLike[str],
    rig: Rig | None = None,
    *,
    title: str = "Faces side by side",
    shown: Iterable[str] = (),
) -> None:
    """Write the page to a file, whole or not at all; arguments and errors as of `comparison_page`."""
    written = comparison_page(sentences, rig, title=title, shown=shown)
    with replacing(path) as temporary:
        temporary.write_text(written, encoding="utf-8")


def comparison_page(
    sentences: Sequence[Sentence],
    rig: Rig | None = None,
    *,
    title: str = "Faces side by side",
    shown: Iterable[str] = (),
) -> str:
    """A page, complete in itself, on which a sentence is chosen and watched from several rows at once.

    Args:
        sentences: at least one, each with at least one row.
        rig: the face that plays them all (the built-in head).
        title: shown on the page.
        shown: names of the rows shown at first; the first six where it is empty.

    Raises:
        OutputError: there is nothing to show, a name is unknown or comes twice in a sentence, or the page was not
            built with the package.
    """
    names = _row_names(sentences)
    places = _places(list(shown) or names[:SHOWN], names)
    head = payload.pack_comparison(rig or rigs.head(), title, names, places, [each.title for each in sentences])
    parts = [template.embed_payload("utterface-comparison", head)]
    for number, sentence in enumerate(sentences):
        parts += _sentence_parts(number, sentence, names)
    return template.fill(template.built("compare"), title, parts)


def frame(comparison: str, height: str = "min(88vh, 860px)") -> str:
    """An HTML element that shows a whole page (`comparison_page`) within another page.

    The page travels in the attribute `srcdoc` and not as a file, so that a report stays one file that opens from disk
    anywhere; base64 has nothing that an attribute must escape, so it does not grow. The browser opens it when it is
    scrolled to.

    Args:
        comparison: the page.
        height: of the element, as CSS.
    """
    style = f"display:block;width:100%;height:{height};border:0;border-radius:18px"
    looks = f'title="Faces side by side" loading="lazy" allow="autoplay" style="{style}"'
    return f'<iframe {looks} srcdoc="{html.escape(comparison)}"></iframe>'


def _row_names(sentences: Sequence[Sentence]) -> list[str]:
    """Every row once, in the order in which they first come."""
    if not sentences or not all(sentence.rows for sentence in sentences):
        raise OutputError("a comparison needs at least one sentence, and each sentence at least one row")
    for sentence in sentences:
        own = [row.name for row in sentence.rows]
        twice = [name for name in own if own.count(name) > 1]
        if twice:
            raise OutputError(f"{sentence.title!r} has two rows called {twice[0]!r}; give each its own name")
    return list(dict.fromkeys(row.name for sentence in sentences for row in sentence.rows))


def _places(shown: Sequence[str], names: Sequence[str]) -> list[int]:
    unknown = [name for name in shown if name not in names]
    if unknown:
        raise OutputError(f"no row is called {unknown[0]!r}; the rows are {', '.join(names)}")
    return [names.index(name) for name in shown]


def _sentence_parts(number: int, sentence: Sentence, names: Sequence[str]) -> list[str]:
    """What the page holds of one sentence: its motions, its sound, and the sounds of rows that have one."""
    duration = sentence.duration
    samples = np.asarray(sentence.samples, np.float32)
    rows = {names.index(row.name): row for row in sentence.rows}
    own_sounds = {i: _fitted(row.samples, duration) for i, row in rows.items() if row.samples is not None}
    motions = {i: row.motion for i, row in rows.items()}
    packed = payload.pack_sentence(
        duration, sentence.text, samples, motions, own_sounds, sentence.words, sentence.phones
    )
    parts = [template.embed_payload(f"utterface-sentence-{number}", packed)]
    if len(samples):
        parts.append(template.embed_flac(f"utterface-sound-{number}", samples))
    return parts + [template.embed_mp3(f"utterface-sound-{number}-{i}", sound) for i, sound in own_sounds.items()]


def _fitted(samples: np.ndarray, duration: float) -> np.ndarray:
    """(N,) float32 cut or followed by silence to a duration, so that every sound of a sentence has the same clock."""
    count = sample_count(duration)
    cut = np.asarray(samples, np.float32)[:count]
    return np.pad(cut, (0, count - len(cut)))
