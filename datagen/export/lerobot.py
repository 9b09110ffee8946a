"""LeRobotDataset v3.0, images inside of the parquet files, depth as newer LeRobots name it: TIFF in millimetres."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import PIL.Image

from datagen.export.card import dataset_card
from datagen.export.huggingface import image_cell
from datagen.export.lerobot_layout import DEPTH, RGB, TASK, Layout, layout_of, numbers, strings
from datagen.export.lerobot_stats import PixelCounts, Stats, count_pixels, numbers_stats
from datagen.export.samples import EpisodeSamples, Sample, all_episodes
from datagen.export.shards import ParquetShards
from datagen.reader import Dataset
from datagen.store.images import SUFFIX
from datagen.store.schema import Json

FILES_PER_CHUNK, FILE_MB = 1000, 100
DATA = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
EPISODES = "meta/episodes/chunk-000/file-000.parquet"
_RGB_SCALE = 1 / 255
_TEXT = "A LeRobotDataset v3.0; `meta/info.json` lists its features, which Stairwell's docs/exports.md explains.\n"


def write_lerobot(dataset: Dataset, folder: Path, progress: Callable[[], None], *, depth: bool = True) -> None:
    """Writes `data/`, and `meta/` with `info.json`, `stats.json`, `tasks.parquet` and `episodes/`, into a folder.

    `depth`: False leaves the feature of depth out.

    Raises:
        HomeError: frames that differ in size or in what their actions and states hold.
    """
    layout = layout_of(dataset, depth=depth)
    tasks: dict[str, int] = {}
    episodes: list[dict[str, Json]] = []
    columns: list[dict[str, npt.NDArray[Any]]] = []
    pixels: dict[str, PixelCounts] = {}
    index = 0
    with ParquetShards(
        lambda number: folder / DATA.format(**_place(number)),
        layout.schema(),
        FILE_MB << 20,
        plain=frozenset((RGB, DEPTH)),
    ) as shards:
        for number, episode in enumerate(all_episodes(dataset)):
            task = layout.task(episode.rows[0])
            count = len(episode.rows)
            known = numbers(layout, episode.rows) | {
                "timestamp": np.arange(count)[:, None] / layout.fps,
                "frame_index": np.arange(count)[:, None],
                "episode_index": np.full((count, 1), number),
                "index": np.arange(index, index + count)[:, None],
                "task_index": np.full((count, 1), tasks.setdefault(task, len(tasks))),
            }
            cells, seen = _images(layout, episode, progress)
            place = _place(shards.add(_table(layout, cells | strings(layout, episode.rows), known)))
            found = _stats(known, seen)
            episodes.append(_episode(episode.facts, number, task, (index, index + count), place, found))
            columns.append(known)
            pixels = {key: pixels[key] + counts if key in pixels else counts for key, counts in seen.items()}
            index += count
    together = {name: np.concatenate([known[name] for known in columns]) for name in columns[0]}
    _write_meta(folder, layout, _stats(together, pixels), tasks, episodes)


def _place(number: int) -> dict[str, int]:
    """Where the file of a number is."""
    return {"chunk_index": number // FILES_PER_CHUNK, "file_index": number % FILES_PER_CHUNK}


def _images(
    layout: Layout, episode: EpisodeSamples, progress: Callable[[], None]
) -> tuple[dict[str, list[Json]], dict[str, Any]]:
    """The images of an episode as cells, and how often each value occurs in them."""
    cells: dict[str, list[Json]] = {key: [] for key in (RGB, DEPTH) if key in layout.features}
    seen: dict[str, PixelCounts] = {}
    for sample in episode.samples():
        cells[RGB].append(image_cell(sample.encoded["rgb"], f"{sample.key}.{SUFFIX[sample.storage.rgb]}"))
        if DEPTH in cells:
            cells[DEPTH].append(image_cell(_tiff(sample), f"{sample.key}.tiff"))
        for key in cells:
            counts = count_pixels(sample.images.rgb if key == RGB else sample.images.depth_mm)
            seen[key] = seen[key] + counts if key in seen else counts
        progress()
    return cells, seen


def _tiff(sample: Sample) -> bytes:
    """Depth as a 16-bit TIFF, millimetres."""
    buffer = io.BytesIO()
    PIL.Image.fromarray(sample.images.depth_mm).save(buffer, "TIFF", compression="tiff_adobe_deflate")
    return buffer.getvalue()


def _table(layout: Layout, columns: Mapping[str, list[Json]], known: Mapping[str, npt.NDArray[Any]]) -> Any:
    import pyarrow as pa

    def column(name: str, kind: Any) -> Any:
        if name in columns:
            return pa.array(columns[name], kind)
        values = known[name].astype(layout.features[name]["dtype"])
        return pa.array(values[:, 0] if values.shape[1] == 1 else values.tolist(), kind)

    schema = layout.schema()
    return pa.table([column(field.name, field.type) for field in schema], schema=schema)


def _stats(known: Mapping[str, npt.NDArray[Any]], pixels: Mapping[str, PixelCounts]) -> dict[str, Stats]:
    """Statistics by feature; depth in millimetres, colours from 0 to 1."""
    images = {key: counts.stats(_RGB_SCALE if key == RGB else 1.0) for key, counts in pixels.items()}
    return images | {name: numbers_stats(values) for name, values in known.items()}


def _episode(
    facts: Mapping[str, Json],
    number: int,
    task: str,
    span: tuple[int, int],
    place: Mapping[str, int],
    stats: Mapping[str, Stats],
) -> dict[str, Json]:
    """A row of `meta/episodes/`: what LeRobot looks up, then what Stairwell knows."""
    row: dict[str, Json] = {"episode_index": number, "tasks": [task], "length": span[1] - span[0]}
    row |= {"dataset_from_index": span[0], "dataset_to_index": span[1]}
    row |= {f"data/{name}": value for name, value in place.items()}
    row |= {f"meta/episodes/{name}": value for name, value in _place(0).items()}
    row |= {name: facts[name] for name in ("home", "home_hash", "outcome", "drawn")}
    row |= {"source_episode": facts["episode"]}
    return row | {
        f"stats/{key}/{name}": value.tolist() for key, found in stats.items() for name, value in found.items()
    }


def _write_meta(
    folder: Path,
    layout: Layout,
    stats: Mapping[str, Stats],
    tasks: Mapping[str, int],
    episodes: list[dict[str, Json]],
) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    meta = folder / "meta"
    (folder / EPISODES).parent.mkdir(parents=True)
    parquet.write_table(pa.Table.from_pylist(episodes), folder / EPISODES)
    parquet.write_table(_task_table(tasks), meta / "tasks.parquet")
    said = {key: {name: value.tolist() for name, value in found.items()} for key, found in stats.items()}
    (meta / "stats.json").write_text(json.dumps(said, indent=1, allow_nan=False))
    info = {
        "codebase_version": "v3.0",
        "robot_type": None,
        "total_episodes": len(episodes),
        "total_frames": episodes[-1]["dataset_to_index"],
        "total_tasks": len(tasks),
        "chunks_size": FILES_PER_CHUNK,
        "data_files_size_in_mb": FILE_MB,
        "video_files_size_in_mb": 2 * FILE_MB,
        "fps": layout.fps,
        "splits": {"train": f"0:{len(episodes)}"},
        "data_path": DATA,
        "video_path": None,
        "features": layout.features,
    }
    (meta / "info.json").write_text(json.dumps(info, indent=1))
    (folder / "README.md").write_text(dataset_card("data/*/*.parquet", _TEXT, tags=["LeRobot"]))


def _task_table(tasks: Mapping[str, int]) -> Any:
    """Tasks as pandas reads them back: `task_index` by the index `task`."""
    import pyarrow as pa

    def told(name: str, kind: str, numpy_kind: str) -> dict[str, Json]:
        return {"name": name, "field_name": name, "pandas_type": kind, "numpy_type": numpy_kind, "metadata": None}

    pandas = {
        "index_columns": [TASK],
        "column_indexes": [],
        "columns": [told("task_index", "int64", "int64"), told(TASK, "unicode", "object")],
    }
    table = pa.table({"task_index": pa.array(tasks.values(), pa.int64()), TASK: pa.array(tasks, pa.string())})
    return table.replace_schema_metadata({"pandas": json.dumps(pandas)})
