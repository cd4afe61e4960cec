from html.parser import HTMLParser

from made_results import made_report
from utterface.lab.studies.tokens import page


class Outline(HTMLParser):
    """Sections, and whether every element that was opened is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.sections, self.open, self.links = [], [], []

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        if tag == "section":
            self.sections.append(told["id"])
        self.links += [v for k, v in attrs if k in ("src", "href") and not v.startswith("#")]
        if tag not in ("meta", "br", "path", "use", "rect", "line"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        if tag in ("meta", "br", "path", "use", "rect", "line"):
            return
        assert self.open.pop() == tag, tag


def outline(text: str) -> Outline:
    found = Outline()
    found.feed(text)
    return found


def test_the_page_holds_everything_and_needs_nothing_else():
    text = page.write(made_report(), "<iframe srcdoc='faces'></iframe>")
    found = outline(text)
    assert found.sections == ["claims", "winner", "faces", "pictures", "test", "held", "costs", "ran", "paper"]
    assert found.open == [] and found.links == []
    assert "prefers-color-scheme: dark" in text and "viewport" in text
    assert text.count('class="claim ') == 5 and text.count("<svg") == 3


def test_sections_without_figures_are_left_out():
    report = made_report()
    for key in ("costs", "winner"):
        del report[key]
    assert outline(page.write(report)).sections == ["claims", "pictures", "test", "held", "ran", "paper"]


def test_real_recordings_have_a_table_of_their_own():
    report = made_report(spoken=True)
    assert "spoken" in outline(page.write(report)).sections


def test_words_from_outside_are_escaped():
    report = made_report() | {"missing": {"x": "<script>alert(1)</script>"}}
    assert "<script>" not in page.write(report)
