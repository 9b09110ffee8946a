"""Is a view worth storing? By its depth and its camera: how near and how flat it is, and how it differs from others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from datagen.checks.finding import ERROR, WARNING, Finding
from sim.output import MM_PER_M

NEAR_M = 0.7
"""What is nearer than this is in the way of the view."""
NEAR_SHARE = 0.5
"""A view with so much of its image nearer than that stands at something."""
FLAT_M = 1.5
FLAT_SHARE = 0.9
"""A view with so much of its image on one plane, and half of it nearer than `FLAT_M`, shows a bare surface."""
USELESS_SHARE = 0.5
"""An episode with more such views than this is worth a warning."""
MEDIAN_NEAR = 0.1
"""Half of a dataset's frames have less of their image nearer than `NEAR_M`."""
APART = 0.05
"""Two views are distinct if what is at the middle depth moves by more than this share of the image's width."""
STILL = 0.005
"""A camera whose views are less apart than this share of the width stands still."""
DISTINCT_SHARE = 0.25
"""An episode of fewer distinct views than this share of its frames hardly changes."""
SHORT = 8
"""Frames of an episode that is too short to say so."""

_GRID = 24
_ON_PLANE = 0.02
"""Of the distance: as far off the plane as depth in millimetres and blinds may be."""
_FITS = 4


@dataclass(frozen=True)
class View:
    """What a view shows.

    Attributes:
        near: share of the image that is nearer than `NEAR_M`.
        flat: share of the image that lies on one plane.
        depth_m: median depth of what is seen; 0 if nothing is.
    """

    near: float
    flat: float
    depth_m: float

    @property
    def useless(self) -> str:
        """Why nothing is to be learned of it; "" if something is."""
        if self.near > NEAR_SHARE:
            return f"stand at something nearer than {NEAR_M} m"
        if self.flat > FLAT_SHARE and 0 < self.depth_m < FLAT_M:
            return f"show one flat surface nearer than {FLAT_M} m"
        return ""


def look_at(depth_mm: npt.NDArray[np.uint16], record: Mapping[str, Any]) -> View:
    """What an image of depth (H, W), mm, shows. `record`: its row, for the camera."""
    seen = depth_mm[depth_mm > 0]
    near = float(np.count_nonzero(seen < NEAR_M * MM_PER_M)) / depth_mm.size
    depth_m = float(np.median(seen)) / MM_PER_M if len(seen) else 0.0
    return View(near, _share_on_a_plane(depth_mm, record), depth_m)


def _share_on_a_plane(depth_mm: npt.NDArray[np.uint16], record: Mapping[str, Any]) -> float:
    """The share of the image on the plane that fits most of it, by least squares without what lies off it.

    A plane's inverse depth is linear in the coordinates of the image.
    """
    rows, columns = (np.unique(np.linspace(0, side - 1, min(side, _GRID)).astype(np.intp)) for side in depth_mm.shape)
    v, u = np.meshgrid(rows, columns, indexing="ij")
    depth_m = depth_mm[v, u].reshape(-1) / MM_PER_M
    seen = depth_m > 0
    if seen.sum() < FLAT_SHARE * seen.size:
        return 0.0
    x = (u.reshape(-1)[seen] + 0.5 - record["cx"]) / record["fx"]
    y = (v.reshape(-1)[seen] + 0.5 - record["cy"]) / record["fy"]
    ray = np.stack([x, y, np.ones(len(x))], axis=1)
    inverse = 1 / depth_m[seen]
    off = np.zeros(len(x))
    for _ in range(_FITS):
        used = off <= max(_ON_PLANE, float(np.quantile(off, FLAT_SHARE)))
        plane = np.linalg.lstsq(ray[used], inverse[used], rcond=None)[0]
        off = np.abs(ray @ plane / inverse - 1)
    return float(np.count_nonzero(off <= _ON_PLANE)) / seen.size


def count_distinct(records: Sequence[Mapping[str, Any]], depths_m: Sequence[float]) -> int:
    """How many views of an episode differ from every view counted before them; see `APART`.

    `records`: its rows; `depths_m`: the median depth of each frame.
    """
    cameras = _Cameras(records, depths_m)
    counted = [0] if len(records) else []
    for index in range(1, len(records)):
        if (cameras.motion_px(index, counted) > APART * cameras.width[index]).all():
            counted.append(index)
    return len(counted)


