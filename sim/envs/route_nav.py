"""`stairwell/RouteNav-v0`: follow a route, crossing by crossing, as the Oldenborg lab's navigators do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from scenes.scene import Point3, Scene
from sim.envs.navigation import OBSERVATIONS, NavigationEnv, Task
from sim.envs.routes import crossings
from sim.experts.parameters import ROUTE_NAV, Parameters
from sim.traffic import TrafficPlan


class RouteNavEnv(NavigationEnv):
    """A body is to go along a route, from crossing to crossing.

    Observations, actions and reward are those of PointNav, with the next crossing as `goal`; the episode ends at the
    last crossing by itself, and stopping earlier gives up. Each episode starts near the first crossing, headed for the
    second, up to `START_M` and `START_DEG` off.

    Args:
        route: "west" or "east" in oldenborg; elsewhere points (x, y, z), m, on the floors.
        scene, agent, body, parameters, continuous, observations, size, fov_deg, traffic, renderer, render_mode: as in
            PointNav.
    """

    ends_by_itself = True
    START_M = 0.25
    START_DEG = 8.0

    def __init__(
        self,
        scene: str | Scene = "oldenborg",
        *,
        route: str | Sequence[Point3] = "west",
        agent: str = "kinematic",
        body: str | None = None,
        parameters: Parameters = ROUTE_NAV,
        continuous: bool = False,
        observations: Sequence[str] = OBSERVATIONS,
        size: tuple[int, int] = (128, 96),
        fov_deg: float = 75.0,
        traffic: TrafficPlan | None = None,
        renderer: str = "auto",
        render_mode: str | None = None,
    ) -> None:
        super().__init__(
            scene,
            parameters=parameters,
            agent=agent,
            body=body,
            continuous=continuous,
            observations=observations,
            size=size,
            fov_deg=fov_deg,
            traffic=traffic,
            renderer=renderer,
            render_mode=render_mode,
        )
        self.crossings = crossings(self.graph, route)

    def _draw_task(self, rng: np.random.Generator, options: dict[str, Any]) -> Task:
        del options
        first, second = self.crossings[:2]
        off_m, off_deg = rng.uniform(-self.START_M, self.START_M, 2), rng.uniform(-self.START_DEG, self.START_DEG)
        start = self.graph.nearest(first + (*off_m, 0.0))
        yaw_deg = math.degrees(math.atan2(second[1] - first[1], second[0] - first[0]))
        return Task(start, yaw_deg + off_deg, self.crossings[1:])
