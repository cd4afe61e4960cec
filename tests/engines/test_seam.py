import numpy as np

from utterface.engines.seam import Seam


def test_what_two_windows_say_fades_by_hand():
    seam = Seam(block=4, overlap=2)
    first = seam.join(np.array([[0.0], [0], [0], [0], [0], [0]]))
    second = seam.join(np.array([[1.0], [1], [1], [1], [3], [3]]))
    third = seam.join(np.full((6, 1), 3.0))
    assert first[:, 0].tolist() == [0, 0, 0, 0]
    begun = 0.5 - 0.5 * np.cos(np.pi * np.array([0.25, 0.75]))
    np.testing.assert_allclose(second[:, 0], [*begun, 1, 1])
    assert third[:, 0].tolist() == [3, 3, 3, 3]  # they agree, so nothing fades


def test_without_overlap_blocks_stand_side_by_side_and_reset_forgets():
    bare = Seam(block=2, overlap=0)
    assert bare.join(np.zeros((2, 1))).tolist() == [[0], [0]] and bare.join(np.ones((2, 1))).tolist() == [[1], [1]]
    seam = Seam(block=2, overlap=1)
    seam.join(np.zeros((3, 1)))
    seam.reset()
    assert seam.join(np.ones((3, 1))).tolist() == [[1], [1]]
