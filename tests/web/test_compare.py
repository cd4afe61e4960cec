"""The page of faces side by side in a real browser: headless Chromium, drawing in software, opened from disk."""

import io
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from utterface.lab.studies.html import document
from utterface.motion import CHANNELS, Motion, rest
from utterface.pages.comparison import Row, Sentence, comparison_page, frame, write_comparison
from utterface.phones import Span
from utterface.timing import sample_at

FRAME = 1 / 60
SIZE = {"width": 900, "height": 700}
Image = pytest.importorskip("PIL.Image", reason="pillow is not installed")


def moving(frame_rate: float, seed: int, seconds: float) -> Motion:
    """Everything moves a little, all channels differently."""
    t = np.arange(round(seconds * frame_rate))[:, None] / frame_rate
    return Motion(0.1 + 0.1 * np.sin(3 * t + seed + np.arange(len(CHANNELS))), CHANNELS, frame_rate)


def held(jaw: float) -> Motion:
    motion = rest(180)
    motion.values[:, CHANNELS.index("jawOpen")] = jaw
    return motion


@pytest.fixture(scope="module")
def sentences() -> list[Sentence]:
    """Three seconds of six rows, of which one has a sound of its own; two seconds of three, one of them new."""
    sound = (0.3 * np.sin(2 * np.pi * 220 * np.arange(48_000) / 16_000)).astype(np.float32)
    words = (Span("papa", 0.2, 1.0), Span("bubble", 1.2, 2.5))
    first = [
        Row("shut", rest(180)),
        Row("open", held(0.8)),
        Row("sixty", moving(60, 1, 3)),
        Row("thirty", moving(30, 2, 3), samples=0.5 * sound[::-1]),
        Row("hidden", moving(60, 3, 3)),
    ]
    second = [Row("shut", held(0.1)), Row("sixty", moving(60, 4, 2)), Row("new", moving(25, 5, 2))]
    return [
        Sentence("Papa", sound, first, words=words, phones=(Span("p", 0.2, 0.3),)),
        Sentence("Mama", sound[:32_000], second, text="mama without times"),
    ]


@pytest.fixture(scope="module")
def seen(open_page, sentences, light_head, tmp_path_factory) -> SimpleNamespace:
    path: Path = tmp_path_factory.mktemp("web") / "faces.html"
    write_comparison(
        sentences, path, light_head, title="Side by side", shown=["shut", "open", "sixty", "thirty", "new"]
    )
    return open_page(path, **SIZE)


@pytest.fixture
def page(seen):
    """The page, paused at the start of the first sentence, with the rows and the sound of the beginning."""
    seen.page.evaluate("""async () => {
        utterface.pause();
        await utterface.hear(null);
        await utterface.choose(0);
        for (const row of utterface.rows) await utterface.show(row, row !== "hidden");
        await utterface.seek(0);
    }""")
    return seen.page


def weights(page, row: str) -> np.ndarray:
    return np.array(page.evaluate("row => Object.values(utterface.weights(row))", row))


def visible(page) -> list[str]:
    """Rows that the page says it shows, after making sure that exactly they have a cell."""
    names = page.evaluate("() => utterface.visible()")
    assert page.locator(".cell figcaption span").all_inner_texts() == names
    return names


def agrees(page, sentence: Sentence, rows: list[str]) -> bool:
    """Whether the faces of these rows show what their motions say of the moment that the page shows."""
    reached = page.evaluate("() => utterface.time()")
    motions = {row.name: row.motion for row in sentence.rows}
    for name in rows:
        motion = motions[name]
        expected = sample_at(motion.values, motion.frame_rate, np.array([reached]), motion.start)[0]
        assert np.abs(weights(page, name) - expected).max() < 1e-3, name
    return True


@pytest.mark.parametrize("time", [0.0, 0.333, 1.508, 2.99])
def test_every_face_shows_its_motion_at_the_moment_sought(page, sentences, time):
    page.evaluate("time => utterface.seek(time)", time)
    assert abs(page.evaluate("() => utterface.time()") - time) <= FRAME
    assert agrees(page, sentences[0], ["shut", "open", "sixty", "thirty"])


