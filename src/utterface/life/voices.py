"""What voices do, measured from their energy and pitch as these come: level, lift, and where phrases begin and end."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from utterface.life.chance import FAR

TRACK_RATE = 100  # Hz of energy and pitch
CONTEXT = 7.0  # s of voice before a frame that it depends on; none after it, unless the phones are known
AHEAD = 0.3  # s after it where they are
MARGIN = 350  # grid steps kept before the frames: a pause or a phrase that long ago may still move the face
PAUSE = 0.25  # s of silence between phrases, and from which a pause is one
_WINDOW = round(CONTEXT * TRACK_RATE) - MARGIN  # grid steps that level and lift compare with
_LIFT = 20  # grid steps over which the lift is averaged
_QUIET = -80.0  # dB where nothing is known
# events: grid steps of the window in which each is seen, and from its last step to the moment
_SEEN = {"stops": (65, -14), "starts": (round(PAUSE * TRACK_RATE) + 5, 1), "beats": (21, 0), "rises": (2, 0)}
_LONGEST = max(width for width, _ in _SEEN.values())


@dataclass(frozen=True)
class VoiceTracks:
    """Level and pitch of voices around frames, at 100 Hz on the absolute grid of each; they look at the past alone.

    Attributes:
        first: (V,) grid index of column 0.
        level: (V, G) 0 quiet … 1 as loud as the last seconds got.
        lift: (V, G) octaves that the pitch stands above that of the last seconds.
        stops: (V, E) seconds at which a phrase stopped: 0.15 s of quiet after half a second mostly loud.
        starts: (V, E) seconds at which one started: 50 ms mostly loud after a quarter of a second of quiet.
        beats: (V, E) seconds at which a voice suddenly got loud, as on a stress.
        rises: (V, E) seconds at which its pitch got high.

    Rows with fewer events than others are filled up with `chance.FAR`.
    """

    first: np.ndarray
    level: np.ndarray
    lift: np.ndarray
    stops: np.ndarray
    starts: np.ndarray
    beats: np.ndarray
    rises: np.ndarray

    @classmethod
    def around(
        cls, times: np.ndarray, energy: np.ndarray, pitch: np.ndarray, since: float, ahead: float
    ) -> "VoiceTracks":
        """One voice around frames at `times`, from (N,) dB and Hz at 100 Hz whose first value is of `since`."""
        first = int(np.floor(times[0] * TRACK_RATE)) - MARGIN
        last = int(np.ceil((times[-1] + ahead) * TRACK_RATE)) + 2
        grid = np.arange(first - _WINDOW + 1, last) - round(since * TRACK_RATE)
        known = (grid >= 0) & (grid < len(energy))
        inside = np.clip(grid, 0, max(len(energy) - 1, 0))
        loud = np.where(known, energy[inside] if len(energy) else _QUIET, _QUIET)
        high = np.where(known, pitch[inside] if len(pitch) else 0.0, 0.0)
        stream = VoiceStream(1, last - first, (last - first) // 4)
        stream.push(np.zeros(1, int), loud[None], high[None])
        return stream.voices(np.array([last]))

    def at(self, track: np.ndarray, of: np.ndarray, times: np.ndarray) -> np.ndarray:
        """(N,) a track (V, G) of voices `of` (N,) at moments (N,)."""
        place = np.clip(times * TRACK_RATE - self.first[of], 0, track.shape[1] - 1)
        left = np.minimum(place.astype(np.int64), track.shape[1] - 2)
        here = track[of, left]
        return here + (place - left) * (track[of, left + 1] - here)

    def slow(self, track: np.ndarray, of: np.ndarray, times: np.ndarray, count: int) -> np.ndarray:
        """(T,) as `at`, of the raised-cosine average over the last `count` grid steps."""
        place = times * TRACK_RATE - self.first[of]
        left = np.clip(np.floor(place).astype(np.int64), count - 1, track.shape[1] - 2)
        past = np.lib.stride_tricks.sliding_window_view(track, count + 1, axis=1)[of, left - count + 1]
        here, then = (np.einsum("tk,k->t", part, _kernel(count)) for part in (past[:, :-1], past[:, 1:]))
        return here + np.clip(place - left, 0, 1) * (then - here)


class VoiceStream:
    """`VoiceTracks` as their sound comes: several, each at its own moment; none has to do with another.

    Args:
        count: of voices.
        kept: grid steps of level and lift that are kept.
        events: of each kind that are kept.
    """

    def __init__(self, count: int, kept: int = MARGIN, events: int = 48) -> None:
        self._past = np.empty((3, count, _WINDOW - 1))  # dB, voicing, octaves where it is voiced
        self._above = np.empty((2, count, _LIFT - 1))  # octaves above the last seconds', voicing
        self._level, self._lift = np.empty((2, count, max(kept, _LONGEST)))
        self._events = {name: np.empty((count, events)) for name in _SEEN}
        self._next = np.zeros(count, np.int64)  # grid index of the next column
        self.clear(np.arange(count))

    def clear(self, rows: np.ndarray, at: int = 0) -> None:
        """Voices (R,) begin anew: grid index `at` comes next."""
        self._past[:, rows], self._above[:, rows] = 0.0, 0.0
        self._past[0, rows] = _QUIET
        self._level[rows], self._lift[rows], self._next[rows] = 0.0, 0.0, at
        for moments in self._events.values():
            moments[rows] = FAR

    def push(self, rows: np.ndarray, energy: np.ndarray, pitch: np.ndarray) -> None:
        """The next (R, N) dB and Hz at 100 Hz of voices (R,)."""
        voiced = (pitch > 0).astype(np.float64)
        octaves = np.log2(np.where(pitch > 0, pitch, 1.0))
        past = np.concatenate([self._past[:, rows], np.stack([energy, voiced, octaves])], 2)
        self._past[:, rows] = past[:, :, 1 - _WINDOW :]
        loud, sounding, high = np.lib.stride_tricks.sliding_window_view(past, _WINDOW, axis=2)
        level = np.clip((energy - loud.max(2) + 30) / 25, 0, 1) * np.clip((energy + 60) / 10, 0, 1)
        counted = sounding.sum(2)
        certain = voiced * (counted >= 20)
        above = certain * (octaves - high.sum(2) / np.maximum(counted, 1))
        averaged = np.concatenate([self._above[:, rows], np.stack([above, certain])], 2)
        self._above[:, rows] = averaged[:, :, 1 - _LIFT :]
        lift = smooth(averaged[0], _LIFT) / np.maximum(smooth(averaged[1], _LIFT), 0.2)
        level, lift = (
            np.concatenate([track[rows], new], 1)
            for track, new in ((self._level, level), (self._lift, lift))
        )  # fmt: skip
        self._level[rows], self._lift[rows] = (track[:, -self._level.shape[1] :] for track in (level, lift))
        self._next[rows] += energy.shape[1]
        self._see(rows, level, lift, energy.shape[1])

    def _see(self, rows: np.ndarray, level: np.ndarray, lift: np.ndarray, count: int) -> None:
        """Keep the events that the last `count` columns show."""
        for name, (width, later) in _SEEN.items():
            shown = _shown(name, (lift if name == "rises" else level)[:, 1 - width - count :])
            for row, column in zip(*np.nonzero(shown), strict=True):
                moments = self._events[name][rows[row]]
                moments[:-1] = moments[1:]
                moments[-1] = (self._next[rows[row]] - count + column + later) / TRACK_RATE

    def voices(self, end: np.ndarray | None = None) -> VoiceTracks:
        """All of them as they are known now; `end` (V,) is the grid index after the last column, if not as counted."""
        end = self._next if end is None else end
        shift = ((end - self._next) / TRACK_RATE)[:, None]
        events = {name: _trimmed(moments, shift) for name, moments in self._events.items()}
        return VoiceTracks(end - self._level.shape[1], self._level, self._lift, **events)


def _trimmed(moments: np.ndarray, shift: np.ndarray) -> np.ndarray:
    moments = moments[:, (moments < FAR).any(0)]
    return np.where(moments < FAR, moments + shift, FAR)


def _shown(name: str, track: np.ndarray) -> np.ndarray:
    """(R, M + width − 1) level, or lift → (R, M) whether an event is seen in the window that ends with each of M."""
    if name == "rises":
        high = track > 0.2
        return high[:, 1:] & ~high[:, :-1]
    if name == "beats":
        slow = smooth(track, 8)
        rise = slow[:, 12:] - slow[:, :-12]
        return (rise[:, 1:] > 0.4) & (rise[:, :-1] <= 0.4)
    windows = np.lib.stride_tricks.sliding_window_view(track < 0.06, _SEEN[name][0], axis=1)
    if name == "stops":
        return (windows[..., :50].mean(2) < 0.6) & ~windows[..., 49] & windows[..., 50:].all(2)
    before = round(PAUSE * TRACK_RATE)
    return windows[..., :before].all(2) & ~windows[..., before] & (windows[..., before:].mean(2) < 0.3)


def smooth(track: np.ndarray, count: int) -> np.ndarray:
    """(R, N) → (R, N − count + 1), the raised-cosine average over `count` grid steps that end with each."""
    windows = np.lib.stride_tricks.sliding_window_view(track, count, axis=1)
    return np.einsum("rnk,k->rn", windows, _kernel(count))


@cache
def _kernel(count: int) -> np.ndarray:
    kernel = np.hanning(count + 2)[1:-1]
    return np.asarray(kernel / kernel.sum())
