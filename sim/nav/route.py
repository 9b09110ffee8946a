"""Shortest ways between points in places: straight where that is free, else over `Roads`."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from sim.nav.ground import Ground
from sim.nav.roads import Roads, nearest_joined
from sim.nav.sight import Spots, line_points, straight_lines

Ints = npt.NDArray[np.int64]
Points = npt.NDArray[np.float64]

_KNOWN = 48
_TRIED = 8
"""From a spot, the best of this many points of the roads around are looked at."""
_BENT_M = 0.01


@dataclass(frozen=True)
class Router:
    """Answers for a ground and its roads."""

    ground: Ground
    roads: Roads

    @cached_property
    def _around(self) -> Ints:
        """(V, `_KNOWN`) of each point of the roads itself and the nearest ones it is joined to; -1: no more."""
        return nearest_joined(self.roads.graph, _KNOWN)

    def lengths(self, a: Spots, b: Spots) -> npt.NDArray[np.float64]:
        """Lengths of the shortest ways between pairs, (K,), m; inf where there is none."""
        lengths = straight_lines(self.ground, (a.place, b.place), (a.at, b.at)).length_m
        joined = self.ground.island[a.place] == self.ground.island[b.place]
        rest = np.flatnonzero(np.isinf(lengths) & joined)
        if len(rest):
            lengths[rest] = self._by_roads(a.of(rest), b.of(rest))[0]
        return lengths

    def _by_roads(self, a: Spots, b: Spots) -> tuple[npt.NDArray[np.float64], Ints, Ints]:
        """Lengths over the roads, and the points at which they are entered and left.

        All points around both spots are ranked as if they were in sight; the best of them are looked at.
        """
        spots = _joined_spots([a, b])
        around = self._around[self.roads.home[spots.place]]
        count, guessed = len(a.place), self._guessed(spots, around)
        between = self.roads.table_m[around[:count, :, None], around[count:, None, :]]
        guess = guessed[:count, :, None] + between + guessed[count:, None, :]
        chosen, there = self._entries(spots, around, np.concatenate([guess.min(axis=2), guess.min(axis=1)]))
        on, off, to_on, to_off = chosen[:count], chosen[count:], there[:count], there[count:]
        total = to_on[:, :, None] + self.roads.table_m[on[:, :, None], off[:, None, :]] + to_off[:, None, :]
        best = total.reshape(len(total), -1).argmin(axis=1)
        first, second = np.divmod(best, off.shape[1])
        pick = np.arange(len(total))
        return total[pick, first, second].astype(np.float64), on[pick, first], off[pick, second]

    def _guessed(self, spots: Spots, around: Ints) -> npt.NDArray[np.float32]:
        """Straight distances from spots to points of the roads around them; inf where there is no more point."""
        ground = self.ground
        apart = self._points_at[around] - np.column_stack([spots.at, ground.smooth_m[spots.place]])[:, None]
        return np.where(around >= 0, np.linalg.norm(apart, axis=2), np.inf).astype(np.float32)

    @cached_property
    def _points_at(self) -> Points:
        """The points of the roads, (V, 3), m."""
        ground, points = self.ground, self.roads.points
        return np.column_stack([ground.grid.centres(ground.cell[points]), ground.smooth_m[points]])

    def _entries(
        self, spots: Spots, around: Ints, rank: npt.NDArray[np.floating]
    ) -> tuple[Ints, npt.NDArray[np.float64]]:
        """The point of each spot's area and the best ranked others, and the way there, m; inf where it is not free."""
        count = min(_TRIED, around.shape[1] - 1)
        best = np.argpartition(rank[:, 1:], count - 1, axis=1)[:, :count] + 1
        chosen = np.column_stack([around[:, 0], np.take_along_axis(around, best, axis=1)])
        who, column = np.nonzero(chosen >= 0)
        goal = chosen[who, column]
        lines = straight_lines(
            self.ground,
            (spots.place[who], self.roads.points[goal].astype(np.int64)),
            (spots.at[who], self._points_at[goal, :2]),
        )
        length = np.full(chosen.shape, np.inf)
        length[who, column] = lines.length_m
        walked = self.roads.steps[spots.place] * self.ground.grid.cell_m
        length[:, 0] = np.where(np.isinf(length[:, 0]), walked, length[:, 0])
        return chosen, length

    def way(self, a: Spots, b: Spots) -> Spots:
        """The corners of the shortest way from one spot to another on the same island, both ends included."""
        if straight_lines(self.ground, (a.place, b.place), (a.at, b.at)).free[0]:
            return _joined_spots([a, b])
        _, on, off = self._by_roads(a, b)
        points = self._over_roads(int(on[0]), int(off[0]))
        places = np.concatenate([self.roads.points[points[:1]], *self._legs(points)])
        places = np.concatenate([self._entry(a, points[0]), places, self._entry(b, points[-1])[::-1]])
        spots = Spots(places, self.ground.grid.centres(self.ground.cell[places]))
        return self._tightened(_joined_spots([a, spots, b]))

    def _over_roads(self, start: int, goal: int) -> list[int]:
        graph, table = self.roads.graph, self.roads.table_m[:, goal]
        points = [start]
        while points[-1] != goal:
            row = slice(graph.indptr[points[-1]], graph.indptr[points[-1] + 1])
            step = graph.data[row] + table[graph.indices[row]]
            points.append(int(graph.indices[row][step.argmin()]))
        return points

    def _legs(self, points: list[int]) -> list[Ints]:
        """Places on the way from each point of the roads to the next one, which it is joined to."""
        ground, places = self.ground, self.roads.points[points].astype(np.int64)
        at = ground.grid.centres(ground.cell[places])
        seen = straight_lines(ground, (places[:-1], places[1:]), (at[:-1], at[1:])).free
        return [
            places[n + 1 : n + 2] if seen[n] else self._leg(points[n], points[n + 1]) for n in range(len(points) - 1)
        ]

    def _leg(self, point: int, after: int) -> Ints:
        """Places on the way from one point of the roads to a joined one that it does not see."""
        roads = self.roads
        low, high = min(point, after), max(point, after)
        row = np.flatnonzero((roads.border[:, 0] == low) & (roads.border[:, 1] == high))[0]
        one, other = roads.border[row, 2:]
        walk = np.concatenate([self._back(one)[::-1], self._back(other)])
        return (walk if roads.home[one] == point else walk[::-1])[1:]

    def _entry(self, spot: Spots, point: int) -> Ints:
        goal = self.roads.points[[point]].astype(np.int64)
        at = self.ground.grid.centres(self.ground.cell[goal])
        if straight_lines(self.ground, (spot.place, goal), (spot.at, at)).free[0]:
            return np.zeros(0, np.int64)
        return self._back(int(spot.place[0]))

    def _back(self, place: int) -> Ints:
        """The places from one to the point of its area."""
        walk = [place]
        while self.roads.back[walk[-1]] != walk[-1]:
            walk.append(int(self.roads.back[walk[-1]]))
        return np.array(walk, np.int64)

    def _tightened(self, way: Spots) -> Spots:
        """The way without corners that can be cut: from each one on to the last that it sees."""
        kept = [0]
        last = len(way.place) - 1
        while kept[-1] < last:
            here = kept[-1]
            later = np.arange(here + 1, last + 1)
            start = np.full(len(later), here)
            free = straight_lines(
                self.ground, (way.place[start], way.place[later]), (way.at[start], way.at[later])
            ).free
            free[0] = True
            kept.append(int(later[free][-1]))
        return way.of(np.array(kept))

    def profile(self, way: Spots) -> Points:
        """A way as points (M, 3), m: its corners, and points between wherever the surface bends."""
        ends = [way.of(np.array([n])) for n in range(len(way.place))]
        legs = [line_points(self.ground, a, b) for a, b in itertools.pairwise(ends)]
        legs[0][0, 2], legs[-1][-1, 2] = self.ground.z_m[way.place[[0, -1]]]
        legs = [_unbent(leg) for leg in legs]
        return np.concatenate([legs[0], *(leg[1:] for leg in legs[1:])])


def _joined_spots(spots: list[Spots]) -> Spots:
    return Spots(np.concatenate([s.place for s in spots]), np.concatenate([s.at for s in spots]))


def _unbent(points: Points) -> Points:
    """A line without the points that are within `_BENT_M` of the line between those kept (Douglas, Peucker)."""
    keep = np.zeros(len(points), bool)
    keep[[0, -1]] = True
    stack = [(0, len(points) - 1)]
    while stack:
        first, last = stack.pop()
        if last - first < 2:
            continue
        line, inner = points[last] - points[first], points[first + 1 : last] - points[first]
        share = np.clip(inner @ line / max(line @ line, 1e-12), 0, 1)
        off = np.linalg.norm(inner - share[:, None] * line, axis=1)
        if off.max() > _BENT_M:
            middle = first + 1 + int(off.argmax())
            keep[middle] = True
            stack += [(first, middle), (middle, last)]
    return points[keep]
