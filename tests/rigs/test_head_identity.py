"""Other faces: every key does what it says, bad ones are one line, and any mixture stays a head."""

from pathlib import Path

import numpy as np
import pytest

from support.head_geometry import areas_of
from utterface import rigs
from utterface.errors import RigError
from utterface.rigs.human import build
from utterface.rigs.human.data import load
from utterface.rigs.human.identity import Identity, modifier_limits, people, read_identity, shaped


def test_there_are_at_least_thirty_modifiers_and_each_one_shows() -> None:
    limits, data = modifier_limits(), load()
    mean = shaped(Identity(), data)
    assert len(limits) >= 30
    for name, (low, high) in limits.items():
        for amount in {low, high} - {0.0}:
            assert np.abs(shaped(Identity(modifiers={name: amount}), data) - mean).max() > 0.5, (name, amount)


def test_age_sex_origin_and_build_show() -> None:
    data = load()
    mean = shaped(Identity(), data)
    for other in ({"age": 75.0}, {"sex": 1.0}, {"origins": {"asian": 1.0}}, {"weight": 0.9}, {"muscle": 0.1}):
        assert np.abs(shaped(Identity(**other), data) - mean).max() > 2, other


def test_modifiers_do_what_their_names_say() -> None:
    data = load()

    def width(points: np.ndarray) -> float:
        return float(np.ptp(points[data.lip_loops[4], 0]))

    def nose(points: np.ndarray) -> float:
        return float(points[: data.skin_count, 2].max())

    for name, measure in (("mouth_width", width), ("nose_depth", nose)):
        low, mean, high = (measure(shaped(Identity(modifiers={name: a}), data)) for a in (-1, 0, 1))
        assert low < mean < high, name


def test_eight_people_of_both_sexes_and_many_ages_and_origins() -> None:
    everyone = people()
    assert len(everyone) == 8 and {round(person.sex) for person in everyone.values()} == {0, 1}
    ages = [person.age for person in everyone.values()]
    assert min(ages) < 30 and max(ages) > 60
    assert len({max(person.origins, key=person.origins.__getitem__) for person in everyone.values()}) == 3
    assert len({person.hair for person in everyone.values()}) >= 4 and len({p.eyes for p in everyone.values()}) >= 3


def test_a_face_of_a_file_changes_what_it_names(tmp_path: Path) -> None:
    file = tmp_path / "me.toml"
    file.write_text('like = "mira"\nage = 61\n[modifiers]\nnose_width = 0.4\n')
    face = read_identity(file)
    assert (face.name, face.age, face.modifiers) == ("me", 61, {"nose_width": 0.4})
    assert face.hair == people()["mira"].hair


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nose_widht = 1", "nose_widht"),
        ("agee = 30", "did you mean age"),
        ("age = 12", "age must be a number, 20 to 80; got 12"),
        ('hair = "short hair"', "hair is one of none"),
        ("[modifiers]\nnose_widht = 0.1", "did you mean nose_width"),
        ("[modifiers]\nnose_width = 3", "modifiers.nose_width must be a number, -1 to 1; got 3"),
        ("[origins]\nasia = 1", "did you mean asian"),
        ('like = "mirra"', "did you mean mira"),
        ("age = ", "cannot read the face"),
    ],
)
def test_a_bad_file_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "face.toml"
    file.write_text(text)
    with pytest.raises(RigError, match="face") as caught:
        read_identity(file)
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_a_name_that_is_none_gets_the_nearest() -> None:
    with pytest.raises(RigError, match="did you mean mira"):
        rigs.head("mirra")
    with pytest.raises(RigError, match="no such file"):
        rigs.head("nobody.toml")


def test_hair_can_be_chosen_for_any_face() -> None:
    bald, cropped = rigs.head(detail="low", hair="none"), rigs.head(detail="low", hair="cropped")
    assert "hair" not in {part.name for part in bald.parts} and "hair" in {part.name for part in cropped.parts}
    with pytest.raises(RigError, match="hair is one of none, stubble"):
        rigs.head(hair="mohawk")


def test_the_rig_takes_another_identity() -> None:
    head = rigs.head(detail="low")
    other = head.with_identity(Identity(sex=1.0, hair="none"))
    assert other.detail == "low" and not np.array_equal(other.template[:100], head.template[:100])


@pytest.mark.parametrize("seed", range(4))
def test_any_mixture_stays_a_head(seed: int) -> None:
    rng = np.random.default_rng(seed)
    modifiers = {name: float(rng.choice(ends)) for name, ends in modifier_limits().items() if rng.random() < 0.3}
    identity = Identity(age=float(rng.uniform(20, 80)), sex=float(rng.random()), modifiers=modifiers)
    _, _, skin = build.refined_skin(identity)
    assert np.allclose(skin.points[:, 0].max(), -skin.points[:, 0].min(), atol=1e-3)
    ratio = areas_of(skin.points, skin.triangles) / areas_of(skin.mean, skin.triangles)
    assert np.percentile(ratio, 0.1) > 0.05 and np.percentile(ratio, 99.9) < 8
