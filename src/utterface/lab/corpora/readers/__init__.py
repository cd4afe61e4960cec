"""Captured corpora as their makers hand them out: one small module each, one contract, by name in `READERS`."""

from utterface.errors import CorpusError
from utterface.lab.corpora.readers import beat, beat2, biwi, mead3d, vocaset
from utterface.lab.corpora.readers.contract import Reader

READERS: dict[str, Reader] = {
    reader.name: reader
    for reader in (vocaset.READER, biwi.READER, mead3d.READER, beat.READER, beat2.READER, beat2.ARKIT_READER)
}


def reader(name: str) -> Reader:
    """The reader of a corpus; CorpusError where there is none of that name."""
    if name not in READERS:
        raise CorpusError(f"no reader {name!r}; there are {', '.join(READERS)}")
    return READERS[name]
