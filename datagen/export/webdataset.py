"""WebDataset: tar shards, a sample per frame."""

from __future__ import annotations

import contextlib
import io
import json
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from datagen.export.card import FRAME_FIELDS, dataset_card, feature_of
from datagen.export.samples import INTRINSICS, Sample, all_episodes, as_json, split_columns
from datagen.reader import Dataset
from datagen.store.images import SUFFIX
from datagen.store.schema import Json, frame_schema

SHARD_BYTES = 256 << 20
_TEXT = f"""One sample per frame.

- `rgb.png` (or `.webp`, `.jpg`): image.
- `depth.npz`: `depth_mm` (H, W) uint16, millimetres, planar z along the optical axis, 0 where there is nothing.
- `segmentation.npz`, if there: `ids` (H, W) uint16, 0 = nothing; `homes/HOME.json` names them.
- `json`: all else that is known of the frame.
{FRAME_FIELDS}- `prev_action` and `prev_command` are null where an episode begins.
"""
_EPOCH = (1980, 1, 1, 0, 0, 0)
_DEFLATE_LEVEL = 1


def write_webdataset(
    dataset: Dataset, folder: Path, progress: Callable[[], None], shard_bytes: int = SHARD_BYTES
) -> None:
    """Writes `shard-000000.tar` … and `README.md`, which tells `datasets` of them, into a folder.

    A sample has `rgb.png` (or as stored), `json`, `depth.npz` with `depth_mm` (H, W) uint16, and if stored
    `segmentation.npz` with `ids` (H, W) uint16. Depth is no PNG here because WebDataset's own decoders would make 8-bit
    colours of it. A shard is closed after the episode that takes it to `shard_bytes`; none is in two.
    """
    (folder / "README.md").write_text(dataset_card("*.tar", _TEXT, _features(dataset)))
    number = 0
    with contextlib.ExitStack() as opened:
        shard: tarfile.TarFile | None = None
        for episode in all_episodes(dataset):
            if shard is None:
                path = folder / f"shard-{number:06d}.tar"
                shard = opened.enter_context(tarfile.open(path, "w", format=tarfile.USTAR_FORMAT))
            for sample in episode.samples():
                for name, data in _files(sample).items():
                    _add(shard, f"{sample.key}.{name}", data)
                progress()
            if shard.offset >= shard_bytes:
                opened.close()
                shard, number = None, number + 1


def _features(dataset: Dataset) -> dict[str, Json]:
    """Return the features of a sample.

    `datasets` would guess them from the first five, and fail at the first list that is empty there and nowhere else.
    """
    import pyarrow as pa

    text = feature_of(pa.string())
    rows = {"_type": "Sequence", "length": -1}
    matrix = rows | {"feature": rows | {"feature": feature_of(pa.float64())}}
    image = rows | {"feature": rows | {"feature": feature_of(pa.uint16())}}
    said = {field.name: feature_of(field.type) for field in frame_schema() if field.name not in INTRINSICS}
    said |= dict.fromkeys(split_columns(dataset), text)
    said |= {"T_world_camera": matrix, "K": matrix, "moving": [{"name": text, "T_world_body": matrix}]}
    files: dict[str, Json] = {
        f"rgb.{SUFFIX[dataset.storage.rgb]}": {"_type": "Image"},
        "depth.npz": {"depth_mm": image},
        "json": said,
    }
    if dataset.storage.segmentation:
        files["segmentation.npz"] = {"ids": image}
    return files | {"__key__": text, "__url__": text}


def _files(sample: Sample) -> dict[str, bytes]:
    """The files of a sample by their endings."""
    shown = sample.images
    files = {
        f"rgb.{SUFFIX[sample.storage.rgb]}": sample.encoded["rgb"],
        "depth.npz": _npz("depth_mm", shown.depth_mm),
        "json": json.dumps(as_json(sample.row), ensure_ascii=False, allow_nan=False).encode(),
    }
    return files if shown.segmentation is None else files | {"segmentation.npz": _npz("ids", shown.segmentation)}


def _npz(name: str, array: npt.NDArray[Any]) -> bytes:
    """What `numpy.load` reads as {name: array}, compressed faster than by `numpy.savez_compressed`."""
    member, buffer = io.BytesIO(), io.BytesIO()
    np.lib.format.write_array(member, array, allow_pickle=False)
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo(f"{name}.npy", _EPOCH)
        archive.writestr(info, member.getvalue(), zipfile.ZIP_DEFLATED, _DEFLATE_LEVEL)
    return buffer.getvalue()


def _add(shard: tarfile.TarFile, name: str, data: bytes) -> None:
    """Adds a file of which nothing depends on time or user."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), 0o644
    shard.addfile(info, io.BytesIO(data))
