"""Train the network that finds where recognised phones begin and end (`utterface.recognise.boundaries`).

    python scripts/train_boundaries.py OUT_FOLDER CORPUS ... [--steps 1500] [--seed 0]

CORPUS: folders that `utterface corpus` made, with timed phones; clips of their splits `valid` and `test` are left out.
The recogniser's log-probabilities of each clip are computed once; two minutes on one core for an hour of speech.
Needs torch.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import nn

from utterface.lab.batches.augment import AugmentConfig, augment
from utterface.lab.corpora.manifest import read_corpus
from utterface.phones import ARPABET_TO_IPA, SILENCE
from utterface.recognise.boundaries import FRAME_RATE, inputs_of, kin
from utterface.recognise.phones import PhoneRecogniser

AMERICAN = (
    "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH".split()
)
SYMBOLS = (SILENCE, *(ARPABET_TO_IPA[name] for name in AMERICAN))
WIDTH, CROP, BATCH = 64, 150, 12  # channels; recogniser's frames of a crop; crops of a step
UNSURE = 0.6  # clips that were aligned with less confidence are left out
IGNORED = -100
ELSEWHERE = AugmentConfig(rate=(1.0, 1.0), snr=(5.0, 30.0))


class Network(nn.Module):
    """Two convolutions over the recogniser's frames; two answers for each of them."""

    def __init__(self, tokens: int) -> None:
        super().__init__()
        self.first = nn.Conv1d(tokens, WIDTH, 3, padding=1)
        self.second = nn.Conv1d(WIDTH, WIDTH, 5, padding=2)
        self.last = nn.Conv1d(WIDTH, 2 * len(SYMBOLS), 1)
        self.dropout = nn.Dropout(0.1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, tokens, T) → (B, 2 T, symbols) logits."""
        x = self.dropout(torch.relu(self.first(x)))
        x = self.dropout(torch.relu(self.second(x)))
        return self.last(x).transpose(1, 2).reshape(len(x), -1, len(SYMBOLS))


def examples(folders: list[Path], seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(T, tokens) inputs and (2 T,) columns of the symbols of each clip: as recorded, and once in another place."""
    recogniser, rng, other = PhoneRecogniser(), np.random.default_rng(seed), np.zeros(0, np.float32)
    for folder in folders:
        for clip in read_corpus(folder):
            if clip.split in ("valid", "test") or (clip.confidence or 1.0) < UNSURE or clip.duration > 30:
                continue
            samples = clip.samples()
            elsewhere = augment(samples, np.resize(other, len(samples)), ELSEWHERE, rng) if len(other) else samples
            other = samples
            for sound in (samples, elsewhere):
                inputs = inputs_of(recogniser.scores(sound))
                columns = np.full(2 * len(inputs), IGNORED)
                for phone in clip.phones():
                    first, last = round(phone.start * FRAME_RATE), round(phone.end * FRAME_RATE)
                    columns[first:last] = SYMBOLS.index(kin(phone.label))
                yield inputs, columns


def batch(data: list[tuple[np.ndarray, np.ndarray]], rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Crops of clips, long clips more often."""
    lengths = np.array([len(inputs) for inputs, _ in data], float)
    x = np.zeros((BATCH, CROP, data[0][0].shape[1]), np.float32)
    y = np.full((BATCH, 2 * CROP), IGNORED)
    for row, i in enumerate(rng.choice(len(data), BATCH, p=lengths / lengths.sum())):
        inputs, columns = data[i]
        start = rng.integers(max(1, len(inputs) - CROP + 1))
        part = inputs[start : start + CROP]
        x[row, : len(part)], y[row, : 2 * len(part)] = part, columns[2 * start : 2 * (start + len(part))]
    return torch.from_numpy(x).transpose(1, 2), torch.from_numpy(y)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("corpora", type=Path, nargs="+")
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    rng = np.random.default_rng(args.seed)
    data = list(examples(args.corpora, args.seed))
    minutes = sum(len(inputs) for inputs, _ in data) / 50 / 60
    print(f"{len(data)} clips, {minutes:.0f} minutes", flush=True)
    network = Network(data[0][0].shape[1])
    optimiser = torch.optim.AdamW(network.parameters(), 3e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, args.steps)
    for step in range(1, args.steps + 1):
        x, y = batch(data, rng)
        loss = nn.functional.cross_entropy(network(x).flatten(0, 1), y.flatten(), ignore_index=IGNORED)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % 100 == 0:
            print(f"step {step}: loss {loss.item():.3f}", flush=True)
    args.out.mkdir(parents=True, exist_ok=True)
    weights = {name: value.detach().numpy().astype(np.float16) for name, value in network.state_dict().items()}
    kernels = {name: value.transpose(2, 1, 0) if value.ndim == 3 else value for name, value in weights.items()}
    np.savez_compressed(args.out / "boundaries.npz", symbols=np.array(SYMBOLS), **kernels)
    print(json.dumps({"clips": len(data), "minutes": round(minutes), "steps": args.steps}))


if __name__ == "__main__":
    main()
