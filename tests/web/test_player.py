"""The page in a real browser: headless Chromium, drawing in software, opened from disk."""

import base64
import io
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from utterface.clip import Clip
from utterface.motion import CHANNELS, Motion
from utterface.phones import Span

FRAME = 1 / 60
SIZE = {"width": 560, "height": 520}
PATIENCE = 120_000  # ms; drawing in software on a busy machine takes its time
CLOSED, OPEN = 0.5, 1.5  # moments in the middle of a closed and of an open mouth

Image = pytest.importorskip("PIL.Image", reason="pillow is not installed")


@pytest.fixture(scope="module")
def talking() -> Clip:
    """Four seconds: the mouth is shut in the first, wide open in the second, then everything moves a little."""
    t = np.arange(240) * FRAME
    values = np.zeros((240, len(CHANNELS)), np.float32)
    values[(t >= 1) & (t < 2), CHANNELS.index("jawOpen")] = 0.8
    values[t >= 2] = (0.1 + 0.1 * np.sin(3 * t[t >= 2, None] + np.arange(len(CHANNELS)))).astype(np.float32)
    sound = 0.3 * np.sin(2 * np.pi * 220 * np.arange(64_000) / 16_000)
    words = (Span("shut", 0.1, 0.9), Span("open", 1.0, 2.0), Span("moving", 2.2, 3.8))
    return Clip(Motion(values), 4.0, words=words, phones=(Span("m", 0.1, 0.9),), audio=sound.astype(np.float32))


@pytest.fixture(scope="module")
def written(talking, light_head, tmp_path_factory) -> Path:
    path: Path = tmp_path_factory.mktemp("web") / "clip.html"
    talking.save(path, rig=light_head)
    return path


@pytest.fixture(scope="module")
def seen(open_page, written) -> SimpleNamespace:
    return open_page(written, **SIZE)


@pytest.fixture
def page(seen):
    """The page, paused at the start, in its first view and theme."""
    seen.page.evaluate("async () => { utterface.pause(); await utterface.setWeights(null); await utterface.seek(0); }")
    return seen.page


def weights_at(clip: Clip, time: float) -> np.ndarray:
    position = np.clip(time * clip.motion.frame_rate, 0, len(clip.motion) - 1)
    left = int(position)
    right = min(left + 1, len(clip.motion) - 1)
    return clip.motion.values[left] + (position - left) * (clip.motion.values[right] - clip.motion.values[left])


def shown(page) -> tuple[float, np.ndarray]:
    time, weights = page.evaluate("() => [utterface.time(), Object.values(utterface.weights())]")
    return time, np.array(weights)


def picture(page) -> np.ndarray:
    """(H, W, 3) what the face looks like now, from the front, at a fixed size."""
    data = page.evaluate("() => utterface.picture({ width: 300, height: 300, turn: 0 })")
    return pixels(base64.b64decode(data.split(",")[1]))


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def test_the_mouth_in_the_picture_moves_with_the_sound_and_the_crown_does_not(page):
    page.evaluate(f"utterface.seek({CLOSED})")
    closed = picture(page)
    page.evaluate(f"utterface.seek({OPEN})")
    difference = np.abs(picture(page) - closed).max(2)
    assert difference[150:230, 110:190].mean() > 12  # mouth and chin
    assert difference[20:80, 110:190].mean() < 1  # forehead


@pytest.mark.parametrize("time", [0.0, 0.333, 1.0, 2.517, 3.99])
def test_a_seek_lands_within_a_frame_and_shows_that_moment(page, talking, time):
    page.evaluate(f"utterface.seek({time})")
    reached, weights = shown(page)
    assert abs(reached - time) <= FRAME
    assert np.abs(weights - weights_at(talking, reached)).max() < 1e-3


