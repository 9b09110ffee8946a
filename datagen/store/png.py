"""PNG, fast: the two kinds of image that a dataset holds, every row filtered by the one above, deflated by libdeflate.

Any program opens these files. Written and read here rather than by an image library because that is twice as fast
(docs/data.md has the measurements).
"""

from __future__ import annotations

import struct
import zlib
from typing import Any

import deflate
import numpy as np
import numpy.typing as npt

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER = struct.Struct(">IIBBBBB")
_RGB, _GREY = 2, 0
_UP = 2
_MAX_RATIO = 1032
"""Deflate cannot make data smaller than by this."""
_LEVEL = 1


def encode(image: npt.NDArray[Any]) -> bytes:
    """A PNG of an image: (H, W, 3) uint8 is RGB, (H, W) uint16 is 16-bit grey."""
    height, width = image.shape[:2]
    kind, bits = (_RGB, 8) if image.ndim == 3 else (_GREY, 16)
    big_endian = image if bits == 8 else image.astype(">u2")
    rows = np.ascontiguousarray(big_endian).view(np.uint8).reshape(height, -1)
    filtered = np.empty((height, 1 + rows.shape[1]), np.uint8)
    filtered[:, 0] = _UP
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    header = _HEADER.pack(width, height, bits, kind, 0, 0, 0)
    pixels = bytes(deflate.zlib_compress(filtered, _LEVEL))
    return b"".join((_SIGNATURE, _chunk(b"IHDR", header), _chunk(b"IDAT", pixels), _chunk(b"IEND", b"")))


def decode(data: bytes) -> npt.NDArray[Any]:
    """The reverse of `encode`.

    Raises:
        ValueError: not such bytes, or damaged ones.
    """
    chunks = _chunks(data)
    if [kind for kind, _ in chunks] != [b"IHDR", b"IDAT", b"IEND"] or len(chunks[0][1]) != _HEADER.size:
        raise ValueError("not a PNG as this dataset's writer makes them")
    width, height, bits, kind, *_ = _HEADER.unpack(chunks[0][1])
    if (bits, kind) not in {(8, _RGB), (16, _GREY)}:
        raise ValueError(f"a PNG of colour type {kind} with {bits} bits; 8-bit RGB and 16-bit grey are known")
    bytes_per_row = width * (3 if kind == _RGB else 2)
    size = height * (1 + bytes_per_row)
    raw = _inflate(chunks[1][1], size)
    filtered = np.frombuffer(raw, np.uint8).reshape(height, 1 + bytes_per_row)
    if (filtered[:, 0] != _UP).any():
        raise ValueError("a PNG with other row filters than this dataset's writer uses")
    rows = np.add.accumulate(filtered[:, 1:], axis=0, dtype=np.uint8)
    if kind == _RGB:
        return rows.reshape(height, width, 3)
    return rows.view(">u2").astype(np.uint16)


def _inflate(data: bytes, size: int) -> bytes | bytearray:
    """`size` bytes of pixels."""
    if not 0 < size <= _MAX_RATIO * len(data):
        raise ValueError(f"{len(data)} bytes that cannot hold {size} bytes of pixels")
    try:
        raw = deflate.zlib_decompress(data, size)
    except deflate.DeflateError as error:
        raise ValueError(f"pixels that do not inflate: {error}") from error
    if len(raw) != size:
        raise ValueError(f"{len(raw)} bytes of pixels, not {size}")
    return raw


def _chunk(kind: bytes, data: bytes) -> bytes:
    return b"".join((struct.pack(">I", len(data)), kind, data, struct.pack(">I", _crc(kind, data))))


def _crc(kind: bytes, data: bytes) -> int:
    return zlib.crc32(data, zlib.crc32(kind))


def _chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """The chunks (kind, data) of a PNG, their sums checked."""
    if not data.startswith(_SIGNATURE):
        raise ValueError("no PNG" if data else "an empty file")
    chunks = []
    start = len(_SIGNATURE)
    while start < len(data):
        if start + 12 > len(data):
            raise ValueError("a PNG that ends early")
        (size,) = struct.unpack_from(">I", data, start)
        kind, body = data[start + 4 : start + 8], data[start + 8 : start + 8 + size]
        if start + 12 + size > len(data):
            raise ValueError("a PNG that ends early")
        if struct.unpack_from(">I", data, start + 8 + size)[0] != _crc(kind, body):
            raise ValueError(f"a PNG whose {kind.decode('latin-1')} is damaged")
        chunks.append((kind, body))
        start += 12 + size
    return chunks
