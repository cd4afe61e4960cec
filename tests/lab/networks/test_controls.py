import numpy as np
import pytest

from utterface.articulation import ARTICULATORS, EMOTIONS, express, lay, render
from utterface.engines.bundle import CONTROLS
from utterface.errors import ConfigError
from utterface.lab.networks.controls import ControlConfig, Director, check_controls, neutral, whole_faces
from utterface.motion import CHANNELS, Motion

ALWAYS = ControlConfig(strength=1.0, mood=1.0, second=0.5)


@pytest.fixture
def said() -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 1, (300, len(ARTICULATORS))).astype(np.float32)


def test_controls_are_strength_and_every_mood():
    assert CONTROLS[0] == "strength" and list(CONTROLS[1:]) == [name for name in EMOTIONS if name != "neutral"]
    assert neutral(("joy", "strength")).tolist() == [0, 1]
    for names in (("strength", "glee"), ("joy", "joy")):
        with pytest.raises(ConfigError, match=r"glee|joy"):
            check_controls(names)


def test_controls_lie_within_bounds_and_are_neutral_at_their_rate():
    rng, director = np.random.default_rng(0), Director(CONTROLS, ControlConfig())
    asked = np.stack([director.draw(rng) for _ in range(400)])
    assert asked[:, 0].min() >= 0.5 and asked[:, 0].max() <= 1.5 and asked[:, 0].std() > 0.1
    assert asked[:, 1:].min() == 0 and 0.9 < asked[:, 1:].max() <= 1
    assert 0.4 < (asked[:, 0] == 1).mean() < 0.6
    moods = (asked[:, 1:] > 0).sum(1)
    assert 0.4 < (moods == 0).mean() < 0.6 and (moods == 2).any() and moods.max() == 2


def test_without_controls_nothing_is_drawn(said):
    director = Director((), ALWAYS)
    asked = director.draw(np.random.default_rng(0))
    scaled, added = director.targets(said, asked)
    assert asked.shape == (0,) and added.shape == (300, 0)
    np.testing.assert_array_equal(scaled, said)


def test_targets_are_what_articulation_makes_of_them(said):
    """Put together again they are the speech with its expression, weight by weight."""
    rng, director = np.random.default_rng(1), Director(CONTROLS, ALWAYS)
    for _ in range(5):
        asked = dict(zip(CONTROLS, director.draw(rng).tolist(), strict=True))
        scaled, added = director.targets(said, np.array(list(asked.values()), np.float32))
        strength = asked.pop("strength")
        jaw = ARTICULATORS.index("jaw")
        np.testing.assert_allclose(scaled[:, jaw], strength * said[:, jaw], rtol=1e-6)
        np.testing.assert_array_equal(scaled[:, ARTICULATORS.index("seal")], said[:, ARTICULATORS.index("seal")])
        plain = render(said, strength=strength)
        values = plain.values.copy()
        values[:, [CHANNELS.index(name) for name in director.expression]] += added
        wanted = express(plain, {mood: amount for mood, amount in asked.items() if amount}).values
        assert np.abs(np.clip(values[:, :52], 0, 1) - wanted[:, :52]).max() < 1e-5


def test_no_moment_adds_more_than_the_whole_face(said):
    channels, faces = whole_faces(("joy", "disgust"))
    director = Director(("joy", "disgust"), ALWAYS)
    for mood, face in zip(("joy", "disgust"), faces, strict=True):
        asked = np.array([name == mood for name in director.names], np.float32)
        _, added = director.targets(said, asked)
        assert (added <= face + 1e-5).all() and added.min() > -1e-6
    assert "mouthShrugLower" in channels  # the chin that meets a lip which a wrinkled nose lifts


def test_a_face_over_speech_is_that_of_express_or_closer_to_the_seal(said):
    plain, director = render(said), Director(CONTROLS, ALWAYS)
    asked = np.array([1, *np.full(7, 0.6)], np.float32)
    _, added = director.targets(said, asked)
    face = np.zeros_like(plain.values)
    face[:, [CHANNELS.index(name) for name in director.expression]] = added
    laid = lay(Motion(plain.values), face).values
    assert np.abs(laid - express(plain, dict.fromkeys(director.moods, 0.6)).values).max() < 0.05
