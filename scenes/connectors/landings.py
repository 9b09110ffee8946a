"""What a flight begins and ends at: a floor next to its lowest and its highest treads that one can step on to."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from scenes.connectors.connector import Landing
from scenes.connectors.space import Space
from scenes.connectors.treads import LARGEST_RISE_M, Tread, Walk
from scenes.mesh import Floats
from scenes.scene import Scene

OUT_M = 0.35
"""How far from a tread's edge the floor is looked for, and how far out the line of travel goes."""
CLEAR_M = (0.25, 1.0)
"""Between these heights over the higher of tread and floor nothing may stand in the way."""
HALF_WIDTHS_M = (0.3, 0.2, 0.1)
SPACING_M = 0.15
SLACK_M = 0.02
LONGEST_M = 2.0


@dataclass(frozen=True)
class Exit:
    """A way off a tread: the point on its edge (2,), the direction outwards (2,), and the floor out there."""

    edge: Floats
    outwards: Floats
    height_m: float
    instance: int
    half_width_m: float

    @property
    def point(self) -> Floats:
        """Where the line of travel begins or ends, (3,), on the floor."""
        return np.array([*(self.edge + OUT_M * self.outwards), self.height_m])


@dataclass(frozen=True)
class Ends:
    """Where a flight begins and ends, with the ways there; None where it does not."""

    foot: Landing | None
    head: Landing | None
    foot_exit: Exit | None
    head_exit: Exit | None


def find_ends(space: Space, own: Collection[int], treads: Sequence[Tread], way: Walk, riser_m: float) -> Ends:
    """The landings of a flight of the instances `own`; the head is the highest tread that leads to a floor."""
    foot_exit = head_exit = None
    low_tread, high_tread = 0, len(treads) - 1
    down = -way.directions[0]
    foot_exit = best_exit(space, own, treads[0], way.middles[0], down, (-LARGEST_RISE_M, SLACK_M))
    base = foot_exit.height_m if foot_exit else treads[0].height_m
    for reach in (riser_m + SLACK_M, LARGEST_RISE_M):
        for index in range(len(treads) - 1, -1, -1):
            lowest = max(-reach, base + SLACK_M - treads[index].height_m)
            window = (lowest, reach)
            head_exit = best_exit(space, own, treads[index], way.middles[index], way.directions[index], window)
            if head_exit:
                high_tread = index
                break
        if head_exit:
            break
    foot = landing_of(space, foot_exit, low_tread)
    return Ends(foot, landing_of(space, head_exit, high_tread), foot_exit, head_exit)


def best_exit(
    space: Space,
    own: Collection[int],
    tread: Tread,
    middle: Floats,
    direction: Floats,
    window_m: tuple[float, float],
) -> Exit | None:
    """The widest and straightest way off a tread to a floor in a window of heights around it; None if there is none."""
    edges, outwards = _borders(tread.area, middle[:2], direction)
    points = edges + OUT_M * outwards
    hits = space.standable(points)
    step = hits.height_m - tread.height_m
    hits = hits.where((step >= window_m[0]) & (step <= window_m[1]) & ~np.isin(hits.instance, list(own)))
    slabs = [i.id for i in space.scene.instances if i.category in ("floor", "ground")]
    found: list[tuple[float, Exit]] = []
    for index in np.unique(hits.line).tolist():
        here = np.flatnonzero(hits.line == index)
        best = here[np.lexsort((hits.height_m[here], np.isin(hits.instance[here], slabs)))[-1]]
        height = float(hits.height_m[best])
        base = max(height, tread.height_m)
        start, end = edges[index] - 0.08 * outwards[index], points[index]
        heights = (base + CLEAR_M[0], base + CLEAR_M[1])
        wide = next((half for half in HALF_WIDTHS_M if space.is_free(start, end, half, heights)), 0.0)
        if wide:
            offset = edges[index] - middle[:2]
            aside = abs(float(offset[0] * direction[1] - offset[1] * direction[0]))
            score = float(outwards[index] @ direction) + 2 * wide - 0.5 * aside
            found.append((score, Exit(edges[index], outwards[index], height, int(hits.instance[best]), wide)))
    return max(found, key=lambda pair: pair[0])[1] if found else None


