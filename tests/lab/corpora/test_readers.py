"""The readers by name: every published split is sound, wrong names are told."""

import pytest

from utterface.errors import CorpusError
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


def test_unknown_names_are_told():
    with pytest.raises(CorpusError, match="no reader 'grid'; there are vocaset, biwi"):
        reader("grid")
    with pytest.raises(CorpusError, match="biwi has no split 'test-c'; there are test-a, test-b"):
        reader("biwi").split("test-c")
    assert reader("biwi").split() is reader("biwi").splits["test-a"] and reader("beat2").split("ours") is OURS
