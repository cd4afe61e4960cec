"""Text with marks → words that know how they are said: `*emphasis*`, `[joy]`, `[pause 0.5]`, `[nod]`, SSML's tags.

    "I did *not*. [pause 1] [joy:0.6] But now I will!"

SSML 1.1 (W3C, https://www.w3.org/TR/speech-synthesis11/) with Azure's `mstts:express-as`.
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from utterface.articulation import EMOTIONS
from utterface.errors import TextError
from utterface.speak.contract import SpeakingManner
from utterface.text.transcript import valid_unicode

GESTURES = ("nod", "shake", "blink", "look left", "look right", "look up", "look down")
LONGEST_PAUSE = 10.0  # seconds
_PARAGRAPH, _SENTENCE = 0.45, 0.1  # seconds after them
_LONGEST = 280  # characters that a voice is given at once, cut at a comma or, beyond twice that, at a blank
_STRENGTHS = {"none": 0.0, "x-weak": 0.1, "weak": 0.2, "medium": 0.4, "strong": 0.7, "x-strong": 1.2}
_RATES = {"x-slow": 0.6, "slow": 0.8, "medium": 1.0, "default": 1.0, "fast": 1.25, "x-fast": 1.6}
_PITCHES = {"x-low": 0.75, "low": 0.88, "medium": 1.0, "default": 1.0, "high": 1.14, "x-high": 1.3}
_VOLUMES = {"silent": 0.0, "x-soft": 0.35, "soft": 0.6, "medium": 1.0, "default": 1.0, "loud": 1.4, "x-loud": 1.8}
_STYLES = {"cheerful": "joy", "excited": "joy", "friendly": "joy", "hopeful": "joy", "sad": "sadness",
           "angry": "anger", "terrified": "fear", "fearful": "fear", "unfriendly": "contempt"}  # fmt: skip
_PLAIN = ("speak", "s", "w", "token", "say-as", "phoneme", "lang", "voice", "mark", "desc", "lexicon", "lookup")
_DROPPED = ("audio", "metadata", "meta")
# how a feeling changes a voice at full intensity; Scherer 2003, Speech Communication 40
_FELT = {"joy": SpeakingManner(1.06, 1.1, 1.35), "anger": SpeakingManner(1.08, 1.06, 1.4),
         "sadness": SpeakingManner(0.87, 0.93, 0.65), "fear": SpeakingManner(1.12, 1.14, 1.1),
         "surprise": SpeakingManner(1.0, 1.12, 1.4)}  # fmt: skip
_PIECE = re.compile(
    r"(?P<tag></?[A-Za-z][\w:.-]*(?:\s[^<>]{0,500})?/?>|<[!?][^<>]{0,2000}>)"
    r"|\[(?P<link>[^\[\]]{1,200})\]\([^()\s]{0,500}\)"
    r"|\[(?P<mark>/?[A-Za-z][^\[\]\n]{0,60})\]"
    r"|(?P<open>(?<![\w*])\*{1,3}(?=[\w'\"]))|(?P<close>(?<=[\w.,;:!?'\"])\*{1,3}(?![\w*]))"
    r"|(?P<paragraph>\n[ \t]*\n\s*)"
)
_ATTRIBUTE = re.compile(r"([\w:-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_PUNCTUATION = re.compile(r"[.,;:!?…]+")
_END = re.compile(r"[.!?…。！？]+[\"”’')\]]*$")
_ABBREVIATED = re.compile(r"^(?:mr|mrs|ms|dr|prof|st|vs|e\.g|i\.e|etc|no|[A-Z])\.$", re.IGNORECASE)


@dataclass(frozen=True)
class MarkedWord:
    """A word as spaces divide the text, and how it is said.

    Attributes:
        text: the word with its punctuation.
        emphasis: whether it is stressed on purpose.
        emotion: name and intensity of what the face shows from here on; None for the usual.
        gestures: of GESTURES, made as the word begins.
        pause: seconds of silence before it.
        manner: rate, pitch, range and loudness.
    """

    text: str
    emphasis: bool = False
    emotion: tuple[str, float] | None = None
    gestures: tuple[str, ...] = ()
    pause: float = 0.0
    manner: SpeakingManner = field(default_factory=SpeakingManner)


@dataclass
class _State:
    """What holds for the words to come, while a text is read."""

    words: list[MarkedWord] = field(default_factory=list)
    emphasis: int = 0
    emotions: list[tuple[str, float] | None] = field(default_factory=lambda: [None])
    manners: list[SpeakingManner] = field(default_factory=lambda: [SpeakingManner()])
    gestures: tuple[str, ...] = ()
    pause: float = 0.0
    dropped: int = 0
    open: list[str] = field(default_factory=list)

    def add(self, text: str) -> None:
        emotion = self.emotions[-1]
        manner = _felt(self.manners[-1], emotion)
        for token in () if self.dropped else html.unescape(text).split():
            self.words.append(MarkedWord(token, self.emphasis > 0, emotion, self.gestures, self.pause, manner))
            self.gestures, self.pause = (), 0.0


def marked_words(text: str) -> list[MarkedWord]:
    """The words of a text with what its marks and tags say of them; a pause at the end has no word and is dropped.

    Raises:
        TextError: an unknown mark or tag, or a value that cannot be read.
    """
    state, at, text = _State(), 0, valid_unicode(text)
    for found in _PIECE.finditer(text):
        state.add(text[at : found.start()])
        at = found.end()
        if found["tag"]:
            _tag(found["tag"], state)
        elif found["link"]:
            state.add(found["link"])
        elif found["mark"]:
            _mark(found["mark"], state)
        elif found["paragraph"]:
            state.pause = max(state.pause, _PARAGRAPH)
        else:
            state.emphasis += 1 if found["open"] else -min(state.emphasis, 1)
        rest = _PUNCTUATION.match(text, at)
        if rest and state.words and not found["open"]:  # punctuation after a mark belongs to the word before it
            state.words[-1] = replace(state.words[-1], text=state.words[-1].text + rest[0])
            at = rest.end()
    state.add(text[at:])
    return state.words


def phrases(words: Sequence[MarkedWord]) -> list[list[MarkedWord]]:
    """Words in stretches that a voice speaks at once: to the end of a sentence, a pause or a change of manner."""
    parts: list[list[MarkedWord]] = []
    length = 0
    for word in words:
        last = parts[-1][-1] if parts else None
        cut = last is None or word.pause or word.manner != last.manner or word.emotion != last.emotion or _ends(last)
        cut = cut or (length > _LONGEST and last.text[-1] in ",;:—") or length > 2 * _LONGEST  # type: ignore[union-attr]
        if cut:
            gap = _SENTENCE if last is not None and _ends(last) else 0.0
            parts.append([replace(word, pause=max(word.pause, gap))])
            length = len(word.text)
        else:
            parts[-1].append(word)
            length += len(word.text) + 1
    return parts


def _ends(word: MarkedWord) -> bool:
    return bool(_END.search(word.text)) and not _ABBREVIATED.match(word.text)


def _felt(manner: SpeakingManner, emotion: tuple[str, float] | None) -> SpeakingManner:
    if emotion is None or emotion[0] not in _FELT:
        return manner
    felt, much = _FELT[emotion[0]], emotion[1]
    factors = (felt.rate**much, felt.pitch**much, felt.range**much)
    return replace(
        manner, rate=manner.rate * factors[0], pitch=manner.pitch * factors[1], range=manner.range * factors[2]
    )


def _mark(inside: str, state: _State) -> None:
    """`joy`, `joy:0.6`, `/joy`, `pause 0.5`, `nod`."""
    name, _, value = inside.strip().partition(":")
    name = " ".join(name.lower().split())
    if not value and name.startswith("pause "):
        name, value = "pause", name[6:]
    if name == "pause":
        state.pause = max(state.pause, _seconds(value.strip() or "0.5", f"[{inside}]"))
    elif name in GESTURES and not value:
        state.gestures += (name,)
    elif name.removeprefix("/") in EMOTIONS:
        neutral = name.startswith("/") or name == "neutral"
        state.emotions[-1] = None if neutral else (name, _amount(value.strip() or "0.7", f"[{inside}]"))
    else:
        known = [*EMOTIONS, "pause", *GESTURES]
        near = get_close_matches(name, known, 1)
        hint = f"did you mean [{near[0]}]?" if near else f"there are {', '.join(f'[{k}]' for k in known)}"
        raise TextError(f"no mark is called [{inside}]; {hint}")


def _tag(tag: str, state: _State) -> None:
    if tag[1] in "!?":
        return
    found = re.match(r"</?([A-Za-z][\w:.-]*)", tag)
    name = found[1].lower() if found else ""
    closes, alone = tag.startswith("</"), tag.endswith("/>")
    attributes = {key.lower(): a or b for key, a, b in _ATTRIBUTE.findall(tag)}
    if name == "break" and not closes:
        strength = attributes.get("strength", "medium")
        _known(strength, _STRENGTHS, tag)
        given = attributes.get("time")
        state.pause = max(state.pause, _seconds(given, tag) if given else _STRENGTHS[strength])
    elif name == "p":
        state.pause = max(state.pause, _PARAGRAPH if state.words else 0.0)
    elif name == "sub" and not alone:
        state.add("" if closes else attributes.get("alias", ""))
        state.dropped += -min(state.dropped, 1) if closes else 1
    elif name in _DROPPED and not alone:
        state.dropped += -min(state.dropped, 1) if closes else 1
    elif name == "emphasis" and not alone:
        much = closes or attributes.get("level", "moderate") not in ("none", "reduced")
        state.emphasis += -min(state.emphasis, 1) if closes else int(much)
    elif name == "prosody" and not alone:
        _pushed(state.manners, None if closes else _prosody(attributes, state.manners[-1], tag))
    elif name == "mstts:express-as" and not alone:
        _express(attributes, closes, state, tag)
    elif name not in (*_PLAIN, *_DROPPED, "break"):
        raise TextError(f"no tag is called {tag[:60]}; write < as &lt; where it is no tag")


def _express(attributes: dict[str, str], closes: bool, state: _State, tag: str) -> None:
    style = attributes.get("style", "")
    if closes:
        _pushed(state.emotions, None)
        return
    emotion = _STYLES.get(style, style)
    degree = min(_amount(attributes.get("styledegree", "1"), tag, 2.0) * 0.7, 1.0)
    state.emotions.append((emotion, degree) if emotion in EMOTIONS and emotion != "neutral" else None)


def _pushed(stack: list, value: object | None) -> None:
    """Push a value, or with None take the last one away; the first stays."""
    if value is not None:
        stack.append(value)
    elif len(stack) > 1:
        stack.pop()


def _prosody(attributes: dict[str, str], manner: SpeakingManner, tag: str) -> SpeakingManner:
    rate = _factor(attributes.get("rate", "default"), _RATES, tag)
    pitch = _factor(attributes.get("pitch", "default"), _PITCHES, tag)
    loudness = _factor(attributes.get("volume", "default"), _VOLUMES, tag)
    return replace(
        manner,
        rate=min(max(manner.rate * rate, 0.4), 2.5),
        pitch=min(max(manner.pitch * pitch, 0.5), 2.0),
        loudness=min(manner.loudness * loudness, 2.0),
    )


def _factor(value: str, names: dict[str, float], tag: str) -> float:
    """`slow`, `120%`, `+10%`, `1.2`, `-2st`, `+6dB` → a factor."""
    if value in names:
        return names[value]
    found = re.fullmatch(r"([+-]?)(\d{1,4}(?:\.\d+)?)\s*(%|st|dB)?", value.strip(), re.IGNORECASE)
    if not found:
        raise TextError(f"{value!r} in {tag[:80]} cannot be read; write one of {', '.join(names)}, or as 120% or +10%")
    number, unit = float(found[1] + found[2]), (found[3] or "").lower()
    if unit == "st":
        return float(2 ** (number / 12))
    if unit == "db":
        return float(10 ** (min(number, 100) / 20))
    if unit == "%":
        return max(0.05, 1 + number / 100 if found[1] else number / 100)
    return max(0.05, number)


def _seconds(value: str, shown: str) -> float:
    found = re.fullmatch(r"\+?(\d{1,6}(?:\.\d+)?)\s*(s|ms|sec|seconds?)?", value.strip(), re.IGNORECASE)
    length = float(found[1]) / (1000 if (found[2] or "").lower() == "ms" else 1) if found else -1.0
    if not 0 <= length <= LONGEST_PAUSE:
        raise TextError(f"{shown[:80]}: a pause lasts 0 to {LONGEST_PAUSE:g} seconds, as in [pause 0.5] or 500ms")
    return length


def _amount(value: str, shown: str, most: float = 1.0) -> float:
    try:
        amount = float(value)
    except ValueError:
        amount = -1.0
    if not 0 <= amount <= most:
        raise TextError(f"{shown[:80]}: an intensity lies in 0 to {most:g}, as in [joy:0.6]")
    return amount


def _known(value: str, names: dict[str, float], tag: str) -> None:
    if value not in names:
        raise TextError(f"{value!r} in {tag[:80]} is not one of {', '.join(names)}")
