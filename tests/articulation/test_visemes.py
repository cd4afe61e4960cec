from utterface.articulation.visemes import SHOWN_BY, viseme_weights
from utterface.motion import ARKIT
from utterface.phones import OCULUS, to_oculus


def test_every_viseme_is_shown_by_a_phone_of_its_own():
    assert tuple(map(to_oculus, SHOWN_BY)) == OCULUS
    assert tuple(viseme_weights()) == OCULUS


def test_visemes_are_weights_and_silence_is_the_face_at_rest():
    for pose in viseme_weights().values():
        assert set(pose) <= set(ARKIT) and all(0 < weight <= 1 for weight in pose.values())
    assert viseme_weights()["sil"] == {}


def test_the_mouth_does_what_the_sound_asks():
    poses = viseme_weights()
    assert poses["aa"]["jawOpen"] > poses["E"]["jawOpen"] > poses["ih"]["jawOpen"] > poses["PP"]["jawOpen"]
    assert poses["ou"]["mouthPucker"] > poses["oh"]["mouthPucker"] > poses["aa"].get("mouthPucker", 0)
    assert poses["TH"]["tongueOut"] > 0.15 and poses["FF"]["mouthRollLower"] > 0.3
