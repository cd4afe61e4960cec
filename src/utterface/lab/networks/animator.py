"""A small network from sound to articulators, streaming by construction.

One forward call takes the next whole frames of sound and the state left by the call before; a whole recording is one
long call from a zero state. So training, offline use and live use run the same code on the same numbers.

    samples ─ log-mel ─ 2 frames stacked ─ residual blocks with taps into past and near future ─ heads

The blocks are low-rank in the manner of factored TDNNs (Povey et al., "Semi-orthogonal low-rank matrix factorization
for deep neural networks", Interspeech 2018): squeeze to a bottleneck, gather a few moments of it, expand, add. Looking
into the future is a delay: a block with a future of one frame answers one frame later. Half way, a mean over the last
seconds gives the later blocks the speaker and the recording channel.

The controls, strength and emotions, scale and shifts every bottleneck and what the heads read (Perez et
al., "FiLM: visual reasoning with a general conditioning layer", AAAI 2018). It enters as the difference from neutral,
without a bias and zero to begin with: with neutral controls the network is the one without controls, number by number.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utterface import speech
from utterface.articulation import ARTICULATORS
from utterface.articulation.targets import BLENDED, aim, openness
from utterface.lab.networks.controls import STRENGTH, check_controls, moods_of, neutral, whole_faces
from utterface.lab.training.recipe import config_from
from utterface.phones import inventory

FRAME_RATE = 50  # Hz
HOP = 320  # samples a frame
LEAD = 120  # zero samples before the first, so that a frame's newest mel window ends with its hop
UNIT = 80  # samples; divides mel window, mel hop and carried samples
CARRIED = 240  # samples of the call before that the next mel window still needs


# How far the phones' own targets replace the regression of jaw (in vowels) and rounding. A mean over doubtful
# phones and their neighbours is flat; on held-out speakers this lifts vowel height ρ by 0.07, rounding AUC by 0.02.
VOWEL_TRUST, ROUNDING_TRUST = 0.85, 0.9
READ_OUT = ("jaw", "rounding")


@dataclass(frozen=True)
class AnimatorConfig:
    """Sizes of the network.

    Attributes:
        articulators: names of the articulators it gives, in order.
        width: features of the residual stream.
        bottleneck: features of a block's bottleneck, the ones that are kept from call to call.
        taps: for each block the moments it gathers, in frames relative to its own, ascending; the last one, where
            positive, is its future.
        pooled: features of which the running mean is taken; 0 for none.
        pool_frames: over how many frames that mean runs.
        dropout: share of features dropped in training, the same ones over a whole stretch.
        controls: inputs beside the sound, in order, some of `engines.bundle.CONTROLS`.
        tokens: of a teacher that a further head learns to predict, which only training needs; 0 for none.
    """

    articulators: tuple[str, ...]
    width: int = 384
    bottleneck: int = 128
    taps: tuple[tuple[int, ...], ...] = (
        (-2, -1, 0), (-1, 0, 1), (-1, 0, 1), (-2, 0, 1), (-2, 0, 1), (-3, 0, 1), (-6, -3, 0), (-6, -3, 0), (-8, -4, 0),
        (-12, -6, 0), (-12, -6, 0),
    )  # fmt: skip
    pooled: int = 64
    pool_frames: int = 80
    dropout: float = 0.1
    controls: tuple[str, ...] = ()
    tokens: int = 0

    def __post_init__(self) -> None:
        check_controls(self.controls)

    @property
    def expression(self) -> tuple[str, ...]:
        """Channels that the emotions among the controls add to."""
        return whole_faces(moods_of(self.controls))[0]

    @property
    def delay(self) -> int:
        """Frames by which the answer lags: the sum of the blocks' futures."""
        return sum(max(0, t[-1]) for t in self.taps)

    @property
    def look_ahead(self) -> float:
        """Seconds of sound after a frame's moment that the frame depends on."""
        return self.delay / FRAME_RATE + (HOP - LEAD) / speech.SAMPLE_RATE

    @property
    def past_frames(self) -> int:
        """Frames of the past that an output depends on."""
        return sum(t[-1] - t[0] for t in self.taps) + (self.pool_frames if self.pooled else 0) + 1


