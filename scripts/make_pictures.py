"""Draw the pictures of the README and of the page, no GPU needed; scripts/make_sheets.py draws sheets of the face.

    python scripts/make_pictures.py --sheet hello     into docs/pictures/
    python scripts/make_pictures.py --sheet avatar --avatar ../shared/assets/avatars/valid_White_F_3_Default.glb

The avatar of the README is one of the VALID library's, which is MIT. Needs the extra `dev` (playwright, pillow); the
pictures of pages also a Chromium on the path.
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
from utterface.avatars.avatar import Avatar
from utterface.clip import Clip
from utterface.rigs import Rig
from utterface.video.painter import Painter

ROOT = Path(__file__).parents[1]
PAPER, INK, FADED = "#e4e9ed", "#252c33", "#77838e"
FLAGS = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--enable-unsafe-swiftshader"]
HELLO = "Hello! I move my lips for every word, and I keep them shut for maps, pubs and bumblebees."
PAPER_RGB = (228, 233, 237)
HELLO_YAW = 0.22  # radians that the head is turned in the README's first picture


@contextmanager
def studio(
    clip: Clip, rig: Rig | None = None, size: tuple[int, int] = (640, 640), face: Avatar | None = None
) -> Iterator[Page]:
    """The page of a clip, with a rig or an avatar, open in Chromium and ready."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        sys.exit("no Chromium on the path; install it to draw pictures")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        path = Path(folder) / f"{clip.name}.html"
        clip.save(path, rig=rig, avatar=face)
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": size[0], "height": size[1]})
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-ready]", timeout=120_000)
        yield page
        browser.close()


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


def hello(clip: Clip, path: Path, frame_rate: float = 15.0) -> None:
    """The README's first picture: the whole sentence spoken, a word at a time below the face, as animated WebP."""
    painter = Painter(rigs.head(), 400, 384, PAPER_RGB)
    times = np.arange(0, clip.duration, 1 / frame_rate)
    values = clip.motion.select(painter.rig.channels)
    values[:, painter.rig.channels.index("headYaw")] += HELLO_YAW
    frames = []
    for time in times:
        (vertices,) = painter.rig.vertices(values[[min(round(time * clip.motion.frame_rate), len(values) - 1)]])
        word = next((word.label for word in clip.words if word.start <= time < word.end), "")
        frames.append(label(Image.fromarray(painter.draw(vertices)), word))
    moving(frames, path, frame_rate)


def avatar(clip: Clip, face: Avatar, path: Path, frame_rate: float = 10.0, side: int = 280) -> None:
    """A face of the user's own, textures and all, as its page shows it: the first half of the sentence."""
    frames = []
    with studio(clip, face=face) as page:
        for time in np.arange(0, 0.55 * clip.duration, 1 / frame_rate):
            page.evaluate("time => utterface.seek(time)", float(time))
            url = page.evaluate("side => utterface.picture({ width: side, height: side })", side)
            frames.append(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).convert("RGB"))
    moving(frames, path, frame_rate)


def moving(frames: list[Image.Image], path: Path, frame_rate: float) -> None:
    """Write an animated WebP."""
    first, *rest = frames
    path.parent.mkdir(parents=True, exist_ok=True)
    step = round(1000 / frame_rate)
    first.save(path, save_all=True, append_images=rest, duration=step, loop=0, quality=35, method=4)
    print(f"{path}  {first.width} × {first.height}, {len(frames)} frames, {path.stat().st_size / 1000:.0f} kB")


def player(clip: Clip) -> Image.Image:
    with studio(clip, size=(1200, 800)) as page:
        page.evaluate("time => utterface.seek(time)", 0.45 * clip.duration)
        page.wait_for_timeout(500)
        return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", nargs="?", type=Path, default=ROOT / "docs" / "pictures", help="folder to write to")
    parser.add_argument("--sheet", choices=["hello", "player", "avatar"], help="only this one")
    parser.add_argument("--avatar", type=Path, help="face of the picture of an avatar; without, it is not drawn")
    options = parser.parse_args()
    clip = utterface.animate(ROOT / "examples" / "hello.flac", text=HELLO, emotions={"joy": 0.25}, seed=3)
    if options.avatar and options.sheet in (None, "avatar"):
        avatar(clip, Avatar.read(options.avatar), options.out / "avatar.webp")
    if options.sheet in (None, "hello"):
        hello(clip, options.out / "hello.webp")
    if options.sheet in (None, "player"):
        save(player(clip), options.out / "player.png")


if __name__ == "__main__":
    main()
