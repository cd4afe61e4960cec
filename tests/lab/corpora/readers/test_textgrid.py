"""TextGrids as the aligner of BEAT wrote them."""

import pytest

from lab.corpora.readers import folders
from utterface.errors import CorpusError
from utterface.lab.corpora.readers.textgrid import read_tiers, to_phones, to_text
from utterface.phones import Span


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_words_and_phones_with_their_times(tmp_path, encoding):
    path = tmp_path / "a.TextGrid"
    path.write_text(folders.TEXTGRID, encoding)
    tiers = read_tiers(path)
    assert to_text(tiers["words"]) == "map"
    assert to_phones(tiers["phones"]) == (
        Span("sil", 0.0, 0.4), Span("m", 0.4, 0.6), Span("æ", 0.6, 0.8, 2), Span("p", 0.8, 1.0),
    )  # fmt: skip


def test_ipa_and_noise_are_understood_too():
    spans = (
        Span("tʃ", 0, 0.1),
        Span("aj", 0.1, 0.3),
        Span("spn", 0.3, 0.4),
        Span("AH0", 0.4, 0.5),
        Span("p", 0.5, 0.6),
    )
    phones = to_phones(spans)
    assert [p.label for p in phones] == ["tʃ", "a", "j", "sil", "ʌ", "p"]
    assert phones[2].start == pytest.approx(0.2)


def test_what_is_no_textgrid_is_refused(tmp_path):
    (tmp_path / "a.TextGrid").write_text("words 0 1 map")
    with pytest.raises(CorpusError, match="is no Praat TextGrid"):
        read_tiers(tmp_path / "a.TextGrid")
