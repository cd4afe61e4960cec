import pytest

import utterface
from utterface.clip import Clip


def test_every_public_name_is_there():
    assert all(getattr(utterface, name) for name in utterface.__all__)
    assert utterface.Clip is Clip and set(utterface.__all__) <= set(dir(utterface))


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="'lipsync'"):
        _ = utterface.lipsync
