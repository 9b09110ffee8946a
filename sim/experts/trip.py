"""`Trip`: an expert takes a body from one place of a home to another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import TracebackType

import numpy as np

from scenes.errors import HomeError
from scenes.scene import Scene
from sim.agents.bodies import KINEMATIC, Embodied, make_body
from sim.agents.protocol import Agent
from sim.camera import Floats, Intrinsics
from sim.experts.course import Course
from sim.experts.experts import EXPERTS, Visit
from sim.experts.parameters import POINT_NAV
from sim.frame import View
from sim.nav.locations import Location, choose_ends, find_location
from sim.nav.poses import YAWS_DEG
from sim.traffic.among import AmongTraffic
from sim.traffic.traffic import Traffic, TrafficPlan

PATIENT = replace(POINT_NAV, stuck_steps=60, no_progress_steps=120)
"""Among people the expert waits until they make way."""
_DRAWS = 20
"""So many pairs of points are tried for a body that needs room to turn."""


class Trip:
    """A body at one location of a home and an expert that takes it to another. Use it in a `with` statement.

    Start and goal are written as `sim.nav.locations` describes; in a room, the points are drawn at random.

    Attributes:
        graph: where the body can go.
        names: of start and goal.
        start, goal: (3,), m.
        length_m: of the shortest way.
        traffic: doors that stand open, and people who walk about.
    """

    def __init__(self, scene: Scene, start: str, goal: str, *, agent: str, expert: str, people: int, seed: int) -> None:
        if expert not in EXPERTS:
            raise HomeError(f"no expert {expert!r}; there are {', '.join(EXPERTS)}")
        if people and agent != KINEMATIC:
            raise HomeError(f"people walk around the {KINEMATIC} agent only; leave them out for the {agent} robot")
        self._expert, self._rng = EXPERTS[expert], np.random.default_rng(seed)
        self._parameters = PATIENT if people else POINT_NAV
        ends = find_location(scene, start), find_location(scene, goal)
        self.names = ends[0].name, ends[1].name
        self._body: Embodied = make_body(agent, scene, POINT_NAV.moves)
        self.graph = self._body.graph
        self.start, self.goal, self._yaw_deg = self._draw_ends(*ends)
        self.length_m = self.graph.geodesic(self.start, self.goal)
        self.traffic = Traffic(scene, TrafficPlan(people=people))
        self._agent: Agent = AmongTraffic(self._body, self.traffic) if people else self._body.agent

    def _draw_ends(self, start: Location, goal: Location) -> tuple[Floats, Floats, float | None]:
        """Start, goal, and a heading at the start from which a long body has room to go; None for a round one.

        Raises:
            HomeError: the body fits nowhere at one of them, or there is no path, with the reason.
        """
        ends, poses = choose_ends(self.graph, start, goal, self._rng), self._body.poses
        if poses is None:
            return *ends, None
        reason = ""
        for _ in range(_DRAWS):
            field = poses.field(ends[1], self._parameters.target_m)
            headings = np.flatnonzero(np.isfinite(field.left_m(ends[0], YAWS_DEG)))
            for yaw_deg in self._rng.permutation(YAWS_DEG[headings]).tolist():
                try:
                    self._body.agent.place(ends[0], yaw_deg)
                except HomeError as error:  # its hull has corners
                    reason = str(error)
                    continue
                return *ends, yaw_deg
            reason = reason if len(headings) else poses.why_not(*ends, self._parameters.target_m)
            ends = choose_ends(self.graph, start, goal, self._rng)
        raise HomeError(f"{self.graph.scene.name}: {start.name} to {goal.name}: {reason}")

    def __enter__(self) -> Trip:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._body.close()

    def visits(self) -> Iterator[Visit]:
        """The poses that it comes by."""
        yaw_deg = float(self._rng.uniform(-180, 180)) if self._yaw_deg is None else self._yaw_deg
        self._body.renew()
        self._agent.place(self.start, yaw_deg)
        seed = int(self._rng.integers(2**32))
        self.traffic.begin(seed, self._agent.footprint if isinstance(self._agent, AmongTraffic) else None)
        course = Course(self.graph, self.goal[None], self._parameters.target_m, self._body.poses)
        return self._expert(self._agent, course, self._parameters, self._rng, 10_000)

    def view(self, T_world_body: Floats, intrinsics: Intrinsics) -> View:
        """What the body's camera sees at a pose."""
        return View(intrinsics, T_world_body @ self._agent.mounts["camera"])
