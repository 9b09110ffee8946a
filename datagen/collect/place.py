"""`Place`: a home in one arrangement of its furniture, with what collectors need of it, loaded when first asked for."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

from scenes.body import BODIES
from scenes.scene import Scene
from scenes.spaces import spaces_of
from sim.camera import Floats
from sim.envs.routes import crossings, snapped
from sim.mounts import find_mounts
from sim.nav.graph import NavGraph
from sim.traffic import Traffic, TrafficPlan


class Place:
    """A home to collect in.

    Args:
        scene: as it is arranged.
        drawn: as it is in the home's file: cameras hang where there is room in it, so they stay when furniture moves.
        plan: what moves.
        outdoors: are cameras on terraces and in gardens, too?
    """

    def __init__(self, scene: Scene, drawn: Scene, plan: TrafficPlan, *, outdoors: bool = False) -> None:
        self.scene, self._drawn, self._outdoors = scene, drawn, outdoors
        self._plan = plan
        self._graphs: dict[str, NavGraph] = {}
        self._routes: dict[tuple[str, str], Floats] = {}

    @cached_property
    def traffic(self) -> Traffic:
        """What moves. Doors stand open, as for the bodies that walk through them, unless they swing."""
        return Traffic(self.scene, self._plan)

    @cached_property
    def open_leaves(self) -> dict[int, Floats]:
        """The poses (4, 4) of the leaves of doors that stand open, by their index in `traffic.bodies`."""
        still = Traffic(self.scene, TrafficPlan())
        still.begin(0)
        return still.poses()

    def bodies(self) -> dict[int, Floats]:
        """The poses (4, 4) of what `traffic` moves, now; the same dictionary each time where nothing does."""
        return self.traffic.poses() if self.is_busy else self.open_leaves

    @property
    def is_busy(self) -> bool:
        """Whether anything moves by itself."""
        return self._plan != TrafficPlan()

    def graph(self, body: str) -> NavGraph:
        """Where a body of this name can go."""
        if body not in self._graphs:
            self._graphs[body] = NavGraph.load(self.scene, BODIES[body])
        return self._graphs[body]

    def route(self, name: str, body: str) -> Floats:
        """The crossings (N, 3), m, of a route of the home as drawn, moved to where this body fits as it is arranged."""
        if (name, body) not in self._routes:
            as_drawn = self.graph(body) if self.scene is self._drawn else NavGraph.load(self._drawn, BODIES[body])
            self._routes[name, body] = snapped(self.graph(body), crossings(as_drawn, name))
        return self._routes[name, body]

    def mounts(self, count: int) -> list[Floats]:
        """Return `T_world_mount` (4, 4) of so many cameras, where they see much of the home as drawn.

        Raises:
            HomeError: there is nowhere to hang one.
        """
        return [vantage.T_world_mount for vantage in find_mounts(self._drawn, count, outdoors=self._outdoors)]

    def has_inside(self, points: Floats) -> npt.NDArray[np.bool_]:
        """Return whether points (N, 3) are where cameras may be: indoors, or with `outdoors` anywhere."""
        if self._outdoors:
            return np.ones(len(points), bool)
        return spaces_of(self._drawn).contains(points)
