"""Text as people paste it → what may be spoken of it.

Time stamps, cue numbers, tags, speaker labels, known sound tags and stage directions, URLs of links and the headers of
recognisers go. Brackets and labels that may be speech stay, in round brackets: `readings` offers them to the aligner
with and without. Every pass is linear in the length of the text.

SubRip; WebVTT (W3C); SubStation Alpha v4+ (`Dialogue:` lines); LRC; SSML 1.1 (W3C); the lines of whisper, whisper.cpp
and faster-whisper; CommonMark links and emphasis; HTML entities.
"""

import html
import re
from collections.abc import Iterator

_CLOCK = r"(?:\d{1,3}:)?\d{1,2}:\d{2}(?:[.,:]\d{1,3})?"
_SECONDS = r"\d+(?:\.\d+)?s?"
_TIMES = re.compile(rf"^\s*{_CLOCK}\s*-->")
_CUE = re.compile(rf"^\s*{_CLOCK}\s*-->\s*{_CLOCK}(?:\s+\w+:\S+)*\s*$")
_INSIDE = re.compile(r"<(?:\d+:)?\d{1,2}:\d{2}[.,]\d{3}>")  # when a word of a cue is said
_ARROW = rf"(?:{_CLOCK}|{_SECONDS})\s*-{{1,2}}>\s*(?:{_CLOCK}|{_SECONDS})"
_STAMPS = re.compile(rf"[\[(<{{]\s*(?:{_ARROW}|{_CLOCK})\s*[\])>}}]|{_CLOCK}\s*-{{1,2}}>\s*{_CLOCK}")
_BARE = re.compile(r"^\s*\d{1,3}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?(?=\s|$)[\s-]*")  # a stamp before a line, no brackets
_SPAN = re.compile(r"^\s*\d+\.\d{2,9}\s+\d+\.\d{2,9}\t")  # a label of Audacity
_PRECISE = re.compile(r"^\s*(?:\d{1,2}:\d{2}:\d{2}|\d{1,2}:\d{2}[.,]\d{2,3})\S*(?=\s|$)[\s-]*")
_TAG = re.compile(r"</?[A-Za-z!?][^<>]{0,2000}>")
_SILENT_TAGS = re.compile(
    r"<((?:\w+:)?title|script|style|desc|metadata)\b[^<>]{0,500}>[^<]{0,5000}</\1>", re.IGNORECASE
)
_ALIAS = re.compile(r"<sub\b[^<>]{0,500}?\balias\s*=\s*[\"']([^\"'<>]{0,500})[\"'][^<>]{0,500}>[^<]{0,500}</sub>", re.I)
_OVERRIDE = re.compile(r"\{\\[^{}]{0,2000}\}")  # {\an8}, {\i1}
_LINKS = (
    (re.compile(r"!\[[^\[\]]{0,500}\]\([^()\s]{0,2000}(?:\s[^()]{0,500})?\)"), " "),
    (re.compile(r"\[([^\[\]]{1,500})\]\([^()\s]{0,2000}(?:\s[^()]{0,500})?\)"), r"\1"),
    (re.compile(r"\[([^\[\]]{1,500})\]\[[^\[\]]{0,100}\]"), r"\1"),
    (re.compile(r"^\s*\[[^\[\]]{1,100}\]:\s*<?(?:https?|ftp|mailto):\S*.*$"), " "),
    (re.compile(r"<(?:https?|ftp|mailto):[^<>\s]{0,2000}>"), " "),
    (re.compile(r"\[\^?\d{1,3}\]"), " "),  # a note's number
)
_EMPHASIS = re.compile(r"(\*\*\*|\*\*|___|__|~~|`+)(?=\S)(.{1,500}?)(?<=\S)\1")
_LINE_MARKS = re.compile(r"^\s*(?:#{1,6}\s+|(?:[-*+•–—]|>(?!>))\s+(?=\S))")
_SAID_BY = r"(?:speaker|spk|participant|interviewer|interviewee|narrator|host|guest|moderator|unknown|voice)"
_LABEL = re.compile(
    rf"^\s*(?:>>+\s*)?[\[(*]{{0,2}}(?:(?P<sure>[A-Z][A-Z0-9_.'’ -]{{0,30}}|(?i:{_SAID_BY})[ _#-]?\w{{0,3}}|[QA])"
    r"|(?P<doubt>[A-Z][\w.'’-]{0,20}(?: [A-Z][\w.'’-]{0,20}){0,2}))\s*[\])*]{0,2}"
    rf"(?:\s*[\[(]?{_CLOCK}[\])]?)?\s*[:：]\*{{0,2}}(?=\s|$|\])\]?",
)
_SPEAKER = re.compile(rf"^{_SAID_BY}[ _#-]?\w{{0,3}}$", re.IGNORECASE)
# "Mary Smith  0:12" above a turn
_HEADING = re.compile(rf"^\s*[A-Z][\w.'’ -]{{0,40}}?(?:\s{{2,}}{_CLOCK}|\s[\[(]{_CLOCK}[\])])\s*$")
_LATER_LABEL = re.compile(r"(?<=[.!?…\"”] )[A-Z][A-Z0-9_.' -]{1,25}:(?=\s)")
_CHEVRONS = re.compile(r">>+")
_HEADERS = re.compile(
    r"^\s*(?:WEBVTT\b.*|Kind:\s*\w+|Language:\s*[\w-]+|whisper_\w+:.*|main: .*|system_info:.*|ggml_\w+:.*"
    r"|(?:Detecting|Detected) language\b.*|Transcribed (?:by|with)\b.*|Transcript(?:ion)?(?: of [^:]{1,80})?:.*"
    r"|(?:Audio|Media)? ?(?:File|Filename|Duration|Date|Model|Confidence|Channel|Title|Recorded)\s*[:=]\s*\S.*"
    r"|-{3,}|={3,}|\*{3,}|_{3,})\s*$",
    re.IGNORECASE,
)
_SOUNDS = (
    "laugh chuckl giggl snicker cough sigh gasp sniff sneez breath inhal exhal yawn groan moan cry cries crying sob "
    "scream shout yell whisper mutter mumbl hum music song sings singing jingle theme applau clap cheer audience crowd "
    "silen pause beat inaudible unintelligible indistinct crosstalk noise background static blank audio sound sfx fx "
    "throat door phone ring beep buzz click knock footstep thunder bark meow engine siren gunshot explosion typing "
    "smil grin nod wink frown shrug wave bow foreign speaking speaks voice-over narrat intro outro sarcas snort gulp "
    "swallow tut hiss growl pant whistl stammer stutter bleep censored redacted off-screen offscreen continues "
    "quietly softly loudly angrily sadly happily excitedly sarcastically nervously slowly quickly jokingly calmly"
).split()
_SOUND = re.compile(rf"\b(?:{'|'.join(_SOUNDS)})", re.IGNORECASE)
_BRACKETS = re.compile(
    r"\[([^\[\]]{0,300})\]|\(([^()]{0,300})\)|\{([^{}]{0,300})\}|(?<![\w*])\*([^*\n]{1,100})\*(?![\w*])"
)
_NOTES = re.compile(r"[♪♫♩♬]([^♪♫♩♬]{0,300})[♪♫♩♬]")
_TURN = re.compile(r"(?:(?<=\s)|^)-\s")


