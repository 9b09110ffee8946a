"""Embeddings on the disk: one row per frame, with its ids and whatever is recorded of it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scenes.files import write_whole
from train.evaluate.factors import Factor
from train.evaluate.statistics import Floats
from train.evaluate.targets import Ints

if TYPE_CHECKING:
    from torch import Tensor

    from train.data import Frames
    from train.objective import Objective

SIDE = 16
_AT_ONCE = 512


def embed(objective: Objective, frames: Frames, index: Ints) -> Floats:
    """Embeddings (n, D) of some frames (n,), by the model in evaluation mode."""
    was_training, device = objective.training, next(objective.parameters()).device
    objective.eval()
    parts = [objective.encode(images.to(device)).cpu().numpy() for images in _in_parts(frames, index)]
    objective.train(was_training)
    return np.concatenate(parts).astype(np.float64)


def small_pixels(frames: Frames, index: Ints) -> Floats:
    """What networks see of some frames (n,), averaged to 16 x 16 pixels, (n, planes * 256): a baseline."""
    from torch.nn.functional import adaptive_avg_pool2d

    parts = [adaptive_avg_pool2d(images, SIDE).flatten(1).numpy() for images in _in_parts(frames, index)]
    return np.concatenate(parts).astype(np.float64)


def _in_parts(frames: Frames, index: Ints) -> Iterator[Tensor]:
    return (frames.images(part) for part in np.array_split(index, -(-len(index) // _AT_ONCE)))


def save_embeddings(path: Path, frames: Frames, embedding: Floats, factors: Sequence[Factor]) -> None:
    """Writes embeddings (N, D) of frames as parquet.

    Columns: `frame` (its number in the dataset), `episode`, `step`, the factors, and `embedding`, a list of D float32.
    The dataset's folder and hash stand in the metadata.

    Raises:
        OSError: it cannot be written.
    """
    import pyarrow as pa
    from pyarrow import parquet

    numbers = pa.array(embedding.astype(np.float32).ravel())
    columns: dict[str, Any] = {
        "frame": frames.number,
        "episode": frames.columns["episode"],
        "step": frames.columns["step"],
        **{factor.name: factor.values for factor in factors},
        "embedding": pa.FixedSizeListArray.from_arrays(numbers, embedding.shape[1]),
    }
    table = pa.table(columns).replace_schema_metadata(
        {"dataset": str(frames.folder), "dataset_hash": frames.dataset_hash, "part": frames.part}
    )
    buffer = io.BytesIO()
    parquet.write_table(table, buffer, compression="zstd")
    write_whole(path, buffer.getvalue())


def read_embeddings(path: Path) -> tuple[Any, Floats]:
    """The table (`pyarrow.Table`, without the embeddings) and the embeddings (N, D).

    Raises:
        OSError: it cannot be read.
    """
    from pyarrow import parquet

    table = parquet.read_table(path)
    lists = table["embedding"].combine_chunks()
    embedding = lists.flatten().to_numpy().reshape(len(table), -1).astype(np.float64)
    return table.drop_columns(["embedding"]), embedding