@pytest.mark.parametrize("speed", [1, 0.25])
def test_playing_stays_on_the_sound(page, talking, speed):
    page.get_by_label("Speed").select_option(str(speed))
    page.evaluate("async () => { utterface.frameStats(); await utterface.play(); }")
    page.wait_for_timeout(1_200)
    reached, weights = shown(page)
    drift = page.evaluate("() => { utterface.pause(); return utterface.frameStats().worstDriftMs; }")
    page.get_by_label("Speed").select_option("1")
    assert reached > 0.1 * speed
    assert drift <= 1000 * FRAME
    assert np.abs(weights - weights_at(talking, reached)).max() < 1e-3


def test_keys_play_pause_and_step(page):
    page.keyboard.press("Space")
    assert page.evaluate("() => utterface.playing()")
    page.keyboard.press("Space")
    assert not page.evaluate("() => utterface.playing()")
    page.evaluate("utterface.seek(1)")
    for key, expected in (("ArrowRight", 1 + FRAME), ("ArrowLeft", 1), ("Shift+ArrowRight", 2), ("Home", 0)):
        page.keyboard.press(key)
        page.wait_for_timeout(300)
        assert shown(page)[0] == pytest.approx(expected, abs=FRAME / 2), key


def test_the_view_turns_by_hand_and_0_brings_it_back(page):
    canvas = page.locator("canvas.stage")
    front = canvas.screenshot()
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 320, box["y"] + 100, steps=3)
    page.mouse.up()
    page.wait_for_timeout(600)
    turned = canvas.screenshot()
    page.keyboard.press("0")
    page.wait_for_timeout(600)
    difference = [np.abs(pixels(front) - pixels(other)).mean() for other in (turned, canvas.screenshot())]
    assert difference[0] > 3 and difference[1] < 0.5


def test_the_picture_button_saves_a_png(page):
    with page.expect_download(timeout=PATIENCE) as waiting:
        page.get_by_role("button", name="Save a picture").click()
    saved = Image.open(waiting.value.path())
    assert saved.format == "PNG" and saved.size == (1600, 1600)


def test_the_theme_changes_the_page_and_its_pictures(page):
    theme = "() => document.documentElement.dataset.theme"
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(200)
        assert page.evaluate(theme) == scheme
    before = picture(page)
    page.keyboard.press("t")
    assert page.evaluate(theme) == "dark"
    corner = np.abs(picture(page) - before)[:20, :20].mean()
    page.keyboard.press("t")
    assert corner > 60


def test_sliders_pose_the_face_until_it_plays(page):
    page.keyboard.press("p")
    page.get_by_label("jaw open").fill("0.5")
    page.wait_for_timeout(300)
    assert page.evaluate("() => utterface.weights().jawOpen") == pytest.approx(0.5)
    page.get_by_text("Mouth", exact=True).click()
    page.get_by_label("mouth smile left").fill("0.7")
    page.wait_for_timeout(300)
    assert page.evaluate("() => utterface.weights().mouthSmileRight") == pytest.approx(0.7)
    page.get_by_role("button", name="Reset all").click()
    page.wait_for_timeout(300)
    assert page.evaluate("() => utterface.weights().jawOpen") == pytest.approx(0, abs=1e-3)
    page.keyboard.press("p")


def test_a_click_on_the_timeline_seeks(page):
    track = page.get_by_role("slider", name="Position")
    box = track.bounding_box()
    track.click(position={"x": box["width"] / 2, "y": 40})
    page.wait_for_timeout(400)
    assert shown(page)[0] == pytest.approx(2.0, abs=2 / box["width"] * 4)


def test_a_phone_shows_face_and_controls_without_scrolling(page):
    page.set_viewport_size({"width": 375, "height": 667})
    page.wait_for_timeout(300)
    for place in (page.get_by_role("button", name="Play"), page.get_by_role("slider", name="Position")):
        box = place.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 375 and box["y"] + box["height"] <= 667
    assert page.locator("canvas.stage").bounding_box()["height"] > 270
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 375
    page.set_viewport_size(SIZE)


