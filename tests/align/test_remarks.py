from utterface.align import Alignment, remarks


def test_nothing_is_said_of_a_good_alignment() -> None:
    assert remarks(Alignment((), (), 1.0, 0.9)) == []
    assert remarks(Alignment((), (), 1.0)) == []


def test_every_doubt_is_a_line() -> None:
    lines = remarks(
        Alignment((), (), 9.0, 0.6, unspoken=((1.0, 2.5),), recognised=((3.0, 4.0), (5.0, 6.0)),
                  passed_over=("the end",), unread=("שלום",)),
        "Das ist nicht die Frage und der Wind",
    )  # fmt: skip
    assert len(lines) == 5
    assert lines[0].endswith("(confidence 0.60); it looks like another language, try --language de")
    assert "שלום" in lines[1] and "3.0 to 4.0 s, 5.0 to 6.0 s" in lines[2] and "“the end”" in lines[3]
    assert "from 1.0 to 2.5 s the transcript has no words" in lines[4]
