import shutil
from dataclasses import replace

import numpy as np
import pytest

from utterface.lab.measures.sums import bcs_sums, bilabial_frames
from utterface.lab.studies import store
from utterface.lab.studies.runs import ARTICULATION, MEAN_FACE, TRIVIAL, VariantRun, reference
from utterface.lab.studies.store import read_json
from utterface.lab.studies.tokens.runs import TokensRunner, predict
from utterface.lab.studies.tokens.sizes import Opened, RepresentationEntry, TokensVariant, recipe
from utterface.lab.systems.tokens_to_faces import make


@pytest.fixture
def runner(size, material, folder) -> TokensRunner:
    return TokensRunner(size, material, folder, None, {}, (Opened(RepresentationEntry("mel", "mel"), "mel"),))


def mel(decoder: str, seed: int = 0) -> VariantRun[TokensVariant]:
    return VariantRun(TokensVariant("mel", decoder), seed)


def test_a_run_is_trained_measured_and_kept(runner, material, folder):
    figures = read_json(runner.run(mel("gru_diffusion")))
    assert set(figures["test"]) == {c.id for c in material.test} and figures["spoken"] == {}
    assert all(row["clips"] == 1 and np.isfinite(list(row.values())).all() for row in figures["test"].values())
    assert sum(row["varied"] for row in figures["test"].values()) == 1  # takes of one clip
    assert figures["train_seconds"] > 0 and [step for step, _ in figures["losses"]] == [1, 2, 3, 4]
    assert not list((folder.work / "runs").iterdir())
    with np.load(folder.gaps("mel.gru_diffusion.0")) as kept:
        assert set(kept.files) == {f"test/{c.id}" for c in material.test}
        for clip in material.test:  # closures can be judged anew from what is kept
            times = np.arange(len(kept[f"test/{clip.id}"])) / 30
            again = bcs_sums(kept[f"test/{clip.id}"], bilabial_frames(clip, times), runner.measures["test"].closed_mm)
            assert {name: figures["test"][clip.id][name] for name in again} == again
    with np.load(folder.motion("mel.gru_diffusion.0")) as kept:
        assert {kept[name].shape[1] for name in kept} == {len(runner.channels)} and len(kept.files) == 1


def test_a_finished_run_is_left_alone_and_another_budget_is_run_again(runner, folder):
    run = mel("animator", 1)
    path = runner.run(run)
    before = path.stat().st_mtime_ns
    assert replace(runner).run(run).stat().st_mtime_ns == before
    assert not folder.motion(run.name).exists()  # only the first seed's faces are shown
    replace(runner, size=replace(runner.size, steps=5)).run(run)
    assert read_json(path)["losses"][-1][0] == 5


def test_measuring_again_trains_nothing_again(runner, material, monkeypatch):
    runner.run(mel("animator"))
    monkeypatch.setattr(store, "train", lambda *a: pytest.fail("trained again"))
    fewer = replace(runner, material=replace(material, test=material.test[:2]))
    assert len(read_json(fewer.run(mel("animator")))["test"]) == 2


def test_the_same_seed_makes_the_same_run(runner, folder):
    run = mel("transformer")
    first = read_json(runner.run(run))["test"]
    shutil.rmtree(folder.work / "weights")
    folder.figures(run.name).unlink()
    assert read_json(runner.run(run))["test"] == first


def test_the_floor_and_the_ceiling(runner, folder):
    runner.trivial()
    sums = read_json(folder.figures(TRIVIAL))
    mean, best = (sum(row["squared_error"] for row in sums[k]["test"].values()) for k in (MEAN_FACE, ARTICULATION))
    assert best == 0 < mean
    assert all(row["shaken"] < 0.1 for row in sums[MEAN_FACE]["test"].values())


@pytest.mark.parametrize("kind", ["transformer", "gru_diffusion", "animator"])
def test_clips_together_move_as_they_do_alone(size, material, folder, kind):
    system = make(recipe(size, mel(kind), "mel", folder))
    network = system.network.eval()
    together = predict(system, network, material.test, seed=3)
    assert [len(m) for m in together] == [len(reference(c, system.face.data.channels)) for c in material.test]
    alone = predict(system, network, material.test[:1], seed=3)[0]
    assert together[0].values == pytest.approx(alone.values, abs=1e-4)
    other = predict(system, network, material.test[:1], seed=4)[0]
    assert np.allclose(alone.values, other.values) == (kind != "gru_diffusion")
    if kind == "gru_diffusion":
        first, second = predict(system, network, [material.test[0]] * 2, seed=3)
        assert not np.allclose(first.values, second.values)  # takes of one sound
