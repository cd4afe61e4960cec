"""What a page is given to show: read back by a reader of its own, and compared with what went in."""

import json
import struct
import zlib

import numpy as np
import pytest

from utterface import rigs
from utterface.clip import Clip
from utterface.motion import CHANNELS, Motion
from utterface.pages import payload
from utterface.phones import Span
from utterface.rigs.topology import TopologyRig

KINDS = {"f32": "<f4", "i16": "<i2", "u16": "<u2", "u32": "<u4", "i8": "i1", "u8": "u1"}


def unpack(packed: bytes) -> tuple[dict, dict[str, np.ndarray]]:
    data = zlib.decompress(packed)
    (length,) = struct.unpack_from("<I", data)
    header = json.loads(data[4 : 4 + length])
    at, arrays = 4 + length, {}
    for section in header["sections"]:
        at += -at % 4
        arrays[section["name"]] = np.frombuffer(data, KINDS[section["kind"]], section["count"], at)
        at += arrays[section["name"]].nbytes
    assert at == len(data)
    return header, arrays


@pytest.fixture(scope="module")
def rig():
    return rigs.head()


@pytest.fixture(scope="module")
def packed(rig):
    t = np.arange(90)[:, None] / 60
    values = 0.5 + 0.5 * np.sin(7 * t + np.arange(len(CHANNELS)))
    values[:, CHANNELS.index("headYaw")] -= 1
    clip = Clip(Motion(values), duration=1.5, words=(Span("pa", 0.25, 0.75),), phones=(Span("p", 0.25, 0.35),))
    return clip, *unpack(payload.pack(clip, rig, np.zeros(0, np.float32), "Grüße"))


def test_motion_comes_back_to_half_a_step(packed):
    clip, header, arrays = packed
    about = header["motion"]
    values = np.cumsum(arrays["motion"].reshape(len(CHANNELS), -1), axis=1, dtype=np.int16).T * about["step"]
    assert np.abs(values - clip.motion.values).max() <= about["step"] / 2 + 1e-6
    assert about["channels"] == list(CHANNELS) and about["frameRate"] == 60
    assert header["words"] == [["pa", 0.25, 0.75]] and header["title"] == "Grüße"


def test_a_sentence_has_every_row_and_a_waveform_for_those_that_are_heard():
    fast = Motion(np.linspace(0, 1, 30)[:, None], ("jawOpen",), 60.0)
    slow = Motion(np.linspace(1, 0, 10)[:, None], ("jawOpen",), 30.0, start=0.1)
    sound, own = np.zeros(8_000, np.float32), np.full(8_000, 0.5, np.float32)
    packed = payload.pack_sentence(0.5, "pub", sound, {0: fast, 7: slow}, {7: own}, phones=[Span("p", 0.1, 0.2)])
    header, arrays = unpack(packed)
    assert [(row["row"], row["heard"]) for row in header["rows"]] == [(0, False), (7, True)]
    assert (header["duration"], header["text"], header["phones"]) == (0.5, "pub", [["p", 0.1, 0.2]])
    for row, motion in zip(header["rows"], (fast, slow), strict=True):
        about = row["motion"]
        values = np.cumsum(arrays[f"motion {row['row']}"], dtype=np.int16) * about["step"]
        assert np.abs(values - motion.values[:, 0]).max() <= about["step"] / 2 + 1e-6
        assert (about["frameRate"], about["start"]) == (motion.frame_rate, motion.start)
    assert not arrays["waveform"].any() and arrays["waveform 7"].max() == 127


def replay(rig, header, arrays, weights: dict[str, float]) -> np.ndarray:
    """What the page makes of weights: morphs, then turns, joint after joint."""
    xyz = arrays["template"].reshape(-1, 3).astype(np.float64)
    at = 0
    for morph in header["rig"]["morphs"]:
        piece = slice(at, at + morph["count"])
        offsets = arrays["morphOffsets"].reshape(-1, 3)[piece] * morph["step"]
        xyz[arrays["morphVertices"][piece]] += weights.get(morph["channel"], 0) * offsets
        at += morph["count"]
    for joint, follow in zip(header["rig"]["joints"], arrays["jointFollow"].reshape(-1, len(xyz)) / 255, strict=True):
        x, y, z = sum((weights.get(name, 0) * np.array(axis) for name, *axis in joint["turns"]), np.zeros(3))
        (sx, sy, sz), (cx, cy, cz) = np.sin([x, y, z]), np.cos([x, y, z])
        turn_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
        turn_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
        turn_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
        arms = xyz - joint["pivot"]
        xyz += follow[:, None] * (arms @ (turn_y @ turn_x @ turn_z).T - arms)
    return xyz


@pytest.mark.parametrize(
    "weights",
    [
        {"jawOpen": 0.6, "mouthFunnel": 0.4, "mouthSmileLeft": 0.3},
        {"eyeLookOutLeft": 0.7, "eyeLookInRight": 0.7, "eyeLookDownLeft": 0.3, "eyeLookDownRight": 0.3},
        {"eyeBlinkLeft": 1.0, "headYaw": 0.2, "headPitch": -0.1, "headRoll": 0.1, "eyeLookUpRight": 0.5},
    ],
)
def test_the_page_moves_the_face_as_the_rig_does(rig, packed, weights):
    _, header, arrays = packed
    values = np.zeros((1, len(rig.channels)), np.float32)
    for channel, weight in weights.items():
        values[0, rig.channels.index(channel)] = weight
    distance = np.linalg.norm(replay(rig, header, arrays, weights) - rig.vertices(values)[0], axis=1)
    assert distance.max() < 1e-4  # metres


def test_every_triangle_belongs_to_a_part(rig, packed):
    _, header, arrays = packed
    parts = header["rig"]["parts"]
    assert [part["name"] for part in parts] == [part.name for part in rig.parts]
    assert sum(part["count"] for part in parts) == len(rig.triangles)
    assert np.array_equal(arrays["triangles"].reshape(-1, 3), rig.triangles)


def test_a_rig_without_parts_is_one_skin():
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32)
    bare = TopologyRig("four", corners, np.array([[0, 1, 2], [0, 2, 3]], np.int32))
    clip = Clip(Motion(np.zeros((2, 12)), bare.channels), duration=0.1)
    header, _ = unpack(payload.pack(clip, bare, np.zeros(0, np.float32), "bare"))
    assert header["rig"]["parts"] == [{"name": "skin", "material": "skin", "start": 0, "count": 2}]


def test_hollows_are_darker_than_the_forehead(rig, packed):
    _, _, arrays = packed
    openness = arrays["openness"]
    assert openness[np.argmax(rig.template[:, 1])] > 200  # the crown
    assert openness[rig.regions["lips_inner_upper"]].mean() < 150


def test_the_waveform_fills_its_range_and_silence_stays_flat():
    samples = np.zeros(16_000, np.float32)
    samples[4_000:8_000] = 0.25 * np.sin(np.arange(4_000))
    peaks = payload.waveform(samples)
    assert peaks.shape == (100, 2) and peaks.max() == 127 and not peaks[:24].any() and not peaks[51:].any()
    assert payload.waveform(np.zeros(0, np.float32)).shape == (0, 2)


def test_what_is_quieter_than_a_thousandth_does_not_fill_the_waveform():
    for level, height in ((0.001, 127), (0.0005, 64)):
        assert payload.waveform(np.full(1_600, level, np.float32)).max() == height
