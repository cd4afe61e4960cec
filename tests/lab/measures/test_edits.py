from utterface.lab.measures.edits import edit_distance


def test_edit_distance_by_hand():
    assert edit_distance([1, 2, 3], [1, 2, 3]) == 0
    assert edit_distance([1, 3], [1, 2, 3]) == 1
    assert edit_distance([], [1, 2]) == 2
    assert edit_distance([4, 1, 2, 9], [1, 2, 3]) == 2