def test_a_click_on_the_face_plays_and_pauses_and_a_drag_does_not(page):
    box = page.locator("canvas.stage").bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(*middle)
    assert page.evaluate("() => utterface.playing()")
    page.mouse.click(*middle)
    assert not page.evaluate("() => utterface.playing()")
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 60, middle[1], steps=3)
    page.mouse.up()
    assert not page.evaluate("() => utterface.playing()")
    page.keyboard.press("0")


def test_a_word_repeats_until_it_is_told_not_to(page):
    track = page.get_by_role("slider", name="Position")
    page.keyboard.press("Home")
    page.evaluate("utterface.seek(0.5)")
    page.keyboard.press("l")
    page.wait_for_timeout(1500)
    assert page.evaluate("() => utterface.playing() && utterface.time()") < 0.95
    page.keyboard.press("l")
    page.wait_for_timeout(900)
    assert page.evaluate("() => utterface.time()") > 0.95
    assert track.is_visible()


def test_views_show_the_head_from_all_sides(page):
    pictures = []
    for name in ("From the front", "Three quarters", "From the side", "The mouth"):
        page.get_by_role("button", name=name).click()
        page.wait_for_timeout(400)
        pictures.append(pixels(page.locator("canvas.stage").screenshot()))
    apart = [np.abs(a - b).mean() for i, a in enumerate(pictures) for b in pictures[:i]]
    assert min(apart) > 3
    page.keyboard.press("0")


def test_an_emotion_and_strength_act_while_it_plays(page):
    page.evaluate("utterface.seek(1.5)")
    page.keyboard.press("p")
    page.get_by_label("Emotion", exact=True).select_option("anger")
    page.get_by_role("slider", name="intensity").fill("1")
    page.get_by_role("slider", name="strength").fill("0.5")
    page.wait_for_timeout(300)
    weights = page.evaluate("() => utterface.weights()")
    assert weights["browDownLeft"] == pytest.approx(1) and weights["jawOpen"] == pytest.approx(0.4, abs=0.01)
    page.evaluate("async () => { await utterface.play(); }")
    page.wait_for_timeout(300)
    assert page.evaluate("() => utterface.weights().browDownLeft") > 0.9
    page.get_by_label("Emotion", exact=True).select_option("")
    page.get_by_role("slider", name="strength").fill("1")
    page.keyboard.press("p")


def test_the_motion_downloads_as_a_take_that_reads_back(page, talking):
    from utterface.formats.livelink import read

    with page.expect_download(timeout=PATIENCE) as waiting:
        page.get_by_role("button", name="Save the motion").click()
    motion = read(Path(waiting.value.path())).motion
    assert len(motion) == len(talking.motion)
    np.testing.assert_allclose(motion.select(CHANNELS), talking.motion.values, atol=2e-4)


@pytest.mark.slow  # a software renderer that shares its cores may draw no frame in time
def test_a_video_is_recorded_with_its_sound(page):
    with page.expect_download(timeout=PATIENCE) as waiting:
        page.keyboard.press("v")
        page.wait_for_timeout(1500)
        page.keyboard.press("v")
    data = Path(waiting.value.path()).read_bytes()
    assert waiting.value.suggested_filename.endswith((".webm", ".mp4")) and len(data) > 5000
    assert data[:4] == b"\x1a\x45\xdf\xa3" or data[4:8] == b"ftyp"
    assert b"Opus" in data or b"mp4a" in data


DROP = """([name, data]) => {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name));
  window.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, cancelable: true }));
}"""


