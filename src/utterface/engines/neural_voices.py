"""A bundle of articulators at work for many voices that come and go, each at a moment of its own.

One pass of the network takes one hop of every voice that has one. Passes go over groups of `GROUP` rows, full or not:
matrix products of one size give the same bits whatever stands in the other rows, so no voice changes another's motion.
"""

from pathlib import Path

import numpy as np

from utterface.articulation import ARTICULATORS, lay, render
from utterface.articulation.pace import jaw_of, most_of, step_paced
from utterface.engines.bundle import CONTROLS, STRENGTHS, open_articulators
from utterface.engines.closures import Closures
from utterface.engines.contract import EngineInfo, Request
from utterface.engines.neural import settle
from utterface.motion import CHANNELS, Motion

GROUP = 16  # voices in a pass of the network


class NeuralVoices:
    """Voices in slots, in a pass of the network together; see `NeuralStreams` for voices in step.

    Args:
        bundle: folder of the bundle.
        groups: of `GROUP` slots each.
        frame_rate: frames a second, of all.

    Attributes:
        about: as of `NeuralStreams`.
        count: slots.
        hop: samples of a step.
        emitted: (V,) frames that have come.
    """

    def __init__(self, bundle: str | Path, groups: int = 1, frame_rate: float = 60.0) -> None:
        self._network = open_articulators(bundle, 1)
        self._config = config = self._network.config
        self.count, self.hop, self.frame_rate = groups * GROUP, config.hop, frame_rate
        between = 0.0 if frame_rate == config.frame_rate else 1 / config.frame_rate
        look_ahead = config.look_ahead + 1 / config.frame_rate + between
        shown = tuple(name for name in config.controls if name != CONTROLS[0])
        self.about = EngineInfo(config.name, frame_rate, look_ahead, emotions=shown)
        self._added = [CHANNELS.index(name) for name in config.expression]
        self._controls = self._network.neutral(self.count)
        self._strength, self._trained = np.ones((2, self.count), np.float32)
        self._states = [self._network.zero_state(GROUP) for _ in range(groups)]
        self._lead = np.zeros((self.count, config.lead), np.float32)
        self._steps = np.zeros(self.count, np.int64)
        self._raw = np.zeros((2, self.count, len(config.channels)), np.float32)  # the newest outputs
        self._settled = np.zeros((2, self.count, len(ARTICULATORS) + len(self._added)), np.float32)
        self._closures = Closures((self.count,))
        self._jaw = np.full(self.count, np.nan, np.float32)
        self.emitted = np.zeros(self.count, np.int64)

    def clear(self, slot: int, request: Request) -> None:
        """The next sound of a slot is the first of an utterance, shown as the request says."""
        self._strength[slot], self._trained[slot] = request.strength, 1.0
        for column, control in enumerate(self._config.controls):
            if control == CONTROLS[0]:
                self._trained[slot] = self._controls[slot, column] = np.clip(request.strength, *STRENGTHS)
            else:
                self._controls[slot, column] = request.emotions.get(control, 0.0)
        for state in self._states[slot // GROUP].values():
            state[slot % GROUP] = 0
        self._lead[slot], self._steps[slot], self.emitted[slot], self._jaw[slot] = 0, 0, 0, np.nan
        self._closures.clear(np.array([slot]))

    def step(self, slots: np.ndarray, samples: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The next (R, hop) samples of slots (R,), increasing → the frames that they settle.

        Returns:
            (T,) slot of each frame, increasing; (T,) seconds; (T, 61) float32.
        """
        known = np.concatenate([self._lead[slots], samples], 1)
        self._lead[slots] = known[:, self.hop :]
        frames = self._run(slots, known[:, : self.hop])
        self._steps[slots] += 1
        number = self._steps[slots] - 1 - self._config.delay_frames  # of the network's frame
        slots, frames, number = slots[number >= 0], frames[number >= 0], number[number >= 0]
        self._raw[:, slots[number == 0]] = frames[number == 0]  # the first has no neighbour before it
        later = number > 0
        slots, frames, number = slots[later], frames[later], number[later] - 1
        window = np.concatenate([self._raw[:, slots], frames[None]])
        self._raw[:, slots] = window[1:]
        here = settle(window, self._config, self._trained[slots, None], self._closures, slots)[0]
        self._settled[0, slots] = np.where((number == 0)[:, None], here, self._settled[1, slots])
        self._settled[1, slots] = here
        return self._shown(slots, number)

    def _run(self, slots: np.ndarray, samples: np.ndarray) -> np.ndarray:
        """(R, hop) samples → (R, C), the network's next frame."""
        frames = np.empty((len(slots), len(self._config.channels)), np.float32)
        for group, state in enumerate(self._states):
            here = np.flatnonzero(slots // GROUP == group)
            if not len(here):
                continue
            rows = slots[here] % GROUP
            block = np.zeros((GROUP, self.hop), np.float32)
            block[rows] = samples[here]
            controls = self._controls[group * GROUP : (group + 1) * GROUP]
            result, after = self._network.step(block, state, controls)
            frames[here] = result[rows, 0]
            if len(rows) < GROUP:
                for name, values in state.items():
                    values[rows] = after[name][rows]
            else:
                self._states[group] = after
        return frames

    def _shown(self, slots: np.ndarray, number: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Motion up to the network's frame (R,) of slots (R,)."""
        own = self._config.frame_rate
        known = np.floor(number * self.frame_rate / own + 1e-6).astype(np.int64) + 1
        count = np.maximum(known - self.emitted[slots], 0)
        rows = np.repeat(np.arange(len(slots)), count)
        rank = np.arange(len(rows)) - np.repeat(np.cumsum(count) - count, count)
        of, times = slots[rows], (self.emitted[slots][rows] + rank) / self.frame_rate
        self.emitted[slots] += count
        share = np.clip(times * own - (number[rows] - 1), 0, 1)[:, None]
        before, here = self._settled[:, of]
        mouth = (before * (1 - share) + here * share).astype(np.float32)
        articulators, added = np.split(mouth, [len(ARTICULATORS)], 1)
        motion = render(articulators, self.frame_rate, self._strength[of])
        if added.any():
            face = np.zeros_like(motion.values)
            face[:, self._added] = added
            motion = lay(motion, face)
        return of, times, self._paced(motion, of, rank)

    def _paced(self, motion: Motion, of: np.ndarray, rank: np.ndarray) -> np.ndarray:
        values = motion.values
        for turn in range(int(rank.max(initial=-1)) + 1):
            rows = np.flatnonzero(rank == turn)
            last = self._jaw[of[rows]]
            last = np.where(np.isnan(last), jaw_of(values[rows]), last)
            values[rows] = step_paced(values[rows], last, most_of(self.frame_rate))
            self._jaw[of[rows]] = jaw_of(values[rows])
        return values
