"""What a flight begins and ends at: a floor next to its lowest and its highest treads that one can step on to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely

from scenes.connectors.connector import Landing
from scenes.connectors.space import Space
from scenes.connectors.treads import LARGEST_RISE_M, Tread, Walk, border_direction
from scenes.mesh import Floats
from scenes.scene import Scene
from scenes.surfaces import Crossings

OUTS_M = (0.35, 0.18)
"""How far from a tread's edge the floor is looked for, and how far out the line of travel goes; the first that fits."""
BEFORE_M = 0.08
"""The way off a tread is looked at from so far before its edge, where railings stand."""
CLEAR_M = (0.25, 0.75)
"""Between these heights over the higher of tread and floor nothing may stand in the way."""
HALF_WIDTHS_M = (0.1, 0.2, 0.3)
THIN_M = 0.05
SPACING_M = 0.15
MOST_PLACES = 30
ROUND_M, SHORTEST_EDGE_M = 0.03, 0.12
"""Rounded corners of a tread are no edges to leave it over."""
SLACK_M = 0.02
LONGEST_M = 2.0
LARGEST_OFF_M = 0.6
"""A floor that is up to so much lower than the highest tread is still what the flight was meant to lead to."""


@dataclass(frozen=True)
class Exit:
    """A way off a tread: the point on its edge (2,), the direction outwards (2,), and the floor out there.

    Nothing is in the way in a strip of that half width, between the heights `clear_m`.
    """

    edge: Floats
    outwards: Floats
    height_m: float
    instance: int
    out_m: float
    half_width_m: float
    clear_m: tuple[float, float]

    @property
    def point(self) -> Floats:
        """Where the line of travel begins or ends, (3,), on the floor."""
        return np.array([*(self.edge + self.out_m * self.outwards), self.height_m])


@dataclass(frozen=True)
class Ends:
    """Where a flight begins and ends, with the ways there; None where it does not."""

    foot: Landing | None
    head: Landing | None
    foot_exit: Exit | None
    head_exit: Exit | None


def find_ends(
    space: Space, own: Collection[int], treads: Sequence[Tread], way: Walk, riser_m: float, bottom_m: float
) -> Ends:
    """The landings of a flight of the instances `own`, which reach down to `bottom_m`.

    The head is at the highest tread that leads to a floor about a riser off, else to one that is further off.
    """
    low = treads[0].height_m
    window = (-LARGEST_RISE_M, SLACK_M)
    if low - bottom_m > LARGEST_RISE_M:
        window = (bottom_m - low - LARGEST_RISE_M, bottom_m - low + LARGEST_RISE_M)
    if len(treads) == 1:
        head_exit, top = _head(space, own, treads, way, riser_m, bottom_m)
        down = -head_exit.outwards if head_exit else way.directions[0]
        foot_exit = best_exit(space, own, treads[0], way.middles[0], down, window)
    else:
        foot_exit = best_exit(space, own, treads[0], way.middles[0], -way.directions[0], window)
        base = foot_exit.height_m if foot_exit else min(bottom_m, low)
        head_exit, top = _head(space, own, treads, way, riser_m, base)
    return ends_at(space, (foot_exit, 0), (head_exit, top))


def ends_at(space: Space, foot: tuple[Exit | None, int], head: tuple[Exit | None, int]) -> Ends:
    """The landings that two ways lead to; with each, the index of its tread."""
    below, above = (landing_of(space, way, tread) if way else None for way, tread in (foot, head))
    return Ends(below, above, foot[0], head[0])


def _head(
    space: Space, own: Collection[int], treads: Sequence[Tread], way: Walk, riser_m: float, base_m: float
) -> tuple[Exit | None, int]:
    """The way off at the head, to a floor above `base_m`, and the tread that it is on."""
    for reach in (riser_m + SLACK_M, LARGEST_RISE_M, LARGEST_OFF_M):
        for index in range(len(treads) - 1, -1, -1):
            window = (max(-reach, base_m + SLACK_M - treads[index].height_m), min(reach, LARGEST_RISE_M))
            found = best_exit(space, own, treads[index], way.middles[index], way.directions[index], window)
            if found:
                return found, index
    return None, len(treads) - 1


