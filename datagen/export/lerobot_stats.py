"""Statistics as LeRobot keeps them beside its data: min, max, mean, std, quantiles, count; exact, not sampled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Stats = dict[str, npt.NDArray[Any]]

QUANTILES = {"q01": 0.01, "q10": 0.10, "q50": 0.50, "q90": 0.90, "q99": 0.99}


def numbers_stats(values: npt.NDArray[Any]) -> Stats:
    """Statistics (k,) of values (N, k)."""
    values = values.astype(np.float64)
    quantiles = np.quantile(values, list(QUANTILES.values()), axis=0)
    return {
        "min": values.min(axis=0),
        "max": values.max(axis=0),
        "mean": values.mean(axis=0),
        "std": values.std(axis=0),
        "count": np.array([len(values)]),
        **dict(zip(QUANTILES, quantiles, strict=True)),
    }


@dataclass(frozen=True)
class PixelCounts:
    """How often each value occurs. counts: (C, values) int64, per channel; images: how many."""

    counts: npt.NDArray[np.int64]
    images: int = 0

    def __add__(self, other: PixelCounts) -> PixelCounts:
        return PixelCounts(self.counts + other.counts, self.images + other.images)

    def stats(self, scale: float) -> Stats:
        """Statistics (C, 1, 1) of the pixels, values multiplied by `scale`."""
        values = np.arange(self.counts.shape[1]) * scale
        pixels = self.counts.sum(axis=1)
        mean = self.counts @ values / pixels
        variance = (self.counts * (values - mean[:, None]) ** 2).sum(axis=1) / pixels
        below = self.counts.cumsum(axis=1)
        found = {
            "min": values[(self.counts > 0).argmax(axis=1)],
            "max": values[(below >= pixels[:, None]).argmax(axis=1)],
            "mean": mean,
            "std": np.sqrt(variance),
        }
        for name, share in QUANTILES.items():
            found[name] = values[(below >= share * pixels[:, None]).argmax(axis=1)]
        return {name: value[:, None, None] for name, value in found.items()} | {"count": np.array([self.images])}


def count_pixels(image: npt.NDArray[Any]) -> PixelCounts:
    """The counts of one image, (H, W) uint16 or (H, W, C) uint8."""
    values = int(np.iinfo(image.dtype).max) + 1
    channels = image.reshape(-1, 1 if image.ndim == 2 else image.shape[2])
    return PixelCounts(np.stack([np.bincount(channel, minlength=values) for channel in channels.T]), 1)
