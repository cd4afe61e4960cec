"""A tiny head of random numbers in FLAME's file layout, for tests: our own numbers, nobody's face."""

import numpy as np

COUNT, SHAPES, EXPRESSIONS = 40, 6, 5


def arrays(seed: int = 0) -> dict[str, np.ndarray]:
    """What a model file holds; eyes 6 cm apart, every joint the mean of a few vertices."""
    rng = np.random.default_rng(seed)
    template = rng.normal(0, 0.05, (COUNT, 3))
    regressor = np.zeros((5, COUNT))
    for joint in range(5):
        regressor[joint, joint * 4 : joint * 4 + 4] = 0.25
    for joint, x in ((3, 0.03), (4, -0.03)):
        at = slice(joint * 4, joint * 4 + 4)
        template[at] += np.array([x, 0.02, 0.05]) - template[at].mean(0)
    weights = rng.random((COUNT, 5)) ** 4
    return {
        "v_template": template,
        "shapedirs": rng.normal(0, 0.002, (COUNT, 3, SHAPES + EXPRESSIONS)),
        "posedirs": rng.normal(0, 0.002, (COUNT, 3, 36)),
        "J_regressor": regressor,
        "weights": weights / weights.sum(1, keepdims=True),
        "kintree_table": np.array([[2**32 - 1, 0, 1, 1, 1], [0, 1, 2, 3, 4]], np.uint32),
        "f": rng.integers(0, COUNT, (30, 3)).astype(np.uint32),
    }
