"""Positions, triangles, offsets and where they rest, however a file stores them."""

import json

import numpy as np
import pytest

from support.avatar_files import VERTICES, AvatarFile, service_avatar
from utterface.errors import GltfError
from utterface.gltf import Gltf, GltfBuilder
from utterface.gltf.geometry import matrices, primitive, rotation_matrix, to_world


def first(gltf: Gltf):
    return primitive(gltf, gltf.items("meshes")[0]["primitives"][0])


def test_a_primitive_is_read_whole():
    file = AvatarFile()
    file.mesh("head", ["jawOpen", "mouthClose"])
    part = first(Gltf.from_bytes(file.to_bytes()))
    assert part.positions.shape == (VERTICES, 3) and part.offsets.shape == (2, VERTICES, 3)
    assert part.triangles.tolist() == np.arange(VERTICES).reshape(-1, 3).tolist() and part.joints is None
    assert np.abs(part.offsets).max() > 0.005


def test_sparse_offsets_are_those_that_are_long():
    file, whole = AvatarFile(), AvatarFile()
    file.mesh("head", ["jawOpen"], sparse=True)
    whole.mesh("head", ["jawOpen"])
    sparse, dense = (first(Gltf.from_bytes(each.to_bytes())).offsets[0] for each in (file, whole))
    long = np.linalg.norm(dense, axis=1) > 0.008
    np.testing.assert_array_equal(sparse[long], dense[long])
    assert 0 < long.sum() < VERTICES and not sparse[~long].any()


def test_quantised_geometry_rests_where_its_node_puts_it():
    """KHR_mesh_quantization: integers, and the node that scales them."""
    builder = GltfBuilder("test")
    whole = np.array([[0, 0, 0], [32767, 0, 0], [0, -32767, 0]], np.int16)
    builder.add("meshes", primitives=[{
        "attributes": {"POSITION": builder.accessor(whole, normalized=True)},
        "targets": [{"POSITION": builder.accessor(whole[::-1], normalized=True)}],
    }])  # fmt: skip
    builder.add("nodes", mesh=0, scale=[2, 2, 2], translation=[0, 1, 0])
    gltf = Gltf.from_bytes(builder.to_bytes())
    part = first(gltf)
    to = to_world(gltf, 0, part, matrices(gltf))
    placed = np.einsum("vab,vb->va", to[:, :3, :3], part.positions) + to[:, :3, 3]
    np.testing.assert_allclose(placed, [[0, 1, 0], [2, 1, 0], [0, -1, 0]], atol=1e-6)
    np.testing.assert_allclose(part.offsets[0, 2], 0)


def test_a_skin_places_its_mesh_and_the_node_does_not():
    file = AvatarFile()
    file.mesh("head", [], translation=[9, 9, 9])
    gltf = Gltf.from_bytes(file.bones("Head").to_bytes())
    to = to_world(gltf, 0, first(gltf), matrices(gltf))
    np.testing.assert_allclose(to[0, :3, 3], [0, 1.5, 0.02], atol=1e-6)
    np.testing.assert_allclose(to[0, :3, :3], rotation_matrix(np.array([0, 0, 1, 1])), atol=1e-6)


def test_matrices_are_taken_as_they_stand_in_columns():
    matrix = [*np.eye(4).ravel()[:12], 1, 2, 3, 1]
    gltf = Gltf.from_bytes(json.dumps({"nodes": [{"children": [1], "scale": [2, 2, 2]}, {"matrix": matrix}]}).encode())
    np.testing.assert_allclose(matrices(gltf)[1] @ [0, 0, 0, 1], [2, 4, 6, 1])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda c: c["meshes"][0]["primitives"][0].pop("attributes"), "no positions"),
        (lambda c: c["meshes"][0]["primitives"][0]["targets"].append({"POSITION": 1}), "morph target"),
        (lambda c: c["accessors"][0].update(type="VEC2"), "shape"),
        (lambda c: c["nodes"][0].update(translation="here"), "numbers"),
        (lambda c: c["skins"][0].update(joints=[999]), "no nodes"),
        (lambda c: c["skins"][0].update(inverseBindMatrices=0), "matrices"),
    ],
)
def test_damage_is_one_error(change, words):
    gltf = Gltf.from_bytes(service_avatar())
    change(gltf.content)
    with pytest.raises(GltfError, match=words):
        part = first(gltf)
        to_world(gltf, 0, part, matrices(gltf))
