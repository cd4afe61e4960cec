"""What Godot's importer makes of a .glb: an animation of every weight by its name."""

import json
import shutil
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

from utterface.motion import ARKIT

SCRIPT = Path(__file__).parents[1] / "tools" / "godot_reads.gd"


@pytest.mark.slow
def test_godot_imports_the_weights_with_their_names(clip, tmp_path):
    godot = shutil.which("godot3-server")
    if not godot:
        pytest.skip("Godot is not installed (Debian: godot3-server)")
    (tmp_path / "project.godot").write_text("config_version=4\n")
    clip.save(tmp_path / "face.glb")
    shutil.copy(SCRIPT, tmp_path / "reads.gd")
    command = [godot, "--path", str(tmp_path)]
    with subprocess.Popen([*command, "--editor"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as editor:
        deadline = time.monotonic() + 120
        while (
            not list(tmp_path.glob(".import/*.md5")) and time.monotonic() < deadline
        ):  # the last that an import writes
            time.sleep(0.2)
        editor.kill()
    reads = [*command, "-s", "reads.gd", "0,0.5,1.5"]
    told = subprocess.run(reads, capture_output=True, text=True, timeout=120, check=False)
    seen = json.loads(next(line for line in told.stdout.splitlines() if line.startswith("{")))
    assert seen["length"] == pytest.approx(119 / 60, abs=1e-4) and set(seen["weights"]) == set(ARKIT)
    wanted = clip.motion.select(ARKIT)[[0, 30, 90]]
    got = np.array([seen["weights"][name] for name in ARKIT]).T
    np.testing.assert_allclose(got, wanted, atol=1e-4)
