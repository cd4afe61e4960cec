import pytest

from utterface.engines import Request
from utterface.errors import ConfigError
from utterface.text import Transcript


@pytest.mark.parametrize(
    ("values", "message"),
    [({"frame_rate": 0}, "frame rate must lie in 1 to 240 a second, got 0"),
     ({"frame_rate": float("nan")}, "frame rate"), ({"frame_rate": "60"}, "frame rate"),
     ({"strength": 3}, "strength must lie in 0 to 2"), ({"emotions": ["joy"]}, "emotions map names to intensities"),
     ({"emotions": {"glee": 1}}, "no emotion is called 'glee'"), ({"transcript": "hello"}, "must be a Transcript")],
)  # fmt: skip
def test_requests_that_no_engine_can_fulfil_are_refused(values, message):
    with pytest.raises(ConfigError, match=message):
        Request(**values)


def test_limits_are_inside():
    for rate in (1, 23.976, 240):
        assert Request(Transcript("hello"), frame_rate=rate, strength=0, emotions={"joy": 1}).frame_rate == rate
