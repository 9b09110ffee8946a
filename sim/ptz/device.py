"""A PTZ camera as a device in simulated time: commands take effect late, axes have speed and mass."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.camera import Floats, Intrinsics, pose_looking
from sim.ptz.axis import Kind, axes_of
from sim.ptz.motion import at_rest
from sim.ptz.profiles import PTZProfile

_Values = tuple[float | None, float | None, float | None]
"""For pan, tilt and zoom; None lets an axis go on with what it does."""

HOME = "home"
"""The preset that every camera has."""
_RIGID_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Position:
    """Where a camera looks. Degrees, pan in [-180, 180) if it turns without end; zoom is a magnification."""

    pan_deg: float = 0.0
    tilt_deg: float = 0.0
    zoom: float = 1.0


@dataclass(frozen=True)
class PTZStatus:
    """What the device says of itself.

    Attributes:
        pan_deg, tilt_deg, zoom: where it is.
        moving: an axis has not come to rest.
        settled: no command waits for its effect, nothing moves and the settle time is over.
        target: where it comes to rest; pan is infinite while it turns without end.
        clamped: the axes of which the last command in effect asked for more than the limits give.
        time_s: simulated time since the device was made.
    """

    pan_deg: float
    tilt_deg: float
    zoom: float
    moving: bool
    settled: bool
    target: Position
    clamped: tuple[str, ...]
    time_s: float


@dataclass(frozen=True)
class _Command:
    effect_s: float
    kind: Kind
    values: _Values


class PTZCamera:
    """A PTZ camera on a mount.

    Pan is positive to the right (clockwise seen from above), tilt positive up; zoom is a magnification. The mount's
    frame has x forward (where pan and tilt are 0), y left, z up; the axes and the optical centre meet in its origin.
    A dome that hangs from a ceiling has its mount upright; one that stands on a table has it turned upside down.

    Commands take effect after the profile's latency, while `step` moves time on. An axis that a command does not name
    goes on with what it does. Values beyond the limits are clamped, and `status().clamped` names the axes. Values that
    are not finite are a ValueError.
    """

    def __init__(
        self,
        profile: PTZProfile,
        T_world_mount: npt.ArrayLike,
        width: int,
        height: int,
        start: Position | None = None,
    ) -> None:
        """A camera at rest.

        Args:
            profile: its ranges and speeds.
            T_world_mount: (4, 4), the pose of the mount.
            width: of the image, pixels.
            height: likewise.
            start: where it looks, clamped to the limits; straight ahead and wide if not given.

        Raises:
            ValueError: a mount that is not a pose, an image without pixels, a start that is not finite.
        """
        self.profile = profile
        self._T_world_mount = _pose(T_world_mount)
        self._width, self._height = width, height
        self._axes = axes_of(profile)
        self._time_s = 0.0
        self._pending: deque[_Command] = deque()
        self._presets = {HOME: Position()}
        start = start or Position()
        wanted = zip(self._axes, (start.pan_deg, start.tilt_deg, start.zoom), strict=True)
        values = [_number(f"start: {axis.name}", value) for axis, value in wanted]
        self._motions = [at_rest(axis.reported(axis.clamp(v))) for axis, v in zip(self._axes, values, strict=True)]
        self._clamped = tuple(axis.name for axis, v in zip(self._axes, values, strict=True) if axis.clamp(v) != v)
        self.intrinsics()

    def absolute(
        self, *, pan_deg: float | None = None, tilt_deg: float | None = None, zoom: float | None = None
    ) -> None:
        """To a position; pan that turns without end goes the short way round."""
        self._send("absolute", (pan_deg, tilt_deg, zoom))

    def relative(
        self, *, pan_deg: float | None = None, tilt_deg: float | None = None, zoom: float | None = None
    ) -> None:
        """By a change from where the camera is when the command takes effect."""
        self._send("relative", (pan_deg, tilt_deg, zoom))

    def continuous(
        self,
        *,
        pan_deg_per_s: float | None = None,
        tilt_deg_per_s: float | None = None,
        zoom_per_s: float | None = None,
    ) -> None:
        """At signed speeds until another command, or to the limit; 0 stops an axis."""
        self._send("continuous", (pan_deg_per_s, tilt_deg_per_s, zoom_per_s))

    def stop(self) -> None:
        """Brakes all axes."""
        self._send("continuous", (0.0, 0.0, 0.0))

    def save_preset(self, name: str) -> None:
        """Keeps where the camera is now under a name; "home" moves the home position."""
        if not name:
            raise ValueError("a preset without a name; give one character or more")
        self._presets[name] = self._position()

    def go_to_preset(self, name: str) -> None:
        """To a position that was saved.

        Raises:
            ValueError: no such preset.
        """
        if name not in self._presets:
            raise ValueError(f"no preset {name!r}; saved are {', '.join(map(repr, self._presets))}")
        preset = self._presets[name]
        self.absolute(pan_deg=preset.pan_deg, tilt_deg=preset.tilt_deg, zoom=preset.zoom)

    def home(self) -> None:
        """To the home position: straight ahead and wide until `save_preset("home")` moves it."""
        self.go_to_preset(HOME)

    def step(self, dt_s: float) -> None:
        """Moves time on. One long step ends where short ones of the same sum do.

        Raises:
            ValueError: a time that is negative or not finite.
        """
        if not 0 <= dt_s < math.inf:
            raise ValueError(f"a step of {dt_s} s; give 0 s or more")
        self._time_s += float(dt_s)
        while self._pending and self._pending[0].effect_s <= self._time_s:
            self._execute(self._pending.popleft())

    def status(self) -> PTZStatus:
        """Where it is, where it goes, and whether its image is still."""
        here, end_s = self._position(), max(motion.end_s for motion in self._motions)
        return PTZStatus(
            here.pan_deg,
            here.tilt_deg,
            here.zoom,
            moving=self._time_s < end_s,
            settled=not self._pending and self._time_s >= end_s + self.profile.settle_time_s,
            target=self._reported([motion.target for motion in self._motions]),
            clamped=self._clamped,
            time_s=self._time_s,
        )

    def intrinsics(self) -> Intrinsics:
        """The pinhole camera at the present zoom: as wide as the profile's angle of view, whatever its height."""
        return Intrinsics.from_fov(self._width, self._height, self.profile.fov_deg(self._position().zoom))

    def T_mount_camera(self) -> Floats:
        """(4, 4), from the OpenCV camera frame to the mount's, for a mount that itself moves."""
        here = self._position()
        return pose_looking([0.0, 0.0, 0.0], -here.pan_deg, here.tilt_deg)

    def T_world_camera(self) -> Floats:
        """(4, 4), from the OpenCV camera frame to the world."""
        return self._T_world_mount @ self.T_mount_camera()

    def _position(self) -> Position:
        return self._reported([motion.at(self._time_s)[0] for motion in self._motions])

    def _reported(self, positions: list[float]) -> Position:
        return Position(*(axis.reported(value) for axis, value in zip(self._axes, positions, strict=True)))

    def _send(self, kind: Kind, values: _Values) -> None:
        pan, tilt, zoom = (
            None if value is None else _number(f"{kind}: {axis.name}", value)
            for axis, value in zip(self._axes, values, strict=True)
        )
        self._pending.append(_Command(self._time_s + self.profile.latency_s, kind, (pan, tilt, zoom)))

    def _execute(self, command: _Command) -> None:
        clamped = []
        for index, (axis, value) in enumerate(zip(self._axes, command.values, strict=True)):
            if value is None:
                continue
            before = self._motions[index]
            after, cut = axis.obey(command.kind, value, before, command.effect_s)
            stays = not after.phases and command.effect_s >= before.end_s
            self._motions[index] = before if stays else after
            if cut:
                clamped.append(axis.name)
        self._clamped = tuple(clamped)


def _number(what: str, value: float) -> float:
    """As a Python float, so that times and angles keep 64 bits whatever a caller counts in."""
    if not math.isfinite(value):
        raise ValueError(f"{what} is {value}; give a finite number")
    return float(value)


def _pose(T_world_mount: npt.ArrayLike) -> Floats:
    pose = np.array(T_world_mount, np.float64)
    if pose.shape != (4, 4) or not np.isfinite(pose).all():
        raise ValueError(f"T_world_mount of shape {pose.shape}; give a 4x4 matrix of finite numbers")
    rotation = pose[:3, :3]
    rigid = np.allclose(rotation @ rotation.T, np.eye(3), atol=_RIGID_TOLERANCE) and np.linalg.det(rotation) > 0
    if not rigid or not np.allclose(pose[3], [0, 0, 0, 1]):
        raise ValueError("T_world_mount is not a pose; give the mount's axes and its origin as columns")
    return pose
