"""A dataset as numpy: columns of all frames, and the images of any."""

from __future__ import annotations

import functools
import hashlib
import json
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from datagen.store.about import COMPLETE, read_about, summed
from datagen.store.episode import DAMAGED, Storage, decode
from datagen.store.listing import EPISODES, FRAMES, episode_file, home_file, read_listing
from datagen.store.schema import Json
from datagen.store.verify import Images
from scenes.errors import HomeError
from sim.output import MM_PER_M

Ints = npt.NDArray[np.intp]
CHANNELS = ("rgb", "depth", "valid", "zoom", "segmentation")
_OPEN_EPISODES = 32


@dataclass(frozen=True, eq=False)
class Dataset:
    """A dataset that is opened to read. Frames are numbered 0 .. N - 1 by episode and step.

    Attributes:
        folder: where it is.
        about: what `dataset.yaml` says.
        frames, episodes: the listing, two `pyarrow.Table`s.
    """

    folder: Path
    about: dict[str, Json]
    frames: Any
    episodes: Any
    _columns: dict[str, npt.NDArray[Any]] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.frames)

    @functools.cached_property
    def storage(self) -> Storage:
        """How images are stored."""
        return Storage(**self.about["storage"])

    def column(self, name: str) -> npt.NDArray[Any]:
        """A column of all frames: (N,), or (N, k) where each frame has a list of k numbers; NaN where unknown.

        `T_world_camera` comes as (N, 4, 4).

        Raises:
            HomeError: no such column, or lists of different lengths.
        """
        if name not in self._columns:
            if name not in self.frames.schema.names:
                raise HomeError(f"frames have no column {name!r}; there are {', '.join(self.frames.schema.names)}")
            self._columns[name] = as_array(name, self.frames[name])
        return self._columns[name]

    def images(self, index: int) -> Images:
        """The stored images of a frame.

        Raises:
            HomeError: the file is missing or damaged.
        """
        episode, step = int(self.column("episode")[index]), int(self.column("step")[index])
        path = episode_file(self.folder, episode)
        try:
            stat = path.stat()
            archive = _open_episode(path, self._listed_sums[episode], stat.st_mtime_ns, stat.st_size)
            names = self.storage.files(step)
            return decode({channel: archive.read(name) for channel, name in names.items()}, self.storage)
        except DAMAGED as error:
            raise HomeError(f"{path}, step {step}: {error}; run `sim data check {self.folder}`") from error

    @functools.cached_property
    def _listed_sums(self) -> dict[int, str]:
        """The sha256 that each episode's file was listed with."""
        columns = (self.episodes[name].to_pylist() for name in ("episode", "sha256"))
        return dict(zip(*columns, strict=True))

    def read(self, index: int, channels: Sequence[str] = ("rgb", "depth")) -> dict[str, npt.NDArray[Any]]:
        """The channels of a frame at full size, by name; see `as_channels`."""
        shown = self.images(index)
        zoom = self.column("zoom")[index]
        segmentation = None if shown.segmentation is None else shown.segmentation[None]
        batch = as_channels(channels, shown.rgb[None], shown.depth_mm[None], segmentation, zoom[None])
        return {name: images[0] for name, images in batch.items()}

    def home_info(self, home: str) -> Json:
        """What the ids of a home's segmentation name: `scenes.info.scene_info` of it."""
        return home_info(self.folder, home, self.about)

    def split(self, name: str) -> npt.NDArray[np.str_]:
        """The part ("train", "val" ...) of each frame in a stored split, (N,); "" where a frame is in none."""
        from datagen.splits import read_split

        return read_split(self.folder, name, self.column("episode"), self.column("step"))


def open_dataset(folder: Path | str) -> Dataset:
    """Opens a dataset; one that is still being written, with what is listed so far.

    Raises:
        HomeError: there is none, or it cannot be read.
    """
    folder = Path(folder)
    about = read_about(folder)
    frames, episodes = read_listing(folder)
    for name in (FRAMES, EPISODES):
        summed(folder, about, name, (folder / name).read_bytes() if (folder / name).exists() else b"")
    if about["state"] != COMPLETE:
        warnings.warn(f"{folder} is unfinished: {len(episodes)} of {about['episodes']} episodes", stacklevel=2)
    return Dataset(folder, about, frames, episodes)


