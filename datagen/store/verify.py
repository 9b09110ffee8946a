"""Is a frame fit for a dataset? The same rules when it is written and when the dataset is checked.

A *fault* is what no camera delivers; an episode with one is refused. A *flag* is true of some good frames (a camera
close to a wall, a robot that waits); it is kept in the column `checks` so that it can be counted and left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.output import MM_PER_M

CONSTANT = "constant"
"""One colour all over."""
NOTHING = "nothing"
"""No surface in view."""
REPEAT = "repeat"
"""The same image as the frame before."""

_MEASURED = ("pan_deg", "tilt_deg", "zoom", "goal_distance_m", "goal_bearing_deg", "way_bearing_deg")
RIGID_TOLERANCE = 1e-6
SEEN_SHARE = 0.01
"""An instance counts as in view from this share of the pixels on."""
_NEEDED = ("step", "time_s", "home", "level", "room", "camera", "T_world_camera", "fx", "fy", "cx", "cy", "width",
           "height", "action", "moving")  # fmt: skip
MOVED_PX = 3.0
"""Motion of the image, pixels, that cannot leave it the same."""


@dataclass(frozen=True)
class Images:
    """The decoded images of a frame: rgb (H, W, 3), depth (H, W) in mm, segmentation (H, W) or None if not stored."""

    rgb: npt.NDArray[np.uint8]
    depth_mm: npt.NDArray[np.uint16]
    segmentation: npt.NDArray[np.uint16] | None

    def median_depth_m(self) -> float:
        """The median depth of what is seen; 0 if nothing is."""
        seen = self.depth_mm[self.depth_mm > 0]
        return float(np.median(seen)) / MM_PER_M if len(seen) else 0.0

    def same_as(self, other: Images) -> bool:
        """Are colours and depth those of another frame?"""
        return np.array_equal(self.rgb, other.rgb) and np.array_equal(self.depth_mm, other.depth_mm)


def row_faults(record: Mapping[str, Any], before: Mapping[str, Any] | None) -> list[str]:
    """What is wrong with a row of `frames.parquet`. `before`: the row one step earlier, None at an episode's start."""
    if unknown := [name for name in _NEEDED if record.get(name) is None]:
        return [f"no {unknown[0]}"]
    faults = []
    pose = np.array(record["T_world_camera"], float).reshape(4, 4)
    numbers = [record[name] for name in ("time_s", "fx", "fy", "cx", "cy")]
    numbers += [record[name] for name in _MEASURED if record[name] is not None]
    if not np.isfinite([*numbers, *record["action"]]).all():
        faults.append("a number that is not finite")
    if not np.isfinite(pose).all():
        faults.append("a pose that is not finite")
    elif not is_rigid(pose):
        faults.append("a pose that is no rotation and translation")
    if min(record["fx"], record["fy"]) <= 0:
        faults.append("a focal length that is not positive")
    if before is None:
        if record["step"] != 0 or record["prev_action"] is not None or record["prev_command"] is not None:
            faults.append("a previous action at the start of an episode")
        return faults
    if record["step"] != before["step"] + 1:
        faults.append(f"step {record['step']} after step {before['step']}")
    elif record["prev_action"] != before["action"] or record["prev_command"] != before["command"]:
        faults.append("a previous action that is not the action of the step before")
    if not record["time_s"] > before["time_s"]:
        faults.append("a time that does not increase")
    return faults


def image_faults(record: Mapping[str, Any], images: Images) -> list[str]:
    """What is wrong with the images of a row."""
    size = (record["height"], record["width"])
    for name, image in (("rgb", images.rgb), ("depth", images.depth_mm), ("segmentation", images.segmentation)):
        if image is not None and image.shape[:2] != size:
            return [f"{name} of {image.shape[1]} x {image.shape[0]} pixels, not {size[1]} x {size[0]}"]
    if not images.rgb.any() and things_in_view(images) > 1:  # what a renderer that failed leaves
        return ["one colour all over, black, though several things are in view"]
    return []


def pair_faults(
    record: Mapping[str, Any], images: Images, before: Mapping[str, Any], images_before: Images
) -> list[str]:
    """What is wrong between a frame and the one before: the same image though the camera moved."""
    if not images.same_as(images_before) or things_in_view(images) < 2:
        return []
    moved_px = image_motion_px(record, before, images.median_depth_m())
    return [f"the same image as the frame before, {moved_px:.0f} pixels away"] if moved_px > MOVED_PX else []


def flags(images: Images, images_before: Images | None) -> list[str]:
    """The flags of a frame."""
    found = [CONSTANT] if _is_constant(images.rgb) else []
    found += [NOTHING] if not images.depth_mm.any() else []
    found += [REPEAT] if images_before is not None and images.same_as(images_before) else []
    return found


def is_rigid(pose: npt.NDArray[np.float64]) -> bool:
    """Is a (4, 4) matrix a rotation and a translation?"""
    rotation = pose[:3, :3]
    return (
        float(np.abs(rotation @ rotation.T - np.eye(3)).max()) < RIGID_TOLERANCE
        and float(np.linalg.det(rotation)) > 0
        and bool((pose[3] == (0, 0, 0, 1)).all())
    )


def image_motion_px(record: Mapping[str, Any], before: Mapping[str, Any], depth_m: float) -> float:
    """How far, pixels, the image of what is at `depth_m` moves between two poses: by rotation, translation or zoom."""
    pose, other = (np.array(row["T_world_camera"]).reshape(4, 4) for row in (record, before))
    turn = pose[:3, :3].T @ other[:3, :3]
    angle = np.arccos(np.clip((np.trace(turn) - 1) / 2, -1, 1))
    shift_m = np.linalg.norm(pose[:3, 3] - other[:3, 3])
    by_shift = shift_m / depth_m * record["fx"] if depth_m > 0 else 0.0
    by_zoom = abs(record["fx"] / before["fx"] - 1) * record["width"] / 2
    return float(max(angle * record["fx"], by_shift, by_zoom))


def things_in_view(images: Images) -> int:
    """How many instances fill more than a sliver of the image; 0 if that is not stored."""
    if images.segmentation is None:
        return 0
    counts = np.bincount(images.segmentation.reshape(-1))[1:]
    return int((counts > SEEN_SHARE * images.segmentation.size).sum())


def _is_constant(rgb: npt.NDArray[np.uint8]) -> bool:
    return bool((rgb[0] == rgb[0, 0]).all() and (rgb == rgb[0, 0]).all())
