"""A trained listener, vocoder and speaker encoder → a bundle of kind `voice`, which `utterface mesh-to-speech` runs.

    model.onnx     motion (1, F, C) weights at the bundle's rate, speaker (1, S) → mel (1, 100 · seconds, 80)
    vocoder.onnx   mel (1, T, 80) → samples (1, 160 T): a block and the frames around it that its edges would spoil
    speaker.onnx   mel (1, any, 80) → speaker (1, S)

All log-mel is as `speech.log_mel` has it. The rig's vertices are a product in the first graph.
"""

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from torch import Tensor, nn

from utterface import speech
from utterface.engines.bundle import FORMAT, VERSION, Windows
from utterface.errors import ConfigError
from utterface.files import replacing
from utterface.lab.bundles.motion import PackConfig, round_weights, to_graph
from utterface.lab.corpora.manifest import CorpusClip
from utterface.lab.networks.mesh_to_speech import BLOCK, FUTURE, LEVEL, PAST, SPREAD, MeshToSpeechModel
from utterface.lab.networks.speaker import SpeakerNetwork
from utterface.lab.networks.vocoder import Vocoder, VocoderNetwork
from utterface.lab.systems.mesh_to_speech import MeshToSpeechSystem
from utterface.lab.training.checkpoints import load_average
from utterface.lab.training.recipe import config_from, without_places
from utterface.motion import ARKIT

_MOST_VOICES = 100  # speakers in the mean voice
_TOLD = ("system", "speech", "motion", "network", "losses")  # tables of the recipe that describe the model


@dataclass(frozen=True, kw_only=True)
class VoicePackConfig(PackConfig):
    """The recipe's table `bundle` of `mesh_to_speech`; a window is in sum about a crop of the training.

    Attributes:
        vocoder: checkpoint of the system `vocoder`.
    """

    vocoder: Path
    block: float = BLOCK
    past: float = PAST
    future: float = FUTURE
    weights: str = "halves"


class TellingWindow(nn.Module):
    """Motion at the model's own rate and a speaker → log-mel alone."""

    def __init__(self, model: MeshToSpeechModel) -> None:
        super().__init__()
        self.listener, self.rate = model, float(model.network.config.rate)

    def forward(self, motion: Tensor, speaker: Tensor) -> Tensor:
        mel: Tensor = self.listener(motion, speaker, self.rate).mel
        return mel


class Whose(nn.Module):
    """Log-mel → whose voice it is: the speaker encoder behind its own log-mel."""

    def __init__(self, network: SpeakerNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, mel: Tensor) -> Tensor:
        return self.network.embed((mel - LEVEL) / SPREAD)


def export_voice(checkpoint: Path, folder: Path, table: Mapping[str, Any], card: str | None = None) -> Path:
    """The averaged weights of a mesh-to-speech model, with its speaker encoder and a vocoder, as a bundle.

    Args:
        checkpoint: of the system `mesh_to_speech`.
        folder: where the bundle goes; made if need be.
        table: the recipe's table `bundle`.
        card: text of CARD.md; by default the one in the folder, else one written from config.json.

    Returns:
        The folder.

    Raises:
        ConfigError: a table that does not fit, or a model that reads other channels than ARKit's weights.
        ModelError: a checkpoint that is none.
    """
    config = config_from(VoicePackConfig, table, "table [bundle]")
    model, vocoder = MeshToSpeechModel(checkpoint), Vocoder(config.vocoder)
    strange = [channel for channel in model.channels if channel not in ARKIT]
    if strange:
        raise ConfigError(f"mesh-to-speech bundles read ARKit's weights; this model reads {', '.join(strange[:3])} …")
    _, recipe, step = load_average(checkpoint)
    system = MeshToSpeechSystem(recipe)
    whose = deepcopy(system.speaker.network)
    for network in (model.network, vocoder.network, whose):
        round_weights(network, config.weights)
    windows, rate, reach = config.windows, model.network.config.rate, vocoder.network.reach
    mean = mean_voice(system)
    graphs = dict(_graphs(TellingWindow(model), vocoder.network, Whose(whose), windows, mean))
    keys = {
        "format": FORMAT,
        "version": VERSION,
        "kind": "voice",
        "channels": list(model.channels),
        "sample_rate": speech.SAMPLE_RATE,
        "frame_rate": rate,
        **vars(windows),
        "reach": reach,
        "speaker": [round(float(value), 5) for value in mean],
        "licence": config.licence,
        "provenance": list(config.provenance),
        "weights": sum(p.numel() for n in (model.network, vocoder.network, whose) for p in n.parameters()),
        "recipe": without_places({name: recipe[name] for name in _TOLD if name in recipe}),
        "step": step,
    }
    _write(folder, graphs, keys, card)
    return folder


