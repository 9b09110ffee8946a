"""What two real PTZ cameras can do. Sources of each figure, and which are our choice: docs/ptz.md."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class PTZProfile:
    """Ranges and speeds of a PTZ camera.

    Zoom is a magnification: focal length over the focal length at the wide end, 1 to `max_zoom`.

    Attributes:
        name: of the family, as the command line knows it.
        model: the device whose data sheet this is.
        pan_limits_deg: lowest and highest pan, positive to the right; None turns without end.
        tilt_limits_deg: lowest and highest tilt, positive up.
        fov_wide_deg, fov_tele_deg: horizontal angle of view at either end of the zoom.
        pan_speed_deg_per_s, tilt_speed_deg_per_s, zoom_speed_per_s: the most it moves; zoom in magnification.
        pan_acceleration_deg_per_s2, tilt_acceleration_deg_per_s2, zoom_acceleration_per_s2: likewise.
        latency_s: from a command to its effect.
        settle_time_s: from the end of a motion to a still image.
        zoom_units: what the family's protocol calls the wide and the tele end; None if it counts in magnification.
        action_zoom_units: units of the family's zoom that 1.0 stands for in the table of actions.
    """

    name: str
    model: str
    pan_limits_deg: tuple[float, float] | None
    tilt_limits_deg: tuple[float, float]
    fov_wide_deg: float
    fov_tele_deg: float
    pan_speed_deg_per_s: float
    tilt_speed_deg_per_s: float
    zoom_speed_per_s: float
    pan_acceleration_deg_per_s2: float
    tilt_acceleration_deg_per_s2: float
    zoom_acceleration_per_s2: float
    latency_s: float
    settle_time_s: float
    zoom_units: tuple[float, float] | None
    action_zoom_units: float

    def __post_init__(self) -> None:
        if not 0 < self.fov_tele_deg < self.fov_wide_deg < 180:
            raise ValueError(f"profile {self.name!r}: angles of view must be 0 < tele < wide < 180 degrees")
        for what, limits in (("pan", self.pan_limits_deg), ("tilt", self.tilt_limits_deg), ("zoom", self.zoom_units)):
            if limits is not None and not limits[0] < limits[1]:
                raise ValueError(f"profile {self.name!r}: {what} goes from {limits[0]} to {limits[1]}; give low, high")
        positive = [value for key, value in vars(self).items() if "_speed_" in key or "_acceleration_" in key]
        if not all(0 < value < math.inf for value in positive):
            raise ValueError(f"profile {self.name!r}: speeds and accelerations must be above 0 and finite")
        if not (0 <= self.latency_s < math.inf and 0 <= self.settle_time_s < math.inf):
            raise ValueError(f"profile {self.name!r}: latency and settle time must be 0 s or more")

    @property
    def max_zoom(self) -> float:
        """Magnification at the tele end, by the two angles of view."""
        return _half_tangent(self.fov_wide_deg) / _half_tangent(self.fov_tele_deg)

    @property
    def zoom_per_unit(self) -> float:
        """Magnification that one unit of the family's zoom adds."""
        return 1.0 if self.zoom_units is None else (self.max_zoom - 1) / (self.zoom_units[1] - self.zoom_units[0])

    def fov_deg(self, zoom: float) -> float:
        """Horizontal angle of view at a magnification."""
        return 2 * math.degrees(math.atan(_half_tangent(self.fov_wide_deg) / zoom))

    def to_units(self, zoom: float) -> float:
        """A magnification in the units of the family's protocol; not rounded, so that `from_units` gives it back."""
        return zoom if self.zoom_units is None else self.zoom_units[0] + (zoom - 1) / self.zoom_per_unit

    def from_units(self, units: float) -> float:
        """The magnification of a zoom in the units of the family's protocol."""
        return units if self.zoom_units is None else 1 + (units - self.zoom_units[0]) * self.zoom_per_unit


def _half_tangent(angle_deg: float) -> float:
    return math.tan(math.radians(angle_deg) / 2)


AXIS = PTZProfile(
    name="axis",
    model="AXIS Q6075-E",
    pan_limits_deg=None,
    tilt_limits_deg=(-90.0, 20.0),
    fov_wide_deg=65.1,
    fov_tele_deg=2.00,
    pan_speed_deg_per_s=450.0,
    tilt_speed_deg_per_s=450.0,
    zoom_speed_per_s=10.0,
    pan_acceleration_deg_per_s2=1200.0,
    tilt_acceleration_deg_per_s2=1200.0,
    zoom_acceleration_per_s2=40.0,
    latency_s=0.10,
    settle_time_s=0.20,
    zoom_units=(1.0, 9999.0),
    action_zoom_units=1000.0,
)

HANWHA = PTZProfile(
    name="hanwha",
    model="Hanwha XNP-6400RW",
    pan_limits_deg=None,
    tilt_limits_deg=(-90.0, 20.0),
    fov_wide_deg=65.66,
    fov_tele_deg=1.88,
    pan_speed_deg_per_s=300.0,
    tilt_speed_deg_per_s=300.0,
    zoom_speed_per_s=10.0,
    pan_acceleration_deg_per_s2=800.0,
    tilt_acceleration_deg_per_s2=800.0,
    zoom_acceleration_per_s2=40.0,
    latency_s=0.15,
    settle_time_s=0.25,
    zoom_units=None,
    action_zoom_units=1.0,
)

PROFILES = {profile.name: profile for profile in (AXIS, HANWHA)}
