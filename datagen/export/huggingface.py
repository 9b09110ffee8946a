"""Hugging Face `datasets`: parquet with the images inside, and a card that names the files."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from datagen.export.samples import EpisodeSamples, all_episodes, split_columns
from datagen.export.shards import ParquetShards
from datagen.reader import Dataset
from datagen.store.images import SUFFIX
from datagen.store.schema import Json, frame_schema

FILE_BYTES = 400 << 20
ROWS_PER_GROUP = 100
_README = """---
task_categories: [depth-estimation, robotics]
configs:
- config_name: default
  data_files:
  - split: train
    path: data/*.parquet
---

RGB-D frames of simulated homes, written by Stairwell. One row per frame; `dataset.yaml` tells how they were made.

- `rgb`: image. `depth`: 16-bit image, millimetres, planar z along the optical axis, 0 where there is nothing.
- `segmentation`, if there: 16-bit image of instance ids, 0 = nothing; `homes/HOME.json` names them.
- `T_world_camera`: row-major 4x4, metres; world z up; camera x right, y down, z forward.
- `fx, fy, cx, cy`: pixels; the centre of pixel (i, j) is at (i + 0.5, j + 0.5).
- `action` is what is done next; `prev_action` and `prev_command` are null where an episode begins.
- `split_NAME`: the part of the stored split NAME. All rows are under "train" here; choose by these columns.
"""


def write_huggingface(dataset: Dataset, folder: Path, progress: Callable[[], None]) -> None:
    """Writes `data/frames-00000.parquet` … and `README.md`; `datasets.load_dataset` takes the folder.

    The columns are those of `frames.parquet`, the parts of the stored splits, and the images as they are stored.
    """
    channels = tuple(dataset.storage.files(0))
    schema = _schema(channels, tuple(split_columns(dataset)))
    (folder / "README.md").write_text(_README)

    def path_of(number: int) -> Path:
        return folder / "data" / f"frames-{number:05d}.parquet"

    with ParquetShards(path_of, schema, FILE_BYTES, plain=frozenset(channels), most_rows=ROWS_PER_GROUP) as shards:
        for episode in all_episodes(dataset):
            shards.add(_table(episode, schema, progress))


def image_cell(data: bytes, name: str) -> dict[str, Json]:
    """An image as `datasets` keeps it inside of a table."""
    return {"bytes": data, "path": name}


def with_features(schema: Any, features: Mapping[str, Json]) -> Any:
    """An Arrow schema that tells `datasets` of the features of its columns."""
    return schema.with_metadata({"huggingface": json.dumps({"info": {"features": features}})})


def image_type() -> Any:
    """The Arrow type of `image_cell`."""
    import pyarrow as pa

    return pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def _table(episode: EpisodeSamples, schema: Any, progress: Callable[[], None]) -> Any:
    import pyarrow as pa

    records = []
    for sample in episode.samples():
        endings = dict.fromkeys(sample.encoded, "png") | {"rgb": SUFFIX[sample.storage.rgb]}
        images = {
            channel: image_cell(data, f"{sample.key}.{endings[channel]}") for channel, data in sample.encoded.items()
        }
        records.append({**images, **sample.row})
        progress()
    return pa.Table.from_pylist(records, schema=schema)


def _schema(channels: tuple[str, ...], splits: tuple[str, ...]) -> Any:
    import pyarrow as pa

    fields = [
        *(pa.field(channel, image_type()) for channel in channels),
        *frame_schema(),
        *(pa.field(name, pa.string()) for name in splits),
    ]
    features = {field.name: {"_type": "Image"} if field.name in channels else _feature(field.type) for field in fields}
    return with_features(pa.schema(fields), features)


def _feature(kind: Any) -> Json:
    """How `datasets` names an Arrow type."""
    import pyarrow as pa

    if pa.types.is_struct(kind):
        return {field.name: _feature(field.type) for field in kind}
    if pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind):
        item = _feature(kind.value_type)
        if pa.types.is_struct(kind.value_type):
            return [item]
        length = kind.list_size if pa.types.is_fixed_size_list(kind) else -1
        return {"_type": "Sequence", "feature": item, "length": length}
    names = {"double": "float64", "float": "float32"}
    return {"_type": "Value", "dtype": names.get(str(kind), str(kind))}