def test_playing_keeps_all_faces_on_the_sound(page, sentences):
    page.get_by_label("Speed").select_option("0.5")
    page.evaluate("async () => { utterface.frameStats(); await utterface.play(); }")
    page.wait_for_timeout(1_500)
    drift = page.evaluate("async () => { utterface.pause(); return utterface.frameStats().worstDriftMs; }")
    page.get_by_label("Speed").select_option("1")
    assert page.evaluate("() => utterface.time()") > 0.1
    assert drift <= 1000 * FRAME
    page.evaluate("utterface.seek(utterface.time())")
    assert agrees(page, sentences[0], ["shut", "open", "sixty", "thirty"])


def test_each_face_is_drawn_in_its_own_cell(page):
    page.wait_for_timeout(800)  # faces at rest are drawn again, finely
    pictures = [
        np.asarray(Image.open(io.BytesIO(view.screenshot())).convert("RGB")) for view in page.locator(".view").all()
    ]
    shut, opened = (picture.astype(int) for picture in pictures[:2])
    assert shut.shape == opened.shape
    height, width = shut.shape[:2]
    middle = slice(round(0.42 * width), round(0.58 * width))
    difference = np.abs(shut - opened).max(2)
    assert difference[round(0.55 * height) : round(0.75 * height), middle].mean() > 12  # mouth and chin
    assert difference[round(0.1 * height) : round(0.25 * height), middle].mean() < 2  # forehead
    assert shut[round(0.2 * height), width // 2, 0] - shut[round(0.2 * height), width // 2, 2] > 25  # and it is skin


def test_another_sentence_is_chosen_from_the_list_or_with_page_down(page, sentences):
    page.evaluate("utterface.seek(1)")
    page.get_by_label("Sentence", exact=True).select_option("1")
    page.wait_for_function("() => utterface.sentence() === 1")
    page.evaluate("utterface.seek(0.7)")
    assert page.evaluate("() => utterface.duration()") == 2.0
    assert visible(page) == ["shut", "sixty", "new"]
    assert agrees(page, sentences[1], ["shut", "sixty", "new"])
    assert page.get_by_text("mama without times").is_visible()
    assert page.get_by_role("button", name="open", exact=True).is_disabled()  # the sentence has no such row
    page.locator("h1").click()
    page.keyboard.press("PageUp")
    page.wait_for_function("() => utterface.sentence() === 0")
    assert visible(page) == ["shut", "open", "sixty", "thirty"]
    assert page.get_by_label("Sentence", exact=True).input_value() == "0"


def test_a_row_is_hidden_and_shown_by_its_name_its_number_or_its_cell(page, sentences):
    width = page.locator(".view").first.bounding_box()["width"]
    page.get_by_role("button", name="shut", exact=True).click()
    assert visible(page) == ["open", "sixty", "thirty"]
    page.keyboard.press("2")
    assert visible(page) == ["sixty", "thirty"]
    page.locator(".cell").last.hover()
    page.get_by_role("button", name="Hide thirty").click()
    page.get_by_role("button", name="hidden", exact=True).click()
    assert visible(page) == ["sixty", "hidden"]
    page.wait_for_timeout(300)
    assert page.locator(".view").first.bounding_box()["width"] > width  # who stays gets the room
    page.evaluate("utterface.seek(0.9)")
    assert agrees(page, sentences[0], ["sixty", "hidden"])
    for row in ("sixty", "hidden"):
        page.get_by_role("button", name=row, exact=True).click()
    assert page.get_by_text("Choose by name whom to watch.").is_visible()


def test_a_mesh_is_heard_at_the_same_moment_and_the_recording_again(page, sentences):
    page.evaluate("utterface.seek(1.25)")
    page.get_by_role("button", name="Hear what this mesh says: thirty").click()
    page.wait_for_function("() => utterface.hearing() === 'thirty'")
    assert page.evaluate("() => utterface.time()") == pytest.approx(1.25, abs=1e-3)
    page.evaluate("utterface.seek(2.0)")
    assert agrees(page, sentences[0], ["shut", "open", "sixty", "thirty"])
    page.evaluate("async () => { await utterface.seek(0.5); await utterface.play(); }")
    page.wait_for_timeout(700)
    assert page.evaluate("() => { utterface.pause(); return utterface.time(); }") > 0.6
    page.get_by_role("button", name="heard: thirty").click()
    page.wait_for_function("() => utterface.hearing() === null")


def test_the_sound_of_a_mesh_is_the_one_that_was_given(page, sentences):
    """Decoded as the page decodes it: to the sample where it should be."""
    decoded = page.evaluate("""async () => {
        const packed = atob(document.getElementById("utterface-sound-0-3").textContent);
        const bytes = Uint8Array.from(packed, letter => letter.charCodeAt(0));
        const sound = await new OfflineAudioContext(1, 1, 16000).decodeAudioData(bytes.buffer);
        return Array.from(sound.getChannelData(0));
    }""")
    given = sentences[0].rows[3].samples
    assert len(decoded) == len(given)
    assert np.corrcoef(decoded, given)[0, 1] > 0.98


def test_keys_play_pause_and_step(page):
    page.locator("h1").click()
    page.keyboard.press("Space")
    assert page.evaluate("() => utterface.playing()")
    page.keyboard.press("Space")
    assert not page.evaluate("() => utterface.playing()")
    page.evaluate("utterface.seek(1)")
    for key, expected in (("ArrowRight", 1 + FRAME), ("ArrowLeft", 1), ("Shift+ArrowRight", 2), ("Home", 0)):
        page.keyboard.press(key)
        page.wait_for_timeout(300)
        assert page.evaluate("() => utterface.time()") == pytest.approx(expected, abs=FRAME / 2), key


def test_all_heads_turn_together_and_0_brings_them_back(page):
    cells = page.locator(".view")
    page.wait_for_timeout(800)
    front = [cell.screenshot() for cell in (cells.nth(0), cells.nth(3))]
    box = cells.first.bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 60, steps=3)
    page.mouse.up()
    page.wait_for_timeout(1_200)
    turned = [cell.screenshot() for cell in (cells.nth(0), cells.nth(3))]
    page.keyboard.press("0")
    page.wait_for_timeout(1_200)
    again = cells.first.screenshot()
    difference = [np.abs(pixels(a) - pixels(b)).mean() for a, b in zip(front, turned, strict=True)]
    assert min(difference) > 3 and np.abs(pixels(front[0]) - pixels(again)).mean() < 0.5


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def test_a_phone_shows_faces_and_controls_without_scrolling_the_page(page):
    page.set_viewport_size({"width": 375, "height": 667})
    page.wait_for_timeout(400)
    places = [page.get_by_role("button", name="Play"), page.get_by_role("slider", name="Position")]
    for place in (*places, *page.locator(".cell").all()):
        box = place.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 375 and box["y"] + box["height"] <= 667
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 375
    page.set_viewport_size(SIZE)


