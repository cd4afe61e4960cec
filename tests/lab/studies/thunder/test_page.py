import re

from utterface.lab.studies.thunder import page


def test_the_page_holds_everything(report):
    text = page.write(report, "<iframe srcdoc='faces'></iframe>")
    ids = re.findall(r"<section[^>]* id=\"?(\w+)", text)
    assert ids == ["claims", "winner", "faces", "pictures", "test", "spoken", "hearing", "ladder", "ran", "paper"]
    assert text.count('class="claim ') == 7 and text.count("<svg") == 5
    assert not re.search(r"(src|href)=\"?http", text)
