"""One episode, one file: an uncompressed zip of its images, its rows and its facts.

Any file manager opens it; unpacked it has the layout of `sim render`. It is written aside, verified, and renamed into
place, so that a file with its final name is whole.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from datagen.store import images, verify
from datagen.store.schema import Episode, EpisodeFacts, Row, frame_record, frame_schema
from datagen.store.verify import Images
from scenes.errors import HomeError
from scenes.files import plain_errors
from sim.frame import Frame
from sim.output import depth_to_millimetres

FACTS = "episode.json"
ROWS = "frames.parquet"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
DAMAGED = (OSError, ValueError, KeyError, RuntimeError, EOFError, struct.error, zlib.error, zipfile.BadZipFile)
"""What reading a damaged episode raises."""


@dataclass(frozen=True)
class Storage:
    """How images are stored. `rgb`: png and webp are lossless, jpeg is not; depth is always 16-bit PNG."""

    rgb: images.RgbFormat = "png"
    segmentation: bool = True

    def files(self, step: int) -> dict[str, str]:
        """The names of a frame's images inside of its episode, by channel."""
        names = {"rgb": f"rgb/{step:06d}.{images.SUFFIX[self.rgb]}", "depth": f"depth/{step:06d}.png"}
        return names | ({"segmentation": f"segmentation/{step:06d}.png"} if self.segmentation else {})


def write_episode(path: Path, index: int, episode: Episode, storage: Storage) -> EpisodeFacts:
    """Takes an episode's frames and leaves its file at `path`, whole and verified, or nothing.

    Raises:
        HomeError: a frame has a fault, or there is no room or no permission to write.
    """
    with plain_errors(path.parent), _aside(path) as aside:
        with zipfile.ZipFile(aside, "w") as archive:
            facts = _write_frames(archive, index, episode, storage)
        with zipfile.ZipFile(aside) as archive:
            if (damaged := archive.testzip()) is not None:
                raise HomeError(f"{path}: {damaged} reads back other than it was written; look after the disk")
    return facts


def _write_frames(archive: zipfile.ZipFile, index: int, episode: Episode, storage: Storage) -> EpisodeFacts:
    records: list[dict[str, Any]] = []
    row_before: Row | None = None
    shown_before: Images | None = None
    while True:
        try:
            frame, row = next(episode)
        except StopIteration as end:
            facts: EpisodeFacts = end.value
            break
        step = len(records)
        record = frame_record(frame, row, index, step, row_before)
        faults = _frame_faults(frame) + verify.row_faults(record, records[-1] if records else None)
        if faults:
            raise _refused(index, step, faults)
        encoded, shown = encode(frame, storage)
        faults = verify.image_faults(record, shown)
        if shown_before is not None:
            faults = faults or verify.pair_faults(record, shown, records[-1], shown_before)
        if faults:
            raise _refused(index, step, faults)
        for channel, name in storage.files(step).items():
            _add(archive, name, encoded[channel])
        records.append(record | {"checks": verify.flags(shown, shown_before)})
        row_before, shown_before = row, shown
    if not records:
        raise HomeError(f"episode {index} has no frames; it is not stored")
    if {record["home"] for record in records} != {facts.home}:
        raise HomeError(f"episode {index} has frames of another home than {facts.home!r}; it is not stored")
    _add(archive, ROWS, _parquet(records))
    said = {"home": facts.home, "home_hash": facts.home_hash, "outcome": facts.outcome, "drawn": dict(facts.drawn)}
    _add(archive, FACTS, json.dumps({"episode": index} | said, ensure_ascii=False, allow_nan=False).encode())
    return facts


def _refused(index: int, step: int, faults: list[str]) -> HomeError:
    return HomeError(f"episode {index}, step {step}: {', '.join(faults)}; the episode is not stored")


def encode(frame: Frame, storage: Storage) -> tuple[dict[str, bytes], Images]:
    """The frame's images as bytes by channel, and as they decode again.

    Raises:
        HomeError: an image does not decode to what was encoded.
    """
    depth_mm = depth_to_millimetres(frame.depth)
    encoded = {"rgb": images.encode_rgb(frame.rgb, storage.rgb), "depth": images.encode_grey(depth_mm)}
    if storage.segmentation:
        encoded["segmentation"] = images.encode_grey(frame.segmentation.astype(np.uint16))
    shown = decode(encoded, storage)
    intact = np.array_equal(shown.depth_mm, depth_mm)
    intact &= shown.rgb.shape == frame.rgb.shape if storage.rgb == "jpeg" else np.array_equal(shown.rgb, frame.rgb)
    intact &= shown.segmentation is None or np.array_equal(shown.segmentation, frame.segmentation)
    if not intact:
        raise HomeError("an image does not decode to what was encoded; the episode is not stored")
    return encoded, shown


def decode(encoded: dict[str, bytes], storage: Storage) -> Images:
    """The images of a frame from their bytes by channel.

    Raises:
        ValueError: bytes that do not decode; says which channel.
    """
    shown: dict[str, npt.NDArray[Any]] = {}
    for channel, data in encoded.items():
        try:
            shown[channel] = images.decode_rgb(data, storage.rgb) if channel == "rgb" else images.decode_grey(data)
        except ValueError as error:
            raise ValueError(f"{channel}: {error}") from error
    return Images(shown["rgb"], shown["depth"], shown.get("segmentation"))


def _frame_faults(frame: Frame) -> list[str]:
    """What is wrong with a frame that its stored images would no longer tell."""
    height, width = frame.intrinsics.height, frame.intrinsics.width
    if frame.rgb.shape != (height, width, 3) or frame.rgb.dtype != np.uint8:
        return [f"rgb of shape {frame.rgb.shape} and type {frame.rgb.dtype}"]
    if frame.segmentation.min() < 0 or frame.segmentation.max() > np.iinfo(np.uint16).max:
        return ["instance ids outside of 0 to 65535"]
    if not np.isfinite(frame.depth).all() or frame.depth.min() < 0:
        return ["depth that is not finite or negative"]
    return []


def _parquet(records: list[dict[str, Any]]) -> bytes:
    import pyarrow
    from pyarrow import parquet

    buffer = io.BytesIO()
    table = pyarrow.Table.from_pylist(records, schema=frame_schema())
    parquet.write_table(table, buffer, write_page_checksum=True)
    return buffer.getvalue()


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    """Adds a file whose header depends on nothing but its name and content."""
    info = zipfile.ZipInfo(name, _EPOCH)
    info.create_system = _UNIX
    info.external_attr = 0o644 << 16
    archive.writestr(info, data)


@contextlib.contextmanager
def _aside(path: Path) -> Iterator[Path]:
    """A file beside `path` that takes its name, safe on the disk, when the block ends well; else it goes."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    aside = Path(name)
    try:
        yield aside
        os.fsync(handle)
        aside.chmod(0o644)
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    finally:
        os.close(handle)
