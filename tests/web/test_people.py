"""The page of the default face: other people's faces, and the face that is shown as a file."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from utterface import rigs
from utterface.clip import Clip
from utterface.gltf import Gltf
from utterface.motion import CHANNELS, Motion

TOOLS = Path(__file__).parents[1] / "tools"


@pytest.mark.slow  # the head of many vertices, drawn in software
def test_another_face_is_chosen_and_saved(open_page, complaints, tmp_path):
    values = np.zeros((30, len(CHANNELS)), np.float32)
    values[:, CHANNELS.index("jawOpen")] = np.linspace(0, 0.5, 30)
    path = tmp_path / "default.html"
    Clip(Motion(values), 0.5).save(path, rig=rigs.head())
    seen = open_page(path, 480, 640)
    assert len(seen.page.evaluate("() => utterface.people")) == 8
    front = seen.page.evaluate("() => utterface.picture({ width: 64, height: 64 })")
    seen.page.keyboard.press("p")
    seen.page.get_by_label("Face", exact=True).select_option("kofi")
    seen.page.wait_for_function("before => utterface.picture({ width: 64, height: 64 }) !== before", arg=front)
    with seen.page.expect_download() as waiting:
        seen.page.get_by_role("button", name="as .glb").click()
    waiting.value.save_as(tmp_path / "kofi.glb")
    read = Gltf.read(tmp_path / "kofi.glb")
    assert read.content["meshes"][0]["name"] == "utterface head, kofi"
    assert not complaints(seen)
    if (TOOLS / "node_modules" / "gltf-validator").is_dir() and shutil.which("node"):
        command = ["node", TOOLS / "validate.cjs", tmp_path / "kofi.glb"]
        report = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)[0]
        assert report["issues"]["numErrors"] == report["issues"]["numWarnings"] == 0, report["issues"]["messages"]
