"""A dataset at training resolution, in memory-mapped arrays. Disposable: it is made again when it is gone or stale."""

from __future__ import annotations

import functools
import json
import os
import shutil
import tempfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import PIL.Image

from datagen.reader.dataset import Dataset, as_channels, episodes_images
from datagen.store.identity import content_hash
from scenes.errors import HomeError
from scenes.files import plain_errors

VERSION = 2
_SOURCE, _SUMS = "source.json", "sums"
_BLOCK = 1 << 24


@dataclass(frozen=True, eq=False)
class Cache:
    """The frames of a dataset at one size. Indices are the dataset's frame numbers.

    rgb: (N, H, W, 3) uint8; depth_mm: (N, H, W) uint16; segmentation: (N, H, W) uint16 or None; zoom: (N,).
    K: (N, 3, 3), the cameras at this size, pixels.
    """

    rgb: npt.NDArray[np.uint8]
    depth_mm: npt.NDArray[np.uint16]
    segmentation: npt.NDArray[np.uint16] | None
    zoom: npt.NDArray[np.float64]
    K: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.rgb)

    def read(
        self, frames: npt.NDArray[np.integer], channels: Sequence[str] = ("rgb", "depth")
    ) -> dict[str, npt.NDArray[Any]]:
        """The channels of frames of any shape (...): (..., H, W) each, rgb with colours last; see `as_channels`."""
        segmentation = (
            self.segmentation[frames] if "segmentation" in channels and self.segmentation is not None else None
        )
        return as_channels(channels, self.rgb[frames], self.depth_mm[frames], segmentation, self.zoom[frames])


def open_cache(
    dataset: Dataset,
    size: tuple[int, int] = (64, 64),
    folder: Path | None = None,
    progress: Callable[[], None] = lambda: None,
) -> Cache:
    """The dataset at `size` (width, height), from its cache, which is made where there is none that fits.

    Colours are averaged; depth and ids are those of the pixel at each new pixel's centre, so that no depth is mixed of
    two surfaces. `folder`: where the cache is kept (default: `cache` in the dataset); `progress` is called per frame.

    Raises:
        HomeError: the dataset is damaged, or the folder cannot be written.
    """
    place = (folder if folder is not None else dataset.folder / "cache") / f"{size[0]}x{size[1]}"
    source = _source(dataset, size)
    if not _fits(place, source):
        with plain_errors(place):
            _make(dataset, size, place, source, progress)
    segmentation = _mapped(place, "segmentation") if dataset.storage.segmentation else None
    return Cache(
        _mapped(place, "rgb"), _mapped(place, "depth_mm"), segmentation, dataset.column("zoom"), _cameras(dataset, size)
    )


def _source(dataset: Dataset, size: tuple[int, int]) -> dict[str, Any]:
    """What a cache was made from, so that one of other content is never taken."""
    listed = content_hash({}, dataset.episodes["sha256"].to_pylist())
    return {"version": VERSION, "size": list(size), "frames": len(dataset), "listed": listed}


def _fits(place: Path, source: dict[str, Any]) -> bool:
    """Is a cache there, made from this source, and are its arrays as they were written?"""
    try:
        return bool(json.loads((place / _SOURCE).read_text()) == source | {_SUMS: _sums(place)})
    except (OSError, ValueError):
        return False


def _sums(place: Path) -> dict[str, int]:
    """The checksums of a cache's arrays by file."""
    return {path.name: _sum(path, path.stat().st_mtime_ns, path.stat().st_size) for path in sorted(place.glob("*.npy"))}


@functools.lru_cache(maxsize=64)
def _sum(path: Path, _mtime_ns: int, _size: int) -> int:
    total = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            total = zlib.crc32(block, total)
    return total


def _make(
    dataset: Dataset, size: tuple[int, int], place: Path, source: dict[str, Any], progress: Callable[[], None]
) -> None:
    """Makes a cache aside and puts it in place."""
    place.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(dir=place.parent, prefix=f".{place.name}."))
    width, height = size
    shape = (len(dataset), height, width)
    try:
        rgb = _new(aside, "rgb", (*shape, 3), np.uint8)
        depth_mm = _new(aside, "depth_mm", shape, np.uint16)
        segmentation = _new(aside, "segmentation", shape, np.uint16) if dataset.storage.segmentation else None
        for index, shown in episodes_images(dataset):
            rgb[index] = np.asarray(PIL.Image.fromarray(shown.rgb).resize(size, PIL.Image.Resampling.BOX))
            depth_mm[index] = at_centres(shown.depth_mm, size)
            if segmentation is not None and shown.segmentation is not None:
                segmentation[index] = at_centres(shown.segmentation, size)
            progress()
        del rgb, depth_mm, segmentation
        (aside / _SOURCE).write_text(json.dumps(source | {_SUMS: _sums(aside)}))
        shutil.rmtree(place, ignore_errors=True)
        aside.rename(place)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def at_centres(image: npt.NDArray[Any], size: tuple[int, int]) -> npt.NDArray[Any]:
    """An image (H, W) at another size (width, height): each pixel is the one that its centre falls on."""
    rows, columns = (
        ((np.arange(new) + 0.5) * old / new).astype(np.intp)
        for old, new in zip(image.shape[:2], reversed(size), strict=True)
    )
    return image[rows[:, None], columns]


def _cameras(dataset: Dataset, size: tuple[int, int]) -> npt.NDArray[np.float64]:
    """K (N, 3, 3) at a size."""
    wide, high = (new / dataset.column(name) for new, name in zip(size, ("width", "height"), strict=True))
    K = np.zeros((len(dataset), 3, 3))
    K[:, 0, 0], K[:, 0, 2] = dataset.column("fx") * wide, dataset.column("cx") * wide
    K[:, 1, 1], K[:, 1, 2] = dataset.column("fy") * high, dataset.column("cy") * high
    K[:, 2, 2] = 1.0
    return K


def _new(folder: Path, name: str, shape: tuple[int, ...], kind: type[np.generic]) -> npt.NDArray[Any]:
    if not all(shape):
        raise HomeError("a dataset without frames has no cache")
    path = folder / f"{name}.npy"
    array = np.lib.format.open_memmap(path, mode="w+", dtype=kind, shape=shape)
    with path.open("rb+") as file:
        os.posix_fallocate(file.fileno(), 0, path.stat().st_size)  # a full disk is an error here, not a signal later
    return array


def _mapped(folder: Path, name: str) -> npt.NDArray[Any]:
    return np.load(folder / f"{name}.npy", mmap_mode="r")
