"""`Place`: a home in one arrangement of its furniture, with what collectors need of it, loaded when first asked for."""

from __future__ import annotations

from functools import cached_property

from scenes.body import BODIES
from scenes.scene import Scene
from sim.camera import Floats
from sim.envs.routes import crossings, snapped
from sim.nav.graph import NavGraph
from sim.shots import mount_at
from sim.tour import Stop, find_stops
from sim.traffic import Traffic, TrafficPlan


class Place:
    """A home to collect in.

    Args:
        scene: as it is arranged.
        drawn: as it is in the home's file: cameras hang where there is room in it, so they stay when furniture moves.
        plan: what moves.
    """

    def __init__(self, scene: Scene, drawn: Scene, plan: TrafficPlan) -> None:
        self.scene, self._drawn = scene, drawn
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

    @cached_property
    def stops(self) -> tuple[Stop, ...]:
        """The middles of the rooms' free space, as drawn."""
        return tuple(find_stops(self._drawn))

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
        """`T_world_mount` (4, 4) of so many cameras under ceilings, if there are rooms for them.

        They are in different rooms, the levels in turn, the largest rooms of each first.
        """
        areas = {(self.scene.levels[room.level].name, room.name): room.area_m2 for room in self.scene.rooms}
        by_level: dict[str, list[Stop]] = {}
        for stop in sorted(self.stops, key=lambda stop: -areas.get((stop.level, stop.room), 0.0)):
            by_level.setdefault(stop.level, []).append(stop)
        ranks = sorted((rank, n, stop) for n, of in enumerate(by_level.values()) for rank, stop in enumerate(of))
        return [mount_at(self.scene, stop) for _, _, stop in ranks[:count]]
