"""Quaternions, and nodes that are bones by their names."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from support.avatar_files import AvatarFile
from utterface.avatars.bones import euler, facing, find, inverse, product, quaternion_of
from utterface.avatars.settings import Settings
from utterface.gltf import Gltf
from utterface.gltf.geometry import matrices

ANGLES = np.random.default_rng(0).uniform(-1.5, 1.5, (20, 3))


def test_angles_compose_as_the_conventions_say():
    expected = Rotation.from_euler("YXZ", ANGLES[:, [1, 0, 2]])
    np.testing.assert_allclose(Rotation.from_quat(euler(ANGLES)).as_matrix(), expected.as_matrix(), atol=1e-9)


def test_products_and_inverses():
    a, b = Rotation.random(10, random_state=1), Rotation.random(10, random_state=2)
    both = Rotation.from_quat(product(a.as_quat(), b.as_quat()))
    np.testing.assert_allclose(both.as_matrix(), (a * b).as_matrix(), atol=1e-9)
    np.testing.assert_allclose(product(a.as_quat(), inverse(a.as_quat())), np.tile([0, 0, 0, 1], (10, 1)), atol=1e-9)


@pytest.mark.parametrize("scale", [1.0, 0.01, -2.0])
def test_the_rotation_in_a_matrix(scale):
    for rotation in Rotation.random(20, random_state=3):
        found = Rotation.from_quat(quaternion_of(rotation.as_matrix() * abs(scale)))
        assert (found.inv() * rotation).magnitude() < 1e-6


@pytest.mark.parametrize(
    "names",
    [
        {"head": "Head", "neck": "Neck", "leftEye": "LeftEye", "rightEye": "RightEye"},
        {"head": "mixamorig:Head", "neck": "mixamorig:Neck"},
        {"head": "CC_Base_Head", "leftEye": "CC_Base_L_Eye", "rightEye": "CC_Base_R_Eye", "jaw": "CC_Base_JawRoot"},
        {"head": "Bip01 Head", "neck": "Bip01 Neck", "jaw": "Bip01 MJaw", "leftEye": "Bip01 LEye"},
        {"head": "J_Bip_C_Head", "neck": "J_Bip_C_Neck", "leftEye": "J_Adj_L_FaceEye"},
        {"head": "head", "leftEye": "eye.L", "rightEye": "eye.R", "jaw": "jaw"},
        {"head": "head", "leftEye": "lEye", "rightEye": "rEye", "jaw": "lowerJaw"},
    ],
)
def test_bones_are_known_by_name(names):
    file = AvatarFile()
    file.mesh("body", [])
    gltf = Gltf.from_bytes(file.bones(*names.values(), "Headband", "overhead").to_bytes())
    assert find(gltf, Settings()) == {role: file.nodes[name] for role, name in names.items()}


def test_a_mesh_called_head_is_no_bone():
    file = AvatarFile()
    file.mesh("Head", ["jawOpen"])
    assert find(Gltf.from_bytes(file.to_bytes()), Settings()) == {}


@pytest.mark.parametrize("turned", [0, 1, 2, 3])
def test_a_face_looks_away_from_where_its_left_eye_is_left(turned):
    file = AvatarFile()
    angle = turned * np.pi / 2
    file.node("root", rotation=[0, float(np.sin(angle / 2)), 0, float(np.cos(angle / 2))])
    file.node("l", "root", translation=[0.03, 1.6, 0.1])
    file.node("r", "root", translation=[-0.03, 1.6, 0.1])
    gltf = Gltf.from_bytes(file.to_bytes())
    nodes = {"leftEye": file.nodes["l"], "rightEye": file.nodes["r"]}
    assert np.exp(1j * facing(gltf, nodes, matrices(gltf))) == pytest.approx(np.exp(1j * angle))