def home_info(folder: Path, home: str, about: Mapping[str, Json]) -> Json:
    """What a dataset keeps of a home. `about`: what `dataset.yaml` says.

    Raises:
        HomeError: there is no such home, or its file is damaged or was changed.
    """
    path = home_file(folder, home)
    try:
        data = path.read_bytes()
        info = json.loads(data)
    except (OSError, ValueError, RecursionError) as error:
        raise HomeError(f"{path} cannot be read ({error}); restore it from a copy") from error
    summed(folder, about, path.relative_to(folder).as_posix(), data)
    if not isinstance(info, dict):
        raise HomeError(f"{path} does not describe a home; restore it from a copy")
    return info


def as_channels(
    channels: Sequence[str],
    rgb: npt.NDArray[np.uint8],
    depth_mm: npt.NDArray[np.uint16],
    segmentation: npt.NDArray[np.uint16] | None,
    zoom: npt.NDArray[np.float64],
) -> dict[str, npt.NDArray[Any]]:
    """Channels by name, from images (..., H, W) and zooms (...).

    `rgb`: (..., H, W, 3) uint8; `depth`: float32, m, planar z, 0 where there is nothing; `valid`: bool, is there depth;
    `zoom`: float32, the magnification as a plane; `segmentation`: uint16 ids.

    Raises:
        HomeError: an unknown channel, or one that the dataset does not have.
    """
    found: dict[str, npt.NDArray[Any]] = {}
    for name in channels:
        if name == "rgb":
            found[name] = rgb
        elif name == "depth":
            found[name] = depth_mm * np.float32(1 / MM_PER_M)
        elif name == "valid":
            found[name] = depth_mm > 0
        elif name == "segmentation" and segmentation is not None:
            found[name] = segmentation
        elif name == "zoom" and not np.isnan(zoom).any():
            found[name] = np.broadcast_to(zoom[..., None, None].astype(np.float32), depth_mm.shape)
        elif name in CHANNELS:
            raise HomeError(f"the dataset has no channel {name!r}; choose among what it was made with")
        else:
            raise HomeError(f"no channel {name!r}; there are {', '.join(CHANNELS)}")
    return found


def as_array(name: str, values: Any) -> npt.NDArray[Any]:
    """A column of a listing (`pyarrow.ChunkedArray`) as numpy; see `Dataset.column`."""
    column = values.combine_chunks()
    kind = str(column.type)
    if kind == "string":
        return np.array([text or "" for text in column.to_pylist()], np.str_)
    if not kind.startswith(("list", "fixed_size_list")):
        return column.to_numpy(zero_copy_only=False)
    if kind.startswith("fixed_size_list"):
        return column.flatten().to_numpy(zero_copy_only=False).reshape(-1, 4, 4)
    return _rectangle(name, column.to_pylist())


def _rectangle(name: str, lists: Sequence[Sequence[float] | None]) -> npt.NDArray[np.float64]:
    """Lists of one length as (N, k); NaN for a list that is missing."""
    lengths = {len(values) for values in lists if values is not None}
    if len(lengths) > 1:
        raise HomeError(f"{name} has {' and '.join(map(str, sorted(lengths)))} numbers in different frames")
    unknown = [np.nan] * (lengths.pop() if lengths else 0)
    return np.array([unknown if values is None else values for values in lists], np.float64).reshape(len(lists), -1)


@functools.lru_cache(maxsize=_OPEN_EPISODES)
def _open_episode(path: Path, sha256: str, mtime_ns: int, size: int) -> zipfile.ZipFile:
    """An episode's file; the last two tell when it became another.

    Raises:
        ValueError: it is not the one that was listed.
    """
    if not _is_as_listed(path, sha256, mtime_ns, size):
        raise ValueError("the file is not the one that was listed; restore it")
    return zipfile.ZipFile(path)


@functools.cache
def _is_as_listed(path: Path, sha256: str, _mtime_ns: int, _size: int) -> bool:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == sha256


def episodes_images(dataset: Dataset) -> Iterator[tuple[int, Images]]:
    """All frames in order, with their index."""
    for index in range(len(dataset)):
        yield index, dataset.images(index)
