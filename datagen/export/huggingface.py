"""Hugging Face `datasets`: parquet with the images inside, and a card that names the files."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from datagen.export.card import FRAME_FIELDS, dataset_card, feature_of
from datagen.export.samples import EpisodeSamples, all_episodes, split_columns
from datagen.export.shards import ParquetShards
from datagen.reader import Dataset
from datagen.store.images import SUFFIX
from datagen.store.schema import Json, frame_schema

FILE_BYTES = 400 << 20
ROWS_PER_GROUP = 100
_ACTIONS = ("action", "prev_action")
_TEXTS = ("moving", "checks")
"""Columns of lists of any length, which are texts here."""
_TEXT = f"""One row per frame.

- `rgb`: image. `depth`: 16-bit image, millimetres, planar z along the optical axis, 0 where there is nothing.
- `segmentation`, if there: 16-bit image of instance ids, 0 = nothing; `homes/HOME.json` names them.
{FRAME_FIELDS}- Nothing is null, so that any rows make a batch: a missing number is NaN, a missing text "". `action` and
  `prev_action` have equally many numbers in all rows; `prev_action` is NaN where an episode begins.
- `moving`: JSON, name and `T_world_body` of what moves. `checks`: names of flags, separated by commas.
"""


def write_huggingface(dataset: Dataset, folder: Path, progress: Callable[[], None]) -> None:
    """Writes `data/frames-00000.parquet` … and `README.md`; `datasets.load_dataset` takes the folder.

    The columns are those of `frames.parquet`, the parts of the stored splits, and the images as they are stored; none
    has a null or lists of several lengths, because such rows make no batch of tensors.
    """
    channels = tuple(dataset.storage.files(0))
    actions = max((len(action or ()) for action in dataset.frames["action"].to_pylist()), default=0)
    schema = _schema(channels, tuple(split_columns(dataset)), actions)
    (folder / "README.md").write_text(dataset_card("data/*.parquet", _TEXT))

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
        records.append({**images, **_cells(sample.row, schema)})
        progress()
    return pa.Table.from_pylist(records, schema=schema)


def _cells(row: Mapping[str, Json], schema: Any) -> dict[str, Json]:
    """Return a frame's row without nulls, its lists as long as those of all others."""
    import pyarrow as pa

    said = dict(row) | {
        "moving": json.dumps(row["moving"] or [], ensure_ascii=False),
        "checks": ",".join(row["checks"] or []),
    }
    for name, value in said.items():
        if name not in schema.names:
            continue
        kind = schema.field(name).type
        if name in _ACTIONS:
            said[name] = [*(value or ()), *[math.nan] * kind.list_size][: kind.list_size]
        elif value is None:
            said[name] = "" if pa.types.is_string(kind) else math.nan
    return said


def _schema(channels: tuple[str, ...], splits: tuple[str, ...], actions: int) -> Any:
    import pyarrow as pa

    types = {name: pa.list_(pa.float64(), actions) for name in _ACTIONS} | dict.fromkeys(_TEXTS, pa.string())
    fields = [
        *(pa.field(channel, image_type()) for channel in channels),
        *(pa.field(field.name, types.get(field.name, field.type)) for field in frame_schema()),
        *(pa.field(name, pa.string()) for name in splits),
    ]
    fields = [field for field in fields if actions or field.name not in _ACTIONS]
    features = {
        field.name: {"_type": "Image"} if field.name in channels else feature_of(field.type) for field in fields
    }
    return with_features(pa.schema(fields), features)
