"""Driving robots along the lines of connectors, to see whether they get across."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from scenes.build.assemble import build_scene
from scenes.connectors import Connector
from scenes.draw import Drawing, furniture
from scenes.home.reader import parse_home
from scenes.scene import Scene
from sim.robots.robot import Robot

HALL_M = (8.0, 6.0)


def hall() -> Scene:
    """An empty room: (0, -6) to (8, 0), m."""
    width, depth = (100 * side for side in HALL_M)
    home = Drawing("hall", wall_height=250)
    level = home.level("Ground floor", elevation=0, height=250)
    outline = [(0.0, 0.0), (width, 0.0), (width, depth), (0.0, depth)]
    level.walls(outline, closed=True, thickness=20)
    level.room("Hall", outline, floor=0x886644)
    return build_scene(parse_home(home.to_bytes(), home.name))


def flight_of(risers: int, rise_cm: float, going_cm: float) -> Scene:
    """A corridor whose far half is a half level, up a flight as catalogues have them."""
    high, long, wide = risers * rise_cm, 600.0, 300.0
    home = Drawing("flight", wall_height=500)
    low = home.level("Low", elevation=0, height=500)
    raised = home.level("High", elevation=high, height=500 - high, floor_thickness=high)
    low.walls([(0, 0), (2 * long, 0), (2 * long, wide), (0, wide)], closed=True, thickness=20)
    low.room("Low", [(0, 0), (long, 0), (long, wide), (0, wide)], floor=0x886644)
    raised.room("High", [(long, 0), (2 * long, 0), (2 * long, wide), (long, wide)], floor=0x886644)
    model = furniture.flight(risers, rise_cm, going_cm, 120)
    low.place(model, long - risers * going_cm / 2, wide / 2, angle=math.pi / 2)
    return build_scene(parse_home(home.to_bytes(), home.name))


RUN_UP_M = 0.35
_STEER_S = 0.2


@dataclass(frozen=True)
class Drive:
    """How it went. `arrived`: at the other end, at its height; `met`: names of what the hull ran into."""

    arrived: bool
    tipped_over: bool
    along_m: float
    height_m: float
    met: frozenset[str]


def drive_across(robot: Robot, connector: Connector, rng: np.random.Generator, *, up: bool, speed_m_s: float) -> Drive:
    """Sets a robot before a straight connector, a little off and askew, and steers it along its line."""
    line = connector.line if up else connector.line[::-1]
    way = line[-1, :2] - line[0, :2]
    length = float(np.linalg.norm(way))
    ahead = way / length
    aside = np.array([-ahead[1], ahead[0]])
    heading = math.atan2(ahead[1], ahead[0])
    start = line[0].copy()
    start[:2] += -RUN_UP_M * ahead + rng.uniform(-0.1, 0.1) * aside
    robot.place(start, math.degrees(heading) + rng.uniform(-4, 4))
    met: set[str] = set()
    along = 0.0
    for _ in range(round((2.5 * length / speed_m_s + 6) / _STEER_S)):
        pose = robot.pose
        along, off = (pose[:2, 3] - line[0, :2]) @ ahead, (pose[:2, 3] - line[0, :2]) @ aside
        if along > length or robot.tipped_over:
            break
        wanted = heading - math.atan2(off, 0.8)
        turn = math.remainder(wanted - math.atan2(pose[1, 0], pose[0, 0]), 2 * math.pi)
        robot.command_velocity(speed_m_s, math.degrees(2 * turn), _STEER_S)
        met |= {instance.name for instance in robot.collisions}
    height = float(robot.pose[2, 3])
    arrived = along > length and abs(height - line[-1, 2]) < 0.1
    return Drive(arrived, robot.tipped_over, float(along), height, frozenset(met))