def spoken_text(text: str, subtitles: bool = False) -> str:
    """What may be spoken of a pasted text, in one line; doubtful parts stand in round brackets.

    Args:
        text: plain, subtitles of any kind, lyrics with times, SSML, Markdown, lines of a recogniser.
        subtitles: whether it is known to be SubRip or WebVTT; then every bracket is a sound or a direction.
    """
    text = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    rows = text.split("\n")
    if subtitles or _is_subtitles(rows):
        lines, subtitles = _cues(text), True
    elif any(row.startswith("Dialogue:") for row in rows):
        lines, subtitles = _dialogue(rows), True
    else:
        lines = _plain_lines(text)
    kept = [line for raw in lines if (line := _line(raw, subtitles))]
    said = re.sub(r"[♪♫♩♬]", " ", _NOTES.sub(_sung, " ".join(kept)))
    said = _LATER_LABEL.sub(" ", said)
    said = " ".join(_BRACKETS.sub(lambda found: _bracket(found, subtitles), said).split())
    return re.sub(r" (?=[.,;:!?](?:\s|$))", "", said)


def _plain_lines(text: str) -> list[str]:
    """Lines without tags, headers and stamps."""
    text = _ALIAS.sub(r" \1 ", _SILENT_TAGS.sub(" ", text))
    rows = [row for row in text.split("\n") if not _HEADERS.match(row) and not _HEADING.match(row)]
    full = [row for row in rows if row.strip()]
    stamped = sum(_BARE.match(row) is not None for row in full)
    before = _BARE if stamped > 1 and stamped >= len(full) / 2 else _PRECISE
    return [before.sub("", _SPAN.sub("", row)) for row in rows]


