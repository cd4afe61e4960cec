"""The emotion network on speakers that it was not trained on, and the shipped one on recordings.

    python scripts/judge_emotion.py recall recipes/emotion.toml data.root=CORPORA
    python scripts/judge_emotion.py shown FOLDER …

`recall` trains once for each speaker of the corpora, left out, and prints recall with 95 % intervals over speakers;
`shown` prints for each folder of recordings which emotions `--emotion auto` shows, and how much.
"""

import tempfile
from pathlib import Path

import numpy as np
import torch
from cyclopts import App

from utterface import speech
from utterface.engines.emotion import EmotionStream
from utterface.lab.systems.emotion import EMOTIONS, EmotionSystem
from utterface.lab.training import loop
from utterface.lab.training.checkpoints import load_average
from utterface.lab.training.recipe import read_recipe
from utterface.speech import kinds

app = App(help=__doc__)


@app.command
def recall(recipe: Path, *overrides: str) -> None:
    """Leave-one-speaker-out recall of a recipe."""
    base = read_recipe(recipe, overrides)
    table = EmotionSystem(base).table
    actors = sorted(set(table.speakers) - {""})
    confusion = np.zeros((len(actors), len(EMOTIONS), len(EMOTIONS)))
    with tempfile.TemporaryDirectory() as folder:
        for row, actor in enumerate(actors):
            train = {**base["train"], "folder": f"{folder}/{actor}", "validate_every": 0, "save_every": 10**9}
            own = {**base, "train": train, "data": {**base["data"], "left_out": [actor]}}
            system = EmotionSystem(own, table)
            weights, _, _ = load_average(loop.train(system, own, lambda line: None))
            system.network.load_state_dict(weights)
            left = system.held_out()
            with torch.inference_mode():
                decided = system.network.eval()(torch.from_numpy(left.features))[:, : len(EMOTIONS)].argmax(1).numpy()
            np.add.at(confusion[row], (left.emotions, decided), 1)
            print(f"{actor}: {_recall(confusion[row : row + 1]).mean():.3f}", flush=True)
    rng = np.random.default_rng(0)
    drawn = [_recall(confusion[rng.integers(0, len(actors), len(actors))]) for _ in range(1000)]
    limits = np.nanpercentile([_with_mean(d) for d in drawn], (2.5, 97.5), 0)
    for name, value, low, high in zip((*EMOTIONS, "mean"), _with_mean(_recall(confusion)), *limits, strict=True):
        print(f"| {name} | {value:.2f} ({low:.2f} to {high:.2f}) |")
    print(confusion.sum(0).astype(int))


def _recall(confusion: np.ndarray) -> np.ndarray:
    total = confusion.sum(0)
    return np.diag(total)[total.sum(1) > 0] / total.sum(1)[total.sum(1) > 0]


def _with_mean(recalls: np.ndarray) -> np.ndarray:
    return np.append(recalls, recalls.mean()) if len(recalls) == len(EMOTIONS) else np.full(len(EMOTIONS) + 1, np.nan)


@app.command
def shown(*folders: Path, most: int = 100) -> None:
    """What the shipped network shows on recordings: share of the time above a tenth, mean strength of each emotion."""
    for folder in folders:
        files = [p for p in sorted(folder.rglob("*")) if p.suffix.lower() in kinds()]
        total, above, quiet = dict.fromkeys(EMOTIONS[1:], 0.0), 0.0, 0
        chosen = files[:: -(-len(files) // most)]
        for path in chosen:
            stream, samples = EmotionStream(), speech.read(path).samples
            stream.push(samples)
            times = np.arange(0, len(samples) / speech.SAMPLE_RATE, 0.1)
            courses = stream.courses(times)
            for name, course in courses.items():
                total[name] += course.mean() / len(chosen)
            most_of = np.max([np.zeros(len(times)), *courses.values()], 0)
            above, quiet = above + (most_of > 0.1).mean() / len(chosen), quiet + (most_of.max() < 0.1)
            if len(chosen) <= 12:
                print(f"  {path.name}: {stream.confidence()}")
        each = ", ".join(f"{name} {mean:.3f}" for name, mean in total.items())
        print(f"{folder.name}: {len(chosen)} recordings, {quiet} neutral throughout; shown {above:.3f} of the time")
        print(f"  {each}")


if __name__ == "__main__":
    app()
