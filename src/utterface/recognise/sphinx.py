"""PocketSphinx as a recogniser: English words with their phones, and phones alone where no words are found.

Speech is recognised in pieces of at most 15 s that end in pauses.
"""

import numpy as np

from utterface import align, timing
from utterface.align import Alignment, decoding, pieces, tile
from utterface.align.stress import with_stress
from utterface.phones import Span
from utterface.text import is_english


class SphinxRecogniser:
    """`Recogniser` by PocketSphinx and its American English model; in any other language it finds phones alone."""

    name = "PocketSphinx en-us"

    def recognise(self, samples: np.ndarray, language: str = "en") -> Alignment:
        """See `Recogniser.recognise`."""
        pcm = align.to_pcm(samples)
        duration = timing.seconds(len(pcm))
        words: list[Span] = []
        phones: list[Span] = []
        with align.LOCK:
            for first, last in pieces.at_pauses(pcm):
                start, piece = timing.seconds(first), pcm[first:last]
                if np.abs(piece).max(initial=0) < align.FAINTEST:
                    continue
                labels, timed = decoding.hear(piece) if is_english(language) else ([], [])
                spans = [p for word in timed for p in word.phones] if labels else decoding.hear_phones(piece)
                phones += [Span(p.label, p.start + start, p.end + start) for p in spans]
                words += [Span(labels[w.index], w.start + start, w.end + start) for w in timed if w.index >= 0]
        return Alignment(tuple(words), tile(with_stress(phones, words, pcm), duration), duration, engine=self.name)
