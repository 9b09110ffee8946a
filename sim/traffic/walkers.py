"""People and trolleys that walk from place to place."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from scenes.body import BodySize
from sim.bodies import Added, capsule
from sim.camera import Floats
from sim.episodes import random_place
from sim.nav.graph import NavGraph
from sim.traffic.obstacles import Obstacles

PERSON_SIZE = BodySize(0.25, 1.7, 0.22, 40)
TROLLEY_SIZE = BodySize(0.45, 1.0, 0.03, 10)
TROLLEY_M = (0.8, 0.5, 0.95)
"""Length, width and height of a trolley."""
GIVE_UP_S = 1.0
"""Who cannot go on for so long goes elsewhere."""
_COLORS = ((0.76, 0.25, 0.2), (0.2, 0.42, 0.68), (0.3, 0.55, 0.3), (0.85, 0.65, 0.2), (0.5, 0.35, 0.6))
_STEEL = (0.62, 0.65, 0.68)


@dataclass
class Walker:
    """Someone under way: along `way` (K, 3), m, `done_m` of it so far."""

    name: str
    size: BodySize
    speed_m_s: float
    half_length_m: float
    way: Floats
    done_m: float = 0.0
    waited_s: float = 0.0
    yaw_deg: float = 0.0

    @property
    def position(self) -> Floats:
        """The floor point below it, (3,), m."""
        return along(self.way, self.done_m)

    def at(self, done_m: float) -> Obstacles:
        """What it takes up when it has done so much of its way."""
        x, y, z = along(self.way, done_m)
        yaw = math.radians(self.heading_deg(done_m))
        reach = self.half_length_m * np.array([math.cos(yaw), math.sin(yaw)])
        centre = np.array([x, y])
        width_m = self.size.radius_m if not self.half_length_m else TROLLEY_M[1] / 2
        numbers = (np.array([v]) for v in (width_m, z + 0.05, z + self.size.height_m))
        return Obstacles((centre - reach)[None], (centre + reach)[None], *numbers)

    def heading_deg(self, done_m: float) -> float:
        """Where it looks: along its way."""
        step = along(self.way, done_m + 0.1)[:2] - along(self.way, done_m)[:2]
        return math.degrees(math.atan2(step[1], step[0])) if np.hypot(*step) > 1e-6 else self.yaw_deg

    @property
    def pose(self) -> Floats:
        """`T_world_body` (4, 4)."""
        yaw = math.radians(self.yaw_deg)
        cos, sin = math.cos(yaw), math.sin(yaw)
        x, y, z = self.position
        return np.array([[cos, -sin, 0, x], [sin, cos, 0, y], [0, 0, 1, z], [0, 0, 0, 1]])


def along(way: Floats, done_m: float) -> Floats:
    """The point (3,) of a way (K, 3) so far along it; its end beyond that."""
    lengths = np.linalg.norm(np.diff(way, axis=0), axis=1)
    ends = np.append(0.0, np.cumsum(lengths))
    return np.array([np.interp(done_m, ends, way[:, axis]) for axis in range(3)])


def length_m(way: Floats) -> float:
    """Of a way (K, 3)."""
    return float(np.linalg.norm(np.diff(way, axis=0), axis=1).sum())


def new_way(graph: NavGraph, start: Floats | None, rng: np.random.Generator) -> Floats:
    """A way (K, 3) from a point, or from anywhere, to a random place in the rooms."""
    here = random_place(graph, rng) if start is None else graph.nearest(start)
    return graph.path(here, random_place(graph, rng)).points


def person(number: int) -> Added:
    """What a person looks like."""
    color = _COLORS[number % len(_COLORS)]
    return capsule(f"person {number + 1}", PERSON_SIZE.height_m, PERSON_SIZE.radius_m, color)


def trolley(number: int) -> Added:
    """What a trolley looks like: a box on the floor, its length along x."""
    half = np.array(TROLLEY_M) / 2
    corners = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (0, 2)]) * half
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    triangles = [corner for a, b, c, d in quads for corner in ((a, b, c), (a, c, d))]
    return Added(f"trolley {number + 1}", corners, np.array(triangles), _STEEL)
