"""Measures inclines: wedges, tilted boxes."""

from __future__ import annotations

import numpy as np
import shapely

from scenes import overlay
from scenes.connectors.connector import Connector
from scenes.connectors.landings import Ends, best_exit, ends_at, level_at, line_of_travel
from scenes.connectors.slopes import Slope, main_slope, straight_up
from scenes.connectors.space import Space, largest_part
from scenes.connectors.stairs import BURIED_M, clear_width
from scenes.connectors.treads import LARGEST_RISE_M, Tread, Walk
from scenes.mesh import Floats
from scenes.scene import Instance

SPACING_M = 0.25
SLACK_M = 0.005
STRIP_M = 0.05
INSIDE_M = 0.01


def incline(space: Space, piece: Instance) -> Connector | None:
    """The incline that a piece is; None if neither end of its slope lies at something to stand on."""
    slope = main_slope(space.surfaces.of_instance(piece.id))
    if slope is None:
        return None
    points = _open(space, straight_up(slope, SPACING_M), slope.uphill)
    if len(points) < 2:
        return None
    run = float(np.hypot(*(points[-1] - points[0])[:2]))
    rise = float(points[-1, 2] - points[0, 2])
    ends = _ends(space, piece, slope, points)
    if ends.foot is None and ends.head is None:
        return None
    walk = Walk(points, tuple([0] * (len(points) - 1) + [1]), points[[0, -1]], np.array([slope.uphill] * 2))
    low = ends.foot.level if ends.foot else space.scene.levels[level_at(space.scene, float(points[0, 2]))].name
    high = ends.head.level if ends.head else space.scene.levels[level_at(space.scene, float(points[-1, 2]))].name
    return Connector(
        kind="incline",
        levels=(low, high),
        rise_m=rise,
        going_m=run,
        steps=0,
        slope_deg=slope.slope_deg,
        width_m=_width(space, slope, points),
        headroom_m=float(space.height_over(points).min()),
        source=(piece.source,),
        line=line_of_travel(walk, ends),
        treads_m=(float(points[0, 2]), float(points[-1, 2])),
        areas=(_strip(slope, points[0]), _strip(slope, points[-1])),
        foot=ends.foot,
        head=ends.head,
        warnings=tuple(_warnings(ends, points)),
    )


def _width(space: Space, slope: Slope, points: Floats) -> float:
    """The least clear width over a slope, its ends aside."""
    inner = points[1:-1] if len(points) > 2 else points.mean(axis=0)[None]
    return min(clear_width(space, slope.area, point, slope.uphill) for point in inner)


def _open(space: Space, points: Floats, uphill: Floats) -> Floats:
    """The points (K, 3) from the low to the high end that are not under a floor; one may begin right at an end."""
    if not len(points):
        return points
    places = points[:, :2].copy()
    places[0] += INSIDE_M * uphill
    places[-1] -= INSIDE_M * uphill
    slabs = [i.id for i in space.scene.instances if i.category in ("floor", "ground")]
    hits = space.surfaces.crossings(places)
    over = hits.height_m - points[hits.line, 2]
    buried = np.isin(hits.instance, slabs) & hits.faces_up & (over > SLACK_M) & (over < BURIED_M)
    kept: Floats = np.delete(points, np.unique(hits.line[buried]), axis=0)
    return kept


def _ends(space: Space, piece: Instance, slope: Slope, points: Floats) -> Ends:
    """The floors at the low and the high edge."""
    own = [piece.id]
    exits = []
    for point, direction in ((points[0], -slope.uphill), (points[-1], slope.uphill)):
        area = _strip(slope, point)
        strip = Tread(float(point[2]), area, area)
        window = (-LARGEST_RISE_M, LARGEST_RISE_M)
        exits.append(best_exit(space, own, strip, point, direction, window))
    return ends_at(space, (exits[0], 0), (exits[1], 1))


def _strip(slope: Slope, point: Floats) -> shapely.Polygon:
    """The strip across a slope around a point."""
    across = np.array([-slope.uphill[1], slope.uphill[0]]) * slope.area.length
    line = shapely.LineString([point[:2] - across, point[:2] + across])
    return largest_part(overlay.intersection(slope.area, overlay.buffer(line, STRIP_M, cap_style="flat")))


def _warnings(ends: Ends, points: Floats) -> list[str]:
    found = []
    for name, end, point in (("low", ends.foot, points[0]), ("high", ends.head, points[-1])):
        if end is None:
            found.append(f"no free floor at its {name} end, at {point[2]:.2f} m")
        elif abs(end.height_m - point[2]) > 0.02:
            found.append(f"its {name} end is {abs(end.height_m - point[2]):.2f} m off the floor there")
    return found
