"""What a dataset records of its frames, as factors that clusters may turn out to follow."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from datagen.reader import open_dataset
from train.evaluate.statistics import Floats, Labels
from train.evaluate.targets import Ints, depth_targets

if TYPE_CHECKING:
    from train.data import Frames

BINS = 8
_UNKNOWN = "unknown"
_PLACES = ("home", "level", "room", "camera")
_POSITIONS = ("pan_deg", "tilt_deg", "zoom")
_DAYLIGHT = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in brightness (ITU-R BT.601)."""


@dataclass(frozen=True, eq=False)
class Factor:
    """One thing that is recorded of N frames.

    Attributes:
        name: a column's, or of what was drawn at random.
        values: (N,), numbers or texts.
        labels: (N,), texts; many different numbers in 8 classes of equal count.
    """

    name: str
    values: Labels
    labels: Labels

    @property
    def ordered(self) -> bool:
        """Are the values numbers?"""
        return self.values.dtype.kind in "fiu"

    def order(self) -> list[str]:
        """The different labels: of numbers by size, those that are not known last; of texts by frequency."""
        names, codes, counts = np.unique(self.labels, return_inverse=True, return_counts=True)
        if not self.ordered:
            return names[np.argsort(-counts, kind="stable")].tolist()
        smallest = np.full(len(names), np.inf)
        np.fmin.at(smallest, codes, self.values.astype(np.float64))
        return names[np.argsort(smallest, kind="stable")].tolist()


def recorded_factors(frames: Frames) -> list[Factor]:
    """Whatever is recorded of frames and differs among them; of two that say the same, the first.

    Raises:
        HomeError: the dataset is gone or damaged.
    """
    columns = frames.columns
    dataset = open_dataset(frames.folder)
    drawn = dict(zip(dataset.episodes["episode"].to_pylist(), dataset.episodes["drawn"].to_pylist(), strict=True))
    nearest_m, mean_m = depth_targets(frames.depth_mm)
    recorded: dict[str, Labels] = {name: columns[name] for name in (*_PLACES, "command", *_POSITIONS)}
    for name, inside in (("level", "home"), ("room", "level"), ("camera", "home")):
        recorded[name] = np.char.add(np.char.add(recorded[inside], " / "), recorded[name])
    recorded |= {"brightness": brightness(frames), "mean_depth": mean_m, "nearest_depth": nearest_m}
    recorded |= drawn_values({e: json.loads(said) for e, said in drawn.items()}, columns["episode"], columns["step"])
    factors = [Factor(name, values, classes(values)) for name, values in recorded.items()]
    return list(_different(factors))


def _different(factors: Sequence[Factor]) -> Iterator[Factor]:
    """Without those that are the same everywhere, and those that tell apart just what one before them does."""
    seen = set()
    for factor in factors:
        _, first, codes = np.unique(factor.labels, return_index=True, return_inverse=True)
        partition = np.argsort(np.argsort(first))[codes].tobytes()
        if len(first) > 1 and partition not in seen:
            seen.add(partition)
            yield factor


def brightness(frames: Frames) -> Floats:
    """The mean brightness of images, (N,), 0..255."""
    return frames.rgb.mean(axis=(2, 3), dtype=np.float64) @ np.array(_DAYLIGHT)


def drawn_values(drawn: Mapping[int, Mapping[str, Any]], episode: Ints, step: Ints) -> dict[str, Labels]:
    """What was drawn at random for each frame (N,), by name, after "drawn_".

    `drawn`: by episode what `episodes.parquet` says. Texts and numbers count for all its frames, and `steps` lists
    which of them changed at which step. Anything else, such as where each piece of furniture stands, is left out.
    """
    found: dict[str, list[Any]] = {}
    for number, (ep, at) in enumerate(zip(episode.tolist(), step.tolist(), strict=True)):
        said = drawn[ep]
        now = {name: value for name, value in said.items() if _plain(value)}
        for change in said.get("steps", []):
            if change["step"] <= at:
                now |= {name: value for name, value in change.items() if name != "step" and _plain(value)}
        for name, value in now.items():
            found.setdefault(name, [None] * len(episode))[number] = value
    return {f"drawn_{name}": _column(values) for name, values in found.items()}


def classes(values: Labels) -> Labels:
    """Texts (N,) for values (N,): texts as they are; more than 8 different numbers in 8 classes of like count."""
    if values.dtype.kind not in "fiu":
        return np.where(values == "", _UNKNOWN, values).astype(np.str_)
    numbers = values.astype(np.float64)
    known = np.isfinite(numbers)
    labels = np.full(len(numbers), _UNKNOWN, dtype="<U40")
    different = np.unique(numbers[known])
    if len(different) <= BINS:
        labels[known] = [f"{value:.4g}" for value in numbers[known].tolist()]
        return labels
    edges = np.unique(np.quantile(numbers[known], np.linspace(0, 1, BINS + 1)))
    names = np.array([f"{low:.3g} to {high:.3g}" for low, high in pairwise(edges.tolist())])
    labels[known] = names[np.clip(np.searchsorted(edges, numbers[known], side="right") - 1, 0, len(names) - 1)]
    return labels


def _plain(value: Any) -> bool:
    return value is None or isinstance(value, (str, int, float))


def _column(values: Sequence[Any]) -> Labels:
    """Numbers as float64 with NaN for what is not known; if there are texts, all as texts."""
    if any(isinstance(value, str) for value in values):
        return np.array(["" if value is None else str(value) for value in values], np.str_)
    return np.array([np.nan if value is None else value for value in values], np.float64)
