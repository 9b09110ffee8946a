"""Datasets in the formats that other tools load: `export_dataset`. docs/exports.md describes what each one holds."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from datagen.export.coco import write_coco
from datagen.export.folder import new_folder
from datagen.export.huggingface import write_huggingface
from datagen.export.lerobot import write_lerobot
from datagen.export.samples import copy_origin
from datagen.export.webdataset import write_webdataset
from datagen.reader import Dataset
from scenes.errors import HomeError

__all__ = ["FORMATS", "export_dataset", "refuse_export"]

Writer = Callable[[Dataset, Path, Callable[[], None]], None]

FORMATS: Mapping[str, Writer] = MappingProxyType(
    {
        "lerobot": write_lerobot,
        "webdataset": write_webdataset,
        "huggingface": write_huggingface,
        "coco": write_coco,
    }
)


def export_dataset(
    dataset: Dataset, form: str, out: Path, progress: Callable[[], None] = lambda: None, *, depth: bool = True
) -> None:
    """Writes a dataset in a format of `FORMATS` into a new folder, whole or not at all.

    `progress` is called per frame. `depth`: False leaves depth out, which only "lerobot" can: its policies take every
    image of a dataset for an input, and most of them want three channels. The same dataset gives the same bytes.

    Raises:
        HomeError: as `refuse_export`; or the dataset is damaged, the format cannot hold it, or the disk refuses.
    """
    refuse_export(dataset, form, out, depth=depth)
    write = FORMATS[form] if depth else functools.partial(write_lerobot, depth=False)
    with new_folder(out) as folder:
        copy_origin(dataset, folder)
        write(dataset, folder, progress)


def refuse_export(dataset: Dataset, form: str, out: Path, *, depth: bool = True) -> None:
    """Raises what is wrong with a wish for an export, before any work.

    Raises:
        HomeError: no such format or none that leaves depth out, something is at `out`, or there are no frames.
    """
    if form not in FORMATS:
        raise HomeError(f"no format {form!r}; there are {', '.join(FORMATS)}")
    if not depth and form != "lerobot":
        raise HomeError(f"the format {form!r} always has depth; only lerobot leaves it out")
    if not len(dataset):
        raise HomeError(f"{dataset.folder} has no frames to export")
    if out.exists() or out.is_symlink():
        raise HomeError(f"{out} exists already; name a new folder")