def _line(line: str, subtitles: bool) -> str:
    """One line without stamps, tags, links and the label of who speaks."""
    line = _STAMPS.sub(" ", _LABEL.sub(_label, _CHEVRONS.sub(">> ", line)))
    for pattern, kept in _LINKS:
        line = pattern.sub(kept, line)
    line = html.unescape(_TAG.sub(" ", _OVERRIDE.sub(" ", line)))
    line = _EMPHASIS.sub(r"\2", _LINE_MARKS.sub("", line))
    line = _TURN.sub(" ", line) if subtitles else line
    return _CHEVRONS.sub(" ", _LABEL.sub(_label, line)).strip()


def _label(found: re.Match[str]) -> str:
    """Nothing for a label in capitals or of a known kind, the name in brackets for one that may be speech."""
    name, rest = (found["sure"] or found["doubt"]).strip(), found.string[found.end() :]
    shouted = rest.isupper() and len(name) > 1  # in a text of capitals these say nothing
    if _SPEAKER.match(name) or ">>" in found[0] or (found["sure"] and not shouted):
        return " "
    return f"({name}) "


def _sung(found: re.Match[str]) -> str:
    """Words between notes are sung, unless they name the music."""
    return " " if _is_sound(found[1]) else f" {found[1]} "


def _bracket(found: re.Match[str], subtitles: bool) -> str:
    """Nothing for a sound or a direction, else the content in round brackets; a telephone's area code as it is."""
    inside = next(group for group in found.groups() if group is not None).strip()
    if re.fullmatch(r"\d{2,5}", inside) and found[0].startswith("("):
        return found[0]
    if subtitles or not any(c.isalnum() for c in inside) or _is_sound(inside):
        return " "
    return f" ({inside}) "


def _is_sound(inside: str) -> bool:
    """Whether the words in a bracket name a sound, a voice or a gesture; speech in brackets is longer or other."""
    words = re.split(r"[\s_]+", inside.strip())
    return len(words) <= 6 and _SOUND.search(inside.replace("_", " ")) is not None


def _is_subtitles(rows: list[str]) -> bool:
    """WebVTT by its first line, SubRip by lines of times alone."""
    if rows[0].startswith("WEBVTT"):
        return True
    return any(_CUE.match(row) for row in rows)


def _cues(text: str) -> list[str]:
    """The lines of a SubRip or WebVTT file that are spoken; a rolling caption repeats the line before once more."""
    rolling = _INSIDE.search(text) is not None
    lines: list[str] = []
    for line in _cue_lines(text):
        said = html.unescape(_TAG.sub("", _OVERRIDE.sub("", _INSIDE.sub("", line)))).strip()  # <i>, <v Mary>
        if said and not (rolling and lines and said == lines[-1]):
            lines.append(said)
    return lines


def _cue_lines(text: str) -> Iterator[str]:
    """What stands below the times of a cue: up to an empty line in WebVTT, up to the next cue in SubRip."""
    rows = text.split("\n")  # a line of one space is not empty, and begins many a cue
    web, within = rows[:1] != [] and rows[0].startswith("WEBVTT"), False
    for row, below in zip(rows, [*rows[1:], ""], strict=True):
        if _TIMES.match(row):
            within = True
        elif _TIMES.match(below) and (row.strip().isdigit() or web):
            within = False  # the number or name of the next cue
        elif not row:
            within = within and not web
        elif within:
            yield row


def _dialogue(rows: list[str]) -> list[str]:
    """The text of the `Dialogue:` lines of a SubStation file: what follows the commas of their declared fields."""
    fields, events, lines = 10, False, []
    for row in rows:
        events = row.strip() == "[Events]" if row.startswith("[") else events
        if row.startswith("Format:") and events:
            fields = row.count(",") + 1
        elif row.startswith("Dialogue:"):
            said = row.split(",", fields - 1)[-1]
            if not re.search(r"\{[^{}]*\\p[1-9]", said):  # a drawing
                lines.append(re.sub(r"\\[Nnh]", " ", said))
    return lines