def _borders(area: shapely.Polygon, middle: Floats, direction: Floats) -> tuple[Floats, Floats]:
    """Points (N, 2) along the border of a tread with the directions outwards; first the one straight ahead."""
    border = shapely.geometry.polygon.orient(area.simplify(0.01)).exterior
    corners = np.array(border.coords)
    edges, outwards = [], []
    ray = shapely.LineString([middle, middle + direction * area.length]).intersection(area)
    if not ray.is_empty:
        far = np.array(shapely.get_coordinates(ray))
        edges.append(far[np.argmax(far @ direction)])
        outwards.append(direction)
    for start, end in itertools.pairwise(corners):
        length = float(np.hypot(*(end - start)))
        along = (end - start) / length
        for share in (np.arange(max(1, round(length / SPACING_M))) + 0.5) / max(1, round(length / SPACING_M)):
            edges.append(start + share * (end - start))
            outwards.append(np.array([along[1], -along[0]]))
    return np.array(edges), np.array(outwards)


def landing_of(space: Space, way: Exit | None, tread: int) -> Landing | None:
    if way is None:
        return None
    instance = space.scene.instances[way.instance - 1]
    level = instance.level if instance.category == "floor" else level_at(space.scene, way.height_m)
    name = space.scene.levels[level].name
    return Landing(way.height_m, name, instance.source, _length(space, way), tread)


def _length(space: Space, way: Exit) -> float:
    """How far one can go straight on, up to 2 m: until something stands in the way or the floor ends."""
    right_of = np.array([way.outwards[1], -way.outwards[0]])
    heights = (way.height_m + CLEAR_M[0], way.height_m + CLEAR_M[1])
    free = float(space.gap(way.edge + 0.05 * way.outwards, right_of, way.half_width_m, heights)[1]) + 0.05
    reaches = np.arange(OUT_M, LONGEST_M + 0.01, 0.05)
    hits = space.standable(way.edge + reaches[:, None] * way.outwards)
    level = np.zeros(len(reaches), bool)
    level[hits.line[np.abs(hits.height_m - way.height_m) < 0.05]] = True
    floor = float(reaches[np.argmin(level)]) if not level.all() else LONGEST_M
    return min(free, floor, LONGEST_M)


def level_at(scene: Scene, height_m: float) -> int:
    """The index of the highest level whose floor is not above a height; of the lowest one if there is none."""
    below = [i for i, level in enumerate(scene.levels) if level.elevation_m <= height_m + 0.05]
    lowest = min(range(len(scene.levels)), key=lambda i: scene.levels[i].elevation_m)
    return max(below, key=lambda i: (scene.levels[i].elevation_m, -i), default=lowest)


def line_of_travel(way: Walk, ends: Ends) -> Floats:
    """The line of travel (K, 3) from the floor at the foot to the floor at the head."""
    last = ends.head.tread if ends.head else way.tread[-1]
    points = way.points[[index for index, tread in enumerate(way.tread) if tread <= last]]
    before = _leaving(ends.foot_exit, points[0])[::-1]
    after = _leaving(ends.head_exit, points[-1])
    return np.array([*before, *points, *after])


def _leaving(exit_: Exit | None, start: Floats) -> list[Floats]:
    """The points from a tread's middle (3,) out to the floor; by way of its edge where that is not straight ahead."""
    if exit_ is None:
        return []
    ahead = exit_.edge - start[:2]
    aside = abs(float(ahead[0] * exit_.outwards[1] - ahead[1] * exit_.outwards[0]))
    edge = [np.array([*(exit_.edge - 0.02 * exit_.outwards), start[2]])] if aside > 0.02 else []
    return [*edge, exit_.point]
