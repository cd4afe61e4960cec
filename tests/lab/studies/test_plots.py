from utterface.lab.studies.plots import INK, drawing, svg


def drawn(value: float) -> str:
    with drawing("across", "up") as (figure, axes):
        axes.plot([0, value], color=INK)
        return svg(figure)


def test_a_picture_takes_the_pages_colour_and_width_and_is_the_same_every_time():
    text = drawn(1.0)
    assert text.startswith("<svg") and INK not in text and "currentColor" in text and 'width="100%"' in text
    assert "across" in text and "up" in text
    assert drawn(1.0) == text != drawn(2.0)
