"""`Guide`: the right command anywhere. It keeps the shortest way to the next target and plans anew when it is lost."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from scenes.errors import HomeError
from sim.agents.protocol import Action
from sim.camera import Floats
from sim.experts.course import Course
from sim.experts.parameters import Parameters
from sim.nav.sight import places_at, straight_lines

_LOOK_AHEAD = 6
"""So many corners of the way ahead are tried; the last one that can be gone to straight is headed for."""
_STRAIGHT_DEG = 0.01
_STILL_M = 1e-4
_TURN_COST_M = 0.01
"""Of two headings that are as good, the one that takes less turning."""


class Guide:
    """Says what to do on a course, pose by pose.

    Attributes:
        target: index of the target that is next; the number of targets once all are reached.
        way_m: the way from the last pose to that target, m.
        bearing_deg: where the last command heads for, from the body's heading to the left; None at the end.
    """

    def __init__(self, course: Course, parameters: Parameters, target: int = 0) -> None:
        self._course, self._parameters = course, parameters
        self.target, self.way_m = target, math.inf
        self.bearing_deg: float | None = None
        self._corners = np.zeros((0, 3))
        self._rest_m = np.zeros(0)
        self._places = np.zeros(0, np.int64)
        self._next = 0
        self._last_seen: tuple[tuple[bytes, bytes, int], npt.NDArray[np.bool_]] | None = None
        self._position = np.full(3, np.inf)
        self._heading_deg = 0.0

    @property
    def left_m(self) -> float:
        """The whole way from the last pose through all targets."""
        return self._course.left_m(self.target, self.way_m)

    def command(self, T_world_body: Floats) -> Action:
        """What to do at a pose (4, 4): go if what to head for lies in the wedge ahead, else turn; STOP at the end.

        Raises:
            HomeError: there is no way from here.
        """
        position = T_world_body[:3, 3]
        yaw_deg = math.degrees(math.atan2(T_world_body[1, 0], T_world_body[0, 0]))
        if np.abs(position - self._position).max() > _STILL_M:
            self._position = position.copy()
            if self._arrive(position):
                self._heading_deg = self._choose_heading(position, yaw_deg)
        if self.target == len(self._course.targets):
            self.bearing_deg = None
            return Action.STOP
        off_deg = math.remainder(self._heading_deg - yaw_deg, 360)
        self.bearing_deg = off_deg
        if abs(off_deg) <= self._parameters.wedge_deg / 2:
            return Action.FORWARD
        return Action.LEFT if off_deg > 0 else Action.RIGHT

    def _arrive(self, position: Floats) -> bool:
        """Measures the way to the next target that is not reached yet; whether there is one."""
        while self.target < len(self._course.targets):
            self._look(position)
            if self.way_m <= self._course.target_m:  # over steps the graph may count a little more
                self.way_m = self._course.graph.geodesic(position, self._course.targets[self.target])
            if self.way_m > self._course.target_m:
                return True
            self.target += 1
            self._corners, self._last_seen = np.zeros((0, 3)), None
        self.way_m = 0.0
        return False

    def _look(self, position: Floats) -> None:
        """Finds the last corner of the way in sight, and the way over it; plans anew where that came no nearer."""
        before_m = self.way_m
        if self._ways_from(position[None])[0] < math.inf:
            self._measure(position)
            if self.way_m < before_m:
                return
        self._plan(position)
        self._measure(position)

    def _measure(self, position: Floats) -> None:
        place = self._course.graph.locate(position[None])
        sees = self._sees(place, position[None, :2])[0]
        if sees.any():
            self._next += int(np.flatnonzero(sees)[-1])
        self.way_m = math.dist(self._corners[self._next], position) + float(self._rest_m[self._next])

    def _choose_heading(self, position: Floats, yaw_deg: float) -> float:
        """Towards the corner ahead if a step that way is free; else that of all steps which leaves the shortest way."""
        turn_deg, forward_m = self._parameters.turn_deg, self._parameters.forward_m
        corner = self._corners[self._next]
        straight_deg = math.degrees(math.atan2(*(corner - position)[1::-1]))
        turns = round(math.remainder(straight_deg - yaw_deg, 360) / turn_deg)
        apart_m = math.hypot(*(corner - position)[:2])
        if apart_m >= forward_m and self._steps(position, np.array([yaw_deg + turns * turn_deg]))[0] < math.inf:
            return straight_deg
        most = math.ceil(180 / turn_deg)
        tried = np.arange(-most, most + 1)
        ways = self._steps(position, (yaw_deg + tried * turn_deg).astype(np.float64))
        costs = ways + _TURN_COST_M * np.abs(tried)
        if self.way_m < forward_m and ways.min() > self._course.target_m:
            costs = np.abs(ways - forward_m)  # to where the next step leads to the target: a step would pass it by
        best = int(costs.argmin())
        if self.way_m >= forward_m and ways[best] > self.way_m:  # rather along what is in the way than back
            return math.degrees(math.atan2(*(self._ahead(position, forward_m) - position)[1::-1]))
        return yaw_deg + float(tried[best]) * turn_deg if ways[best] < math.inf else straight_deg

    def _ahead(self, position: Floats, along_m: float) -> Floats:
        """The point (3,) of the way so far ahead, or its end."""
        here = position
        for corner in self._corners[self._next :]:
            apart_m = math.dist(corner, here)
            if apart_m >= along_m:
                return here + (corner - here) * (along_m / apart_m)
            along_m, here = along_m - apart_m, corner
        return here

    def _steps(self, position: Floats, yaws_deg: Floats) -> Floats:
        """The ways to the target, m, that steps in some directions (K,) leave; inf where something is in the way."""
        yaws = np.radians(yaws_deg)
        ends = position + self._parameters.forward_m * np.stack([np.cos(yaws), np.sin(yaws), 0 * yaws], axis=1)
        start = np.repeat(self._course.graph.locate(position[None]), len(ends))
        place = places_at(self._course.graph.ground, ends[:, :2], ends[:, 2])
        known = np.flatnonzero((start >= 0) & (place >= 0))
        ways = np.full(len(ends), math.inf)
        starts = np.repeat(position[None, :2], len(known), axis=0)
        lines = straight_lines(self._course.graph.ground, (start[known], place[known]), (starts, ends[known, :2]))
        free = known[lines.free]
        ends[free, 2] = self._course.graph.ground.z_m[place[free]]
        ways[free] = self._ways_from(ends[free])
        return ways

    def _ways_from(self, points: Floats) -> Floats:
        """The shortest ways from points (K, 3) straight to one of the next corners and on to the target; else inf."""
        place = places_at(self._course.graph.ground, points[:, :2], points[:, 2])
        sees = self._sees(place, points[:, :2])
        some = slice(self._next, self._next + sees.shape[1])
        apart = np.linalg.norm(self._corners[None, some] - points[:, None], axis=2)
        ways: Floats = np.where(sees, apart + self._rest_m[some], math.inf).min(axis=1, initial=math.inf)
        return ways

    def _sees(self, place: np.ndarray[tuple[int], np.dtype[np.int64]], at: Floats) -> npt.NDArray[np.bool_]:
        """Whether the next corners can be gone to straight from points (K, 2) in places (K,); (K, corners)."""
        asked = place.tobytes(), at.tobytes(), self._next
        if self._last_seen is None or self._last_seen[0] != asked:
            self._last_seen = asked, self._look_at_corners(place, at)
        return self._last_seen[1]

    def _look_at_corners(self, place: np.ndarray[tuple[int], np.dtype[np.int64]], at: Floats) -> npt.NDArray[np.bool_]:
        some = np.arange(self._next, min(self._next + _LOOK_AHEAD, len(self._corners)))
        sees = np.zeros((len(place), len(some)), bool)
        who, which = np.nonzero(np.broadcast_to(place[:, None] >= 0, sees.shape))
        corner = some[which]
        places, ends = (place[who], self._places[corner]), (at[who], self._corners[corner, :2])
        sees[who, which] = straight_lines(self._course.graph.ground, places, ends).free
        return sees

    def _plan(self, position: Floats) -> None:
        graph, goal = self._course.graph, self._course.targets[self.target]
        start = position if not graph.why_not(position, goal) else graph.nearest(position)
        reason = graph.why_not(start, goal)
        if reason:
            raise HomeError(reason)
        way = graph.path(start, goal).points
        lengths = np.linalg.norm(np.diff(way, axis=0), axis=1)
        rest_m = np.append(np.cumsum(lengths[::-1])[::-1], 0.0)
        kept = _corners(way)[1:] if start is position else _corners(way)
        self._corners, self._rest_m, self._next, self._last_seen = way[kept], rest_m[kept], 0, None
        self._places = places_at(graph.ground, self._corners[:, :2], self._corners[:, 2])


def _corners(way: Floats) -> list[int]:
    """Which points of a way (K, 3) are its ends, or turn on the plan."""
    kept = [0]
    for index in range(1, len(way) - 1):
        before, after = way[index] - way[kept[-1]], way[index + 1] - way[index]
        turn = math.atan2(after[1], after[0]) - math.atan2(before[1], before[0])
        if abs(math.remainder(turn, 2 * math.pi)) > math.radians(_STRAIGHT_DEG):
            kept.append(index)
    return [*kept, len(way) - 1]