def best_exit(
    space: Space,
    own: Collection[int],
    tread: Tread,
    middle: Floats,
    direction: Floats,
    window_m: tuple[float, float],
) -> Exit | None:
    """The widest and straightest way off a tread to a floor in a window of heights around it; None if there is none."""
    if window_m[0] >= window_m[1] or tread.area.is_empty:
        return None
    edges, outwards = _borders(tread.area, middle[:2])
    offsets = edges - middle[:2]
    aside = np.abs(offsets[:, 0] * outwards[:, 1] - offsets[:, 1] * outwards[:, 0])
    straightness = outwards @ direction - aside
    slabs = [i.id for i in space.scene.instances if i.category in ("floor", "ground")]
    level_ids = [*slabs, *(i.id for i in space.scene.instances if i.category == "furniture")]
    for out_m in OUTS_M:
        places = edges + out_m * outwards
        hits = _uncovered(space.standable(places), own)
        inside = space.inside(np.column_stack([places, np.full(len(places), tread.height_m + CLEAR_M[1])]))
        hits = hits.where(~inside[hits.line])
        step = hits.height_m - tread.height_m
        hits = hits.where((step >= window_m[0]) & (step <= window_m[1]) & ~np.isin(hits.instance, list(own)))
        best: tuple[float, Exit | None] = (-np.inf, None)
        for index in sorted(set(hits.line.tolist()), key=lambda index: -float(straightness[index])):
            if straightness[index] + HALF_WIDTHS_M[-1] <= best[0]:
                break
            here = np.flatnonzero(hits.line == index)
            # the uppermost, as on a box, rather than other stairs; but a rug is the floor that it lies on
            is_level = np.isin(hits.instance[here], level_ids)
            here = here[is_level] if is_level.any() else here
            here = here[hits.height_m[here] > hits.height_m[here].max() - THIN_M]
            top = here[np.lexsort((hits.height_m[here], np.isin(hits.instance[here], slabs)))[-1]]
            height = float(hits.height_m[top])
            base = max(height, tread.height_m)
            clear = (base + CLEAR_M[0], base + CLEAR_M[1])
            way = Exit(edges[index], outwards[index], height, int(hits.instance[top]), out_m, 0.0, clear)
            found = _widened(space, own, tread.height_m, way)
            if found and straightness[index] + found.half_width_m > best[0]:
                best = (float(straightness[index]) + found.half_width_m, found)
        if best[1]:
            return best[1]
    return None


def _uncovered(hits: Crossings, own: Collection[int]) -> Crossings:
    """The surfaces that the flight itself does not stand on."""
    covered = np.zeros(len(hits.line), bool)
    for row in np.flatnonzero(np.isin(hits.instance, list(own))).tolist():
        under = hits.height_m[row] - hits.height_m
        covered |= (hits.line == hits.line[row]) & (under > SLACK_M) & (under < CLEAR_M[1])
    return hits.where(~covered)


def _widened(space: Space, own: Collection[int], tread_m: float, way: Exit) -> Exit | None:
    """A way off a tread as wide as it is free; None if something is in it."""
    start, end = way.edge - BEFORE_M * way.outwards, way.edge + way.out_m * way.outwards
    wide = 0.0
    for half in HALF_WIDTHS_M:
        if not space.is_free(start, end, half, way.clear_m):
            break
        wide = half
    higher = max(tread_m, way.height_m)
    return None if wide == 0.0 or _climbs(space, own, higher, start, end) else replace(way, half_width_m=wide)


def _climbs(space: Space, own: Collection[int], height_m: float, start: Floats, end: Floats) -> bool:
    """Whether a way goes over a part of its own flight that is higher than both of its ends, as the next tread is.

    What tops a flight at the height of the floor, be it a landing or a nosing, is on the way there.
    """
    count = int(np.ceil(np.hypot(*(end - start)) / HALF_WIDTHS_M[0])) + 1
    hits = space.standable(start + np.linspace(0.0, 1.0, count)[1:, None] * (end - start))
    over = hits.height_m[np.isin(hits.instance, list(own))] - height_m
    return bool(((over > SLACK_M) & (over < CLEAR_M[1])).any())


def _borders(area: shapely.Polygon, middle: Floats) -> tuple[Floats, Floats]:
    """Points (N, 2) along the border of a tread with the directions outwards; first those straight from its middle."""
    ring = shapely.get_coordinates(shapely.orient_polygons(area).exterior)[:-1]
    # smoothing keeps the first point, so that must be a corner, wherever the ring begins
    longest = int(np.argmax(np.hypot(*(np.roll(ring, -1, axis=0) - ring).T)))
    ring = np.roll(ring, -longest, axis=0)
    corners = shapely.get_coordinates(shapely.LineString([*ring, ring[0]]).simplify(ROUND_M))
    lengths = np.hypot(*np.diff(corners, axis=0).T)
    spacing = max(SPACING_M, float(lengths.sum()) / MOST_PLACES)
    straight, others = [], []
    for start, end, length in zip(corners[:-1], corners[1:], lengths.tolist(), strict=True):
        if length < min(SHORTEST_EDGE_M, float(lengths.max())):
            continue
        along = (end - start) / length
        # rounded corners may tilt what is left of an edge
        exact = border_direction(area, (start + end) / 2)
        along = exact if exact @ along > 0 else -exact
        outwards = np.array([along[1], -along[0]])
        ahead = float((middle - start) @ along)
        if 0 < ahead < length:
            straight.append((start + ahead * along, outwards))
        count = max(1, round(length / spacing))
        others += [(start + (k + 0.5) / count * (end - start), outwards) for k in range(count)]
    edges, directions = zip(*straight, *others, strict=True)
    return np.array(edges), np.array(directions)


def landing_of(space: Space, way: Exit, tread: int) -> Landing:
    """What a way off a tread leads to."""
    instance = space.scene.instances[way.instance - 1]
    level = instance.level if instance.category == "floor" else level_at(space.scene, way.height_m)
    name = space.scene.levels[level].name
    return Landing(way.height_m, name, instance.source, _length(space, way), tread)


def _length(space: Space, way: Exit) -> float:
    """How far one can go straight on, up to 2 m: until something stands in the way or the floor ends."""
    right_of = np.array([way.outwards[1], -way.outwards[0]])
    start = way.edge + way.out_m * way.outwards
    free = way.out_m + float(space.gap(start, right_of, HALF_WIDTHS_M[0], way.clear_m)[1])
    reaches = np.arange(way.out_m, LONGEST_M + 0.01, 0.05)
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
