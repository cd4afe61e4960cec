import numpy as np
import pytest

from utterface.errors import ConfigError
from utterface.lab.studies.claims import HOLDS, NOT, UNDECIDED
from utterface.lab.studies.lsf import report
from utterface.lab.studies.lsf.options import LsfOptions
from utterface.lab.studies.lsf.report import MEAN_ROW, MEASURES, SHUFFLED_ROW, LsfResults, judge
from utterface.lab.studies.lsf.runs import EmotionFaces, prepare, runs
from utterface.lab.studies.lsf.sizes import PRIORS, SIZES, VARIANTS, LsfSettings, prior_recipe, recipe
from utterface.lab.studies.lsf.study import STUDY
from utterface.lab.studies.runs import VariantRun
from utterface.lab.studies.scores import Scores
from utterface.lab.studies.store import Folder
from utterface.lab.studies.study import StudyRequest, run
from utterface.lab.systems.registry import record
from utterface.motion import Motion

CLIPS = [f"c{i}" for i in range(40)]
GOOD = {"own": 0.9, "none": 0.2, "label": 0.95, "other clip": 0.2, "no identity": 0.9, "concat": 0.9}


def sums(right: float, error: float = 1.0, mesh: float = 1.0, shift: float = 1.0):
    rng = np.random.default_rng(0)
    return {
        clip: {
            "emotion_right": float(i < right * len(CLIPS)), "clips": 1.0, "frames": 1.0,
            "mesh_error": mesh * rng.uniform(1, 1.1),
            "strength_error": error * rng.uniform(1, 1.1), "brows_error": error * rng.uniform(1, 1.1),
            "shifted": shift * rng.uniform(1, 1.1), "shift_frames": 1.0, "lip_error": mesh, "held_error": 1.0,
        }
        for i, clip in enumerate(CLIPS)
    }  # fmt: skip


def results(**changes) -> LsfResults:
    rows = {name: [sums(right)] for name, right in {**GOOD, **changes}.items()}
    rows["own"] = [sums({**GOOD, **changes}["own"], error=0.4)]
    rows |= {MEAN_ROW: [sums(0.9)], SHUFFLED_ROW: [sums(0.9, error=1.2)]}
    rows["concat"] = [sums(0.9, mesh=1.5)]
    priors = {p.name: [sums(0.9, mesh=1.0 + k, shift=1.0 + k)] for k, p in enumerate(PRIORS)}
    return LsfResults(Scores(rows, MEASURES), Scores(priors, MEASURES))


def test_claims_hold_where_every_threshold_is_passed():
    assert {claim.key: claim.verdict for claim in judge(results())} == {
        "emotion": HOLDS, "identity": HOLDS, "fusion": HOLDS, "prior": HOLDS,
    }  # fmt: skip


def test_a_small_gain_of_the_emotion_stream_does_not_pass():
    claim = judge(results(own=0.3))[0]
    assert claim.verdict == NOT


def test_the_gate_asks_labels_to_beat_none():
    claim = judge(results(label=0.2))[0]
    assert claim.verdict == UNDECIDED
    assert "gate" in claim.remarks[0]


def test_rows_that_are_missing_are_named():
    whole = results()
    claim = report._emotion(Scores({"own": [sums(0.9)], "none": [sums(0.2)]}, MEASURES))
    assert claim.verdict == UNDECIDED
    assert "label, other clip have no figures" in claim.remarks[0]
    assert whole.stages.variants


def test_a_face_is_of_the_emotion_whose_mean_is_nearest():
    def face(value: float) -> Motion:
        values = np.zeros((5, 61), np.float32)
        values[:, 3] = value
        return Motion(values)

    faces = EmotionFaces.of([("joy", face(0.8)), ("joy", face(0.7)), ("neutral", face(0.0)), ("neutral", face(0.1))])
    assert faces.nearest(face(0.6)) == "joy"
    assert faces.nearest(face(0.2)) == "neutral"


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_every_recipe_reads_only_tables_of_its_system(size, tmp_path):
    settings = LsfSettings(Folder(tmp_path), ("jawOpen", "browInnerUp"), "ours:emotion", 16)
    written = [prior_recipe(size, variant, settings) for variant in size.priors]
    written += [recipe(size, one, settings, tmp_path / "prior") for one in runs(size)]
    for own in written:
        assert own.keys() - {"system", "train"} <= set(record(own["system"]).tables)
    assert size.chosen in size.priors


def test_control_rows_differ_from_own_in_one_thing(tmp_path):
    settings = LsfSettings(Folder(tmp_path), ("jawOpen",), "ours:emotion", 16)
    own, *others = (recipe(SIZES["small"], VariantRun(v, 0), settings, tmp_path) for v in VARIANTS)
    for variant, other in zip(VARIANTS[1:], others, strict=True):
        changed = {
            f"{table}.{key}"
            for table in ("speech", "conditions", "network")
            for key in own[table]
            if own[table][key] != other[table][key]
        }
        most = 2 if variant.label in ("no identity", "content hears") else 1
        assert 1 <= len(changed) <= most, (variant.label, changed)


def test_the_study_asks_for_corpora(tmp_path):
    with pytest.raises(ConfigError, match="bench lsf needs --corpora"):
        prepare(SIZES["smoke"], StudyRequest("smoke", LsfOptions()), Folder(tmp_path), print)


@pytest.mark.slow
def test_a_whole_study_runs_and_resumes(performed_clips, tmp_path):
    request = StudyRequest("smoke", LsfOptions((performed_clips,), "mfcc"), processes=1)
    first = run(STUDY, request, tmp_path)
    assert not first.failed
    assert {claim.key for claim in first.claims} == {"emotion", "identity", "fusion", "prior"}
    again = run(STUDY, request, tmp_path)
    assert again.results == first.results
    assert "Second stages" in (tmp_path / "lsf.md").read_text()
