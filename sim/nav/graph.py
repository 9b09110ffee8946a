"""`NavGraph`: where a body can go in a scene, how far it is, and which way."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree

from scenes.body import PERSON, BodySize
from scenes.errors import HomeError
from scenes.scene import Scene
from scenes.spaces import spaces_of
from scenes.spaces.space import SAME_FLOOR_M
from sim.nav.ground import Ground, Island, build_ground
from sim.nav.limits import find_narrows
from sim.nav.locations import find_level, find_room, standing_places
from sim.nav.roads import Roads, build_roads
from sim.nav.route import Router
from sim.nav.sight import Spots, places_at

Points = npt.NDArray[np.float64]

NEAR_M = 0.1
"""A point this far beside a place where the body fits is taken as there."""
_WINDOWS_M = (0.25, 1.0, 4.0, 16.0, 1e6)


@dataclass(frozen=True)
class Path:
    """A way to follow. `points`: (K, 3), m, read only; over stairs they lie on the line of the treads' middles."""

    points: Points
    length_m: float


@dataclass(frozen=True)
class NavGraph:
    """All that a body can walk on in a scene, with distances and paths. Points are (x, y, z), m, on a floor."""

    scene: Scene
    ground: Ground
    roads: Roads

    @staticmethod
    def build(scene: Scene, body: BodySize = PERSON) -> NavGraph:
        """Builds anew.

        Raises:
            HomeError: no floor, or the body fits nowhere.
        """
        ground = build_ground(scene, body)
        return NavGraph(scene, ground, build_roads(ground))

    @staticmethod
    def load(scene: Scene, body: BodySize = PERSON) -> NavGraph:
        """From the cache, else built and kept there.

        Raises:
            HomeError: no floor, or the body fits nowhere.
        """
        from sim.nav.cache import load_or_build

        return NavGraph(scene, *load_or_build(scene, body))

    @property
    def body(self) -> BodySize:
        """Whose graph it is."""
        return self.ground.body

    @property
    def body_in_words(self) -> str:
        """The body's measures as a phrase for messages."""
        body = self.body
        return (
            f"a body of radius {body.radius_m} m and height {body.height_m} m that climbs {body.max_step_m} m and "
            f"{body.max_slope_deg:g}°"
        )

    @property
    def islands(self) -> tuple[Island, ...]:
        """The parts that are not joined, the largest first."""
        return self.ground.islands

    @cached_property
    def _router(self) -> Router:
        return Router(self.ground, self.roads)

    def geodesic(self, a: npt.ArrayLike, b: npt.ArrayLike) -> float:
        """Length of the shortest way, m; inf where there is none (`why_not` tells why)."""
        return float(self.geodesics(np.asarray(a, float)[None], np.asarray(b, float)[None])[0])

    def geodesics(self, a: npt.ArrayLike, b: npt.ArrayLike) -> Points:
        """Lengths of the shortest ways between K pairs of points (K, 3), m; inf where there is none."""
        start, goal = np.atleast_2d(np.asarray(a, float)), np.atleast_2d(np.asarray(b, float))
        from_place, to_place = self.locate(start), self.locate(goal)
        lengths = np.full(len(start), np.inf)
        known = np.flatnonzero((from_place >= 0) & (to_place >= 0))
        if len(known):
            ends = (Spots(p[known], q[known, :2]) for p, q in ((from_place, start), (to_place, goal)))
            lengths[known] = self._router.lengths(*ends)
        return np.where(np.isfinite(lengths), np.maximum(lengths, np.linalg.norm(goal - start, axis=1)), np.inf)

    def path(self, a: npt.ArrayLike, b: npt.ArrayLike) -> Path:
        """The shortest way, which keeps the body's radius from what stops it.

        Raises:
            HomeError: there is none, with the reason.
        """
        start, goal = np.asarray(a, float), np.asarray(b, float)
        asked = start.tobytes(), goal.tobytes()
        if asked not in self._last_path:
            reason = self.why_not(start, goal)
            if reason:
                raise HomeError(reason)
            ends = [Spots(self.locate(p[None]), p[None, :2]) for p in (start, goal)]
            points = self._router.profile(self._router.way(*ends))
            points.setflags(write=False)
            self._last_path.clear()
            self._last_path[asked] = Path(points, float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum()))
        return self._last_path[asked]

    @cached_property
    def _last_path(self) -> dict[tuple[bytes, bytes], Path]:
        """The path that was asked for last: who draws an episode asks for it, and who walks it asks again."""
        return {}

    def why_not(self, a: npt.ArrayLike, b: npt.ArrayLike) -> str:
        """Why there is no way between two points; empty where there is one."""
        points = np.array([a, b], float)
        places = self.locate(points)
        for name, point, place in zip(("start", "goal"), points, places, strict=True):
            if place < 0:
                return f"{name} {_said(point)}: {self._why_no_place(point)}"
        one, other = self.ground.island[places]
        if one == other:
            return ""
        names = [self.islands[n].name for n in (one, other)]
        return (
            f"no way from {_said(points[0])} ({names[0]}) to {_said(points[1])} ({names[1]}) for {self.body_in_words}; "
            f"{self.why_apart(*points)}"
        )

    def why_apart(self, a: npt.ArrayLike, b: npt.ArrayLike) -> str:
        """What keeps the body from going between two points on different islands, and what can be done about it."""
        one, other = self.ground.island[self.locate(np.array([a, b], float))].tolist()
        return (
            f"{self._limits(one, other)}; choose a goal on the same island, or a body that is smaller or climbs higher"
        )

    def _limits(self, one: int, other: int) -> str:
        """What keeps the body from going from one island to another, with figures."""
        if (one, other) not in self._known_limits:
            found = [self._closest(one, other), *self._refused(one, other)]
            if len(found) == 1:
                found.append(self._narrows(one, other))
            self._known_limits[one, other] = "; ".join(found)
        return self._known_limits[one, other]

    @cached_property
    def _known_limits(self) -> dict[tuple[int, int], str]:
        return {}

    def _refused(self, one: int, other: int) -> list[str]:
        """The stairs and inclines between two islands that the body cannot take."""
        from scenes.connectors import find_connectors, judge_connector

        found = []
        for connector in find_connectors(self.scene):
            ends = self.locate(np.array([self.nearest(end) for end in connector.line[[0, -1]]]))
            reasons = judge_connector(connector, self.body).reasons
            if reasons and set(self.ground.island[ends].tolist()) == {one, other}:
                found.append(f"the {connector.kind} between them ({connector.source[0]}): {', '.join(reasons)}")
        return found

    def _narrows(self, one: int, other: int) -> str:
        """How wide the widest way between two islands is at its narrowest."""
        a, b = (self.ground.points(np.flatnonzero(self.ground.island == island)[:1])[0] for island in (one, other))
        found = find_narrows(self.scene, self.body, a, b)
        if found is None:
            return "even a thin body of this height finds no way with such steps and slopes"
        stop = f" at {self.scene.instances[found.blocker - 1].name!r}" if found.blocker else ""
        return (
            f"the widest way between them is {found.width_m:.2f} m wide at {_said(found.point)}{stop}, the body needs "
            f"{2 * self.body.radius_m:.2f} m"
        )

    def _closest(self, one: int, other: int) -> str:
        """Where two islands come nearest to each other, and what is between."""
        ground = self.ground
        edge = (ground.links < 0).any(axis=1)
        a, b = (np.flatnonzero(edge & (ground.island == island)) for island in (one, other))
        apart, index = cKDTree(ground.points(b)).query(ground.points(a))
        place = a[apart.argmin()]
        here, there = ground.points(np.array([place, b[index[apart.argmin()]]]))
        thing = ground.blocker[place]
        stop = f", at {self.scene.instances[thing - 1].name!r}" if thing else ""
        return (
            f"the two come nearest at {_said(here)} and {_said(there)}, {np.hypot(*(there - here)[:2]):.2f} m apart on "
            f"the plan and {abs(there[2] - here[2]):.2f} m in height{stop}"
        )

    def nearest(self, point: npt.ArrayLike) -> Points:
        """The nearest point (3,) where the body fits, m."""
        wanted = np.asarray(point, float)
        if not np.isfinite(wanted).all():
            raise HomeError(f"nearest: {wanted} is no point; give three finite numbers, m")
        for window_m in _WINDOWS_M:
            places = self._window(wanted, window_m)
            if len(places):
                points = self.ground.points(places)
                apart = np.linalg.norm(points - wanted, axis=1)
                if apart.min() <= window_m:
                    return points[apart.argmin()]
        raise AssertionError("a ground has places")

    def random_point(
        self,
        rng: np.random.Generator,
        *,
        room: str | None = None,
        level: str | None = None,
        near: npt.ArrayLike | None = None,
    ) -> Points:
        """A random point (3,), m, all places alike: on the island of the point `near`, else on the main one.

        In a room it lies on its floor. `room` may be anything that `sim.nav.locations` takes for one.

        Raises:
            HomeError: no such room or level, or no place there that can be reached.
        """
        fits = self.ground.island == self._island_of(near)
        if room is not None:
            on_floor = np.zeros(len(fits), bool)
            on_floor[standing_places(self.ground, self.scene, find_room(self.scene, room))] = True
            fits &= on_floor
        if level is not None:
            fits &= self.ground.level == find_level(self.scene, level)
        places = np.flatnonzero(fits)
        if not len(places):
            raise HomeError(
                f"{self.scene.name}: {room or level} cannot be reached by {self.body_in_words}; choose another, or a "
                "body that is smaller or climbs higher"
            )
        return self.ground.points(rng.choice(places, 1))[0]

    @cached_property
    def indoors(self) -> npt.NDArray[np.bool_]:
        """The places (N,) in spaces that are indoors; all of them in a home without a closed outline."""
        found = np.zeros(len(self.ground.cell), bool)
        for space in spaces_of(self.scene).indoors:
            if space.room is not None:
                found |= self.ground.room == space.room
                continue
            points = self.ground.points(np.arange(len(found)))
            on_storey = (points[:, 2] > space.floor_m - SAME_FLOOR_M) & (points[:, 2] < space.top_m)
            found |= on_storey & (self.ground.room < 0) & shapely.contains_xy(space.area, points[:, 0], points[:, 1])
        return found if found.any() else ~found

    @cached_property
    def main_island(self) -> int:
        """The number of the island with the most ground indoors."""
        return int(np.bincount(self.ground.island[self.indoors], minlength=1).argmax())

    def island_at(self, point: npt.ArrayLike) -> Island | None:
        """The island of a point; None where the body does not fit."""
        place = self.locate(np.asarray(point, float)[None])[0]
        return None if place < 0 else self.islands[self.ground.island[place]]

    def _island_of(self, point: npt.ArrayLike | None) -> int:
        if point is None:
            return self.main_island
        at = np.asarray(point, float)
        place = self.locate(at[None])[0]
        if place < 0:
            raise HomeError(f"start {_said(at)}: {self._why_no_place(at)}")
        return int(self.ground.island[place])

    def locate(self, points: Points) -> npt.NDArray[np.int64]:
        """The place of each point (K, 3); -1 where the body does not fit within `NEAR_M`."""
        known = np.isfinite(points)
        points = np.where(known, points, 0)
        reach = self.body.max_step_m + NEAR_M
        places = places_at(self.ground, points[:, :2], points[:, 2])
        off: Points = np.abs(self.ground.z_m[places] - points[:, 2])
        off[places < 0] = np.inf
        for n in np.flatnonzero(off > reach):
            near = self._window(points[n], NEAR_M)
            gap = self.ground.points(near) - points[n]
            beside: Points = np.hypot(gap[:, 0], gap[:, 1])
            fits = np.flatnonzero((beside <= NEAR_M) & (np.abs(gap[:, 2]) <= reach))
            best = np.linalg.norm(gap[fits], axis=1)
            places[n] = near[fits][best.argmin()] if len(best) else -1
        places[~known.all(axis=1)] = -1
        return places

    def _window(self, point: Points, half_m: float) -> npt.NDArray[np.int64]:
        """The places in the cells within a distance along x and y."""
        grid, start = self.ground.grid, self.ground.start
        low, high = ((point[:2] + d - np.array(grid.origin_m)) // grid.cell_m for d in (-half_m, half_m))
        low, high = (np.clip(v, 0, np.array(grid.shape) - 1).astype(int) for v in (low, high))
        rows = np.arange(low[0], high[0] + 1) * grid.shape[1]
        return np.concatenate([np.arange(start[r + low[1]], start[r + high[1] + 1]) for r in rows]).astype(np.int64)

    def _why_no_place(self, point: Points) -> str:
        if not np.isfinite(point).all():
            return "not a point; give three finite numbers, m"
        near = self.nearest(point)
        return (
            f"{self.body_in_words} does not fit there (in or too near to a wall or thing, off the floor, or outside); "
            f"the nearest point where it does is {_said(near)}"
        )


def _said(point: Points) -> str:
    return "(" + ", ".join(f"{value:.2f}" for value in point) + ")"
