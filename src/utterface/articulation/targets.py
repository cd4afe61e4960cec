"""What each phone asks of the mouth: a target for every blended articulator and how firmly it insists.

Targets come from the phone's features, so a phone of any language has one. The figures follow what is known of lip and
jaw in speech: openness falls with vowel height (Lindblom & Sundberg 1971), sibilants allow the jaw the least freedom,
velars and glottals the most (Keating, Lindblom, Lubker & Kreiman 1994), rounding spreads over consonants that do not
care (Perkell & Matthies 1992). Tracked lips of 24 people set the rest (docs/research/articulation.md).
"""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from utterface.phones import SILENCE, Phone, inventory

BLENDED = ("jaw", "aperture", "rounding", "spread", "tongue_tip", "tongue_body")

# Openness 0…1 by vowel height, between these points.
_OPENNESS = ((0.0, 1.0), (0.12, 0.95), (0.33, 0.66), (0.5, 0.5), (0.67, 0.46), (0.83, 0.2), (1.0, 0.12))
# Vowels that height alone misplaces: English /ɔ/ is nearly as open as /ɑ/; rhotic vowels are made with a raised jaw;
# the first half of /eɪ oʊ/ is lower than the cardinal vowel.
_OPENNESS_OF = {"ɔ": 0.93, "ɔɪ": 0.7, "ɝ": 0.32, "ɚ": 0.3, "ɜ": 0.42, "eɪ": 0.6, "oʊ": 0.62, "ə": 0.5}
# How firmly a consonant holds the jaw, by place (Keating et al. 1994); sibilants come on top.
_JAW_HOLD = {"bilabial": 1.2, "labiodental": 0.8, "dental": 0.6, "alveolar": 0.6, "postalveolar": 0.7,
             "retroflex": 0.5, "palatal": 0.5, "labiovelar": 0.6, "velar": 0.25, "uvular": 0.2, "pharyngeal": 0.1,
             "glottal": 0.06}  # fmt: skip
_TONGUE_TIP = {"dental": 1.0, "alveolar": 1.0, "postalveolar": 0.7, "retroflex": 0.9}
_TONGUE_BODY = {"palatal": 1.0, "velar": 1.0, "uvular": 0.8, "postalveolar": 0.7, "labiovelar": 0.9}


@dataclass(frozen=True)
class Aim:
    """A phone's targets and dominances, one of each for every articulator of BLENDED.

    Attributes:
        target: 0…1 each.
        hold: dominance at the phone's core, the α of Cohen & Massaro (1993).
        reach: seconds in which the dominance falls to 1/e after the phone.
        ahead: the same before the phone. Rounding is deepest late in its vowel, so it lasts longer than it leads.
    """

    target: tuple[float, ...]
    hold: tuple[float, ...]
    reach: tuple[float, ...]
    ahead: tuple[float, ...]


_REACH = (0.05, 0.04, 0.12, 0.045, 0.035, 0.045)
_AHEAD = (0.05, 0.04, 0.06, 0.05, 0.035, 0.045)


def openness(phone: Phone) -> float:
    """How far the jaw opens for a vowel, 0…1."""
    if phone.symbol in _OPENNESS_OF:
        return _OPENNESS_OF[phone.symbol]
    for (low, wide), (high, narrow) in pairwise(_OPENNESS):
        if phone.height <= high:
            return wide + (narrow - wide) * (phone.height - low) / (high - low)
    return _OPENNESS[-1][1]


def _vowel(phone: Phone) -> Aim:
    wide = openness(phone)
    front = 1 - phone.backness
    spread = (1 - phone.rounding) * front * (0.35 + 0.65 * phone.height)
    target = (wide, 0.35 + 0.25 * wide * (1 - phone.rounding), phone.rounding, spread, 0.0, phone.height)
    return Aim(target, (1.0, 0.8, 1.0, 0.8, 0.3, 0.8), _REACH, _AHEAD)


def _glide(phone: Phone) -> Aim:
    """Approximants and fricatives with a lip posture of their own: /w ɥ j ɹ ʃ/ and their kin."""
    spread = (1 - phone.rounding) * (1 - phone.backness) * phone.height
    jaw = 0.05 if phone.is_sibilant else 0.15
    hold = (2.0 if phone.is_sibilant else 0.7, 0.7, 0.4 + 1.2 * phone.rounding, 0.5, 0.6, 0.8)
    aperture = 0.35
    if phone.place in ("labiovelar", "bilabial"):  # /w ʍ ɥ/ all but shut the lips
        jaw, aperture, hold = 0.0, 0.0, (1.4, 1.4, 2.0, 0.5, 0.6, 0.8)
    elif phone.symbol in ("ɹ", "ɻ"):
        jaw, aperture, hold = 0.05, 0.05, (1.2, 1.0, 1.2, 0.5, 0.6, 0.8)
    tip = _TONGUE_TIP.get(phone.place, 0.0)
    return Aim((jaw, aperture, phone.rounding, spread, tip, phone.height), hold, _REACH, _AHEAD)


def _consonant(phone: Phone) -> Aim:
    jaw, hold = 0.12, _JAW_HOLD[phone.place]
    aperture, aperture_hold = 0.35, 0.35
    if phone.is_sibilant:
        jaw, hold, aperture, aperture_hold = 0.05, 2.0, 0.6, 0.8
    if phone.is_bilabial:
        jaw, aperture, aperture_hold = 0.0, 0.0, 0.5
    if phone.is_labiodental:
        jaw, aperture, aperture_hold = 0.03, 0.3, 0.8
    if phone.place == "dental":
        jaw, aperture, aperture_hold = 0.08, 0.15, 0.6
    spread, spread_hold = (0.35, 0.4) if phone.is_sibilant else (0.1, 0.1)
    tip, body = _TONGUE_TIP.get(phone.place, 0.0), _TONGUE_BODY.get(phone.place, 0.3)
    rounding_hold = 0.25 if phone.is_sibilant or phone.is_labiodental else 0.08
    holds = (hold, aperture_hold, rounding_hold, spread_hold, 1.0 if tip else 0.1, 1.0 if body > 0.5 else 0.1)
    return Aim((jaw, aperture, 0.0, spread, tip, body), holds, _REACH, _AHEAD)


_SILENT = Aim((0.1, 0.3, 0.0, 0.0, 0.0, 0.3), (0.2, 0.2, 0.3, 0.3, 0.3, 0.3), _REACH, _AHEAD)
AT_REST = Aim(
    (0.0, 0.2, 0.0, 0.0, 0.0, 0.3), (0.8, 0.5, 0.3, 0.3, 0.3, 0.3), _REACH, _AHEAD
)  # a pause long enough to rest


@cache
def aim(symbol: str) -> Aim:
    """What the phone `symbol` asks for; unknown symbols ask for what a schwa does."""
    if symbol == SILENCE:
        return _SILENT
    phone = inventory().get(symbol) or inventory()["ə"]
    if phone.is_vowel:
        return _vowel(phone)
    return _glide(phone) if phone.height > 0 else _consonant(phone)
