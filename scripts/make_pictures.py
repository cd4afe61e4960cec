"""Draw the pictures of the README with headless Chromium, no GPU needed.

    python scripts/make_pictures.py                       all of them, into docs/pictures/
    python scripts/make_pictures.py --sheet shapes out/   every single shape, to look at

Needs the extra `dev` (playwright, pillow) and a Chromium on the path.
"""

import argparse
import base64
import io
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Page, sync_playwright

import utterface
from utterface import rigs
from utterface.articulation import EMOTIONS, express, viseme_weights
from utterface.clip import Clip
from utterface.motion import ARKIT, rest
from utterface.rigs import Rig
from utterface.rigs.human.identity import people as read_people

ROOT = Path(__file__).parents[1]
PAPER, INK, FADED = "#e4e9ed", "#252c33", "#77838e"
FLAGS = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--enable-unsafe-swiftshader"]
HELLO = "Hello! I move my lips for every word, and I keep them shut for maps, pubs and bumblebees."
FRONT = {"turn": 0}


@contextmanager
def studio(clip: Clip, rig: Rig | None = None, size: tuple[int, int] = (640, 640)) -> Iterator[Page]:
    """The page of a clip, open in Chromium and ready."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        sys.exit("no Chromium on the path; install it to draw pictures")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        path = Path(folder) / f"{clip.name}.html"
        clip.save(path, rig=rig)
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": size[0], "height": size[1]})
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-ready]", timeout=120_000)
        yield page
        browser.close()


def shoot(page: Page, width: int, height: int, weights: dict[str, float] | None = None, **view: float) -> Image.Image:
    """The face on paper; `weights` hold it in a pose, None leaves it to the motion."""
    if weights is not None:
        page.evaluate("weights => utterface.setWeights(weights)", dict.fromkeys(ARKIT, 0) | weights)
    options = {"width": width, "height": height, "transparent": True, **view}
    data = page.evaluate("options => utterface.picture(options)", options)
    face = Image.open(io.BytesIO(base64.b64decode(data.split(",")[1])))
    paper = Image.new("RGBA", face.size, PAPER)
    paper.alpha_composite(face)
    return paper.convert("RGB")


def letters(size: int) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    """A font with the letters of the IPA where the machine has one."""
    try:
        return ImageFont.truetype("DejaVuSans.ttf", size)
    except OSError:
        return ImageFont.load_default(size)


def label(picture: Image.Image, text: str, faded: str = "") -> Image.Image:
    """The picture with a line under it."""
    tall = Image.new("RGB", (picture.width, picture.height + 26), PAPER)
    tall.paste(picture)
    draw = ImageDraw.Draw(tall)
    font = letters(15)
    wide = draw.textlength(text + faded, font=font)
    start = (picture.width - wide) / 2
    draw.text((start, picture.height + 3), text, INK, font)
    draw.text((start + draw.textlength(text, font=font), picture.height + 3), faded, FADED, font)
    return tall


def grid(pictures: list[Image.Image], columns: int, gap: int = 4) -> Image.Image:
    width, height = pictures[0].size
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * (width + gap) - gap, rows * (height + gap) - gap), PAPER)
    for i, picture in enumerate(pictures):
        sheet.paste(picture, (i % columns * (width + gap), i // columns * (height + gap)))
    return sheet


def save(picture: Image.Image, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, optimize=True)
    print(f"{path}  {picture.width} × {picture.height}, {path.stat().st_size / 1000:.0f} kB")


def mouth(picture: Image.Image) -> Image.Image:
    """The lower face, cut out of a square portrait."""
    w, h = picture.size
    return picture.crop((round(0.28 * w), round(0.4 * h), round(0.72 * w), round(0.84 * h)))


def head(page: Page) -> Image.Image:
    """The head at rest from three sides, and with a smile."""
    smile = dict(EMOTIONS["joy"])
    views: list[tuple[dict[str, float], dict[str, float]]] = [
        ({}, {"turn": 0}),
        ({}, {"turn": -38}),
        ({}, {"turn": -75}),
        (smile, {"turn": 15}),
    ]
    return grid([shoot(page, 420, 520, weights, **view) for weights, view in views], 4, 0)


def visemes(page: Page) -> Image.Image:
    poses = viseme_weights()
    return grid([label(mouth(shoot(page, 420, 420, pose, **FRONT)), name) for name, pose in poses.items()], 8)


def emotions(page: Page) -> Image.Image:
    """Each emotion on its own, as `--emotion NAME` adds it to speech at rest."""
    pictures = []
    for name in EMOTIONS:
        motion = express(rest(1), {name: 1.0})
        pose = {channel: float(motion[channel][0]) for channel in ARKIT}
        pictures.append(label(shoot(page, 300, 330, pose, **FRONT), name))
    return grid(pictures, 4)


def shapes(page: Page) -> Image.Image:
    """Every channel at full weight, to look at."""
    return grid([label(shoot(page, 300, 330, {name: 1.0}, **FRONT), name) for name in ARKIT], 9)


def people() -> Image.Image:
    """Everybody that comes with the package."""
    pictures = []
    for name in read_people():
        with studio(Clip(rest(2), duration=0.03), rigs.head(name)) as page:
            pictures.append(label(shoot(page, 300, 330, {}, turn=-15), name))
    return grid(pictures, 4)


def sentence(page: Page, clip: Clip, count: int = 10) -> Image.Image:
    """A spoken sentence as a strip: the face in the middle of evenly chosen phones."""
    spoken = [phone for phone in clip.phones if phone.label != "sil"]
    chosen = [spoken[round(i)] for i in np.linspace(0, len(spoken) - 1, count)]
    page.evaluate("utterface.setWeights(null)")
    pictures = []
    for phone in chosen:
        middle = (phone.start + phone.end) / 2
        word = next((word.label for word in clip.words if word.start <= middle < word.end), "")
        page.evaluate("time => utterface.seek(time)", middle)
        portrait = shoot(page, 380, 380, **FRONT).crop((70, 30, 310, 350))
        pictures.append(label(portrait, f"/{phone.label}/", f"  {word}"))
    return grid(pictures, count // 2)


def hello(clip: Clip, path: Path, frame_rate: float = 20.0) -> None:
    """The README's first picture: the whole sentence spoken, a word at a time below the face, as animated WebP."""
    frames = []
    with studio(clip) as page:
        for time in np.arange(0, clip.duration, 1 / frame_rate):
            page.evaluate("time => utterface.seek(time)", float(time))
            word = next((word.label for word in clip.words if word.start <= time < word.end), "")
            frames.append(label(shoot(page, 560, 500, turn=-18), word))
    first, *rest = frames
    path.parent.mkdir(parents=True, exist_ok=True)
    step = round(1000 / frame_rate)
    first.save(path, save_all=True, append_images=rest, duration=step, loop=0, quality=60, method=4)
    print(f"{path}  {first.width} × {first.height}, {len(frames)} frames, {path.stat().st_size / 1000:.0f} kB")


