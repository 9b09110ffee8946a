"""The size of a body that moves through a home."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scenes.errors import HomeError


@dataclass(frozen=True)
class BodySize:
    """An upright cylinder that walks: what decides where it fits and what it climbs.

    Attributes:
        radius_m: of the cylinder.
        height_m: of the cylinder, from the floor.
        max_step_m: the highest step up or down.
        max_slope_deg: the steepest surface to stand on.
    """

    radius_m: float
    height_m: float
    max_step_m: float
    max_slope_deg: float

    def __post_init__(self) -> None:
        for name in ("radius_m", "height_m", "max_step_m", "max_slope_deg"):
            value = getattr(self, name)
            if not math.isfinite(value) or value < 0 or (value == 0 and name in {"radius_m", "height_m"}):
                raise HomeError(f"body: {name} is {value}; give a finite size above 0 (a step or slope may be 0)")
        if self.max_slope_deg >= 90 or self.max_step_m >= self.height_m:
            raise HomeError(
                f"body: slope {self.max_slope_deg}°, step {self.max_step_m} m, height {self.height_m} m; "
                "give a slope under 90° and a step lower than the body"
            )


WHEELED = BodySize(0.20, 0.6, 0.01, 10)
CLIMBER = BodySize(0.30, 0.6, 0.22, 38)
PERSON = BodySize(0.20, 1.5, 0.22, 40)

BODIES = {"wheeled": WHEELED, "climber": CLIMBER, "person": PERSON}
"""The named sizes: a wheeled robot, a tracked one that climbs stairs, and the kinematic agent's default."""
