"""The page that talks as you do, in a browser, from disk: the same weights as in Python, in time, without a network."""

import base64
import json
import struct
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from utterface import speech
from utterface.engines.bundle import shipped
from utterface.engines.neural import NeuralAnimator
from utterface.pages import live

ROOT = Path(__file__).parents[2]
PATIENCE = 120_000  # ms
MIB = 1 << 20
_FEED = """async ([text, cut]) => {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const samples = new Float32Array(bytes.buffer);
  await window.live.voice.reset();
  const frames = [];
  const voice = window.live.voice;
  for (let at = 0; at < samples.length; at += cut) frames.push(...(await voice.push(samples.slice(at, at + cut))));
  frames.push(...(await voice.flush()));
  return { times: frames.map((f) => f.time), rows: frames.map((f) => [...f.weights]) };
}"""


@pytest.fixture(scope="module")
def sound() -> np.ndarray:
    return speech.read(ROOT / "examples" / "hello.flac").samples[: 3 * speech.SAMPLE_RATE]


@pytest.fixture(scope="module")
def page(browser: Any, light_head: Any, tmp_path_factory) -> SimpleNamespace:
    """The page with the mouth alone moving, so that drawing in software keeps up."""
    path = tmp_path_factory.mktemp("live") / "live.html"
    live.write(path, light_head)
    assert path.stat().st_size < 20 * MIB
    page = browser.new_context(viewport={"width": 200, "height": 200}, reduced_motion="reduce").new_page()
    page.set_default_timeout(PATIENCE)
    seen = SimpleNamespace(page=page, said=[], asked=[])
    page.on("console", lambda message: seen.said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: seen.said.append(f"error: {error}"))
    page.on("request", lambda request: seen.asked.append(request.url))
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready]", state="attached")
    return seen


def fed(page: SimpleNamespace, sound: np.ndarray, cut: int) -> dict[str, Any]:
    return page.page.evaluate(_FEED, [base64.b64encode(sound.astype("<f4").tobytes()).decode(), cut])


def wait_until(page: SimpleNamespace, condition: str) -> None:
    """Playwright's own waiting evaluates strings, which the page's policy forbids."""
    look = f"const look = () => ({condition} ? done() : setTimeout(look, 50)); look();"
    page.page.evaluate(f"() => new Promise((done) => {{ {look} }})")


def test_weights_are_those_of_python(page: SimpleNamespace, sound: np.ndarray) -> None:
    animator = NeuralAnimator(shipped()["animator"])
    expected = np.concatenate([animator.push(sound).values, animator.flush().values])
    answer = fed(page, sound, 1117)
    assert answer["times"] == pytest.approx(np.arange(len(expected)) / 60)
    np.testing.assert_allclose(np.array(answer["rows"]), expected, atol=1e-4)
    assert np.array_equal(answer["rows"], fed(page, sound, 48_000)["rows"])


def test_a_recording_that_is_dropped_moves_the_face_and_nothing_is_asked_of_a_network(
    page: SimpleNamespace, complaints: Callable[[SimpleNamespace], list[str]]
) -> None:
    data = base64.b64encode((ROOT / "examples" / "hello.flac").read_bytes()).decode()
    page.page.evaluate(
        """async (text) => {
          const data = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
          await window.live.drop([new File([data], "hello.flac")]);
        }""",
        data,
    )
    wait_until(page, "window.live.weights().jawOpen > 0.08")
    assert not complaints(page)


def test_a_microphone_moves_the_face(page: SimpleNamespace, sound: np.ndarray) -> None:
    """A stream that plays the recording stands for the microphone; AudioWorklet and worker are the page's own."""
    page.page.evaluate(
        """async (text) => {
          const samples = new Float32Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
          const context = new AudioContext();
          const buffer = new AudioBuffer({ length: samples.length, sampleRate: 16000 });
          buffer.copyToChannel(samples, 0);
          const source = new AudioBufferSourceNode(context, { buffer, loop: true });
          const out = context.createMediaStreamDestination();
          source.connect(out);
          source.start();
          navigator.mediaDevices.getUserMedia = async () => out.stream;
          await window.live.talk();
        }""",
        base64.b64encode(sound.astype("<f4").tobytes()).decode(),
    )
    wait_until(page, "window.live.voice.newest > 0.5 && window.live.weights().jawOpen > 0.08")
    page.page.evaluate("window.live.talk()")
    assert page.page.inner_text("button.talk") == "Talk"


def test_another_face_takes_its_place(page: SimpleNamespace) -> None:
    """A triangle with four of ARKit's shapes; a file without any is refused in a line."""
    answers = page.page.evaluate(
        """async ([face, bare]) => {
          const data = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer;
          await window.live.wear(data(face));
          try { await window.live.wear(data(bare)); } catch (error) { return String(error); }
        }""",
        [base64.b64encode(triangle(names)).decode() for names in (["jawOpen", "head.mouthSmile_L"], ["bulge"])],
    )
    assert "none of its shapes has a name of ARKit's" in answers
    assert page.page.locator("canvas.stage").count() == 1


def triangle(names: list[str]) -> bytes:
    """A .glb of one triangle with a morph target a name."""
    points = np.eye(3, dtype="<f4").tobytes()
    content = {
        "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "targets": [{"POSITION": 0}] * len(names)}],
                    "extras": {"targetNames": names}}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3", "min": [0] * 3, "max": [1] * 3}
        ],
        "bufferViews": [{"buffer": 0, "byteLength": 36}], "buffers": [{"byteLength": 36}],
    }  # fmt: skip
    text = json.dumps(content).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<II", len(text), 0x4E4F534A) + text + struct.pack("<II", len(points), 0x004E4942) + points
    return struct.pack("<III", 0x46546C67, 2, 12 + len(chunks)) + chunks
