"""How one axis moves: as fast as its speed and acceleration allow, solved in closed form."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Motion:
    """An axis on its way, from any speed to rest at a target.

    Units are the axis' own (degrees, or magnification) and seconds.

    Attributes:
        start_s: when it begins; before that the axis is at `start`.
        start: position then.
        speed: signed speed then.
        target: where it comes to rest; infinite for an axis that turns without end.
        phases: (duration, signed acceleration) of each, in turn.
    """

    start_s: float
    start: float
    speed: float
    target: float
    phases: tuple[tuple[float, float], ...] = ()

    @property
    def end_s(self) -> float:
        """When it comes to rest."""
        return self.start_s + sum(duration for duration, _ in self.phases)

    def at(self, time_s: float) -> tuple[float, float]:
        """(position, signed speed) at a time."""
        if time_s >= self.end_s:
            return self.target, 0.0
        position, speed, left = self.start, self.speed, time_s - self.start_s
        for duration, acceleration in self.phases:
            spent = min(left, duration)
            position += (speed + acceleration * spent / 2) * spent
            speed += acceleration * spent
            left -= spent
            if left <= 0:
                break
        return position, speed


def at_rest(position: float) -> Motion:
    """An axis that has stood still for ever."""
    return Motion(-math.inf, position, 0.0, position)


def stopping_point(position: float, speed: float, acceleration: float) -> float:
    """Where an axis comes to rest that brakes now."""
    return position + speed * abs(speed) / (2 * acceleration)


def move(
    start_s: float, position: float, speed: float, *, target: float, max_speed: float, acceleration: float
) -> Motion:
    """The quickest motion to rest at the target: a trapezoid of speed over time, or a triangle.

    From rest it never passes the target. An axis that is too fast to stop before the target brakes, passes it and comes
    back. One that is faster than `max_speed` slows down to it first.

    Solved along the direction d in which the rest of the way lies once the axis has braked: with the way D and the
    speed w along d, the peak p of an acceleration followed by braking meets (p^2 - w^2) / 2a + p^2 / 2a = D.
    """
    ahead = target - stopping_point(position, speed, acceleration)
    if ahead == 0 and speed == 0:
        return Motion(start_s, position, 0.0, target)
    direction = math.copysign(1.0, ahead if ahead != 0 else speed)
    way, along = direction * (target - position), direction * speed
    peak = min(max_speed, math.sqrt(max(0.0, acceleration * way + along**2 / 2)))
    if along > max_speed:
        cruise = way - along**2 / (2 * acceleration)
    else:
        cruise = way - (2 * peak**2 - along**2) / (2 * acceleration)
    change = peak - along
    phases = (
        (abs(change) / acceleration, direction * math.copysign(acceleration, change)),
        (max(0.0, cruise) / peak if peak > 0 else 0.0, 0.0),
        (peak / acceleration, -direction * acceleration),
    )
    return Motion(start_s, position, speed, target, phases)


def brake(start_s: float, position: float, speed: float, acceleration: float) -> Motion:
    """The quickest motion to rest."""
    target = stopping_point(position, speed, acceleration)
    phases = ((abs(speed) / acceleration, -math.copysign(acceleration, speed)),) if speed else ()
    return Motion(start_s, position, speed, target, phases)
