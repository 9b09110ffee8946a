"""One axis of a PTZ camera: what bounds it, and what a command makes of its motion."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from sim.ptz.motion import Motion, brake, move
from sim.ptz.profiles import PTZProfile

Kind = Literal["absolute", "relative", "continuous"]


@dataclass(frozen=True)
class Axis:
    """Pan and tilt in degrees, zoom in magnification.

    Attributes:
        name: "pan", "tilt" or "zoom".
        low, high: the limits; infinite for an axis that turns without end.
        max_speed, acceleration: the most it does.
    """

    name: str
    low: float
    high: float
    max_speed: float
    acceleration: float

    @property
    def endless(self) -> bool:
        """Turns without end, so 360 degrees are 0."""
        return math.isinf(self.high)

    def clamp(self, position: float) -> float:
        """The nearest position within the limits."""
        return min(max(position, self.low), self.high)

    def reported(self, position: float) -> float:
        """A position as the device tells it: within the limits, and in [-180, 180) where it turns without end."""
        return _wrap(position) if self.endless and math.isfinite(position) else self.clamp(position)

    def obey(self, kind: Kind, value: float, motion: Motion, time_s: float) -> tuple[Motion, bool]:
        """The motion that a command makes of the one before, and whether it asked for more than the limits give."""
        position, speed = motion.at(time_s)
        if kind == "continuous":
            rate = min(max(value, -self.max_speed), self.max_speed)
            return self._go_on(time_s, position, speed, rate), rate != value
        if self.endless:
            return self._turn(time_s, position, speed, kind, value), False
        wanted = value if kind == "absolute" else position + value
        goal = self.clamp(wanted)
        return self._go(time_s, position, speed, goal, self.max_speed), goal != wanted

    def _go(self, time_s: float, position: float, speed: float, target: float, max_speed: float) -> Motion:
        return move(time_s, position, speed, target=target, max_speed=max_speed, acceleration=self.acceleration)

    def _go_on(self, time_s: float, position: float, speed: float, rate: float) -> Motion:
        if rate == 0:
            return brake(time_s, position, speed, self.acceleration)
        return self._go(time_s, position, speed, self.high if rate > 0 else self.low, abs(rate))

    def _turn(self, time_s: float, position: float, speed: float, kind: Kind, value: float) -> Motion:
        """An absolute turn goes the short way, half a turn the way that does not pass 180; a relative one by its sign.

        The start is counted from the goal, so that the axis comes to rest at the goal to the last bit.
        """
        if kind == "absolute":
            goal = _wrap(value)
            start = position - 360.0 * round((position - goal) / 360.0)
        else:
            goal = _wrap(position + value)
            start = goal - value
        return self._go(time_s, start, speed, goal, self.max_speed)


def axes_of(profile: PTZProfile) -> tuple[Axis, Axis, Axis]:
    """Pan, tilt and zoom of a profile."""
    pan_limits = profile.pan_limits_deg or (-math.inf, math.inf)
    return (
        Axis("pan", *pan_limits, profile.pan_speed_deg_per_s, profile.pan_acceleration_deg_per_s2),
        Axis("tilt", *profile.tilt_limits_deg, profile.tilt_speed_deg_per_s, profile.tilt_acceleration_deg_per_s2),
        Axis("zoom", 1.0, profile.max_zoom, profile.zoom_speed_per_s, profile.zoom_acceleration_per_s2),
    )


def _wrap(angle_deg: float) -> float:
    """In [-180, 180); an angle that is there already stays as it is to the last bit."""
    if -180.0 <= angle_deg < 180.0:
        return angle_deg
    wrapped = (angle_deg + 180.0) % 360.0 - 180.0
    return wrapped if wrapped < 180.0 else -180.0
