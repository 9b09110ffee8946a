"""A robot on wheels in a world: what it is told to do, PyBullet's motors, friction and contacts let it do or not."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from scenes.errors import HomeError
from scenes.scene import Instance
from sim.agents.protocol import Action, Moves
from sim.robots.models import RobotModel
from sim.world.world import STEPS_PER_S, World

Floats = npt.NDArray[np.float64]

TIPPED_OVER_DEG = 25.0
"""Tilt beyond its steepest slope at which it counts as tipped over."""

_CONTROL_STEPS = 8
"""Speeds are set, and contacts looked at, every so many time steps: 30 times a second."""
_DROP_M = 0.005
_REACH_M = 0.5
"""How far above and below a point the floor is looked for."""
_SENSOR_M = 0.05
"""Height of the sensors that look for a drop."""
_FOOTING = 0.75
"""Share of its radius at which the floor around it is sampled."""
_HOLD_PER_S = 4.0
"""Tracks that turn on the spot slip ahead as well and would not hold on a slope: it drives back at this rate."""
_PATIENCE = 3.0
"""A discrete command is given up after this many times the time that it takes on a free floor."""


class Robot:
    """A robot that steers by the difference of its left and right wheels; see `Agent` for what it can do."""

    def __init__(self, world: World, model: RobotModel, moves: Moves | None = None) -> None:
        self.world = world
        self.model = model
        self.size = model.size
        self.moves = moves or Moves()
        self.mounts: Mapping[str, Floats] = model.mounts
        self.body = world.add_urdf(
            model.urdf, model.hull_friction, model.tyre_friction, wheels=tuple(wheel.name for wheel in model.wheels)
        )
        self._side = np.array([np.sign(wheel.centre_m[1]) for wheel in model.wheels])
        self._radius_m = model.wheels[0].radius_m
        self._met: dict[int, Instance] = {}
        self._drive(0.0, 0.0)

    @property
    def pose(self) -> Floats:
        """`T_world_body` (4, 4)."""
        return self.world.pose(self.body)

    @property
    def collisions(self) -> tuple[Instance, ...]:
        """What its hull ran into during the last move; wheels may touch what they like."""
        return tuple(self._met.values())

    @property
    def tilt_deg(self) -> float:
        """Between its up and the world's."""
        return math.degrees(math.acos(float(np.clip(self.pose[2, 2], -1.0, 1.0))))

    @property
    def tipped_over(self) -> bool:
        """Whether it lies on its side or back, or stands on its nose."""
        return self.tilt_deg > self.size.max_slope_deg + TIPPED_OVER_DEG

    def place(self, position: npt.ArrayLike, yaw_deg: float) -> None:
        """Puts it on the floor at or below `position` (3,), m, and lets it settle, which takes simulated time.

        Raises:
            HomeError: no floor there, or something is in its way.
        """
        point = np.asarray(position, np.float64)
        where = "({:.2f}, {:.2f}, {:.2f})".format(*point)
        pose = self._standing(point, math.radians(yaw_deg))
        if pose is None:
            raise HomeError(f"no floor within {_REACH_M} m of {where}; place the {self.model.name} robot on a floor")
        self.world.set_pose(self.body, pose)
        self._drive(0.0, 0.0)
        inside = self.world.overlaps(self.body)
        if inside:
            names = ", ".join(sorted({f"{instance.name!r}" for instance in inside}))
            raise HomeError(
                f"no room for the {self.model.name} robot at {where}: {names} in the way; place it elsewhere"
            )
        self._settle()
        self._met = {}

    def command_velocity(self, forward_m_s: float, turn_deg_s: float, seconds: float) -> None:
        """Drives for `seconds`, which the world goes on by; speeds change as fast as its motors may."""
        self._met = {}
        steps = round(seconds * STEPS_PER_S)
        while steps > 0:
            self._towards(forward_m_s, turn_deg_s)
            self._go(min(steps, _CONTROL_STEPS))
            steps -= _CONTROL_STEPS

    def act(self, action: Action) -> None:
        """Moves by one discrete command, watching how far it came, and brakes."""
        self._met = {}
        if action == Action.FORWARD:
            self._run(self.moves.forward_m, 0.0)
        elif action in {Action.LEFT, Action.RIGHT}:
            self._run(0.0, self.moves.turn_deg if action == Action.LEFT else -self.moves.turn_deg)
        self._settle()

    def _standing(self, point: Floats, yaw: float) -> Floats | None:
        """The pose in which it lies on the plane through the floor around a point (3,); None without a floor."""
        angles = np.arange(8) * math.pi / 4
        around = np.column_stack([np.cos(angles), np.sin(angles)]) * _FOOTING * self.size.radius_m
        above = np.column_stack([point[:2] + around, np.full(len(around), point[2] + _REACH_M)])
        heights = self.world.floor_below(above, 2 * _REACH_M)
        found = np.isfinite(heights)
        if not found.any():
            return None
        plane = np.array([0.0, 0.0, np.nanmax(heights)])
        if found.all():
            fitted = np.linalg.lstsq(np.column_stack([around, np.ones(len(around))]), heights, rcond=None)[0]
            off = np.abs(np.column_stack([around, np.ones(len(around))]) @ fitted - heights).max()
            if off < self.size.max_step_m and np.hypot(*fitted[:2]) < math.tan(math.radians(self.size.max_slope_deg)):
                plane = fitted
        up = np.array([-plane[0], -plane[1], 1.0])
        up /= np.linalg.norm(up)
        forward = np.array([math.cos(yaw), math.sin(yaw), plane[:2] @ (math.cos(yaw), math.sin(yaw))])
        forward /= np.linalg.norm(forward)
        pose = np.eye(4)
        pose[:3, :3] = np.column_stack([forward, np.cross(up, forward), up])
        pose[:3, 3] = point[0], point[1], plane[2] + _DROP_M
        return pose

    def _run(self, forward_m: float, turn_deg: float) -> None:
        """Goes forward or turns until that is done, or does not get done."""
        model = self.model
        start = self.pose
        top = model.max_speed_m_s if forward_m else math.radians(model.max_turn_deg_s)
        goal = abs(forward_m) or math.radians(abs(turn_deg))
        brakes = model.max_acceleration_m_s2 / (1.0 if forward_m else model.track_m / 2)
        limit_s = _PATIENCE * (goal / top + top / brakes) + 1.0
        for _ in range(int(limit_s * STEPS_PER_S / _CONTROL_STEPS)):
            done = _plan_distance(start, self.pose) if forward_m else abs(_turned(start, self.pose))
            left = goal - done
            if left <= 0.002 * goal + 0.001 or self.tipped_over:
                break
            speed = min(top, math.sqrt(brakes * left), left * STEPS_PER_S / _CONTROL_STEPS / 2)
            if forward_m:
                self._towards(speed, 0.0)
            else:
                self._towards(
                    _HOLD_PER_S * _slipped_back(start, self.pose), math.copysign(math.degrees(speed), turn_deg)
                )
            self._go(_CONTROL_STEPS)

    def _settle(self) -> None:
        """Brakes until it stands, for two seconds at most."""
        for _ in range(2 * STEPS_PER_S // _CONTROL_STEPS):
            self._towards(0.0, 0.0)
            self._go(_CONTROL_STEPS)
            if self.world.speed_m_s(self.body) < 0.01:
                break

    def _go(self, steps: int) -> None:
        self.world.step(steps)
        for contact in self.world.contacts(self.body, link=-1, walls_only=True):
            self._met[contact.instance.id] = contact.instance

    def _towards(self, forward_m_s: float, turn_deg_s: float) -> None:
        """Sets the speeds that it can have one control step from now on the way to those."""
        model = self.model
        wheels = self.world.motor_speeds(self.body) * self._radius_m
        left, right = wheels[self._side > 0].mean(), wheels[self._side < 0].mean()
        now, spin = (left + right) / 2, (right - left) / model.track_m
        change = model.max_acceleration_m_s2 * _CONTROL_STEPS / STEPS_PER_S
        spin_change = change / (model.track_m / 2)
        forward = float(np.clip(forward_m_s, -model.max_speed_m_s, model.max_speed_m_s))
        if forward and self._sees_cliff(now if abs(now) > abs(forward) else forward):
            forward, change = 0.0, model.max_speed_m_s
        turn = math.radians(float(np.clip(turn_deg_s, -model.max_turn_deg_s, model.max_turn_deg_s)))
        self._drive(
            now + np.clip(forward - now, -change, change), spin + np.clip(turn - spin, -spin_change, spin_change)
        )

    def _sees_cliff(self, forward_m_s: float) -> bool:
        """Whether the floor falls off where it is heading: by more than a step beyond its steepest slope."""
        points = np.array([point for point in self.model.cliff_sensors_m if point[0] * forward_m_s > 0])
        if not len(points):
            return False
        pose = self.pose
        above = np.column_stack([points, np.full(len(points), _SENSOR_M)]) @ pose[:3, :3].T + pose[:3, 3]
        fall_m = self.size.max_step_m + np.abs(points[:, 0]).max() * math.tan(math.radians(self.size.max_slope_deg))
        return bool(np.isnan(self.world.floor_below(above, _SENSOR_M + fall_m)).any())

    def _drive(self, forward_m_s: float, turn_rad_s: float) -> None:
        turning = abs(turn_rad_s) * self.model.track_m / 2 > abs(forward_m_s)
        self.world.set_side_grip(self.body, self.model.side_grip if turning else 1.0)
        speeds = (forward_m_s - self._side * turn_rad_s * self.model.track_m / 2) / self._radius_m
        self.world.set_motor_speeds(self.body, speeds, self.model.wheel_torque_n_m)


def _plan_distance(start: Floats, now: Floats) -> float:
    return float(np.hypot(*(now[:2, 3] - start[:2, 3])))


def _slipped_back(start: Floats, now: Floats) -> float:
    """How far it is behind where it was, along its axis, m."""
    return float((start[:3, 3] - now[:3, 3]) @ now[:3, 0])


def _turned(start: Floats, now: Floats) -> float:
    """Yaw from one pose to another, radians, within half a turn."""
    delta = math.atan2(now[1, 0], now[0, 0]) - math.atan2(start[1, 0], start[0, 0])
    return math.remainder(delta, 2 * math.pi)