def mean_voice(system: MeshToSpeechSystem) -> np.ndarray:
    """(S,) of length 1: the middle of the voices that it was trained on, a clip of each speaker."""
    speakers: dict[str, CorpusClip] = {}
    for clip in (clip for clips in system.crops(system.data.splits).clips for clip in clips):
        speakers.setdefault(clip.speaker, clip)
    chosen = [speakers[name] for name in sorted(speakers)]
    few = chosen[:: -(-len(chosen) // _MOST_VOICES)]
    mean = np.mean([system.voices[clip].values[0] for clip in few], 0)
    return np.asarray(mean / np.linalg.norm(mean), np.float32)


def _graphs(
    window: TellingWindow, vocoder: VocoderNetwork, whose: Whose, windows: Windows, mean: np.ndarray
) -> Iterator[tuple[str, onnx.ModelProto]]:
    """Files of the bundle and what is in them."""
    count = round(windows.length * window.rate)
    around = round(windows.block * speech.TRACK_RATE) + 2 * vocoder.reach
    motion = torch.rand(1, count, len(window.listener.channels))
    voice, mel = torch.from_numpy(mean)[None], torch.randn(1, around, speech.MEL_COUNT)
    yield "model.onnx", to_graph(window, {"motion": motion, "speaker": voice}, "mel")
    yield "vocoder.onnx", to_graph(vocoder, {"mel": mel}, "samples")
    yield "speaker.onnx", to_graph(whose, {"mel": mel}, "speaker", any_length=True)


def _write(folder: Path, graphs: Mapping[str, onnx.ModelProto], keys: Mapping[str, Any], card: str | None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    data = {name: graph.SerializeToString() for name, graph in graphs.items()}
    if card is not None or not (folder / "CARD.md").is_file():
        data["CARD.md"] = (card or write_card(keys, folder.name, sum(map(len, data.values())))).encode()
    data["config.json"] = (json.dumps(keys, indent=1, ensure_ascii=False, default=str) + "\n").encode()
    for name, content in data.items():
        with replacing(folder / name) as part:
            part.write_bytes(content)


def write_card(keys: Mapping[str, Any], name: str, size: int) -> str:
    """A card of the facts in config.json; measurements are for people to add."""
    made_of = "\n".join(f"* {line}" for line in keys["provenance"]) or "* unknown"
    looked = keys["recipe"].get("network", {}).get("input", "mouth")
    return (
        f"# {name}\n\nMotion of a face to speech: `utterface mesh-to-speech face.npz -o voice.wav`.\n\n"
        f"| | |\n|---|---|\n"
        f"| in | {len(keys['channels'])} ARKit weights at {keys['frame_rate']} Hz, read from: {looked}; a speaker, "
        f"{len(keys['speaker'])} numbers |\n| out | samples at 16 kHz |\n| windows | {keys['past']:g} s past, "
        f"{keys['block']:g} s block, {keys['future']:g} s future; neighbours fade over {keys['overlap']:g} s |\n"
        f"| networks | {keys['weights'] / 1e6:.1f} million weights, {size / 1e6:.1f} MB |\n\n"
        f"## Made of\n\n{made_of}\n\nLicence: {keys['licence']}\n"
    )
