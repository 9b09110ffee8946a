"""`stairwell/RouteNav-v0`: follow a route, crossing by crossing, as the Oldenborg lab's navigators do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from scenes.scene import Point3, Scene
from sim.envs.navigation import OBSERVATIONS, NavigationEnv, Task
from sim.envs.routes import crossings, route_start
from sim.experts.parameters import ROUTE_NAV, Parameters
from sim.traffic import TrafficPlan


class RouteNavEnv(NavigationEnv):
    """A body is to go along a route, from crossing to crossing.

    Observations, actions and reward are those of PointNav, with the next crossing as `goal`; the episode ends at the
    last crossing by itself, and stopping earlier gives up. Each episode starts near the first crossing, headed for the
    second, up to `sim.envs.routes.START_M` and `START_DEG` off; or where `reset(options={"start": (x, y, z), "yaw_deg":
    heading})` says.

    Args:
        route: "frozen", the one that every home has; "west" or "east" in oldenborg; or points (x, y, z), m, on floors.
        scene, agent, body, parameters, continuous, observations, size, fov_deg, traffic, renderer, render_mode: as in
            PointNav.
    """

    ends_by_itself = True

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
        if "start" in options:
            return Task(np.array(options["start"], np.float64), float(options["yaw_deg"]), self.crossings[1:])
        start, yaw_deg = route_start(self.crossings, self.graph, rng)
        return Task(start, yaw_deg, self.crossings[1:])
