"""Images as bytes: the channels of a frame as they are stored."""

from __future__ import annotations

import io
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import PIL.Image

from datagen.store import png

RgbFormat = Literal["png", "webp", "jpeg"]
SUFFIX: dict[RgbFormat, str] = {"png": "png", "webp": "webp", "jpeg": "jpg"}
JPEG_QUALITY = 95

_OPTIONS: dict[str, dict[str, Any]] = {
    "webp": {"lossless": True, "method": 0, "quality": 0},
    "jpeg": {"quality": JPEG_QUALITY, "subsampling": 0},
}


def encode_rgb(rgb: npt.NDArray[np.uint8], form: RgbFormat) -> bytes:
    """The bytes of (H, W, 3) uint8; png and webp are lossless."""
    if form == "png":
        return png.encode(rgb)
    buffer = io.BytesIO()
    PIL.Image.fromarray(rgb).save(buffer, form, **_OPTIONS[form])
    return buffer.getvalue()


def decode_rgb(data: bytes, form: RgbFormat) -> npt.NDArray[np.uint8]:
    """The reverse of `encode_rgb`.

    Raises:
        ValueError: bytes that do not decode.
    """
    if form == "png":
        image = png.decode(data)
    else:
        try:
            image = np.asarray(PIL.Image.open(io.BytesIO(data), formats=[form]))
        except (OSError, SyntaxError) as error:
            raise ValueError(f"no image: {error}") from error
    if image.ndim != 3:
        raise ValueError("an image without colours")
    return image


def encode_grey(image: npt.NDArray[np.uint16]) -> bytes:
    """The bytes of (H, W) uint16: depth in millimetres, or instance ids."""
    return png.encode(image)


def decode_grey(data: bytes) -> npt.NDArray[np.uint16]:
    """The reverse of `encode_grey`.

    Raises:
        ValueError: bytes that do not decode.
    """
    image = png.decode(data)
    if image.dtype != np.uint16:
        raise ValueError("an image of other than 16 bits")
    return image