class LogMel(nn.Module):
    """`speech.log_mel` as two matrix products; equal to it within float32 rounding."""

    dft: Tensor
    mel: Tensor

    def __init__(self) -> None:
        super().__init__()
        angle = 2 * np.pi * np.outer(np.arange(speech.MEL_WINDOW), np.arange(257)) / 512
        window = speech.mel_window().astype(np.float64)[:, None]
        dft = np.concatenate([window * np.cos(angle), window * np.sin(angle)], 1)
        self.register_buffer("dft", torch.tensor(dft, dtype=torch.float32), persistent=False)
        self.register_buffer("mel", torch.tensor(speech.mel_matrix()), persistent=False)

    def forward(self, samples: Tensor) -> Tensor:
        """(B, 240 + 320 n) samples → (B, 2 n, 80); the windows end every 160 samples, the last with the last sample."""
        units = samples.unflatten(1, (-1, UNIT))
        span, step = speech.MEL_WINDOW // UNIT, speech.HOP // UNIT
        count = (units.shape[1] - span) // step + 1
        frames = torch.cat([units[:, i : i + step * (count - 1) + 1 : step] for i in range(span)], 2)
        spectrum = frames @ self.dft
        power = spectrum[..., :257] ** 2 + spectrum[..., 257:] ** 2
        return torch.log(torch.clamp(power @ self.mel, min=speech.MEL_FLOOR))


