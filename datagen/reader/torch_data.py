"""Windows of a cache for `torch.utils.data.DataLoader`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset as TorchDataset

from datagen.reader.cache import Cache
from datagen.reader.dataset import Dataset, Ints

Item = dict[str, torch.Tensor]


class Windows(TorchDataset[Item]):
    """Windows of frames as tensors.

    An item has each channel as (T, C, H, W) (`rgb` 3 x uint8, `depth` 1 x float32 in m, `valid` 1 x bool, `zoom`
    1 x float32, `segmentation` 1 x int32), each column as (T, ...), and `frame` (T,), the dataset's frame numbers.
    `windows`: (M, T) frame numbers, as `find_windows` gives them.
    """

    def __init__(
        self,
        dataset: Dataset,
        cache: Cache,
        windows: Ints,
        channels: Sequence[str] = ("rgb", "depth"),
        columns: Sequence[str] = (),
    ) -> None:
        self._cache, self._windows, self._channels = cache, windows, tuple(channels)
        self._columns = {name: dataset.column(name) for name in columns}

    def __len__(self) -> int:
        return len(self._windows)

    def __getitem__(self, index: int) -> Item:
        return {name: values[0] for name, values in self.batch([index]).items()}

    def __getitems__(self, indices: list[int]) -> list[Item]:
        batch = self.batch(indices)
        return [{name: values[i] for name, values in batch.items()} for i in range(len(indices))]

    def batch(self, indices: Sequence[int]) -> Item:
        """Many items at once, stacked: (B, T, ...)."""
        frames = self._windows[np.asarray(indices, np.intp)]
        images = self._cache.read(frames, self._channels)
        found = {name: torch.from_numpy(_channels_first(image)) for name, image in images.items()}
        found |= {name: torch.from_numpy(values[frames]) for name, values in self._columns.items()}
        return found | {"frame": torch.from_numpy(frames)}


def _channels_first(images: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """(..., H, W, 3) or (..., H, W) as contiguous (..., C, H, W)."""
    if images.dtype == np.uint8:
        return np.ascontiguousarray(np.moveaxis(images, -1, -3))
    single = images[..., None, :, :]
    return np.ascontiguousarray(single.astype(np.int32) if single.dtype == np.uint16 else single)
