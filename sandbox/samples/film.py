"""A film of half a minute: night turns into day above a moving river."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import av
from av.video.frame import VideoFrame
from PIL import Image, ImageChops, ImageDraw, ImageFont

from sandbox.samples import painting, sounds
from sandbox.samples.painting import Colour

SIZE = (1280, 720)
RATE = 24
SECONDS = 30
TITLE = "A morning on the river"

_DAY: tuple[Colour, ...] = (
    (150, 205, 235),
    (190, 222, 232),
    (250, 222, 180),
    (240, 160, 130),
    (120, 100, 150),
    (44, 54, 100),
    (18, 26, 56),
)
_NIGHT_WATER: tuple[Colour, ...] = ((40, 58, 92), (28, 46, 78), (18, 32, 60))
_DAY_WATER: tuple[Colour, ...] = ((112, 168, 178), (70, 136, 152), (36, 98, 118))
_WHITE: Colour = (255, 255, 255)
_INK: Colour = (22, 40, 56)

CUES = (
    (0.0, 4.5, "Before dawn the river is a dark band, and only its sound tells where it is."),
    (5.0, 9.5, "The sky grows light from below: violet, then red, then gold."),
    (10.0, 14.5, "The water near the bank moves slowly, the middle of the river fastest."),
    (15.0, 19.5, "Now the sun is up. Insects leave the water, and the fish wait for them."),
    (20.0, 24.5, "Whoever measures a stream begins here: how wide, how deep, how fast?"),
    (25.0, 29.5, "The guide in this course shows how to answer with a tape and a cork."),
)


def make(path: Path, seconds: int = SECONDS) -> None:
    """Return an H.264/AAC MP4 file whose index stands first, so that playing starts at once."""
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        video = container.add_stream("libx264", rate=RATE)
        video.width, video.height = SIZE
        video.pix_fmt = "yuv420p"
        video.codec_context.thread_type = "FRAME"  # the default, slices, keeps one core idle
        video.options = {"preset": "superfast", "crf": "24", "g": str(2 * RATE)}
        audio = container.add_stream("aac", rate=sounds.RATE, layout="mono", bit_rate=96_000)
        # In the order of time, so that a player finds sound and picture next to each other.
        tones = sounds.frames(sounds.melody(seconds))
        for number, picture in enumerate(_pictures(seconds)):
            frame: VideoFrame = VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]
            frame.pts = number
            container.mux(video.encode(frame))
            for tone in tones:
                container.mux(audio.encode(tone))
                if (tone.pts or 0) * RATE > number * sounds.RATE:
                    break
        container.mux(video.encode(None))
        container.mux(audio.encode(None))


def make_captions(path: Path) -> None:
    """Return a WebVTT file: what the film shows, in six sentences."""
    cues = [
        f"{number}\n{_stamp(start)} --> {_stamp(end)}\n{text}\n"
        for number, (start, end, text) in enumerate(CUES, 1)
    ]
    path.write_text("WEBVTT\n\n" + "\n".join(cues), encoding="utf-8")


def _stamp(seconds: float) -> str:
    return f"00:00:{seconds:06.3f}"


def _pictures(seconds: int) -> Iterator[Image.Image]:
    width, height = SIZE
    horizon = int(height * 0.6)
    heavens = painting.sky((width, 4 * horizon), _DAY)
    sun = painting.disc(90, 130)
    shore = painting.ridge((width, 160), 0.45, [(0.2, 2, 0.4), (0.08, 5, 1.0), (0.03, 13, 2.0)])
    # (speed in pixels a second, top, mask)
    water = [
        (26, horizon, painting.ridge((width, height - horizon), 0.05, [(0.012, 7, 0.0)])),
        (-48, horizon + 50, painting.ridge((width, height - horizon), 0.08, [(0.025, 5, 1.0)])),
        (85, horizon + 130, painting.ridge((width, height - horizon), 0.1, [(0.04, 3, 2.0)])),
    ]
    for number in range(seconds * RATE):
        time = number / RATE
        day = time / seconds
        top = round((1 - day) * (heavens.height - horizon))
        image = Image.new("RGB", SIZE)
        image.paste(heavens.crop((0, top, width, top + horizon)))
        rise = round(horizon + 80 - 420 * min(1.0, day * 1.25))
        image.paste((255, 240, 205), (860, rise), sun)
        image.paste(painting.mixed((14, 20, 40), (66, 96, 84), day), (0, horizon - 130), shore)
        for (speed, above, mask), night, bright in zip(
            water, _NIGHT_WATER, _DAY_WATER, strict=True
        ):
            moved = ImageChops.offset(mask, round(time * speed), 0)
            image.paste(painting.mixed(night, bright, day), (0, above), moved)
        ink = painting.mixed(_WHITE, _INK, min(1.0, max(0.0, 8 * day - 3)))
        _write(image, ink)
        yield image


def _write(image: Image.Image, ink: Colour) -> None:
    """Return the title in `ink`."""
    image.paste(ink, (64, 56), _text(TITLE, 54))
    image.paste(ink, (66, 126), _text("BIO 201 · Life in Running Water", 26))


@cache
def _text(text: str, size: int) -> Image.Image:
    """Return the text as a mask, in the typeface that comes with Pillow."""
    font = ImageFont.load_default(size)
    _, _, right, bottom = font.getbbox(text)
    mask = Image.new("L", (int(right) + 2, int(bottom) + 4))
    ImageDraw.Draw(mask).text((0, 0), text, fill=255, font=font)
    return mask
