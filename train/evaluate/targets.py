"""What frozen probes are asked for: physical quantities of frames, from a dataset's columns and its cached images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from datagen.reader import open_cache, open_dataset
from sim.output import MM_PER_M
from train.evaluate.statistics import Floats, Labels

if TYPE_CHECKING:
    from train.data import Frames

UNITS: Mapping[str, str] = {
    "tilt": "degrees",
    "log_zoom": "log magnification",
    "nearest_depth": "m",
    "mean_depth": "m",
    "relative_pan": "degrees",
    "object_in_view": "share told wrong",
    "room": "share told wrong",
}
"""Targets in the order of tables, and the unit of their errors."""

NEAREST_SHARE = 0.01
"""Of the pixels with depth, so many are nearer than the "nearest depth": no single pixel decides."""
_IN_VIEW_SHARE = 0.01
_ALWAYS = 0.95
_SAME_PLACE_M = 0.5
_PARTNERS = 4
_AT_ONCE = 1024

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Targets:
    """What is true of N frames.

    Attributes:
        numbers: (N,) by target, NaN where it is not known; only those that vary.
        in_view: (N, C), does an object of a category fill a hundredth of the image? None without segmentation.
        categories: the C categories.
        room: (N,), home, level and room; "" where the camera is in none.
        home: (N,). episode: (N,).
        pan_deg: (N,), heading of the optical axis, positive to the right. Not a target: a new home has no compass.
        axis: (N, 3), optical axes in the world. position: (N, 3), m. half_view_deg: (N,), half the horizontal view.
    """

    numbers: Mapping[str, Floats]
    in_view: Bools | None
    categories: tuple[str, ...]
    room: Labels
    home: Labels
    episode: Ints
    pan_deg: Floats
    axis: Floats
    position: Floats
    half_view_deg: Floats

    def take(self, index: Ints) -> Targets:
        """The same of some of the frames (n,)."""
        alike = ("room", "home", "episode", "pan_deg", "axis", "position", "half_view_deg")
        numbers = {name: values[index] for name, values in self.numbers.items()}
        in_view = None if self.in_view is None else self.in_view[index]
        return Targets(numbers, in_view, self.categories, **{name: getattr(self, name)[index] for name in alike})


def targets_of(frames: Frames, index: Ints) -> Targets:
    """What is true of some frames (n,); the segmentation is read from the dataset's cache.

    Raises:
        HomeError: the dataset is gone or damaged.
    """
    columns = {name: values[index] for name, values in frames.columns.items()}
    nearest_m, mean_m = depth_targets(frames.depth_mm[index])
    numbers = {
        "tilt": columns["tilt_deg"],
        "log_zoom": np.log(columns["zoom"]),
        "nearest_depth": nearest_m,
        "mean_depth": mean_m,
    }
    in_view, categories = _objects(frames, index)
    pose = columns["T_world_camera"]
    axis = pose[:, :3, 2]
    heading_deg = -np.degrees(np.arctan2(axis[:, 1], axis[:, 0]))
    return Targets(
        numbers={name: values for name, values in numbers.items() if _varies(values)},
        in_view=in_view,
        categories=categories,
        room=_rooms(columns["home"], columns["level"], columns["room"]),
        home=columns["home"],
        episode=columns["episode"],
        pan_deg=np.where(np.isnan(columns["pan_deg"]), heading_deg, columns["pan_deg"]),
        axis=axis,
        position=pose[:, :3, 3],
        half_view_deg=np.degrees(np.arctan(columns["width"] / (2 * columns["fx"]))),
    )


def depth_targets(depth_mm: npt.NDArray[np.uint16]) -> tuple[Floats, Floats]:
    """Nearest and mean depth (N,), m, of images (N, H, W), 0 where there is none; NaN where there is none at all."""
    pixels = depth_mm.reshape(len(depth_mm), -1)
    nearest, mean = np.full(len(pixels), np.nan), np.full(len(pixels), np.nan)
    for start in range(0, len(pixels), _AT_ONCE):
        ordered = np.sort(pixels[start : start + _AT_ONCE], axis=1)
        valid = (ordered > 0).sum(axis=1)
        seen = np.flatnonzero(valid)
        place = ordered.shape[1] - valid[seen] + (NEAREST_SHARE * valid[seen]).astype(np.intp)
        nearest[start + seen] = ordered[seen, place] / MM_PER_M
        mean[start + seen] = ordered[seen].sum(axis=1, dtype=np.float64) / valid[seen] / MM_PER_M
    return nearest, mean


def objects_in_view(segmentation: npt.NDArray[np.uint16], category_of: npt.NDArray[np.intp], categories: int) -> Bools:
    """(N, C): does a category fill a hundredth of the image (N, H, W)? `category_of`: (ids + 1,), -1 is none."""
    found = category_of[segmentation].reshape(len(segmentation), -1)
    shares = [(found == category).mean(axis=1) for category in range(categories)]
    return np.stack(shares, axis=1) >= _IN_VIEW_SHARE


def telling_categories(train: Targets, test: Targets) -> list[tuple[str, int, int]]:
    """Categories, with their columns in both: seen in 5 to 95 % of the training frames and in some of those tested."""
    if train.in_view is None or test.in_view is None:
        return []
    trained, tested = train.in_view.mean(axis=0), test.in_view.mean(axis=0)
    columns = {
        name: (train.categories.index(name), test.categories.index(name))
        for name in test.categories
        if name in train.categories
    }
    return [
        (name, one, other)
        for name, (one, other) in columns.items()
        if 1 - _ALWAYS <= trained[one] <= _ALWAYS and 0 < tested[other] < 1
    ]


def overlapping_pairs(targets: Targets, rng: np.random.Generator, most: int) -> Ints:
    """Pairs (P, 2) of frames of one episode that overlap: at most half a view and half a metre apart."""
    order = np.argsort(targets.episode, kind="stable")
    _, first, count = np.unique(targets.episode[order], return_index=True, return_counts=True)
    rank = np.repeat(np.arange(len(first)), count)
    partners = first[rank, None] + (rng.random((len(order), _PARTNERS)) * count[rank, None]).astype(np.intp)
    pairs = np.stack([np.repeat(order, _PARTNERS), order[partners].ravel()], axis=1)
    cosine = (targets.axis[pairs[:, 0]] * targets.axis[pairs[:, 1]]).sum(axis=1)
    near = np.linalg.norm(np.diff(targets.position[pairs], axis=1)[:, 0], axis=1) <= _SAME_PLACE_M
    apart_deg = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
    pairs = pairs[near & (pairs[:, 0] != pairs[:, 1]) & (apart_deg <= targets.half_view_deg[pairs].min(axis=1))]
    return pairs if len(pairs) <= most else pairs[np.sort(rng.choice(len(pairs), most, replace=False))]


def relative_pan_deg(targets: Targets, pairs: Ints) -> Floats:
    """By how much the second of each pair (..., 2) looks farther to the right, degrees in -180..180."""
    return wrapped_deg(targets.pan_deg[pairs[..., 1]] - targets.pan_deg[pairs[..., 0]])


def wrapped_deg(angle_deg: Floats) -> Floats:
    """Angles in -180..180 degrees."""
    return (angle_deg + 180.0) % 360.0 - 180.0


def _varies(values: Floats) -> bool:
    known = values[np.isfinite(values)]
    return len(known) > 1 and float(np.ptp(known)) > 1e-6


def _rooms(home: Labels, level: Labels, room: Labels) -> Labels:
    names = [" / ".join(place) if place[2] else "" for place in zip(home, level, room, strict=True)]
    return np.array(names, np.str_)


def _objects(frames: Frames, index: Ints) -> tuple[Bools | None, tuple[str, ...]]:
    """What is in view of frames (n,), for all categories of their homes."""
    dataset = open_dataset(frames.folder)
    segmentation = open_cache(dataset, frames.preprocessing.size).segmentation
    if segmentation is None:
        return None, ()
    homes, number = frames.columns["home"][index], frames.number[index]
    of_home = {home: _categories(dataset.home_info(home)["instances"]) for home in np.unique(homes).tolist()}
    names = sorted({name for listed in of_home.values() for name in listed if name})
    if not names:
        return None, ()
    in_view = np.zeros((len(index), len(names)), np.bool_)
    for home, listed in of_home.items():
        category_of = np.array([-1, *(names.index(name) if name else -1 for name in listed)])
        members = np.flatnonzero(homes == home)
        for part in np.array_split(members, -(-len(members) // _AT_ONCE)):
            in_view[part] = objects_in_view(segmentation[number[part]], category_of, len(names))
    return in_view, tuple(names)


def _categories(instances: Sequence[Mapping[str, Any]]) -> list[str]:
    """The category of each id, from 1; "" where it has none."""
    return [instance.get("category") or "" for instance in instances]