class Norm(nn.Module):
    """Batch normalisation of the last axis; fixed numbers once trained, so it knows nothing of the utterance."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.batch = nn.BatchNorm1d(features, momentum=0.02)

    def forward(self, x: Tensor) -> Tensor:
        return self.batch(x.flatten(0, 1)).unflatten(0, x.shape[:2])


class GatheringBlock(nn.Module):
    """Squeeze, gather moments, expand, add."""

    def __init__(self, width: int, bottleneck: int, taps: tuple[int, ...], dropout: float) -> None:
        super().__init__()
        self.future = max(0, taps[-1])
        self.offsets = [t - taps[0] for t in taps]
        self.carried = self.offsets[-1]  # bottleneck frames kept
        self.squeeze = nn.Linear(width, bottleneck, bias=False)
        self.norm = Norm(bottleneck)
        self.expand = nn.Linear(len(taps) * bottleneck, width, bias=False)
        self.out = Norm(width)
        self.dropout = dropout

    def forward(
        self, x: Tensor, held: Tensor, delayed: Tensor, modulation: Tensor | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """(B, T, width), (B, carried, bottleneck), (B, future, width) → the output for T frames, both states updated.

        `modulation`: (B, 1, 2 · bottleneck), scale and shift of the bottleneck, if any.
        """
        count = x.shape[1]
        narrow = torch.cat([held, F.relu(modulated(self.norm(self.squeeze(x)), modulation))], 1)
        gathered = torch.cat([narrow[:, i : i + count] for i in self.offsets], 2)
        y = F.relu(self.out(self.expand(gathered)))
        if self.training and self.dropout:
            y = y * F.dropout(torch.ones_like(y[:, :1]), self.dropout)
        late = torch.cat([delayed, x], 1) if self.future else x
        return late[:, :count] + y, narrow[:, count:], late[:, count:]


def modulated(x: Tensor, modulation: Tensor | None) -> Tensor:
    """(B, T, F) scaled and shifted by (B, 1, 2 F), by nothing where all of it is zero."""
    if modulation is None:
        return x
    scale, shift = modulation.chunk(2, 2)
    return x * (1 + scale) + shift


class AnimatorState(NamedTuple):
    """What a stream carries from call to call.

    Attributes:
        sound: (B, 240) the last samples.
        narrow: (B, ·, bottleneck) bottleneck frames of all blocks, one block after the other.
        late: (B, delay, width) frames that blocks with a future hold back.
        pool: (B, pool_frames, pooled) what the running mean still covers, and one frame more.
    """

    sound: Tensor
    narrow: Tensor
    late: Tensor
    pool: Tensor


@dataclass(frozen=True)
class AnimatorOutput:
    """The network's output for T frames, `delay` frames late.

    Attributes:
        articulators: (B, T, A), scaled by the strength control.
        closure: (B, T) logit: the lips seal.
        silence: (B, T) logit: no speech.
        phones: (B, T, P) logits over `phone_labels()`.
        tokens: (B, T, K) logits over a teacher's tokens.
        expression: (B, T, E) what the emotion controls add to the channels `AnimatorConfig.expression`.
    """

    articulators: Tensor
    closure: Tensor
    silence: Tensor
    phones: Tensor
    tokens: Tensor
    expression: Tensor


def phone_aims() -> np.ndarray:
    """(P, 4) float32, for every phone: openness if it is a vowel, whether it is one, rounding · firmness, firmness."""
    row = BLENDED.index("rounding")
    table = inventory()
    aims = np.zeros((len(table), 4), np.float32)
    for i, phone in enumerate(table.values()):
        parts = [aim(phone.symbol), *([aim(phone.end)] if phone.end else [])]
        rounding, firmness = np.mean([p.target[row] for p in parts]), aim(phone.symbol).hold[row] ** 0.5
        aims[i, :2] = (openness(phone), 1) if phone.is_vowel else (0, 0)
        aims[i, 2:] = rounding * firmness, firmness
    return aims


def phone_labels() -> tuple[str, ...]:
    """The phones of the auxiliary head, in order."""
    return tuple(inventory())


class AnimatorNetwork(nn.Module):
    """See the module's head. `step` is one streaming step of any number of frames."""

    aims: Tensor
    neutral: Tensor
    faces: Tensor

    def __init__(self, config: AnimatorConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.log_mel = LogMel()
        self.level = Norm(2 * speech.MEL_COUNT)
        self.enter = nn.Linear(2 * speech.MEL_COUNT, width)
        blocks = [GatheringBlock(width, config.bottleneck, t, config.dropout) for t in config.taps]
        self.blocks = nn.ModuleList(blocks)
        self.pool_after = len(config.taps) // 2
        if config.pooled:
            self.pool_in = nn.Linear(width, config.pooled)
            self.pool_out = nn.Linear(config.pooled, width)
        self.leave = Norm(width)
        self.heads = nn.Linear(width, len(config.articulators) + 2)
        self.phones = nn.Linear(width, len(phone_labels()))
        if config.tokens:
            self.tokens = nn.Linear(width, config.tokens)
        self.register_buffer("aims", torch.tensor(phone_aims()), persistent=False)
        if config.controls:
            sizes = [*[config.bottleneck] * len(blocks), width]  # the last is what the heads read
            linears = [nn.Linear(len(config.controls), 2 * size, bias=False) for size in sizes]
            for linear in linears:
                nn.init.zeros_(linear.weight)
            self.asked = nn.ModuleList(linears)
        moods = moods_of(config.controls)
        self.moods = [config.controls.index(mood) for mood in moods]
        if moods:
            self.shown = nn.Linear(width, len(config.expression))
        self.register_buffer("neutral", torch.tensor(neutral(config.controls)), persistent=False)
        self.register_buffer("faces", torch.tensor(whole_faces(moods)[1]), persistent=False)
        self.carried = [block.carried for block in blocks]
        self.futures = [block.future for block in blocks]

    def zero_state(self, batch: int, device: torch.device | None = None) -> AnimatorState:
        """The state before the first sample."""
        c = self.config
        shapes = (CARRIED,), (sum(self.carried), c.bottleneck), (c.delay, c.width), (c.pool_frames, c.pooled)
        return AnimatorState(*(torch.zeros(batch, *shape, device=device) for shape in shapes))

    def step(
        self, samples: Tensor, state: AnimatorState, controls: Tensor | None = None
    ) -> tuple[AnimatorOutput, AnimatorState]:
        """(B, 320 n) samples, what was carried over, (B, K) controls → n frames, what to carry on."""
        sound = torch.cat([state.sound, samples], 1)
        output, state = self(self.log_mel(sound), state, controls)
        informed = self.informed(output.articulators, output.phones, self.strength(controls))
        return replace(output, articulators=informed), state._replace(sound=sound[:, -CARRIED:])

    def strength(self, controls: Tensor | None) -> Tensor | float:
        """(B, 1) of (B, K) controls; 1 without that control."""
        if controls is None or STRENGTH not in self.config.controls:
            return 1.0
        at = self.config.controls.index(STRENGTH)
        return controls[:, at : at + 1]

    def forward(
        self, mel: Tensor, state: AnimatorState | None = None, controls: Tensor | None = None
    ) -> tuple[AnimatorOutput, AnimatorState]:
        """(B, 2 n, 80) log-mel → n frames and the state, but for its sound; without a state a stream begins.

        `controls`: (B, K), the same for all frames of the call; None is neutral.
        """
        x, state = self.hidden(mel, state, controls)
        outputs, phones = self.heads(x).float(), self.phones(x).float()
        count = len(self.config.articulators)
        expression = self._expression(x, controls)
        tokens = self.tokens(x).float() if self.config.tokens else phones[..., :0]
        return AnimatorOutput(
            outputs[..., :count], outputs[..., count], outputs[..., count + 1], phones, tokens, expression
        ), state

    def features(self, samples: Tensor) -> Tensor:
        """(B, N) samples → (B, ⌈N / 320⌉, width) input of the heads, controls neutral; frame i belongs to i / 50 s.

        Before the first sample and after the last there is silence.
        """
        count = -(-samples.shape[1] // HOP)
        after = (count + self.config.delay) * HOP - LEAD - samples.shape[1]
        mel = self.log_mel(F.pad(samples, (CARRIED + LEAD, after)))
        return self.hidden(mel)[0][:, self.config.delay :]

    def hidden(
        self, mel: Tensor, state: AnimatorState | None = None, controls: Tensor | None = None
    ) -> tuple[Tensor, AnimatorState]:
        """What `forward` is given → (B, n, width) what its heads read, and the state."""
        if state is None:
            state = self.zero_state(len(mel), mel.device)
        x = self.enter(self.level(mel.flatten(1).unflatten(1, (-1, 2 * speech.MEL_COUNT))))
        narrow, late, pool = (
            list(state.narrow.split(self.carried, 1)),
            list(state.late.split(self.futures, 1)),
            state.pool,
        )
        modulation: list[Tensor | None] = [None] * (len(self.blocks) + 1)
        if self.config.controls and controls is not None:
            modulation = [linear(controls - self.neutral)[:, None] for linear in self.asked]
        for i, block in enumerate(self.blocks):
            if i == self.pool_after and self.config.pooled:
                x, pool = self._add_mean(x, pool)
            x, narrow[i], late[i] = block(x, narrow[i], late[i], modulation[i])
        x = F.relu(modulated(self.leave(x), modulation[-1]))
        return x, AnimatorState(state.sound, torch.cat(narrow, 1), torch.cat(late, 1), pool)

    def _expression(self, x: Tensor, controls: Tensor | None) -> Tensor:
        """(B, T, width) → (B, T, E), for every channel a share of what the emotions show on a silent face."""
        if not self.moods or controls is None:
            return x.new_zeros(*x.shape[:2], self.faces.shape[1], dtype=torch.float32)
        whole = (controls[:, self.moods, None] * self.faces).sum(1)
        return whole[:, None] * self.shown(x).float().sigmoid()

    def informed(self, articulators: Tensor, phones: Tensor, strength: Tensor | float = 1.0) -> Tensor:
        """(B, T, A) with jaw and rounding drawn towards the targets of the likely phones, from their (B, T, P) logits.

        `strength`: (B, 1) or a number, at which the articulators come.
        """
        sums = phones.softmax(2) @ self.aims
        jaw, rounding = (articulators[..., ARTICULATORS.index(name)] for name in READ_OUT)
        jaw = jaw + VOWEL_TRUST * (strength * sums[..., 0] - sums[..., 1] * jaw)  # in vowels only
        rounding = rounding + ROUNDING_TRUST * (strength * sums[..., 2] / sums[..., 3] - rounding)
        informed = articulators.clone()
        for name, value in zip(READ_OUT, (jaw, rounding), strict=True):
            informed[..., ARTICULATORS.index(name)] = value
        return informed

    def undirected(self) -> "AnimatorNetwork":
        """The same network without its controls: its function with neutral controls."""
        made = AnimatorNetwork(replace(self.config, controls=()))
        kept = made.state_dict().keys()
        made.load_state_dict({name: value for name, value in self.state_dict().items() if name in kept})
        return made.train(self.training)

    def _add_mean(self, x: Tensor, held: Tensor) -> tuple[Tensor, Tensor]:
        seen = torch.cat([held.to(x.dtype), F.relu(self.pool_in(x))], 1)
        # One frame more than is meant goes in: a mean over everything there is would be summed in another order.
        mean = F.avg_pool1d(seen.transpose(1, 2), self.config.pool_frames, 1).transpose(1, 2)[:, 1:]
        return x + self.pool_out(mean), seen[:, x.shape[1] :]


def animator_config(recipe: Mapping[str, Any]) -> AnimatorConfig:
    """The network of a recipe."""
    return config_from(AnimatorConfig, {"articulators": ARTICULATORS, **recipe.get("network", {})}, "table [network]")
