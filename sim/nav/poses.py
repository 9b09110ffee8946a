"""Where a body that is longer than wide can go: places with headings, and the shortest path over them to a goal.

A round body may turn wherever it fits; a long one needs room to turn, drives ahead, and takes stairs along their fall.
Its shape is a capsule: the body's disc, moved along its axis. So a pose is free if the disc's ground can be walked in a
straight line from one end of that axis to the other. Paths are found on a lattice of places and headings, backwards
from the goal, which gives the way that is left from every pose at once (LaValle, Planning Algorithms, 2006, chapters
2.3 and 8.5.2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from scenes import overlay
from sim.nav.graph import NavGraph
from sim.nav.sight import joined, places_at

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Angles = npt.NDArray[np.floating]

HEADINGS = 24
STEP_DEG = 360 / HEADINGS
YAWS_DEG = np.arange(HEADINGS) * STEP_DEG
MAX_ROLL_DEG = 12.0
"""The most that a body leans to a side: it takes stairs and steep slopes nearly along their fall."""
TURN_M = 0.08
"""A turn by one heading counts as this much way, on stairs and slopes more."""
_UNEVEN_TURN_M = 0.4
_UNEVEN_DEG = 4.0
_TIGHT = 1.5
"""Way where there is no room to a side counts this much more."""
_STRIDE = 2
"""The lattice is made of every second cell along x and y."""
_QUARTER = ((2, 0), (4, 1), (2, 1), (2, 2), (1, 2), (1, 4))
"""Moves of the lattice for the headings of the first quarter turn."""
_GRADIENT_CELLS = 4
_SAMPLE_M = 0.05


@dataclass(frozen=True)
class Obstacle:
    """What stands where the graph knows of nothing: `outline` (K, 2) is convex, m, from `low_m` to `high_m`."""

    outline: Floats
    low_m: float
    high_m: float


class PoseGraph:
    """The poses that are free for a long body on the ground of a graph.

    Attributes:
        graph: of the body's disc.
        half_axis_m: how far the disc is moved ahead and back.
        free: (N, HEADINGS) whether the body fits in a place, heading there.
    """

    def __init__(self, graph: NavGraph, half_axis_m: float, obstacles: tuple[Obstacle, ...] = ()) -> None:
        self.graph, self.half_axis_m = graph, half_axis_m
        ground = graph.ground
        self._links = ground.links.astype(np.int64)
        self._open = _clear_of(graph, obstacles)
        self.free = self._free_poses()
        self._uneven = np.hypot(*self._gradient.T) > math.tan(math.radians(_UNEVEN_DEG))

    def is_free(self, places: Ints, yaws_deg: Angles) -> Mask:
        """Whether the body fits in places (K,), -1: none, at headings (K,), degrees."""
        return (places >= 0) & self.free[places, heading_of(yaws_deg)]

    def steps(self, position: Floats, yaws_deg: Angles, forward_m: float) -> tuple[Floats, Mask]:
        """Ends (K, 3) of steps ahead at some headings, and whether they are free."""
        ground, yaws = self.graph.ground, np.radians(yaws_deg)
        count = math.ceil(forward_m / _SAMPLE_M)
        along = np.arange(count + 1) / count * forward_m
        ahead = np.stack([np.cos(yaws), np.sin(yaws)], axis=1)
        at = position[:2] + along[None, :, None] * ahead[:, None]
        places = places_at(ground, at.reshape(-1, 2), np.full(len(yaws) * (count + 1), position[2]))
        places = places.reshape(len(yaws), -1)
        for index in range(1, count + 1):  # over stairs, the surface that goes on from the sample before
            before = np.where(places[:, index - 1] >= 0, ground.z_m[places[:, index - 1]], position[2])
            places[:, index] = places_at(ground, at[:, index], before)
        free: Mask = np.all(places >= 0, axis=1) & np.all(joined(ground, places[:, :-1], places[:, 1:]), axis=1)
        later = places[:, 1:]
        headings = np.broadcast_to(heading_of(yaws_deg)[:, None], later.shape)
        free &= self.free[later, headings].all(axis=1)
        return np.column_stack([at[:, -1], ground.z_m[places[:, -1]]]), free

    def field(self, goal: npt.ArrayLike, within_m: float) -> PoseField:
        """The ways that are left to a goal (3,), reached within a distance, from all poses."""
        return PoseField(self, np.asarray(goal, float), within_m)

    def why_not(self, start: npt.ArrayLike, goal: npt.ArrayLike, within_m: float) -> str:
        """Why there is no path from a start, at whatever heading, to a goal; empty where there is one."""
        reason = self.graph.why_not(start, goal)
        if reason:
            return reason
        ways = self.field(goal, within_m).left_m(np.asarray(start, float), YAWS_DEG)
        return "" if np.isfinite(ways).any() else self._tight_spot(start, goal)

    def _tight_spot(self, start: npt.ArrayLike, goal: npt.ArrayLike) -> str:
        """Where on the path of the disc the long body does not fit along it, else that it cannot turn somewhere."""
        points = self.graph.path(start, goal).points
        body = self.graph.body
        size = f"{2 * (self.half_axis_m + body.radius_m):.2f} m long and {2 * body.radius_m:.2f} m wide"
        legs = np.diff(points, axis=0)
        for point, leg in zip(points[1:], legs, strict=True):
            place = self.graph.locate(point[None])
            yaw = np.degrees(np.arctan2(leg[1:2], leg[:1]))
            if not self.is_free(place, yaw)[0]:
                at = "({:.2f}, {:.2f}, {:.2f})".format(*point)
                return f"no room for a body {size} near {at}, where it would turn or lean; choose a smaller body"
        return f"a body {size} has no room to turn on the path between; choose a smaller body"

    def step_links(self, places: Ints, di: int, dj: int) -> Ints:
        """The places one cell on from places (K,), diagonally by either way; -1: none."""
        side_x, side_y = (0 if di > 0 else 1), (2 if dj > 0 else 3)
        if not dj:
            return self._linked(places, side_x)
        if not di:
            return self._linked(places, side_y)
        first = self._linked(self._linked(places, side_x), side_y)
        return np.where(first >= 0, first, self._linked(self._linked(places, side_y), side_x))

    def _linked(self, places: Ints, side: int) -> Ints:
        reached = np.where(places >= 0, self._links[places, side], -1)
        return np.where((reached >= 0) & self._open[reached], reached, -1)

    def _free_poses(self) -> Mask:
        half = HEADINGS // 2
        free = np.empty((len(self._open), HEADINGS), bool)
        every = np.where(self._open, np.arange(len(self._open)), -1)
        for heading in range(half):
            angle = math.radians(heading * STEP_DEG)
            ok = self._open.copy()
            for way in (1, -1):
                reached = every
                for move in _cells_to(way * math.cos(angle), way * math.sin(angle), self._half_axis_cells):
                    reached = self.step_links(reached, *move)
                ok &= reached >= 0
            roll = np.abs(self._gradient @ (-math.sin(angle), math.cos(angle)))
            ok &= roll <= math.tan(math.radians(MAX_ROLL_DEG))
            free[:, heading] = free[:, heading + half] = ok
        return free

    @property
    def _half_axis_cells(self) -> float:
        return self.half_axis_m / self.graph.ground.grid.cell_m

    @cached_property
    def _gradient(self) -> Floats:
        """(N, 2) slope of the smoothed surface along x and y."""
        ground, every = self.graph.ground, np.arange(len(self._open))
        slopes = []
        for side in (0, 2):
            ends, counts = [], []
            for way in (side, side + 1):
                reached, count = every, np.zeros(len(every))
                for _ in range(_GRADIENT_CELLS):
                    onward = self._links[reached, way]
                    count += onward >= 0
                    reached = np.where(onward >= 0, onward, reached)
                ends.append(ground.smooth_m[reached].astype(float))
                counts.append(count)
            run = np.maximum(counts[0] + counts[1], 1) * ground.grid.cell_m
            slopes.append((ends[0] - ends[1]) / run)
        return np.column_stack(slopes)

    @cached_property
    def lattice(self) -> Lattice:
        """The lattice of this ground."""
        return _build_lattice(self)

    def turn_m(self, places: Ints) -> Floats:
        """What a turn by one heading in places (K,) counts, m."""
        return np.where(self._uneven[places], _UNEVEN_TURN_M, TURN_M)


@dataclass(frozen=True)
class Lattice:
    """L places of the lattice.

    Attributes:
        number: (N,) the number of a place in the lattice; -1: it is not in it.
        places: (L,) the reverse.
        backwards: (L * HEADINGS)^2, how far each node is from those that lead to it.
    """

    number: Ints
    places: Ints
    backwards: csr_array


class PoseField:
    """How far it is to one goal from every pose."""

    def __init__(self, poses: PoseGraph, goal: Floats, within_m: float) -> None:
        self._poses = poses
        lattice, ground = poses.lattice, poses.graph.ground
        points = ground.points(lattice.places)
        near = np.flatnonzero(np.linalg.norm(points - goal, axis=1) <= max(within_m, 2 * ground.grid.cell_m))
        near = near[np.isfinite(poses.graph.geodesics(points[near], np.tile(goal, (len(near), 1))))]
        sources = (near[:, None] * HEADINGS + np.arange(HEADINGS))[poses.free[lattice.places[near]]]
        count = len(lattice.places) * HEADINGS
        ways = np.full(count, math.inf)
        if len(sources):
            ways = dijkstra(lattice.backwards, indices=sources, min_only=True)
        self._ways = ways.reshape(-1, HEADINGS)

    def left_m(self, points: Floats, yaws_deg: Angles) -> Floats:
        """The ways (K,) to the goal from points (K, 3) or (3,) at headings (K,), with what turns count; inf: none."""
        poses, ground = self._poses, self._poses.graph.ground
        points = np.broadcast_to(points, (len(yaws_deg), 3))
        places = places_at(ground, points[:, :2], points[:, 2])
        i, j = np.divmod(ground.cell[places], ground.grid.shape[1])
        heading = yaws_deg / STEP_DEG
        low = np.floor(heading).astype(np.int64)
        best = np.full(len(points), math.inf)
        for way in (1, -1):
            reached = places
            reached = np.where(i % _STRIDE, poses.step_links(reached, way, 0), reached)
            reached = np.where(j % _STRIDE, poses.step_links(reached, 0, way), reached)
            number = np.where(reached >= 0, poses.lattice.number[reached], -1)
            for side in (0, 1):
                ways = self._ways[number, (low + side) % HEADINGS] + TURN_M * np.abs(low + side - heading)
                best = np.where(number >= 0, np.minimum(best, ways), best)
        return best


def heading_of(yaws_deg: Angles) -> Ints:
    """The nearest headings of the lattice, (K,)."""
    return np.rint(yaws_deg / STEP_DEG).astype(np.int64) % HEADINGS


def _cells_to(x: float, y: float, cells: float) -> list[tuple[int, int]]:
    """The moves from cell to cell along a direction (unit vector), so many cells far."""
    at = np.rint(np.arange(0, math.ceil(cells) + 1)[:, None] / math.ceil(cells) * cells * np.array([x, y])).astype(int)
    return [(int(i), int(j)) for i, j in np.diff(at, axis=0) if i or j]


def _clear_of(graph: NavGraph, obstacles: tuple[Obstacle, ...]) -> Mask:
    """Which places keep the body's radius from obstacles that the graph does not know of."""
    import shapely

    ground = graph.ground
    clear = np.ones(len(ground.cell), bool)
    centre = ground.grid.centres(ground.cell)
    for obstacle in obstacles:
        outline = obstacle.outline
        boxed = (np.abs(centre - outline.mean(axis=0)) <= np.ptp(outline, axis=0) + ground.body.radius_m).all(axis=1)
        boxed &= (ground.z_m < obstacle.high_m) & (ground.z_m + ground.body.height_m > obstacle.low_m)
        some = np.flatnonzero(boxed & clear)
        area = overlay.buffer(shapely.convex_hull(shapely.MultiPoint(outline)), ground.body.radius_m)
        clear[some[shapely.contains_xy(area, *centre[some].T)]] = False
    return clear


