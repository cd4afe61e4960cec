"""How much each face unit of the data is scaled, so that a weight of 1 moves as far as on ICT-FaceKit's face.

Measured as the greatest displacement of the skin in distances between the pupils (tests/rigs/test_head_shapes.py); what
is absent lies within 0.8 to 1.25 of ICT's as it is.
"""

GAINS: dict[str, float] = {
    "browInnerUp": 1.25, "browOuterUpLeft": 1.25, "browOuterUpRight": 1.25, "cheekSquintLeft": 0.8,
    "cheekSquintRight": 0.8, "jawForward": 1.2, "mouthLeft": 1.6, "mouthPressLeft": 0.6, "mouthPressRight": 0.6,
    "mouthPucker": 1.35, "mouthRight": 1.6, "mouthRollLower": 1.85, "mouthShrugLower": 1.55, "mouthUpperUpLeft": 1.38,
    "mouthUpperUpRight": 1.38, "noseSneerLeft": 1.8, "noseSneerRight": 1.8,
}  # fmt: skip

# What else a shape does, by the share of another's (scaled as above) that it takes along: a sneer lifts the upper lip,
# and lips give way to the tongue.
MIXED: dict[str, dict[str, float]] = {
    "noseSneerLeft": {"mouthUpperUpLeft": 0.5},
    "noseSneerRight": {"mouthUpperUpRight": 0.5},
    "tongueOut": {
        f"mouth{lip}{side}": 0.7 for lip in ("UpperUp", "LowerDown") for side in ("Left", "Right")
    },
}  # fmt: skip
