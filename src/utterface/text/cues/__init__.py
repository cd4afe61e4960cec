"""Sentences → cues: where a face shakes, nods, frowns, widens its lids or looks away because of what is said.

    timed words ──lexicon · grammar · senses──▶ spans labelled by KINDS

Rules over a small lexicon of our own, a file a language; no network. `life.gestures` performs the cues.
"""

from utterface.text.cues.lexicon import KINDS, LANGUAGES, CueLexicon, lexicon_of
from utterface.text.cues.reading import MERGED, read_cues

__all__ = ["KINDS", "LANGUAGES", "MERGED", "CueLexicon", "lexicon_of", "read_cues"]
