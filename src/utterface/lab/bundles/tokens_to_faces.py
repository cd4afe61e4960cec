"""A checkpoint of `tokens_to_faces` → a bundle: representation, embedding and decoder in one graph."""

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from utterface.engines.bundle import MotionConfig, Noise, Windows
from utterface.errors import ConfigError
from utterface.lab.batches.pairs import FRAME_RATE, Pair, collate
from utterface.lab.bundles.motion import PackConfig, export_motion, round_gently, round_weights
from utterface.lab.bundles.representations import as_module
from utterface.lab.decoders import Heard
from utterface.lab.networks import diffusion
from utterface.lab.systems.tokens_to_faces import Level, TokensToFaces, make
from utterface.lab.training.checkpoints import load_average
from utterface.lab.training.recipe import config_from
from utterface.timing import sample_count
from utterface.track import Track

_MOST_STEPS = 50  # of a sampler: the graph holds the decoder's arithmetic once a step
_TOLD = ("system", "speech", "decoder", "losses", "sampling")  # tables of the recipe that say what the network is


class TokensWindow(nn.Module):
    """`TokensToFaces.animate` of a window as a module: samples (B, N)[, noise (B, K, F, C)] → motion (B, F, C).

    Which token stands where is asked of `collate`, which batches are made by: it is shown tokens that are numbers of
    themselves, or, where a frame reads between two, rows of the unit matrix.

    Args:
        system: with the weights that it shall have.
        windows: of the bundle.
        exported: whether a graph must be able to hold it.
    """

    times: Tensor
    frame_times: Tensor
    reading: Tensor

    def __init__(self, system: TokensToFaces, windows: Windows, exported: bool = True) -> None:
        super().__init__()
        hearing = as_module(system.representation, system.units, exported)
        self.hearing = deepcopy(hearing)  # goes where the window goes, alone
        self.network = system.network
        decoder, about = system.network.decoder, system.representation.about
        with torch.inference_mode():
            count = self.hearing(torch.zeros(1, sample_count(windows.length))).shape[1]
        self.between = bool(decoder.moments) and not system.units
        numbers = np.eye(count, dtype=np.float32) if self.between else np.arange(count)[:, None]
        frames = np.zeros((round(windows.length * FRAME_RATE), len(system.data.channels)), np.float32)
        batch = collate([Pair(Track(numbers, about.frame_rate, about.start), frames)], decoder.moments)
        self.register_buffer("reading", batch.speech[0] if self.between else batch.speech[0, ..., 0])
        self.register_buffer("times", batch.times)
        self.register_buffer("frame_times", batch.frame_times)
        self.updates: tuple[diffusion.Update, ...] = ()
        if decoder.schedule is not None:
            self.updates = diffusion.plan(system.sampling.sampler, decoder.schedule, system.sampling.steps)

    @property
    def draws(self) -> int:
        """How often noise is drawn, K; 0 where nothing is sampled."""
        return bool(self.updates) + sum(update.noise != 0 for update in self.updates)

    def forward(self, samples: Tensor, noise: Tensor | None = None) -> Tensor:
        heard = self._heard(self._vectors(samples))
        if not self.updates:
            motion: Tensor = self.network.decoder(heard)
            return motion
        assert noise is not None
        start, *others = noise.unbind(1)
        found = diffusion.walk(lambda x, d: self.network.decoder(heard, x, d), start, self.updates, iter(others))
        return found if self.network.scale is None else self.network.scale.undo(found)

    def _vectors(self, samples: Tensor) -> Tensor:
        said = self.hearing(samples)
        # of two vectors that a frame lies between its share each, (T, m, S); else whole ones by number, (T, m) or (S,)
        said = torch.einsum("tms,bsd->btmd", self.reading, said) if self.between else said[:, self.reading]
        enter = self.network.enter
        if isinstance(enter, Level):  # all of a window is known
            vectors: Tensor = enter.batch(said.flatten(0, -2)).unflatten(0, said.shape[:-1])
        else:
            vectors = enter(said)
        return vectors.flatten(2)

    def _heard(self, vectors: Tensor) -> Heard:
        times, frame_times = (t.expand(len(vectors), -1) for t in (self.times, self.frame_times))
        known, frame_known = (torch.ones_like(t, dtype=torch.bool) for t in (times, frame_times))
        return Heard(vectors, times, known, frame_times, frame_known)


