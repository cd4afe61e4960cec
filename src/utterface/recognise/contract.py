"""The contract every recogniser keeps: samples of a whole recording in, timed phones or a transcript out."""

from typing import Protocol, runtime_checkable

import numpy as np

from utterface.align import Alignment
from utterface.text.transcript import Transcript


@runtime_checkable
class Recogniser(Protocol):
    """Speech → timed phones, or words.

    A recogniser of phones returns an `Alignment`: phones in IPA that tile the time from 0 to the end with `sil` in the
    pauses, words where it knows them, its name as `engine`, a confidence where it has one. A recogniser of words
    returns a `Transcript` with its name as `source`; alignment then finds the phones.
    """

    @property
    def name(self) -> str:
        """Name of the recogniser, as the summary prints it."""
        ...

    def recognise(self, samples: np.ndarray, language: str = "en") -> Alignment | Transcript:
        """Recognise one recording.

        Args:
            samples: (N,) at 16 kHz, float (full scale ±1) or int16; N may be 0 or hours.
            language: code of the language spoken.
        """
        ...
