"""Avatars that several tests need: the real ones beside the project, and small ones made here."""

from pathlib import Path

import pytest

from support.avatar_files import AvatarFile, service_avatar
from utterface.avatars.avatar import Avatar
from utterface.avatars.settings import Settings
from utterface.gltf import Gltf

REAL = (
    "mpfb_arkit52_base.glb", "ict_neutral_ictnames.glb", "valid_White_F_3_Default.glb", "Godette_v4.vrm",
    "vrm_cube.gltf",
)  # fmt: skip


@pytest.fixture(params=REAL)
def real(request: pytest.FixtureRequest, assets: Path) -> Path:
    return assets / "avatars" / request.param


@pytest.fixture(scope="session")
def service() -> Avatar:
    return read(service_avatar())


def read(data: bytes, settings: Settings | None = None) -> Avatar:
    return Avatar.from_gltf(Gltf.from_bytes(data, "me.glb"), settings or Settings())


def with_shapes(*names: str) -> bytes:
    file = AvatarFile()
    file.mesh("face", list(names))
    return file.to_bytes()