def test_other_takes_play_when_they_are_dropped(open_page, written, tmp_path):
    opened = open_page(written, **SIZE)
    for suffix, weight in (("csv", 0.6), ("npz", 0.3)):
        values = np.zeros((120, len(CHANNELS)), np.float32)
        values[:, CHANNELS.index("jawOpen")] = weight
        path = tmp_path / f"{suffix} take.{suffix}"
        replace(Clip.from_motion(Motion(values)), words=(Span("other", 0.0, 1.0),)).save(path)
        opened.page.evaluate(DROP, [path.name, base64.b64encode(path.read_bytes()).decode()])
        opened.page.get_by_role("heading", name=path.stem).wait_for(timeout=PATIENCE)
        opened.page.wait_for_timeout(500)
        assert opened.page.evaluate("() => utterface.weights().jawOpen") == pytest.approx(weight, abs=1e-3)
    assert opened.page.locator(".captions").inner_text().strip() == "other"
    opened.page.evaluate(DROP, ["broken.npz", base64.b64encode(b"no archive").decode()])
    opened.page.get_by_role("alert").wait_for(timeout=PATIENCE)
    opened.page.context.close()


def test_an_address_may_name_a_moment(open_page, written):
    opened = open_page(written, **SIZE)
    opened.page.evaluate("() => { location.hash = '#t=2.2' }")
    opened.page.wait_for_timeout(500)
    assert shown(opened.page)[0] == pytest.approx(2.2, abs=FRAME)
    opened.page.context.close()


CONTRAST = """([selector, back]) => {
  const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const paint = (colours) => {
    for (const colour of colours) { context.fillStyle = colour; context.fillRect(0, 0, 1, 1); }
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3).map((v) => v / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  };
  const light = ([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b;
  const style = getComputedStyle(document.querySelector(selector));
  const [a, b] = [light(paint([style.color])), light(paint([back, style.backgroundColor]))];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_captions_and_the_play_button_are_legible(page, scheme):
    page.emulate_media(color_scheme=scheme)
    page.evaluate("utterface.seek(0.5)")
    page.wait_for_timeout(300)
    for selector in (".captions", ".play"):
        assert min(page.evaluate(CONTRAST, [selector, back]) for back in ("#000", "#fff", "#d9a07c")) >= 4.5, selector


def test_everything_that_is_touched_is_large_enough(page):
    page.set_viewport_size({"width": 390, "height": 844})
    page.keyboard.press("p")
    page.wait_for_timeout(300)
    sizes = page.evaluate(
        """() => [...document.querySelectorAll("button, select, input[type=range], a")]
          .filter((e) => e.checkVisibility() && e.getBoundingClientRect().width)
          .map((e) => [e.outerHTML.slice(0, 80), e.getBoundingClientRect().height])"""
    )
    page.keyboard.press("p")
    page.set_viewport_size(SIZE)
    assert len(sizes) > 40 and not [name for name, height in sizes if height < 24]


def test_the_page_says_what_made_it_and_names_its_keys(page):
    assert page.get_by_role("link", name="made with utterface").get_attribute("href").startswith("https://")
    page.keyboard.press("?")
    assert page.get_by_role("dialog", name="Keys").is_visible()
    page.keyboard.press("Escape")


def test_what_is_injected_into_a_page_does_not_run(open_page, written, tmp_path):
    path = tmp_path / "clip.html"
    injected = (
        "<script>window.script = true</script><base href='https://example.org/'>"
        "<img src=data:,x onerror='window.handler = true'><style>body { background: red !important }</style>"
    )
    page = written.read_text(encoding="utf-8")
    path.write_text(page.replace("</title>", f"</title>{injected}"), encoding="utf-8")
    seen = open_page(path, **SIZE)
    assert seen.page.evaluate("() => [window.script, window.handler]") == [None, None]
    assert seen.page.evaluate("() => document.baseURI").startswith("file:")
    assert seen.page.evaluate("() => getComputedStyle(document.body).backgroundColor") != "rgb(255, 0, 0)"
    refused = [line for line in seen.said if "Content Security Policy" in line]
    assert len(refused) >= 4, refused
    seen.page.context.close()


def test_nothing_was_asked_of_a_network_and_nothing_was_complained_of(seen, complaints):
    assert complaints(seen) == []
