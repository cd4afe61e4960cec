import numpy as np
import pytest

from utterface.lab.measures.catalogue import CATALOGUE, figures, select, speech_loss


def test_closures_by_hand():
    sums = {"hits": [2.0, 0.0], "bilabials": [4.0, 4.0], "true_closures": [1.0, 0.0], "closures": [4.0, 0.0],
            "vowel_closed": [1.0, 0.0], "vowel_frames": [10.0, 0.0]}  # fmt: skip
    result = figures({name: np.array(values) for name, values in sums.items()}, CATALOGUE)
    assert list(result) == ["closure_f1", "closure_recall", "closure_precision", "vowel_closed"]
    assert result["closure_recall"].tolist() == [0.5, 0.0] and result["closure_precision"].tolist() == [0.25, 0.0]
    assert result["closure_f1"] == pytest.approx([1 / 3, 0.0])
    assert result["vowel_closed"][0] == 0.1 and np.isnan(result["vowel_closed"][1])


def test_both_conventions_of_fdd_stand_side_by_side():
    sums = {"dynamics": np.array(3e-6), "clips": np.array(2.0), "fdd_u": np.array(0.5), "fdd_u_sounds": np.array(2.0)}
    result = figures(sums, select(("fdd_mm2", "fdd_u")))
    printed = {name: float(value) * CATALOGUE[name].scale for name, value in result.items()}
    assert printed == {"fdd_mm2": pytest.approx(1.5), "fdd_u": pytest.approx(0.25)}
    assert (CATALOGUE["fdd_mm2"].head, CATALOGUE["fdd_u"].head) == ("FDD, mm²", "FDD-U, mm ↓")


def test_labels_and_names_are_unique():
    labels = [measure.name_unit for measure in CATALOGUE.values()]
    assert len(set(labels)) == len(labels)
    assert all(m.best in ("low", "high", "") and m.paper and m.meaning for m in CATALOGUE.values())


def test_the_speech_loss_is_the_papers():
    assert speech_loss(distance=8.0, mel_frames=4, surprise=6.0, frames=3) == pytest.approx(10 * 2 / 4 + 2)
