"""A dataset frame by frame for export: what is said of it, and its images as they are stored."""

from __future__ import annotations

import functools
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from datagen.reader import Dataset
from datagen.store.about import ABOUT
from datagen.store.episode import DAMAGED, Storage, decode
from datagen.store.listing import episode_file
from datagen.store.schema import Json
from datagen.store.verify import Images, row_faults
from scenes.errors import HomeError

INTRINSICS = ("fx", "fy", "cx", "cy")
"""The columns that `K` says in formats that say it in JSON."""
SPLIT = "split_"
"""What the key of a split's part begins with in a sample's row."""


@dataclass(frozen=True, eq=False)
class Sample:
    """One frame.

    Attributes:
        row: its row of `frames.parquet`, and `split_NAME`, its part in each stored split ("" in none).
        encoded: its images as they are stored, by channel.
        storage: how they are stored.
    """

    row: Mapping[str, Json]
    encoded: Mapping[str, bytes]
    storage: Storage

    @property
    def key(self) -> str:
        """A name that sorts by episode and step."""
        return f"{self.row['episode']:06d}_{self.row['step']:06d}"

    @functools.cached_property
    def images(self) -> Images:
        """The decoded images.

        Raises:
            HomeError: they are damaged.
        """
        try:
            return decode(dict(self.encoded), self.storage)
        except DAMAGED as error:
            raise HomeError(f"frame {self.key}: {error}; run `sim data check` on the dataset") from error


@dataclass(frozen=True, eq=False)
class EpisodeSamples:
    """One episode. `facts`: its row of `episodes.parquet`; `rows`: what `Sample.row` is, for each of its frames."""

    dataset: Dataset
    facts: Mapping[str, Json]
    rows: list[dict[str, Json]]

    def samples(self) -> Iterator[Sample]:
        """Its frames in order.

        Raises:
            HomeError: its file is missing or damaged.
        """
        storage = self.dataset.storage
        path = episode_file(self.dataset.folder, self.facts["episode"])
        try:
            with zipfile.ZipFile(path) as archive:
                for row in self.rows:
                    names = storage.files(row["step"])
                    yield Sample(row, {channel: archive.read(name) for channel, name in names.items()}, storage)
        except DAMAGED as error:
            raise HomeError(f"{path}: {error}; run `sim data check {self.dataset.folder}`") from error


def all_episodes(dataset: Dataset) -> Iterator[EpisodeSamples]:
    """The episodes of a dataset in order, those without frames left out.

    Raises:
        HomeError: what is said of a frame cannot be true.
    """
    splits = split_columns(dataset)
    first = 0
    for facts in dataset.episodes.to_pylist():
        rows = dataset.frames.slice(first, facts["frames"]).to_pylist()
        for offset, row in enumerate(rows):
            row.update({name: str(parts[first + offset]) for name, parts in splits.items()})
        first += len(rows)
        _refuse_faults(dataset, rows)
        if rows:
            yield EpisodeSamples(dataset, facts, rows)


def _refuse_faults(dataset: Dataset, rows: list[dict[str, Json]]) -> None:
    for before, row in zip([None, *rows], rows, strict=False):
        if faults := row_faults(row, before):
            place = f"episode {row['episode']}, step {row['step']}"
            raise HomeError(f"{place}: {faults[0]}; run `sim data check {dataset.folder}`")


def split_columns(dataset: Dataset) -> dict[str, Any]:
    """The parts (N,) of all frames in each stored split, by the key that a sample's row has for it."""
    return {SPLIT + name: dataset.split(name) for name in sorted(dataset.about["splits"])}


def intrinsics(row: Mapping[str, Json]) -> list[list[float]]:
    """`K`, 3x3, pixels."""
    return [[row["fx"], 0.0, row["cx"]], [0.0, row["fy"], row["cy"]], [0.0, 0.0, 1.0]]


def as_json(row: Mapping[str, Json]) -> dict[str, Json]:
    """A sample's row for formats that say it in JSON: `K` for the four numbers, matrices as rows."""
    said = {name: value for name, value in row.items() if name not in INTRINSICS}
    moving = [body | {"T_world_body": _square(body["T_world_body"])} for body in row["moving"] or []]
    return said | {"T_world_camera": _square(row["T_world_camera"]), "K": intrinsics(row), "moving": moving}


def _square(numbers: list[float]) -> list[list[float]]:
    return np.reshape(numbers, (4, 4)).tolist()


def copy_origin(dataset: Dataset, folder: Path) -> None:
    """Copies what tells where an export comes from and what its ids name: `dataset.yaml` and `homes/`."""
    shutil.copyfile(dataset.folder / ABOUT, folder / ABOUT)
    (folder / "homes").mkdir()
    for path in sorted((dataset.folder / "homes").glob("*.json")):
        shutil.copyfile(path, folder / "homes" / path.name)