def export_tokens(
    checkpoint: str | Path, folder: str | Path, table: Mapping[str, Any] | None = None, card: str | None = None
) -> Path:
    """The averaged weights of a checkpoint as a bundle.

    Args:
        checkpoint: file of `utterface train`, of the system `tokens_to_faces`.
        folder: where the bundle goes; made if need be.
        table: the table [bundle], see `PackConfig`; by default the one of the checkpoint's recipe.
        card: text of CARD.md, see `export_motion`.

    Returns:
        The folder.

    Raises:
        ConfigError: a representation that no bundle can hold, too many steps, windows off the grid.
        ModelError: no checkpoint, or a graph that does not give what the network gives.
    """
    weights, recipe, step = load_average(checkpoint)
    table = bundle_table(checkpoint, recipe, table)
    pack = config_from(PackConfig, table, "table [bundle]")
    windows = pack.windows
    name = str(recipe.get("speech", {}).get("representation", ""))
    if name.startswith(("hub:", "folder:")):
        raise ConfigError(f"a bundle cannot hold {name}: it is not ours to ship; train on a representation of ours")
    system = make(recipe)
    system.network.load_state_dict(weights)
    window = TokensWindow(system, windows)
    return export_window(window, system, folder, pack, {"recipe": tell(recipe), "step": step}, card)


def export_window(
    window: TokensWindow,
    system: TokensToFaces,
    folder: str | Path,
    pack: PackConfig,
    about: Mapping[str, Any],
    card: str | None = None,
    alive: tuple[str, ...] = (),
) -> Path:
    """A system's window as a bundle; its weights are rounded in a copy.

    Args:
        window: of the system.
        system: whose channels are moved.
        folder: where the bundle goes.
        pack: the recipe's table.
        about: further keys of config.json.
        card, alive: see `export_motion` and `MotionConfig`.

    Raises:
        ConfigError: too many steps. ModelError: a graph that does not give what the network gives.
    """
    if len(window.updates) > _MOST_STEPS:
        raise ConfigError(
            f"a bundle unrolls at most {_MOST_STEPS} steps, got {len(window.updates)}; say sampling.steps=10"
        )
    window = deepcopy(window).eval().requires_grad_(False)
    if pack.weights != "floats":
        round_weights(window.network, pack.weights)
        if system.representation.about.codebooks:
            round_gently(window.hearing)
        else:
            round_weights(window.hearing, pack.weights)
    channels = system.data.channels
    noise = Noise(len(channels), window.draws) if window.draws else None
    config = MotionConfig(Path(folder).name, pack.licence, channels, round(FRAME_RATE), pack.windows, noise, alive)
    return export_motion(window, folder, config, {"provenance": list(pack.provenance), **about}, card)


def bundle_table(
    checkpoint: str | Path, recipe: Mapping[str, Any], table: Mapping[str, Any] | None
) -> Mapping[str, Any]:
    """The table [bundle] that was given, else the one of the checkpoint's recipe; ConfigError without either."""
    table = recipe.get("bundle") if table is None else table
    if not table:
        raise ConfigError(f"{checkpoint} has no table [bundle]; give a recipe with licence and provenance in it")
    return table


def tell(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """What of a recipe says what the network is; where things lay on the machine does not."""
    told: dict[str, Any] = {key: recipe[key] for key in _TOLD if key in recipe}
    return {**told, "speech": {k: v for k, v in recipe["speech"].items() if k != "store"}}