def test_nothing_was_asked_of_a_network_and_nothing_was_complained_of(seen, complaints):
    assert complaints(seen) == []


def test_a_report_shows_the_page_in_a_frame_and_it_plays_there(open_page, complaints, sentences, light_head, tmp_path):
    report = tmp_path / "report.html"
    element = frame(comparison_page(sentences, light_head), height="600px")
    written = document("Report", f"<h1>Report</h1>{element}<script>window.injected = true</script>")
    report.write_text(written.replace("<html ", "<html data-ready "), "utf-8")
    seen = open_page(report, **SIZE)
    inside = seen.page.frame_locator("iframe")
    inside.locator(".cell").first.wait_for()
    framed = next(each for each in seen.page.frames if each.parent_frame)
    framed.wait_for_function("() => 'ready' in document.documentElement.dataset")
    inside.get_by_role("button", name="Play").click()
    framed.wait_for_function("() => utterface.time() > 0.2")
    framed.evaluate("async () => { utterface.pause(); await utterface.seek(1.1); }")
    assert framed.evaluate("() => utterface.weights('open').jawOpen") == pytest.approx(0.8, abs=1e-3)
    refused = [line for line in complaints(seen) if "Content Security Policy" in line]
    assert len(refused) == 1 and "script" in refused[0] and complaints(seen) == refused
    assert seen.page.evaluate("() => window.injected") is None
