"""The server of faces: a real one on a port of its own, spoken to by a real client."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import numpy as np
import pytest
import uvicorn
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from utterface import speech
from utterface.live import LiveSettings, LiveVoice
from utterface.live.server import BUSY, PATH, FaceServer, Limits
from utterface.live.wire import FORMATS, read_binary
from utterface.motion import join
from utterface.phones import OCULUS

RATE = speech.SAMPLE_RATE


@contextmanager
def running(server: FaceServer) -> Iterator[str]:
    """HOST:PORT of a server in a thread."""
    config = uvicorn.Config(
        server.app(), port=0, log_level="warning", ws_max_size=server.limits.message, timeout_graceful_shutdown=2
    )
    inside = uvicorn.Server(config)
    thread = threading.Thread(target=inside.run, daemon=True)
    thread.start()
    while not inside.started:
        thread.join(0.02)
    yield f"127.0.0.1:{inside.servers[0].sockets[0].getsockname()[1]}"
    inside.should_exit = True
    thread.join(10)
    assert not thread.is_alive()


@pytest.fixture(scope="module")
def place() -> Iterator[str]:
    with running(FaceServer(Limits(voices=3, seconds=5.0, message=200_000), model="animator")) as at:
        yield at


@pytest.fixture(scope="module")
def sound() -> np.ndarray:
    """Two seconds that a voice could be, int16."""
    t = np.arange(2 * RATE) / RATE
    return (8000 * np.sin(2 * np.pi * (140 + 30 * np.sin(7 * t)) * t) * np.abs(np.sin(9 * t))).astype("<i2")


def dial(place: str, query: str = "", **options: object) -> ClientConnection:
    """A connection that the test closes, or does not."""
    return connect(f"ws://{place}{PATH}{query}", **options).__enter__()  # type: ignore[arg-type]


def open_face(place: str, **start: object) -> tuple[ClientConnection, dict]:
    socket = dial(place)
    socket.send(json.dumps({"type": "start", **start}))
    return socket, json.loads(socket.recv(20))


def until(socket: ClientConnection, kind: str) -> list:
    """Messages up to the one of a type, which is the last; that a busy machine is behind is left out."""
    messages: list = []
    while not (messages and isinstance(messages[-1], dict) and messages[-1]["type"] == kind):
        message = socket.recv(20)
        read = json.loads(message) if isinstance(message, str) else message
        if not (isinstance(read, dict) and read["type"] == "behind"):
            messages.append(read)
    return messages


def talk(socket: ClientConnection, sound: np.ndarray, cut: int = 1600) -> list:
    for i in range(0, len(sound), cut):
        socket.send(sound[i : i + cut].tobytes())
    socket.send('{"type": "end"}')
    return until(socket, "done")


def test_binary_frames_are_the_motion_of_a_voice(place: str, sound: np.ndarray) -> None:
    socket, ready = open_face(place, format="binary", seed=4)
    assert ready["type"] == "ready" and ready["look_ahead"] == pytest.approx(0.1525) and len(ready["names"]) == 61
    *frames, done = talk(socket, sound)
    got = join([read_binary(frame) for frame in frames])
    voice = LiveVoice(LiveSettings("animator", seed=4))
    wanted = join([piece for piece in (voice.push(sound), voice.flush()) if len(piece)])
    assert done == {"type": "done", "frames": 120, "seconds": 2.0} and len(got) == 120
    assert np.abs(got.values - wanted.values).max() < 1e-3  # half floats
    again = join([read_binary(frame) for frame in talk(socket, sound, 333)[:-1]])
    assert again.start == 0 and np.array_equal(again.values, got.values)
    socket.close()


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "binary"])
def test_every_format_counts_from_the_first_sample(place: str, sound: np.ndarray, name: str) -> None:
    socket, ready = open_face(place, format=name, frame_rate=30, sample_rate=32000, encoding="f32")
    louder = np.repeat(sound, 2).astype("<f4") / 32768
    *frames, done = talk(socket, louder, 16000)
    socket.close()
    assert sum(frame["count"] for frame in frames) == done["frames"] == 60
    starts, counts = [f["start"] for f in frames], [f["count"] for f in frames]
    assert np.allclose(starts, np.concatenate([[0], np.cumsum(counts)[:-1]]) / 30, atol=1e-5)
    first = frames[0]
    if name == "talkinghead":
        (anim,) = first["anims"]
        assert anim["name"] == "blendshapes" and len(anim["dt"]) == first["count"] and "jawOpen" in anim["vs"]
    elif name == "audio2face":
        assert ready["names"][17] == "JawOpen" and len(first["animation"][0]["values"]) == 52
        assert frames[1]["animation"][0]["time_code"] == pytest.approx(counts[0] / 30, abs=1e-5)
    else:
        assert len(first["weights"][0]) == len(ready["names"]) == (15 if name == "visemes" else 61)
        assert name != "visemes" or ready["names"] == list(OCULUS)


def test_an_interruption_ends_in_rest_and_the_next_utterance_begins_at_zero(place: str, sound: np.ndarray) -> None:
    socket, _ = open_face(place, format="binary")
    socket.send(sound.tobytes())
    first = socket.recv(20)
    socket.send('{"type": "interrupt"}')
    *frames, said = first, *until(socket, "interrupted")
    motion = join([read_binary(frame) for frame in frames])
    assert said["frames"] == len(motion) and np.abs(motion["jawOpen"][-1]) == 0
    assert read_binary(talk(socket, sound)[0]).start == 0
    socket.close()


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        ("nonsense", "JSON with a type"), ("[1]", "JSON with a type"), ("[" * 50_000, "JSON with a type"),
        ('{"type": "dance"}', "no message has the type"), ('{"type": "start", "fps": 30}', "start has no fps"),
        ('{"type": "start", "format": "mp4"}', "no format is called"), (b"abc", "no whole number"),
        ('{"type": "start", "sample_rate": "x"}', "sample rate"),
        ('{"type": "start", "sample_rate": 1}', "sample rate"),
        ('{"type": "start", "model": "phones"}', "needs the whole utterance"), (bytes(199_999), "no whole number"),
        (np.full(160, np.nan, "<f4").tobytes(), "NaN"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_and_the_voice_goes_on(
    place: str, sound: np.ndarray, message: object, answer: str
) -> None:
    socket, _ = open_face(place, format="binary", encoding="f32")
    socket.send(message)
    said = json.loads(socket.recv(20))
    assert said["type"] == "error" and answer in said["message"] and "\n" not in said["message"]
    assert talk(socket, sound.astype("<f4") / 32768)[-1]["frames"] == 120
    socket.close()


def test_sound_before_a_start(place: str) -> None:
    with connect(f"ws://{place}{PATH}") as socket:
        socket.send(b"\0\0")
        assert "before" in json.loads(socket.recv(20))["message"]


def test_limits_of_seconds_bytes_and_voices(place: str, sound: np.ndarray) -> None:
    socket, _ = open_face(place)
    for _ in range(3):
        socket.send(sound.tobytes())
    assert "may last 5 s" in until(socket, "error")[-1]["message"]
    socket.send(bytes(200_002))
    with pytest.raises(ConnectionClosed) as closed:
        until(socket, "done")
    assert closed.value.rcvd is None or closed.value.rcvd.code == 1009
    held = [open_face(place)[0] for _ in range(3)]
    extra = dial(place)
    assert "3 voices" in json.loads(extra.recv(20))["message"]
    with pytest.raises(ConnectionClosed) as refused:
        extra.recv(20)
    assert refused.value.rcvd is not None and refused.value.rcvd.code == BUSY
    for one in held:
        one.close()


def test_foreign_pages_are_refused(place: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        dial(place, origin="https://elsewhere.example")
    assert refused.value.response.status_code == 403


def test_clients_that_vanish_leave_no_voice(place: str, sound: np.ndarray) -> None:
    rng = np.random.default_rng(2)
    for _ in range(12):
        socket, _ = open_face(place)
        for _ in range(int(rng.integers(0, 3))):
            socket.send(sound[: int(rng.integers(1, 9000))].tobytes())
        socket.socket.close()  # no goodbye
        for _ in range(200):
            health = json.load(urlopen(f"http://{place}/health"))
            if health["voices"] == 0:
                break
            threading.Event().wait(0.05)
        assert health["status"] == "ok" and health["voices"] == 0
    assert talk(open_face(place)[0], sound)[-1]["frames"] == 120


def test_a_token_and_an_allowed_page(sound: np.ndarray) -> None:
    with running(FaceServer(token="secret", origins=("http://my.page",), model="animator")) as place:
        for query in ("", "?token=wrong", "?token=ß"):
            with pytest.raises(InvalidStatus):
                dial(place, query)
        with pytest.raises(HTTPError):
            urlopen(f"http://{place}/metrics")
        socket = dial(place, "?token=secret", origin="http://my.page")
        socket.send('{"type": "start"}')
        socket.recv(20)
        assert talk(socket, sound)[-1]["frames"] == 120
        metrics = (
            urlopen(Request(f"http://{place}/metrics", headers={"Authorization": "Bearer secret"})).read().decode()
        )
        numbers = dict(line.split() for line in metrics.splitlines())
        assert float(numbers["utterface_frames_total"]) == 120 and float(numbers["utterface_sound_seconds_total"]) == 2
        assert json.load(urlopen(f"http://{place}/health"))["voices"] == 1
    with pytest.raises(ConnectionClosed):  # the server stopped
        socket.recv(5)
