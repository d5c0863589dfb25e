"""A picture of a page, made ready for Tesseract: its size checked, grey, upright."""

from __future__ import annotations

import io
import struct
from itertools import pairwise

from PIL import Image, ImageFilter, ImageOps, JpegImagePlugin, PngImagePlugin, UnidentifiedImageError

from brightline.papers.errors import DangerousPaper, PaperError
from brightline.papers.limits import MOST_PIXELS, MOST_SIDE

_LEANS = 8.0  # degrees to each side that are tried
_LONG_SIDE = 3400  # pixels that Tesseract gets: 11 inches at 300 dots an inch
_IMAGE_PLUGINS = (JpegImagePlugin, PngImagePlugin)  # named so that no other type is ever tried


def open_picture(data: bytes) -> Image.Image:
    """A PNG or JPEG as a grey picture. PaperError if it is broken, too large, or more than a picture."""
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as image:
            wide, high = image.size
            if max(wide, high) > MOST_SIDE or wide * high > MOST_PIXELS:
                raise PaperError(
                    f"the image is {wide} by {high} dots, far more than a page has: scan the page in grey at 300 dots "
                    "an inch"
                )
            if min(wide, high) < 50:
                raise PaperError(f"the image is {wide} by {high} dots, too small to be a page: scan the page again")
            if getattr(image, "n_frames", 1) > 1 and image.format == "PNG":
                raise PaperError("the image moves (animated PNG): hand in a plain scan of the page")
            _nothing_after(data, image.format or "")
            image.load()
            upright = ImageOps.exif_transpose(image)
            return _on_white(upright)
    except PaperError:
        raise
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, TypeError, KeyError, struct.error, EOFError):
        raise PaperError("the image is damaged or cut off: scan the page again, or ask the sender for it") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, OverflowError):
        raise PaperError(
            "the image unpacks to far more than a page: scan the page in grey at 300 dots an inch"
        ) from None


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        white.alpha_composite(layer)
        image = white
    if image.mode.startswith("I") or image.mode == "F":  # sixteen bits: Pillow would cut, not scale, them
        image = image.convert("I").point(lambda x: x * (1 / 256))
    return image.convert("L")


def _nothing_after(data: bytes, kind: str) -> None:
    """No second file hides behind the end of the picture."""
    end = _end_of_png(data) if kind == "PNG" else _end_of_jpeg(data)
    if end is None:
        raise PaperError("the image is cut off: scan the page again, or ask the sender for it")
    if data[end:].strip(b" \t\r\n\x00"):
        raise DangerousPaper(
            "the image has other bytes after its end, which may be a second file: refused. Open it, save it again as "
            "PNG, and hand that in"
        )


def _end_of_png(data: bytes) -> int | None:
    at = 8
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        name = data[at + 4 : at + 8]
        at += 12 + length
        if name == b"IEND":
            return at if at <= len(data) else None
    return None


def _end_of_jpeg(data: bytes) -> int | None:
    """The byte after the end-of-image marker (ITU-T T.81, annex B): segments by their length, scans by search."""
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            at = data.find(b"\xff", at)  # inside a scan, or stray bytes between segments
            if at < 0:
                return None
            continue
        marker = data[at + 1]
        if marker == 0xD9:
            return at + 2
        if marker in (0x00, 0x01, 0xFF) or 0xD0 <= marker <= 0xD8:
            at += 1 if marker == 0xFF else 2
            continue
        at += 2 + struct.unpack_from(">H", data, at + 2)[0]
    return len(data) if data[-2:] == b"\xff\xd9" else None


def for_tesseract(image: Image.Image) -> bytes:
    """The picture grey, of a size that Tesseract reads well, turned so that its lines are level, as PNG."""
    grey = image.convert("L")
    scale = min(_LONG_SIDE / max(grey.size), 3.0)
    if abs(scale - 1) > 0.1:
        size = (max(1, round(grey.width * scale)), max(1, round(grey.height * scale)))
        grey = grey.resize(size, Image.Resampling.LANCZOS)
    grey = grey.filter(ImageFilter.GaussianBlur(1.0))  # grain, left sharp, makes Tesseract see nothing at all
    grey = ImageOps.autocontrast(grey, cutoff=(1, 20))
    lean = _lean(grey)
    if abs(lean) > 0.1:
        grey = grey.rotate(lean, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    out = io.BytesIO()
    grey.save(out, "PNG", compress_level=1)
    return out.getvalue()


def _lean(grey: Image.Image) -> float:
    """The turn in degrees after which rows of ink and rows of paper differ most; 0 where nothing is gained."""
    small = ImageOps.invert(grey)
    small.thumbnail((700, 700), Image.Resampling.BOX)
    small = small.point(lambda x: 255 if x > 90 else 0)
    level = _rows(small, 0.0)
    best, most = 0.0, level * 1.02
    for step, around in ((1.0, _LEANS), (0.25, 1.0)):
        middle = best
        turns = round(around / step)
        for n in range(-turns, turns + 1):
            angle = middle + n * step
            value = _rows(small, angle)
            if value > most:
                best, most = angle, value
    return best


def _rows(ink: Image.Image, angle: float) -> float:
    turned = ink.rotate(angle, Image.Resampling.BILINEAR) if angle else ink
    rows = turned.resize((1, turned.height), Image.Resampling.BOX).tobytes()
    return float(sum((a - b) ** 2 for a, b in pairwise(rows)))
