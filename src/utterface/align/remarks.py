"""What a user should know of an alignment that is not wrong but may not be what was meant, a line each."""

from utterface.align.alignment import Alignment
from utterface.text import is_english
from utterface.text.languages import language_hint

GOOD = 0.8  # confidence below which the transcript is told to fit poorly


def remarks(alignment: Alignment, text: str = "", language: str = "en") -> list[str]:
    """Lines without the recording's name; none where all is well.

    Args:
        alignment: of a transcript, or recognised.
        text: the transcript.
        language: that it was read in.
    """
    lines = []
    if alignment.confidence is not None and alignment.confidence < GOOD:
        fit = f"the transcript fits the sound poorly (confidence {alignment.confidence:.2f})"
        lines.append(f"{fit}{hint(text, language)}")
    if alignment.unread:
        lines.append(f"these words cannot be read and their sounds are recognised: {' '.join(alignment.unread)}")
    if len(alignment.recognised) > len(alignment.unread):
        stretches = ", ".join(f"{start:.1f} to {end:.1f} s" for start, end in alignment.recognised)
        lines.append(f"the transcript lacks words, their sounds are recognised: {stretches}")
    lines += [f"not spoken, so passed over: “{words}”" for words in alignment.passed_over]
    lines += [
        f"from {start:.1f} to {end:.1f} s the transcript has no words but the sound is as loud as speech; the mouth "
        "rests there (complete the text, or leave it out)"
        for start, end in alignment.unspoken
    ]
    return lines


def hint(text: str, language: str) -> str:
    """The option to set where a text that was read as English looks like another language; else nothing."""
    other = language_hint(text) if is_english(language) else None
    return f"; it looks like another language, try --language {other}" if other else ""
