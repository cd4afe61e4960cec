"""Check E3: VRM animations as three-vrm plays them in a browser, its `vrm.update()` included."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from support.readers import Glb
from utterface.clip import Clip
from utterface.formats.vrma import BLINKS, EXTENSION, to_vrma, write, write_arkit
from utterface.motion import ARKIT, HEAD, Motion
from utterface.rigs import reduction

TOOLS = Path(__file__).parents[1] / "tools"
KINDS = {".html": "text/html", ".js": "text/javascript"}


def nodes_of(path: Path) -> tuple[Glb, dict[str, np.ndarray]]:
    """A file, and node → values of its track."""
    read = Glb(path.read_bytes())
    (animation,) = read.json["animations"]
    nodes = read.json["nodes"]
    tracks = {
        nodes[channel["target"]["node"]]["name"]: read.array(animation["samplers"][channel["sampler"]]["output"])
        for channel in animation["channels"]
    }
    return read, tracks


def test_vowels_and_lids_are_presets_and_their_weight_is_x(clip, tmp_path):
    write(clip, tmp_path / "a.vrma")
    read, tracks = nodes_of(tmp_path / "a.vrma")
    extension = read.json["extensions"][EXTENSION]
    assert extension["specVersion"] == "1.0" and set(extension["expressions"]) == {"preset"}
    assert set(extension["expressions"]["preset"]) == {*reduction.VOWELS, *BLINKS}
    slow = clip.motion.at_rate(30)
    np.testing.assert_allclose(tracks["aa"][:, 0], reduction.to_vowels(slow)[:, 0], atol=1e-6)
    np.testing.assert_allclose(tracks["blinkLeft"][:, 0], slow["eyeBlinkLeft"], atol=1e-6)
    assert not tracks["aa"][:, 1:].any()


def test_perfect_sync_names_are_custom_expressions(clip, tmp_path):
    write_arkit(clip, tmp_path / "a.vrma")
    read, tracks = nodes_of(tmp_path / "a.vrma")
    custom = read.json["extensions"][EXTENSION]["expressions"]["custom"]
    assert set(custom) == {name[0].upper() + name[1:] for name in ARKIT}
    np.testing.assert_allclose(tracks["JawOpen"][:, 0], clip.motion.at_rate(30)["jawOpen"], atol=1e-6)


def test_every_bone_that_a_humanoid_must_have_is_there_and_only_the_head_turns(clip, tmp_path):
    write(clip, tmp_path / "a.vrma")
    read, tracks = nodes_of(tmp_path / "a.vrma")
    bones = read.json["extensions"][EXTENSION]["humanoid"]["humanBones"]
    assert len(bones) == 15 and {"hips", "spine", "head", "leftHand", "rightFoot"} <= set(bones)
    assert set(tracks) & set(bones) == {"head"}
    places = dict.fromkeys(range(len(bones)), np.zeros(3))
    for number, node in enumerate(read.json["nodes"][: len(bones)]):
        places[number] = places[number] + np.array(node["translation"])
        for child in node.get("children", []):
            places[child] = places[number]
    assert 0 < places[bones["leftFoot"]["node"]][1] < 0.2 and places[bones["leftHand"]["node"]][0] > 0.5
    assert 1.4 < places[bones["head"]["node"]][1] < 1.6


def test_the_gaze_is_the_mean_of_both_eyes():
    motion = Motion(np.array([[0.1, 0.3, 0.2]]), ("leftEyeYaw", "rightEyeYaw", "leftEyePitch"))
    read = Glb(to_vrma(motion, {}))
    look = read.json["extensions"][EXTENSION]["lookAt"]["node"]
    channel = next(c for c in read.json["animations"][0]["channels"] if c["target"]["node"] == look)
    turned = Rotation.from_quat(read.array(read.json["animations"][0]["samplers"][channel["sampler"]]["output"])[0])
    np.testing.assert_allclose(turned.as_euler("YXZ"), [-0.2, 0.1, 0], atol=1e-6)


def test_the_validator_finds_no_fault(clip, tmp_path):
    if not (TOOLS / "node_modules" / "gltf-validator").is_dir() or not shutil.which("node"):
        pytest.skip("no validator; run: npm ci --prefix tests/tools")
    write(clip, tmp_path / "a.vrma")
    command = ["node", TOOLS / "validate.cjs", tmp_path / "a.vrma"]
    (report,) = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert report["issues"]["numErrors"] == report["issues"]["numWarnings"] == 0, report["issues"]["messages"]


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    """three-vrm in a browser; what it asks for comes from tests/tools, and from `page.files` by name."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium or not (TOOLS / "node_modules" / "@pixiv" / "three-vrm-animation").is_dir():
        pytest.skip("no Chromium, or no three-vrm; run: npm ci --prefix tests/tools")
    driver = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").sync_playwright
    with driver() as running:
        browser = running.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        opened = browser.new_page()
        opened.set_default_timeout(120_000)
        opened.files = {}

        def serve(route: Any) -> None:
            name = route.request.url.removeprefix("http://tools.test/")
            place = opened.files.get(name, TOOLS / name)
            route.fulfill(body=place.read_bytes(), content_type=KINDS.get(place.suffix, "application/octet-stream"))

        opened.route("http://tools.test/**", serve)
        opened.goto("http://tools.test/vrm_plays.html")
        opened.wait_for_selector("html[data-ready]", state="attached")
        yield opened
        browser.close()


def test_three_vrm_plays_it_and_its_update_does_not_silence_it(page, assets, tmp_path):
    t = np.arange(90) / 60
    channels = ("jawOpen", "mouthPucker", "eyeBlinkLeft", "eyeBlinkRight", *HEAD)
    rates = (1, 1.5, 2, 3, 0.5, 0.7, 0.9)
    values = np.stack([0.3 - 0.25 * np.cos(2 * np.pi * rate * t) for rate in rates], 1)
    clip = Clip.from_motion(Motion(values, channels))
    write(clip, tmp_path / "a.vrma")
    page.files |= {"model.vrm": assets / "avatars" / "Godette_v4.vrm", "a.vrma": tmp_path / "a.vrma"}
    names, moments = [*reduction.VOWELS, *BLINKS], [0.0, 0.6, 1.3]
    shown = page.evaluate(
        "([names, moments]) => window.play('/model.vrm', '/a.vrma', names, moments)", [names, moments]
    )
    slow = clip.motion.at_rate(30)
    frames = [round(moment * 30) for moment in moments]
    wanted = np.concatenate([reduction.to_vowels(slow), slow.select(BLINKS.values())], 1)[frames]
    got = [[seen["weights"][name] for name in names] for seen in shown["seen"]]
    np.testing.assert_allclose(got, wanted, atol=1e-3)
    assert max(seen["morphs"]["aa"] for seen in shown["seen"]) > 0.3  # on the mesh itself, after the update
    for seen, row in zip(shown["seen"], wanted, strict=True):
        assert seen["morphs"]["aa"] == pytest.approx(row[0], abs=1e-3)
    turned = Rotation.from_quat([seen["head"] for seen in shown["seen"]]).magnitude()
    angles = slow.select(HEAD)[frames]
    expected = Rotation.from_euler("YXZ", angles * (-1, 1, 1)).magnitude()
    np.testing.assert_allclose(turned, expected, atol=1e-3)
