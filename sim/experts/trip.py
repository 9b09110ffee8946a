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
from sim.nav.locations import choose_ends, find_location
from sim.traffic.among import AmongTraffic
from sim.traffic.traffic import Traffic, TrafficPlan

PATIENT = replace(POINT_NAV, stuck_steps=60, no_progress_steps=120)
"""Among people the expert waits until they make way."""


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
        self.start, self.goal = choose_ends(self.graph, *ends, self._rng)
        self.length_m = self.graph.geodesic(self.start, self.goal)
        self.traffic = Traffic(scene, TrafficPlan(people=people))
        self._agent: Agent = AmongTraffic(self._body, self.traffic) if people else self._body.agent

    def __enter__(self) -> Trip:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._body.close()

    def visits(self) -> Iterator[Visit]:
        """The poses that it comes by."""
        self._agent.place(self.start, float(self._rng.uniform(-180, 180)))
        seed = int(self._rng.integers(2**32))
        self.traffic.begin(seed, self._agent.footprint if isinstance(self._agent, AmongTraffic) else None)
        course = Course(self.graph, self.goal[None], self._parameters.target_m)
        return self._expert(self._agent, course, self._parameters, self._rng, 10_000)

    def view(self, T_world_body: Floats, intrinsics: Intrinsics) -> View:
        """What the body's camera sees at a pose."""
        return View(intrinsics, T_world_body @ self._agent.mounts["camera"])