def _moves() -> list[tuple[int, int]]:
    """The move of each heading, in strides of the lattice."""
    moves = []
    for quarter in range(4):
        for a, b in _QUARTER:
            x, y = a, b
            for _ in range(quarter):
                x, y = -y, x
            moves.append((x, y))
    return moves


def _build_lattice(poses: PoseGraph) -> Lattice:
    ground = poses.graph.ground
    i, j = np.divmod(ground.cell, ground.grid.shape[1])
    places = np.flatnonzero((i % _STRIDE == 0) & (j % _STRIDE == 0) & poses.free.any(axis=1))
    number = np.full(len(ground.cell), -1, np.int64)
    number[places] = np.arange(len(places))
    ends: list[Ints] = []
    starts: list[Ints] = []
    costs: list[Floats] = []
    for heading, move in enumerate(_moves()):
        start, end, cost = _drives(poses, places, heading, move)
        known = number[end] >= 0
        starts.append(number[start[known]] * HEADINGS + heading)
        ends.append(number[end[known]] * HEADINGS + heading)
        costs.append(cost[known])
        beside = (heading + 1) % HEADINGS
        turns = places[poses.free[places, heading] & poses.free[places, beside]]
        for one, other in ((heading, beside), (beside, heading)):
            starts.append(number[turns] * HEADINGS + one)
            ends.append(number[turns] * HEADINGS + other)
            costs.append(poses.turn_m(turns))
    count = len(places) * HEADINGS
    edges = (np.concatenate(ends).astype(np.int32), np.concatenate(starts).astype(np.int32))
    return Lattice(number, places, csr_array((np.concatenate(costs), edges), shape=(count, count)))


