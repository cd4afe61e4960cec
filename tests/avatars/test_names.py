"""Names of shapes: every family by its list, whole names alone."""

import pytest

from utterface.avatars.names import KNOWN, VISEMES, families, match, normalised, of_one_kind, unprefixed
from utterface.motion import ARKIT

VALID = """AE_AA_h MPB_Up_h MPB_Down_h MouthOpen_h UH_OO_h Kiss_h LeyeClose_h ReyeClose_h LsmileClose_h RsmileClose_h
Ljaw_h Rjaw_h LlipUp_h RlipUp_h LlipDown_h RlipDown_h LbrowUp_h RbrowUp_h""".split()
TEETH = ["t_MouthOpen_h", "t_MPB_h"]
CC4 = """Brow_Raise_Inner_L Brow_Raise_Inner_R Brow_Drop_L Brow_Drop_R Eye_Blink_L Eye_Blink_R Eye_L_Look_L Eye_L_Look_R
Nose_Sneer_L Nose_Sneer_R Cheek_Raise_L Cheek_Raise_R Mouth_Smile_L Mouth_Smile_R Mouth_Pucker Mouth_Funnel
Mouth_Roll_In_Upper_L Mouth_Roll_In_Upper_R Mouth_Up_Upper_L Mouth_Up_Upper_R Mouth_Down_Lower_L Mouth_Down_Lower_R
Mouth_Close Jaw_Open Jaw_Forward Tongue_Out V_Open V_Explosive V_Dental_Lip V_Tight_O V_Tight V_Wide V_Affricate
V_Lip_Open V_Tongue_up V_Tongue_Raise V_Tongue_Out V_Tongue_Narrow V_Tongue_Curl_U""".split()
METAHUMAN = """jawOpen mouthLipsTogetherUL mouthLipsTogetherUR mouthLipsTogetherDL mouthLipsTogetherDR mouthFunnelUL
mouthLipsPurseUL mouthLipsPurseDR mouthCornerPullL mouthCornerPullR mouthUpperLipRaiseL mouthLowerLipDepressR eyeBlinkL
eyeBlinkR browRaiseInL browRaiseInR""".split()
UNIFIED = """EyeClosedLeft EyeClosedRight JawOpen JawLeft MouthClosed LipFunnelUpperLeft LipFunnelUpperRight
LipFunnelLowerLeft LipFunnelLowerRight LipSuckUpperLeft LipSuckUpperRight MouthCornerPullLeft MouthCornerPullRight
MouthRaiserLower MouthStretchLeft MouthUpperUpLeft BrowInnerUpLeft BrowInnerUpRight TongueOut""".split()
SRANIPAL = """Jaw_Open Jaw_Left Mouth_Ape_Shape Mouth_Pout Mouth_Smile_Left Mouth_Smile_Right Mouth_Sad_Left
Mouth_Sad_Right Mouth_Upper_UpLeft Mouth_Lower_DownLeft Mouth_Upper_Inside Eye_Left_Blink Eye_Right_Blink
Tongue_LongStep1""".split()
OCULUS = "sil PP FF TH DD kk CH SS nn RR aa E ih oh ou".split()
RPM = [*OCULUS[:12], "I", "O", "U"]
DAZ = "vAA vEE vEH vER vF vIH vIY vK vL vM vOW vS vSH vT vTH vUW EyesClosedL EyesClosedR".split()


def snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)


def short(name: str) -> str:
    return name.removesuffix("Left") + "_L" if name.endswith("Left") else name.replace("Right", "_R")


LISTS = {
    "ARKit": (list(ARKIT), "face", 52),
    "ARKit, capitals": ([name[0].upper() + name[1:] for name in ARKIT], "face", 52),
    "ARKit, snakes": (list(map(snake, ARKIT)), "face", 52),
    "ARKit, sides": (list(map(short, ARKIT)), "face", 52),
    "ARKit, of a node": ([f"blendShape1.{name}" for name in ARKIT], "face", 52),
    "ARKit, of a file": ([f"me:head.{name}" for name in ARKIT], "face", 52),
    "Oculus visemes": ([f"viseme_{name}" for name in RPM], "visemes", 15),
    "Oculus visemes, bare": (OCULUS, "visemes", 15),
    "Oculus visemes, of VRChat": ([f"vrc.v_{name.lower()}" for name in OCULUS], "visemes", 15),
    "VRoid": (["Fcl_MTH_A", "Fcl_MTH_I", "Fcl_MTH_U", "Fcl_MTH_E", "Fcl_MTH_O", "Fcl_EYE_Close_L", "Fcl_EYE_Close_R",
               "Fcl_EYE_Close", "Fcl_ALL_Joy"], "vowels", 7),
    "VALID / Autodesk": ([f"h_expressions.{n}" for n in VALID] + [f"h_teeth.{n}" for n in TEETH], "face", 15),
    "VALID / Autodesk, unprefixed": ([*VALID, *TEETH], "face", 15),
    "CC4 / iClone": (CC4, "face", 24),
    "MetaHuman, CC5": ([f"CTRL_expressions_{name}" for name in METAHUMAN], "face", 11),
    "MetaHuman, CC5 of CC5": ([f"C_{name}" for name in METAHUMAN], "face", 11),
    "Rocketbox": ([f"AK_{i:02}_{n[0].upper()}{n[1:]}" for i, n in enumerate(ARKIT)]
                  + [f"AA_VI_{i:02}_{n}" for i, n in enumerate(RPM)], "face", 52),
    "DAZ": ([f"Genesis8Female__eCTRL{name}" for name in DAZ], "visemes", 14 + 2),
    "Unified Expressions": (UNIFIED, "face", 14),
    "SRanipal": (SRANIPAL, "face", 14),
    "MMD": (["あ", "い", "う", "え", "お", "まばたき", "笑い"], "vowels", 7),
    "vowels": (["A", "I", "U", "E", "O"], "vowels", 5),
}  # fmt: skip