class _Cameras:
    """The cameras of an episode as arrays, for `verify.image_motion_px` of many pairs at once."""

    def __init__(self, records: Sequence[Mapping[str, Any]], depths_m: Sequence[float]) -> None:
        self._poses = np.array([np.reshape(record["T_world_camera"], (4, 4)) for record in records])
        self._fx = np.array([record["fx"] for record in records], np.float64)
        self.width = np.array([record["width"] for record in records], np.float64)
        self._depths_m = np.asarray(depths_m, np.float64)

    def motion_px(self, index: int, others: Sequence[int]) -> npt.NDArray[np.float64]:
        """How far, pixels, the image moves from other frames (k,) to this one."""
        pose, fx, depth_m = self._poses[index], self._fx[index], self._depths_m[index]
        before = self._poses[others]
        trace = (pose[:3, :3] * before[:, :3, :3]).sum(axis=(1, 2))
        angle = np.arccos(np.clip((trace - 1) / 2, -1, 1))
        shift_m = np.linalg.norm(pose[:3, 3] - before[:, :3, 3], axis=1)
        by_shift = shift_m / depth_m * fx if depth_m > 0 else np.zeros(len(shift_m))
        by_zoom = np.abs(fx / self._fx[others] - 1) * self.width[index] / 2
        return np.maximum.reduce([angle * fx, by_shift, by_zoom])


def view_findings(views: Sequence[View], records: Sequence[Mapping[str, Any]], place: str) -> Iterator[Finding]:
    """What makes an episode's views useless.

    Args:
        views: what all of its frames show, or some.
        records: the rows of all.
        place: what findings call it.
    """
    reasons = [view.useless for view in views if view.useless]
    if len(reasons) > USELESS_SHARE * len(views):
        most = max(set(reasons), key=reasons.count)
        yield Finding(WARNING, "useless view", f"{len(reasons)} of {len(views)} frames {most}", place)
    if len(records) < SHORT or not views:
        return
    depths_m = [view.depth_m for view in views]
    each_m = depths_m if len(views) == len(records) else [float(np.median(depths_m))] * len(records)
    distinct = count_distinct(records, each_m)
    if distinct == 1 and _stands_still(records, each_m):
        told = f"all {len(records)} frames are the same view: the camera stands still"
        yield Finding(ERROR, "frozen camera", told, place)
    elif distinct < DISTINCT_SHARE * len(records):
        told = f"{distinct} of {len(records)} views are distinct (moved by over {APART:.0%} of the image's width)"
        yield Finding(WARNING, "hardly changes", f"{told}: the camera hardly moves", place)


def _stands_still(records: Sequence[Mapping[str, Any]], depths_m: Sequence[float]) -> bool:
    """Whether a camera keeps its pose, and nothing moves before it."""
    if any(record["moving"] for record in records):
        return False
    cameras = _Cameras(records, depths_m)
    moved_px = [float(cameras.motion_px(index, [0])[0]) for index in range(len(records))]
    return max(moved_px) <= STILL * float(cameras.width[0])


def near_findings(views: Sequence[View]) -> Iterator[Finding]:
    """Whether all of a dataset looks at surfaces close by."""
    if not views:
        return
    median = float(np.median([view.near for view in views]))
    if median > MEDIAN_NEAR:
        told = f"in half of all frames over {median:.0%} of the image is nearer than {NEAR_M} m"
        yield Finding(WARNING, "near", f"{told}; place the cameras freer")


@dataclass(frozen=True)
class Use:
    """What a dataset is for. `views`, `episodes`: that it takes at least; `what`: in words."""

    views: int
    episodes: int
    what: str


USES = {
    "world-model": Use(1000, 4, "a world model"),
    "policy": Use(1000, 2, "a policy that imitates an expert"),
}
"""A thousand views are what 50 episodes of a sweep have; the results of docs/results.md come of ten times as many."""


def use_findings(use: str, distinct: int, episodes: int) -> Iterator[Finding]:
    """Whether a dataset has views enough for its use; `distinct`: at most so many, those of each episode added."""
    wanted = USES[use]
    if distinct < wanted.views or episodes < wanted.episodes:
        told = f"{distinct:,} distinct views in {episodes:,} episode{'s' * (episodes != 1)}"
        least = f"{wanted.views:,} views in {wanted.episodes} episodes at least"
        yield Finding(WARNING, "too few views", f"{told}; {wanted.what} takes {least}: generate more")
