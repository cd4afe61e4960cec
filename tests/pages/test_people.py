"""People packed for a page: what they differ by from the default face, and when they are offered."""

import numpy as np
import pytest

from support.payloads import unpack
from utterface import rigs
from utterface.motion import ARKIT
from utterface.pages import people
from utterface.pages.rig import movements

POSE = {"jawOpen": 0.4, "mouthSmileLeft": 0.6, "mouthPucker": 0.3, "eyeBlinkRight": 1.0}


@pytest.fixture(scope="module")
def heads():
    return rigs.head("mira"), rigs.head("david")


def summed(moves: dict[str, np.ndarray]) -> np.ndarray:
    return sum(weight * moves[channel] for channel, weight in POSE.items())


def test_a_packed_person_has_the_face_and_the_shapes_of_the_rig(heads):
    base, other = heads
    moves = movements(base)[0]
    header, arrays = unpack(people.pack_person(base, other, moves))
    steps = header["step"] * arrays["places"].reshape(3, -1).T
    template, shape = np.zeros_like(steps), np.zeros_like(steps)
    new = np.ones(len(steps), bool)
    for part in header["parts"]:
        first, count = part["vertices"]
        if part["from"]:
            new[first : first + count] = False
            known = slice(part["from"][1], part["from"][1] + count)
            template[first : first + count] = base.template[known] + steps[first : first + count]
            shape[first : first + count] = summed(moves)[known]
    template[new] = np.cumsum(steps[new], axis=0)
    at = 0
    for morph in header["morphs"]:
        count = morph["count"]
        vertices = np.cumsum(arrays["morphVertices"][at : at + count].astype(int))
        offsets = header["step"] * arrays["morphOffsets"][3 * at : 3 * (at + count)].reshape(3, -1).T
        shape[vertices] += POSE.get(morph["channel"], 0) * offsets
        at += count
    assert [part["name"] for part in header["parts"]] == [part.name for part in other.parts]
    assert np.abs(template - other.template).max() <= 0.51 * people.STEP
    assert np.linalg.norm(shape - summed(movements(other)[0]), axis=1).max() < 2.5e-4  # metres
    assert set(POSE) <= set(ARKIT) and new.mean() < 0.4


def test_people_are_offered_beside_the_default_face_alone(heads):
    default, other = heads
    offered = people.offered(default)
    assert list(offered) == ["david", "amara", "kofi", "yuki", "ravi", "elena", "hans"]
    assert sum(map(len, offered.values())) < 1_300_000  # bytes: a page of ten seconds stays below 5 MB
    assert unpack(offered["hans"])[0]["name"] == "utterface head, hans"
    assert people.offered(other) == people.offered(rigs.head(hair="none")) == {}


def test_people_of_other_code_or_none_are_not_offered(tmp_path):
    assert not people.is_current(tmp_path / "absent.npz")
    np.savez(tmp_path / "old.npz", code=np.array("0123456789ab"))
    assert not people.is_current(tmp_path / "old.npz")
