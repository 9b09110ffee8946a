"""The robots' measures. `python -m sim.robots` writes `assets/robots/*.urdf` from them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

import assets
from scenes.body import CLIMBER, WHEELED, BodySize
from sim.robots.urdf import Solid, Wheel, write_urdf

_WHITE, _DARK, _RUBBER, _BLUE = (0.85, 0.86, 0.88), (0.2, 0.2, 0.22), (0.08, 0.08, 0.08), (0.1, 0.35, 0.7)


@dataclass(frozen=True)
class RobotModel:
    """A robot that steers by the difference between its left and right wheels.

    Attributes:
        wheels: left and right ones, in pairs from front to back.
        half_axis_m: how far its disc (`size`) must be moved ahead and back to hold its hull; 0: it is round.
        track_m: between the lines on which left and right wheels roll, as felt when turning: wheels that scrub
            sideways turn it by less than rolling ones would.
        wheel_torque_n_m: the most that each wheel's motor gives.
        tyre_friction, hull_friction: against a surface of friction 1.
        side_grip: share of the tyres' friction that holds along their axles while it turns on the spot: a tyre that
            slips ahead holds less sideways (the friction circle), which PyBullet's friction does not know.
        max_speed_m_s, max_turn_deg_s, max_acceleration_m_s2: of commands; faster ones are cut.
        cliff_sensors_m: (x, y) in the body's frame where it looks down before it drives there; none: it does not.
        mounts: `T_body_camera` (4, 4) by name.
    """

    name: str
    size: BodySize
    solids: tuple[Solid, ...]
    wheels: tuple[Wheel, ...]
    track_m: float
    wheel_torque_n_m: float
    tyre_friction: float
    hull_friction: float
    max_speed_m_s: float
    max_turn_deg_s: float
    max_acceleration_m_s2: float
    cliff_sensors_m: tuple[tuple[float, float], ...]
    mounts: dict[str, npt.NDArray[np.float64]]
    half_axis_m: float = 0.0
    side_grip: float = 1.0

    @property
    def urdf(self) -> Path:
        """Its file."""
        return Path(assets.__file__).parent / "robots" / f"{self.name}.urdf"

    def write(self) -> str:
        """What its file holds."""
        return write_urdf(self.name, self.solids, self.wheels)


def _looking_forward(x_m: float, z_m: float) -> npt.NDArray[np.float64]:
    """`T_body_camera` of a level camera on the body's middle plane."""
    mount = np.eye(4)
    mount[:3, :3] = [[0, 0, 1], [-1, 0, 0], [0, -1, 0]]
    mount[:3, 3] = x_m, 0.0, z_m
    return mount


WHEELED_ROBOT = RobotModel(
    name="wheeled",
    size=WHEELED,
    solids=(
        Solid("cylinder", (0.39, 0.39, 0.19), (0, 0, 0.14), 4.6, _WHITE),
        Solid("box", (0.12, 0.2, 0.08), (-0.11, 0, 0.1), 2.6, _DARK),
        Solid("box", (0.04, 0.04, 0.28), (-0.06, 0, 0.375), 0.3, _DARK),
        Solid("box", (0.09, 0.14, 0.05), (-0.02, 0, 0.45), 0.3, _BLUE),
        Solid("cylinder", (0.12, 0.12, 0.085), (-0.06, 0, 0.5575), 0.5, _WHITE),
        Solid("sphere", (0.06, 0.06, 0.06), (-0.15, 0.07, 0.03), 0.05, _DARK),
        Solid("sphere", (0.06, 0.06, 0.06), (-0.15, -0.07, 0.03), 0.05, _DARK),
        Solid("sphere", (0.06, 0.06, 0.06), (0.15, 0, 0.05), 0.05, _DARK),
    ),
    wheels=tuple(
        Wheel(f"{side} wheel", 0.075, 0.03, (0, y, 0.075), 0.35, _RUBBER)
        for side, y in (("left", 0.15), ("right", -0.15))
    ),
    track_m=0.30,
    wheel_torque_n_m=4.0,
    tyre_friction=1.25,
    hull_friction=0.1,
    max_speed_m_s=1.0,
    max_turn_deg_s=120.0,
    max_acceleration_m_s2=1.5,
    cliff_sensors_m=tuple((x, y) for x in (0.21, -0.28) for y in (-0.1, 0.0, 0.1)),
    mounts={"camera": _looking_forward(0.03, 0.45), "ptz": _looking_forward(-0.06, 0.56)},
)
"""Two driven wheels in the middle, two casters behind them that slide like balls, one in front above the floor."""

CLIMBER_PAIRS, CLIMBER_PITCH_M, CLIMBER_RADIUS_M = 9, 0.08, 0.13

CLIMBER_ROBOT = RobotModel(
    name="climber",
    size=CLIMBER,
    solids=(
        Solid("box", (0.64, 0.3, 0.14), (0, 0, 0.11), 6.0, _DARK),
        Solid("box", (0.24, 0.28, 0.06), (0.18, 0, 0.07), 14.0, _DARK),
        Solid("box", (0.92, 0.54, 0.05), (0, 0, 0.3), 2.5, _WHITE),
        Solid("box", (0.05, 0.05, 0.18), (0, 0, 0.41), 0.3, _DARK),
        Solid("box", (0.1, 0.16, 0.06), (0.04, 0, 0.46), 0.3, _BLUE),
        Solid("cylinder", (0.12, 0.12, 0.1), (0, 0, 0.55), 0.5, _WHITE),
    ),
    wheels=tuple(
        Wheel(
            f"{side} wheel {pair + 1}",
            CLIMBER_RADIUS_M,
            0.08,
            (((CLIMBER_PAIRS - 1) / 2 - pair) * CLIMBER_PITCH_M, y, CLIMBER_RADIUS_M),
            0.5,
            _RUBBER,
        )
        for pair in range(CLIMBER_PAIRS)
        for side, y in (("left", 0.21), ("right", -0.21))
    ),
    track_m=0.7,
    wheel_torque_n_m=20.0,
    tyre_friction=2.0,
    hull_friction=0.1,
    max_speed_m_s=0.6,
    max_turn_deg_s=60.0,
    max_acceleration_m_s2=1.0,
    cliff_sensors_m=(),
    mounts={"camera": _looking_forward(0.1, 0.46), "ptz": _looking_forward(0, 0.55)},
    half_axis_m=0.235,
    side_grip=0.25,
)
"""Two rows of driven wheels that overlap as a track does, long enough to lie on the noses of three steps.

Its batteries lie low and in front, which keeps it from tipping over backwards; its shell, just longer than its wheels
and above the highest riser, meets walls before they do.
"""

ROBOTS = {model.name: model for model in (WHEELED_ROBOT, CLIMBER_ROBOT)}
