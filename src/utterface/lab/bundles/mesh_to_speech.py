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
_TOLD = ("system", "speech", "motion", "network", "losses")  # tables of the recipe that say what the listener is


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
    """Motion at the listener's own rate and a voice → log-mel alone."""

    def __init__(self, listener: MeshToSpeechModel) -> None:
        super().__init__()
        self.listener, self.rate = listener, float(listener.network.config.rate)

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
    """The averaged weights of a listener, with its speaker encoder and a vocoder, as a bundle.

    Args:
        checkpoint: of the system `mesh_to_speech`.
        folder: where the bundle goes; made if need be.
        table: the recipe's table `bundle`.
        card: text of CARD.md; by default the one that lies in the folder, else one that tells what is known.

    Returns:
        The folder.

    Raises:
        ConfigError: a table that does not fit, or a listener that hears other channels than ARKit's weights.
        ModelError: a checkpoint that is none.
    """
    config = config_from(VoicePackConfig, table, "table [bundle]")
    listener, vocoder = MeshToSpeechModel(checkpoint), Vocoder(config.vocoder)
    strange = [channel for channel in listener.channels if channel not in ARKIT]
    if strange:
        raise ConfigError(f"a voice hears ARKit's weights; this listener hears {', '.join(strange[:3])} …")
    _, recipe, step = load_average(checkpoint)
    system = MeshToSpeechSystem(recipe)
    whose = deepcopy(system.speaker.network)
    for network in (listener.network, vocoder.network, whose):
        round_weights(network, config.weights)
    windows, rate, reach = config.windows, listener.network.config.rate, vocoder.network.reach
    mean = mean_voice(system)
    graphs = dict(_graphs(TellingWindow(listener), vocoder.network, Whose(whose), windows, mean))
    told = {
        "format": FORMAT,
        "version": VERSION,
        "kind": "voice",
        "channels": list(listener.channels),
        "sample_rate": speech.SAMPLE_RATE,
        "frame_rate": rate,
        **vars(windows),
        "reach": reach,
        "speaker": [round(float(value), 5) for value in mean],
        "licence": config.licence,
        "provenance": list(config.provenance),
        "weights": sum(p.numel() for n in (listener.network, vocoder.network, whose) for p in n.parameters()),
        "recipe": without_places({name: recipe[name] for name in _TOLD if name in recipe}),
        "step": step,
    }
    _write(folder, graphs, told, card)
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
    tell: TellingWindow, vocoder: VocoderNetwork, whose: Whose, windows: Windows, mean: np.ndarray
) -> Iterator[tuple[str, onnx.ModelProto]]:
    """Files of the bundle and what is in them."""
    count = round(windows.length * tell.rate)
    around = round(windows.block * speech.TRACK_RATE) + 2 * vocoder.reach
    motion = torch.rand(1, count, len(tell.listener.channels))
    voice, mel = torch.from_numpy(mean)[None], torch.randn(1, around, speech.MEL_COUNT)
    yield "model.onnx", to_graph(tell, {"motion": motion, "speaker": voice}, "mel")
    yield "vocoder.onnx", to_graph(vocoder, {"mel": mel}, "samples")
    yield "speaker.onnx", to_graph(whose, {"mel": mel}, "speaker", any_length=True)


def _write(folder: Path, graphs: Mapping[str, onnx.ModelProto], told: Mapping[str, Any], card: str | None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    data = {name: graph.SerializeToString() for name, graph in graphs.items()}
    if card is not None or not (folder / "CARD.md").is_file():
        data["CARD.md"] = (card or write_card(told, folder.name, sum(map(len, data.values())))).encode()
    data["config.json"] = (json.dumps(told, indent=1, ensure_ascii=False, default=str) + "\n").encode()
    for name, content in data.items():
        with replacing(folder / name) as part:
            part.write_bytes(content)


def write_card(told: Mapping[str, Any], name: str, size: int) -> str:
    """A card that says what config.json knows; what was measured is for people to add."""
    made_of = "\n".join(f"* {line}" for line in told["provenance"]) or "* not told"
    looked = told["recipe"].get("network", {}).get("input", "mouth")
    return (
        f"# {name}\n\nTells what a face says: `utterface mesh-to-speech face.npz -o voice.wav`.\n\n| | |\n|---|---|\n"
        f"| in | {len(told['channels'])} ARKit weights at {told['frame_rate']} Hz, heard from: {looked}; a voice, "
        f"{len(told['speaker'])} numbers |\n| out | samples at 16 kHz |\n| windows | {told['past']:g} s past, "
        f"{told['block']:g} s block, {told['future']:g} s future; neighbours fade over {told['overlap']:g} s |\n"
        f"| networks | {told['weights'] / 1e6:.1f} million weights, {size / 1e6:.1f} MB |\n\n"
        f"## Made of\n\n{made_of}\n\nLicence: {told['licence']}\n"
    )
