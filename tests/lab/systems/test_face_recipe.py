"""Tables that every face system reads."""

from pathlib import Path

import pytest

from utterface.errors import ConfigError
from utterface.lab.systems.face_recipe import FaceDataConfig, current_recipe


def test_recipes_of_older_checkpoints_are_read():
    old = {
        "data": {"disguises": 2, "batch": 4}, "decoder": {"hearing": 1}, "losses": {"hearing": 0.5},
        "hearing": {"listener": "model.safetensors"},
    }  # fmt: skip
    recipe = current_recipe(old, {"data": {"batch": 8, "seconds": 2.0}})
    assert recipe["data"] == {"copies": 2, "batch": 4, "seconds": 2.0}
    assert recipe["decoder"] == {"convolutions": 1} and recipe["losses"] == {"mesh_to_speech": 0.5}
    assert recipe["mesh_to_speech"] == {"model": "model.safetensors"}


def test_a_frame_rate_must_be_above_0():
    with pytest.raises(ConfigError, match=r"data\.frame_rate must be above 0"):
        FaceDataConfig(Path(), (), frame_rate=0.0)
