"""The readers by name: every published split is sound, wrong names are told."""

import pytest

from utterface.errors import ConfigError, CorpusError
from utterface.lab.corpora.readers import READERS, reader
from utterface.lab.corpora.readers.contract import OURS


@pytest.mark.parametrize("name", READERS)
def test_no_published_split_puts_a_take_in_two_parts(name):
    for split in reader(name).splits.values():
        assert split.source
        parts = [p for p in (split.train, split.valid, split.test) if p]
        for speaker in {s for p in parts for s in p.speakers}:
            for kind in ("neutral", "emotional", "conversation"):
                assert all(sum((speaker, n, kind) in p for p in parts) <= 1 for n in range(1, 119))


def test_unknown_names_are_reported():
    with pytest.raises(CorpusError, match="no reader 'grid'; there are vocaset, biwi"):
        reader("grid")
    with pytest.raises(CorpusError, match="biwi has no split 'test-c'; there are test-a, test-b"):
        reader("biwi").split("test-c")
    assert reader("biwi").split() is reader("biwi").splits["test-a"] and reader("beat2").split("ours") is OURS


def test_a_reader_of_a_users_own_module_is_found_by_its_dotted_name(tmp_path, monkeypatch):
    (tmp_path / "own_corpora").mkdir()
    (tmp_path / "own_corpora" / "grid.py").write_text(
        "from utterface.lab.corpora.readers.contract import OURS, Reader\n"
        "READER = Reader('grid', 'GRID', 'CC BY', lambda folder, split, done, report: iter(()), {'all': OURS})\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert reader("own_corpora.grid").title == "GRID" and reader("own_corpora.grid").split() is OURS
    with pytest.raises(ConfigError, match=r"no module 'own_corpora\.none'"):
        reader("own_corpora.none")
