from utterface.lab.studies.plots import INK, drawing, svg


def drawn(value: float) -> str:
    with drawing("across", "up") as (figure, axes):
        axes.plot([0, value], color=INK)
        return svg(figure)


def test_pictures_are_reproducible_and_take_the_pages_colour():
    text = drawn(1.0)
    assert text.startswith("<svg") and INK not in text and "currentColor" in text and 'width="100%"' in text
    assert "across" in text and "up" in text
    assert drawn(1.0) == text != drawn(2.0)
