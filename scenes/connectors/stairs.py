"""Measures stairs: one piece with treads, or a row of boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from scenes import overlay
from scenes.connectors.connector import Connector
from scenes.connectors.landings import Ends, find_ends, level_at, line_of_travel
from scenes.connectors.space import Space
from scenes.connectors.treads import LARGEST_RISE_M, Tread, Walk, climbable, walk
from scenes.mesh import Floats
from scenes.scene import Instance

BURIED_M = 0.7
SLACK_M = 0.02
UNEVEN_M = 0.02
BODY_M = (0.05, 1.0)
"""What stands between these heights over a tread, the lower one over the next tread, narrows it."""
HALF_STRIP_M = 0.04


def stairs(space: Space, members: Sequence[Instance], level_treads: list[Tread]) -> Connector | None:
    """The connector that instances with those treads make together; None if there is nothing to step on."""
    corners = np.concatenate([space.surfaces.of_instance(member.id) for member in members])
    own = [member.id for member in members]
    treads = _unburied(space, climbable(level_treads))
    if not treads:
        return None
    way = walk(treads)
    heights = np.array([tread.height_m for tread in treads])
    riser = float(np.median(np.diff(heights))) if len(heights) > 1 else LARGEST_RISE_M
    bottom = float(corners[..., 2].min())
    ends = find_ends(space, own, treads, way, riser, bottom)
    if len(treads) == 1:
        way = replace(way, directions=_through(ends)[None])
    base = _base(space, own, ends, way, bottom)
    rise = float(heights[-1]) - base
    steps = len(heights) - (1 if heights[0] - base < SLACK_M else 0)
    going = _going(treads, way)
    used = slice(0, (ends.head.tread if ends.head else len(treads) - 1) + 1)
    return Connector(
        kind="stairs",
        levels=_levels(space, ends, base, float(heights[-1])),
        rise_m=rise,
        going_m=going,
        steps=steps,
        slope_deg=float(np.degrees(np.arctan2(rise / max(1, steps), going))),
        width_m=_width(space, treads[used], way, riser),
        headroom_m=float(space.height_over(way.middles[used]).min()),
        source=tuple(member.source for member in members),
        line=line_of_travel(way, ends),
        treads_m=tuple(heights.tolist()),
        areas=tuple(tread.area for tread in treads),
        foot=ends.foot,
        head=ends.head,
        warnings=tuple(_warnings(ends, heights, rise, riser)),
    )


def _unburied(space: Space, treads: list[Tread]) -> list[Tread]:
    """The treads from the lowest one on that no floor covers."""
    slabs = [i.id for i in space.scene.instances if i.category in ("floor", "ground")]
    for index, tread in enumerate(treads):
        hits = space.surfaces.crossings(tread.middle[None])
        over = hits.height_m - tread.height_m
        if not (np.isin(hits.instance, slabs) & hits.faces_up & (over > SLACK_M) & (over < BURIED_M)).any():
            return treads[index:]
    return treads


def _base(space: Space, own: Sequence[int], ends: Ends, way: Walk, bottom_m: float) -> float:
    """The height that the rise is measured from: the floor at the foot, or below the lowest tread, or the bottom."""
    if ends.foot:
        return ends.foot.height_m
    hits = space.standable(way.middles[:1, :2])
    under = way.middles[0, 2] - hits.height_m
    below = hits.height_m[(under > -SLACK_M) & (under < LARGEST_RISE_M) & ~np.isin(hits.instance, own)]
    return float(below.max(initial=bottom_m)) if len(below) else bottom_m


def _through(ends: Ends) -> Floats:
    """The direction (2,) of travel over a single tread."""
    if ends.head_exit:
        return ends.head_exit.outwards
    return -ends.foot_exit.outwards if ends.foot_exit else np.array([1.0, 0.0])


def _going(treads: Sequence[Tread], way: Walk) -> float:
    """The median way from one tread to the next on the plan; the depth of a single tread."""
    if len(treads) > 1:
        return float(np.median(np.hypot(*np.diff(way.middles[:, :2], axis=0).T)))
    return float(np.ptp(shapely.get_coordinates(treads[0].area) @ way.directions[0]))


def _width(space: Space, treads: Sequence[Tread], way: Walk, riser_m: float) -> float:
    """The least clear width over treads."""
    stations = zip(treads, way.middles, way.directions, strict=False)
    return min(clear_width(space, tread.whole, at, along, riser_m) for tread, at, along in stations)


def clear_width(space: Space, area: BaseGeometry, middle: Floats, direction: Floats, riser_m: float = 0.0) -> float:
    """How wide the free way over a tread is, across the direction of travel through its middle (3,)."""
    left = np.array([-direction[1], direction[0]])
    under = float(space.height_over(middle[None])[0]) - BODY_M[0]
    heights = (middle[2] + riser_m + BODY_M[0], middle[2] + min(under, BODY_M[1]))
    free = space.gap(middle[:2], direction, HALF_STRIP_M, heights)
    start = shapely.Point(middle[:2])
    width = 0.0
    for side, reach in zip((-left, left), free.tolist(), strict=True):
        ray = overlay.intersection(shapely.LineString([middle[:2], middle[:2] + side * 10.0]), area)
        first = min(shapely.get_parts(ray), key=lambda part: float(part.distance(start)), default=ray)
        width += min(reach, float(first.length))
    return width


def _levels(space: Space, ends: Ends, base_m: float, top_m: float) -> tuple[str, str]:
    levels = space.scene.levels
    low = ends.foot.level if ends.foot else levels[level_at(space.scene, base_m)].name
    high = ends.head.level if ends.head else levels[level_at(space.scene, top_m)].name
    return low, high


def _warnings(ends: Ends, heights: Floats, rise: float, riser: float) -> list[str]:
    found = []
    if ends.foot is None:
        found.append(f"no free floor before its lowest tread, at {heights[0]:.2f} m")
    if ends.head is None:
        found.append(f"leads to no free floor: its highest tread is at {heights[-1]:.2f} m")
    if ends.foot and ends.head:
        apart = ends.head.height_m - ends.foot.height_m
        # the last riser may be that to the floor itself
        if min(abs(apart - rise), abs(apart - rise - riser)) > SLACK_M:
            found.append(f"its treads rise {rise:.2f} m, the floors that it joins are {apart:.2f} m apart")
    risers = np.diff(heights)
    if len(risers) and np.ptp(risers) > UNEVEN_M:
        found.append(f"its risers differ: {risers.min():.2f} to {risers.max():.2f} m")
    return found
