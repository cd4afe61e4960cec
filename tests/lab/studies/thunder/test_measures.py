import numpy as np
import pytest

from utterface import rigs
from utterface.lab.measures.sampled import MEASURES, ClipTakes
from utterface.lab.networks.mesh_to_speech import SPREAD
from utterface.lab.studies.hearing import Ear
from utterface.lab.studies.thunder.measures import FIGURES, Judge, figures, heard_of, lips_of, others_of, sums_of
from utterface.rigs.lips import LipRig


@pytest.fixture
def judge(material) -> Judge:
    head = rigs.head()
    return Judge(head, LipRig.from_rig(head), material.test)


def whole(rows) -> dict[str, float]:
    totals = {name: np.array(sum(row[name] for row in rows)) for name in rows[0]}
    return {name: float(value) for name, value in figures(totals).items()}


def test_figures_are_the_papers_means_over_sounds(judge, material):
    takes = [material.train[k] for k in (0, 1)]
    moved = [next(s for s in [judge.sounds[0]]).references[0].with_values(
        np.resize(clip.motion().select(judge.sounds[0].references[0].channels),
                  judge.sounds[0].references[0].values.shape)) for clip in takes]  # fmt: skip
    rows = [sums_of(judge, sound, moved) for sound in material.test]
    found = whole(rows)
    for name in MEASURES:
        by_hand = [np.mean([judge.sampled.measure(ClipTakes(moved, truth))[name] for truth in sound.references])
                   for sound in material.test]  # fmt: skip
        assert found[name] == pytest.approx(np.mean(by_hand)), name
    assert list(found) == [name for name in FIGURES if name in found]
    assert set(FIGURES) - set(found) == {"heard_loss", "heard_units"}  # nobody listened


def test_what_is_heard_is_the_listening_loss_and_the_units_told_right(runner, material):
    """Of the true faces of two sounds, by the listener's own answers; a face ends before its sound and stays."""
    runner.train_ear("mouth")
    ear, rows, apart, right, surprise = Ear(runner.ear("mouth")), [], [], [], []
    for sound in material.test:
        said, face = ear.read(sound.clip), sound.references[0]
        rows.append(heard_of(ear, said, face))
        moved = face.select(ear.listener.channels)
        mel, logits = ear.hear(said, np.concatenate([moved, np.repeat(moved[-1:], len(said.motion) - len(moved), 0)]))
        apart.append(np.abs(mel - said.mel).mean(1))
        right.append(logits.argmax(1) == said.units)
        chances = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
        surprise.append(-np.log(chances[np.arange(len(said.units)), said.units]))
    totals = {name: np.array(sum(row[name] for row in rows)) for name in rows[0]}
    names = ("hits", "bilabials", "true_closures", "closures", "vowel_closed", "vowel_frames")
    found = figures(totals | dict.fromkeys(names, np.array(1.0)))
    assert found["heard_units"] == pytest.approx(np.concatenate(right).mean())
    loss = 10 * np.concatenate(apart).mean() / SPREAD + np.concatenate(surprise).mean()
    assert found["heard_loss"] == pytest.approx(loss, rel=1e-4)


def test_a_performance_beside_itself_is_perfect_and_says_nothing_of_variety(judge, material):
    sound = material.test[0]
    alone = type(sound)(sound.performances[:1])
    found = whole([sums_of(judge, alone, alone.references)])
    assert found["lve_mm"] == found["dtw_mm"] == 0
    assert np.isnan(found["s_div_u"])  # one take
    assert found["l_ccc"] == pytest.approx(1)


def test_bilabials_of_the_performances_are_as_closed_as_seven_in_ten(judge, material):
    found = whole([sums_of(judge, sound, sound.references) for sound in material.test])
    assert found["bcs"] == pytest.approx(0.7, abs=0.1)


def test_other_performances_are_judged_by_each_other(judge, material):
    sound = material.test[0]
    first, second = sound.references
    found = whole([others_of(judge, sound)])
    by_hand = [judge.sampled.measure(ClipTakes([a], b))["lve_mm"] for a, b in ((second, first), (first, second))]
    assert found["lve_mm"] == pytest.approx(np.mean(by_hand))


def test_a_mouth_that_stands_still_has_no_correlation_and_no_say_in_others(judge, material):
    sound = material.test[0]
    still = sound.references[0].with_values(np.zeros_like(sound.references[0].values))
    row = sums_of(judge, sound, [still])
    assert row["l_pcc"] == row["l_pcc_sounds"] == 0
    assert np.isnan(whole([row])["l_pcc"])
    other = sums_of(judge, sound, sound.references)
    assert whole([row, other])["l_pcc"] == pytest.approx(whole([other])["l_pcc"])


def test_real_recordings_have_lips_alone(judge, material):
    sound = material.test[0]
    row = lips_of(judge, sound.clip, sound.references)
    assert set(whole([row])) == {"closure_f1", "closure_recall", "closure_precision", "vowel_closed"}
    assert row["bilabials"] == 2 * lips_of(judge, sound.clip, sound.references[:1])["bilabials"]
