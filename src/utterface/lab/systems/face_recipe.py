"""Tables of the recipe that every face system reads, and recipes of older checkpoints under the names of today."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from utterface.errors import ConfigError
from utterface.motion import ARKIT

_RENAMED = {  # table: keys of older recipes, which checkpoints hold → keys of today
    "data": {"disguises": "copies"},
    "losses": {"hearing": "mesh_to_speech"},
    "decoder": {"hearing": "convolutions"},
    "mesh_to_speech": {"listener": "model"},
}


@dataclass(frozen=True)
class SpeechConfig:
    """The recipe's table `speech`.

    Attributes:
        representation: a name that `open_representation` takes.
        units: read units, through fresh embedding tables, rather than vectors; by default where there are units.
        embedding: features of a unit; those of several codebooks are summed.
        store: folder of the encoded clips.
        trained: train the representation's network with the decoder (THUNDER-T) instead of reading it frozen.
    """

    representation: str
    units: bool | None = None
    embedding: int = 256
    store: Path = Path("~/.cache/utterface/tracks").expanduser()  # noqa: RUF009 - a constant
    trained: bool = False


@dataclass(frozen=True)
class FaceDataConfig:
    """The recipe's table `data`.

    Attributes:
        root: folder of the corpora.
        corpora: names of those to train on.
        validation: names of those to validate on; by default the same.
        splits, held_out: the splits to train and to validate on.
        channels: of the motion; by default ARKit's without the tongue.
        frame_rate: of the motion, Hz.
        batch: crops a batch.
        seconds: greatest length of a crop.
        clips, judged: greatest number of clips to train and to validate on, evenly taken; 0 is all.
        scaled: a denoiser sees each channel at mean 0 and deviation 1.
        copies: augmented copies of each clip, in another room, through another microphone, that it is learned from
            besides itself; the recipe's table `augment` sets them.
    """

    root: Path
    corpora: tuple[str, ...]
    validation: tuple[str, ...] = ()
    splits: tuple[str, ...] = ("train",)
    held_out: tuple[str, ...] = ("valid",)
    channels: tuple[str, ...] = ARKIT[:-1]
    frame_rate: float = 30.0
    batch: int = 8
    seconds: float = 10.0
    clips: int = 0
    judged: int = 20
    scaled: bool = False
    copies: int = 0

    def __post_init__(self) -> None:
        if not self.frame_rate > 0:
            raise ConfigError(f"data.frame_rate must be above 0, got {self.frame_rate}")


@dataclass(frozen=True)
class SamplingConfig:
    """The recipe's table `sampling`, for decoders that denoise.

    Attributes:
        sampler: `ddpm`, `ddim`, `dpm++` or `renoise`.
        steps: of the sampler.
        guidance: of the speech, s in s · x̂0(speech) + (1 − s) · x̂0(); 1 is none.
        takes: of every clip in validation.
    """

    sampler: str = "dpm++"
    steps: int = 20
    guidance: float = 1.0
    takes: int = 1


def current_recipe(recipe: Mapping[str, Any], defaults: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The recipe with a paper's defaults, and with the tables and keys of older recipes under their names of today."""
    merged = {**recipe.get("mesh_to_speech", {}), **recipe.get("hearing", {})}
    recipe = {**recipe, "mesh_to_speech": merged}
    for name, keys in _RENAMED.items():
        if name in recipe:
            recipe[name] = {keys.get(key, key): value for key, value in recipe[name].items()}
    return recipe | {name: {**table, **recipe.get(name, {})} for name, table in defaults.items()}