def player(clip: Clip) -> Image.Image:
    with studio(clip, size=(1200, 800)) as page:
        page.evaluate("time => utterface.seek(time)", 0.45 * clip.duration)
        page.wait_for_timeout(500)
        return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", nargs="?", type=Path, default=ROOT / "docs" / "pictures", help="folder to write to")
    parser.add_argument(
        "--sheet", choices=["hello", "head", "visemes", "emotions", "shapes", "people", "sentence", "player"]
    )
    options = parser.parse_args()
    wanted = [options.sheet] if options.sheet else ["hello", "head", "visemes", "emotions", "sentence", "player"]
    clip = Clip(rest(2), duration=0.03)
    if {"hello", "sentence", "player"} & set(wanted):
        clip = utterface.animate(ROOT / "examples" / "hello.flac", text=HELLO, emotions={"joy": 0.25}, seed=3)
    alone = {"head": head, "visemes": visemes, "emotions": emotions, "shapes": shapes}
    with studio(clip) as page:
        for name in wanted:
            if name in alone:
                save(alone[name](page), options.out / f"{name}.png")
            elif name == "sentence":
                save(sentence(page, clip), options.out / f"{name}.png")
    if "hello" in wanted:
        hello(clip, options.out / "hello.webp")
    if "player" in wanted:
        save(player(clip), options.out / "player.png")
    if "people" in wanted:
        save(people(), options.out / "people.webp")


if __name__ == "__main__":
    main()
