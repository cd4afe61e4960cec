"""Captured corpora as their makers hand them out: one small module each, one contract, by name in `READERS`."""

from utterface.errors import CorpusError
from utterface.lab.corpora.readers import beat, beat2, biwi, emodb, mead3d, vocaset
from utterface.lab.corpora.readers.contract import Reader
from utterface.lab.training.names import did_you_mean, load

READERS: dict[str, Reader] = {
    reader.name: reader
    for reader in (
        vocaset.READER,
        biwi.READER,
        mead3d.READER,
        beat.READER,
        beat2.READER,
        beat2.ARKIT_READER,
        emodb.READER,
    )
}


def reader(name: str) -> Reader:
    """The reader of a corpus.

    Args:
        name: one of `READERS`, or the dotted name of a module of your own that defines `READER`.

    Raises:
        CorpusError: no such reader.
    """
    if name in READERS:
        return READERS[name]
    if "." not in name:
        raise CorpusError(f"no reader {name!r}{did_you_mean(name, READERS)}; there are {', '.join(READERS)}")
    own = load(f"{name}:READER")
    if not isinstance(own, Reader):
        raise CorpusError(f"{name}.READER is a {type(own).__name__}; expected a Reader")
    return own