def _drives(poses: PoseGraph, places: Ints, heading: int, move: tuple[int, int]) -> tuple[Ints, Ints, Floats]:
    """Starts, ends and costs of the moves ahead from some places that are free all along."""
    ground = poses.graph.ground
    cells = _STRIDE * math.hypot(*move)
    start = places[poses.free[places, heading]]
    reached, tight = start, np.zeros(len(start), bool)
    for step in _cells_to(move[0] / math.hypot(*move), move[1] / math.hypot(*move), cells):
        reached = poses.step_links(reached, *step)
        reached = np.where((reached >= 0) & poses.free[reached, heading], reached, -1)
        tight |= ~_roomy(poses, reached, heading)
    known = reached >= 0
    start, end, tight = start[known], reached[known], tight[known]
    rise = ground.smooth_m[end].astype(float) - ground.smooth_m[start]
    return start, end, np.hypot(cells * ground.grid.cell_m, rise) * np.where(tight, _TIGHT, 1.0)


def _roomy(poses: PoseGraph, places: Ints, heading: int) -> Mask:
    """Whether the body may stray by a cell to any side in places (K,)."""
    roomy = np.ones(len(places), bool)
    for side in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        beside = poses.step_links(places, *side)
        roomy &= (beside >= 0) & poses.free[beside, heading]
    return roomy