@pytest.mark.parametrize(("names", "mouth", "count"), LISTS.values(), ids=LISTS)
def test_every_family_is_known_by_its_names(names, mouth, count, request):
    matched, titles = match(names)
    kind, left_out = of_one_kind(matched)
    assert kind == mouth and len(matched.keys() - left_out) == count and set(matched) <= set(KNOWN)
    title = request.node.callspec.id.split(" of ")[0]
    assert any(title.startswith(known) for known in titles.values())
    used = {name for gains in matched.values() for name, _ in gains}
    assert used <= set(names) and len(used) >= min(len(names), count) - 3


def test_names_are_compared_whole():
    sleepy = ["sleepy", "weep", "peep_o", "jawOpenWide", "notjawOpen", "mouthClosed_old", "ppp", "aah", "Fcl_ALL_A"]
    assert match(sleepy) == ({}, {})


def test_split_shapes_share_the_weight_of_their_channel():
    matched, titles = match(["jawOpen", "browInnerUp_L", "browInnerUp_R", "cheekPuff_L", "cheekPuff_R"])
    assert matched["browInnerUp"] == [("browInnerUp_L", 1.0), ("browInnerUp_R", 1.0)]
    assert matched["cheekPuff"] == [("cheekPuff_L", 1.0), ("cheekPuff_R", 1.0)]
    assert titles["jawOpen"] == "ARKit" and titles["cheekPuff"] == "ICT"


def test_the_teeth_of_valid_follow_their_own_names():
    matched, _ = match([*VALID, "t_MouthOpen_h", "t_MPB_h"])
    assert [name for name, _ in matched["jawOpen"]] == ["MouthOpen_h", "t_MouthOpen_h"]
    assert matched["mouthClose"] == [("MPB_Up_h", 0.6), ("MPB_Down_h", 0.6), ("t_MPB_h", 0.6)]


def test_one_shape_for_both_eyes_moves_once():
    matched, _ = match(["まばたき", "あ", "い", "う"])
    assert sum(gain for c in ("eyeBlinkLeft", "eyeBlinkRight") for _, gain in matched[c]) == 1


def test_arkits_names_win_over_visemes_and_vowels():
    matched, _ = match([*ARKIT, *(f"viseme_{name}" for name in OCULUS), "Fcl_MTH_A", "Fcl_MTH_I", "Fcl_MTH_U"])
    kind, left_out = of_one_kind(matched)
    assert kind == "face" and {"aa", "ih", "ou", *VISEMES[:9]} <= left_out and not left_out & set(ARKIT)
    matched, _ = match(["jawOpen", "mouthSmileLeft", *(f"viseme_{name}" for name in OCULUS)])
    assert of_one_kind(matched) == ("visemes", {"jawOpen", "mouthSmileLeft"})


@pytest.mark.parametrize(
    ("name", "expected"),
    [("eyeBlink_L", "eyeblinkleft"), ("eyeBlinkR", "eyeblinkright"), ("blink_l", "blinkleft"), ("Jaw_Open", "jawopen"),
     ("LlipUp", "llipup"), ("Ｆｃｌ", "fcl"), ("ウィンク２", "ウィンク2"), ("Tight-O", "tighto"), ("", "")],
)  # fmt: skip
def test_normalised(name, expected):
    assert normalised(name) == expected


def test_prefixes_are_taken_off_but_vrchats():
    assert [unprefixed(n) for n in ("a:b.c.jawOpen", "jawOpen", "vrc.v_pp")] == ["jawOpen", "jawOpen", "vrc.v_pp"]


def test_tables_name_channels_only():
    for family in families():
        assert set(family.table) | set(family.otherwise) <= set(KNOWN), family.name
