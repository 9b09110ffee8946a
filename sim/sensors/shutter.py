"""Shutters: a frame takes time, so what moves is blurred, or bent where rows are read one after another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from sim.camera import Floats, Intrinsics
from sim.frame import Frame, View
from sim.sensors.light import to_light, to_rgb
from sim.sensors.noise import require_within

Shoot = Callable[[Intrinsics, Floats], Frame]
"""Renders an instant: `Renderer.render`."""
ViewAt = Callable[[float], View]
"""The camera at a time, s. It is asked for times before and after the frame's, in no certain order."""


@dataclass(frozen=True)
class MotionBlur:
    """A global shutter: colour is the mean, in linear light, of `samples` instants spread evenly over `exposure_s`.

    The frame's time is the middle of the exposure. Depth, ids, intrinsics and pose are those of the middle sample, or
    of the later one of two. One sample is an instant.
    """

    samples: int = 8
    exposure_s: float = 1 / 60

    def __post_init__(self) -> None:
        require_within("samples", self.samples, 1, 1000)
        require_within("exposure_s", self.exposure_s, 0.0, 3600.0)

    def capture(self, shoot: Shoot, view_at: ViewAt, time_s: float) -> Frame:
        """The frame at a time; shoots `samples` times."""
        shares = (np.arange(self.samples) + 0.5) / self.samples - 0.5
        views = [view_at(time_s + self.exposure_s * float(share)) for share in shares]
        middle = views.pop(self.samples // 2)
        frame = shoot(middle.intrinsics, middle.T_world_camera)
        light = to_light(frame.rgb)
        for view in views:
            light += to_light(shoot(view.intrinsics, view.T_world_camera).rgb)
        return replace(frame, rgb=to_rgb(light / np.float32(self.samples)))

    def as_dict(self) -> dict[str, Any]:
        """Kind and figures, for JSON beside the data."""
        return {"kind": type(self).__name__, **asdict(self)}


INSTANT = MotionBlur(samples=1, exposure_s=0.0)


@dataclass(frozen=True)
class RollingShutter:
    """Rows are captured one after another, from the first to the last, within `readout_s`; shot in bands of rows.

    The frame's time is that of its middle, and so are its intrinsics and pose; colour, depth and ids of each band are
    those of the band's own time.

    Attributes:
        bands: steps that the image is shot in, at most one for each row; each costs one shot of its rows.
        readout_s: from the first row to the last.
        exposure: how long each row is open.
    """

    bands: int = 16
    readout_s: float = 0.02
    exposure: MotionBlur = INSTANT

    def __post_init__(self) -> None:
        require_within("bands", self.bands, 1, 100_000)
        require_within("readout_s", self.readout_s, 0.0, 3600.0)

    def capture(self, shoot: Shoot, view_at: ViewAt, time_s: float) -> Frame:
        """The frame at a time; shoots every band `exposure.samples` times."""
        view = view_at(time_s)
        height = view.intrinsics.height
        edges = np.linspace(0, height, min(self.bands, height) + 1).round().astype(int).tolist()
        strips = [
            self.exposure.capture(
                shoot,
                _rows_of(view_at, top, bottom),
                time_s + self.readout_s * ((top + bottom) / 2 / height - 0.5),
            )
            for top, bottom in pairwise(edges)
        ]
        bands = [strip.normals for strip in strips if strip.normals is not None]
        return Frame(
            rgb=np.concatenate([strip.rgb for strip in strips]),
            depth=np.concatenate([strip.depth for strip in strips]),
            segmentation=np.concatenate([strip.segmentation for strip in strips]),
            intrinsics=view.intrinsics,
            T_world_camera=view.T_world_camera,
            normals=np.concatenate(bands) if bands else None,
        )

    def as_dict(self) -> dict[str, Any]:
        """Kind and figures, for JSON beside the data."""
        return {"kind": type(self).__name__, **asdict(self)}


Shutter = MotionBlur | RollingShutter


def _rows_of(view_at: ViewAt, top: int, bottom: int) -> ViewAt:
    """The same camera, with only the rows from `top` to before `bottom`."""

    def rows_at(time_s: float) -> View:
        view = view_at(time_s)
        camera = view.intrinsics
        return replace(view, intrinsics=replace(camera, height=bottom - top, cy=camera.cy - top))

    return rows_at


def interpolate_poses(
    times_s: Sequence[float], poses: Sequence[Floats], cut_m: float = 1.0
) -> Callable[[float], Floats]:
    """`T_world_camera` (4, 4) as a function of time, s: straight and at even speed between the given poses.

    Before the first and after the last pose the camera stands still. Poses more than `cut_m` apart are a cut: the
    earlier one holds until the time of the later one.

    Raises:
        ValueError: no poses, not as many times, or times that do not grow.
    """
    from scipy.spatial.transform import Rotation, Slerp

    if not len(poses) == len(times_s) > 0 or np.any(np.diff(times_s) <= 0):
        raise ValueError(f"{len(times_s)} times for {len(poses)} poses; one growing time for each pose is needed")
    positions = np.array([pose[:3, 3] for pose in poses])
    rotations = Rotation.from_matrix([pose[:3, :3] for pose in poses])
    slerp = Slerp(times_s, rotations) if len(poses) > 1 else None

    def pose_at(time_s: float) -> Floats:
        last = int(np.clip(np.searchsorted(times_s, time_s, side="right") - 1, 0, len(poses) - 1))
        following = min(last + 1, len(poses) - 1)
        step = positions[following] - positions[last]
        if slerp is None or time_s <= times_s[last] or last == following or np.linalg.norm(step) > cut_m:
            return poses[last]
        pose = np.eye(4)
        pose[:3, :3] = slerp(time_s).as_matrix()
        pose[:3, 3] = positions[last] + step * (time_s - times_s[last]) / (times_s[following] - times_s[last])
        return pose

    return pose_at
