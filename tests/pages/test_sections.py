"""Arrays of every kind come back from the stream, wherever padding falls."""

import numpy as np

from support.payloads import KINDS, unpack
from utterface.pages.sections import VERSION, Sections, compress


def test_every_kind_comes_back_at_its_place():
    sections, wanted = Sections(), {}
    for number, (kind, dtype) in enumerate(KINDS.items()):
        wanted[kind] = np.arange(number, 2 * number + 1).astype(dtype)
        sections.add(kind, kind, wanted[kind])
    header, arrays = unpack(compress({"title": "Grüße"}, sections))
    assert header["title"] == "Grüße" and header["version"] == VERSION
    assert all(np.array_equal(arrays[kind], values) for kind, values in wanted.items())
