"""Images out of a file from elsewhere: the one place that opens them.

Formats are opened by a list, never by what Pillow knows: others start programs (for EPS, Ghostscript runs what the file
says) or have decoders that few have tried to break.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import PIL.Image

from scenes.errors import HomeError, reading
from scenes.limits import require_within

T = TypeVar("T")

FORMATS = ("JPEG", "PNG", "BMP", "GIF", "WEBP", "TIFF")
"""Pillow's names of the formats that are opened."""

_SIXTEEN_BITS = ("I;16", "I;16L", "I;16B")
_UNSCALED = ("I", "F")
"""Modes whose values have no known white."""


def image_size(data: bytes) -> tuple[int, int]:
    """Return the width and height that an image says it has, in pixels, without decoding it.

    Raises:
        HomeError: of no format that is read, or its header is damaged.
    """
    return _opened(data, lambda image: image.size)


def image_kind(data: bytes) -> tuple[str, str]:
    """Return Pillow's names of an image's format and mode as they are in the file, without decoding it.

    Raises:
        HomeError: of no format that is read, or its header is damaged.
    """
    return _opened(data, lambda image: (image.format or "", image.mode))


def decode_image(data: bytes) -> PIL.Image.Image:
    """Return the first frame of an image, decoded whole: mode RGB, or RGBA where it has an alpha channel.

    Grey of 16 bits keeps its upper 8, as in Sweet Home 3D. `format` is that of `data`.

    Raises:
        HomeError: of no format that is read, damaged, or over the limit of pixels.
    """
    return _opened(data, _decoded)


def has_holes(image: PIL.Image.Image) -> bool:
    """Return True if a decoded image has texels that are not opaque."""
    return image.mode == "RGBA" and bool((np.asarray(image)[..., 3] < 255).any())


def _opened(data: bytes, use: Callable[[PIL.Image.Image], T]) -> T:
    """What `use` makes of the opened image; whatever Pillow raises is one HomeError."""
    with reading("the image is damaged"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image = PIL.Image.open(io.BytesIO(data), formats=FORMATS)
        except PIL.UnidentifiedImageError as error:
            raise HomeError(f"not a JPEG, PNG, BMP, GIF, WebP or TIFF image{_kind_of(data)}") from error
        with image:
            return use(image)


def _decoded(image: PIL.Image.Image) -> PIL.Image.Image:
    require_within("texture_pixels", image.width * image.height, f"the image of {image.width} x {image.height}")
    image.load()
    decoded = _eight_bits(image)
    decoded.format = image.format
    return decoded


def _eight_bits(image: PIL.Image.Image) -> PIL.Image.Image:
    if image.mode in _UNSCALED:
        raise HomeError(f"the image has numbers instead of colours (mode {image.mode}); save it with 8 bits a channel")
    if image.mode in _SIXTEEN_BITS:
        return PIL.Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)).convert("RGB")
    has_alpha = image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info
    return image.convert("RGBA" if has_alpha else "RGB")


def _kind_of(data: bytes) -> str:
    """What the bytes seem to be instead, where that is easily told."""
    if data.startswith((b"%!PS", b"\xc5\xd0\xd3\xc6")):
        return ", but PostScript, which is never run"
    if b"<svg" in data[:1000]:
        return ", but SVG"
    return ""
