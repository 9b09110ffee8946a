"""Overlays of plan areas: what they cover together, have in common, leave of each other, and grow or shrink to.

Every overlay of the library goes through this module. Borders that nearly coincide, as those of turned models do, make
the geometry engine raise errors or return polygons inside out; so each input is made valid here, and each result lies
on one grid, on which the engine's overlays are exact. Its buffers with mitred joins, and those that shrink, may lose
most of an area (github.com/libgeos/geos/issues/984, 1047, 1403): they are overlays of simple parts here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from scenes.errors import HomeError
from scenes.mesh import Floats

GRID = 1e-6
"""What coordinates of results are whole multiples of, in the inputs' own unit (m, cm, or the side of a unit square).

It is finer than the float32 of a scene at 10 m, and coarser than rounding errors at 1,000 km.
"""

Areas = Iterable[BaseGeometry] | npt.NDArray[np.object_]
HAIR_CELLS = 4
"""What is no wider than so many cells of the grid is no area."""
NEARLY = 0.03
MOST_PLACES = 16
"""A buffer is looked at so much nearer and further than its distance, at most at so many places along an edge."""
LONGEST_TIP = 5.0
"""A mitred tip reaches at most so many times the distance over the ends of its edges, where it is cut off."""

CapStyle = Literal["round", "flat", "square"]
JoinStyle = Literal["round", "mitre", "bevel"]


def union(areas: Areas) -> BaseGeometry:
    """Return what is covered by any of the areas."""
    return _on_grid(shapely.union_all, valid(np.array([*areas], dtype=object)))


def intersection(area: BaseGeometry, other: BaseGeometry) -> BaseGeometry:
    """Return what two areas have in common, or the stretches of a line that lie in an area."""
    return _on_grid(shapely.intersection, valid(area), valid(other))


def intersections(areas: npt.NDArray[np.object_], other: BaseGeometry) -> npt.NDArray[np.object_]:
    """Return what each of the areas (N,) has in common with another one."""
    found: npt.NDArray[np.object_] = _on_grid(shapely.intersection, valid(areas), valid(other))
    return found


def difference(area: BaseGeometry, other: BaseGeometry) -> BaseGeometry:
    """Return what an area leaves without another one."""
    return _on_grid(shapely.difference, valid(area), valid(other))


def symmetric_difference(area: BaseGeometry, other: BaseGeometry) -> BaseGeometry:
    """Return what is covered by one of two areas but not by both."""
    return _on_grid(shapely.symmetric_difference, valid(area), valid(other))


def buffer(
    area: BaseGeometry, distance: float, *, join_style: JoinStyle = "round", cap_style: CapStyle = "round"
) -> BaseGeometry:
    """Return an area (or line, or point) with its border moved outwards by a distance; inwards if that is negative.

    Corners that the move opens are rounded, mitred or bevelled by `join_style`; `cap_style` is for the ends of lines.
    """
    start = valid(area)
    if distance == 0 or start.is_empty:
        return _on_grid(shapely.set_precision, start)
    if join_style == "mitre" and isinstance(start, shapely.Polygon | shapely.MultiPolygon):
        rim = _mitred_rim(start, distance)
        return union([start, *rim]) if distance > 0 else difference(start, union(rim))
    if distance < 0:
        return difference(start, buffer(shapely.boundary(start), -distance, join_style=join_style))
    grown = shapely.buffer(start, distance, join_style=join_style, cap_style=cap_style)
    if join_style == cap_style == "round" and not _reaches(grown, start, distance):
        grown = union([start, *shapely.buffer(_edges(start), distance)])
    return _on_grid(shapely.set_precision, valid(grown))


def _reaches(grown: BaseGeometry, area: BaseGeometry, distance: float) -> bool:
    """Whether an area rounded outwards is one: points beside the border, a little nearer and further, say so."""
    edges = _edges(area)
    if not shapely.is_valid(grown) or not len(edges):
        return bool(shapely.is_valid(grown))
    ends = shapely.get_coordinates(edges).reshape(-1, 2, 2)
    steps = ends[:, 1] - ends[:, 0]
    counts = np.clip(np.ceil(np.hypot(*steps.T) / (2 * distance)), 1, MOST_PLACES).astype(int)
    edge = np.repeat(np.arange(len(edges)), counts)
    share = (np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts) + 0.5) / counts[edge]
    out = np.column_stack([steps[:, 1], -steps[:, 0]]) * (distance / np.hypot(*steps.T))[:, None]
    places, out = ends[edge, 0] + share[:, None] * steps[edge], out[edge]
    near = np.concatenate([places - (1 - NEARLY) * out, places + (1 - NEARLY) * out])
    far = np.concatenate([places - (1 + NEARLY) * out, places + (1 + NEARLY) * out])
    shapely.prepare([grown, area])
    is_far = ~shapely.dwithin(area, shapely.points(far), (1 + NEARLY / 2) * distance)
    return bool(shapely.contains_xy(grown, *near.T).all() and not shapely.contains_xy(grown, *far[is_far].T).any())


def _edges(area: BaseGeometry) -> npt.NDArray[np.object_]:
    """The straight pieces of an area's border, or of a line."""
    corners, line = shapely.get_coordinates(shapely.get_parts(_lines(area)), return_index=True)
    pairs = np.stack([corners[:-1], corners[1:]], axis=1)
    is_piece = (line[:-1] == line[1:]) & (pairs[:, 0] != pairs[:, 1]).any(axis=1)
    found: npt.NDArray[np.object_] = shapely.linestrings(pairs[is_piece])
    return found


def _lines(area: BaseGeometry) -> BaseGeometry:
    return shapely.boundary(area) if shapely.get_dimensions(area) == 2 else area


def valid(areas: Any) -> Any:
    """Return areas, one or an array of them, as they are; what crosses itself is taken apart where it does.

    Of such a ring the area is what it goes around an odd number of times. Of a collection its polygons remain, or else
    its lines.
    """
    is_whole = shapely.is_valid(areas) & (shapely.get_type_id(areas) != shapely.GeometryType.GEOMETRYCOLLECTION)
    if np.all(is_whole):
        return areas
    if isinstance(areas, BaseGeometry):
        return _foremost(shapely.make_valid(areas))
    found = areas.copy()
    found[~is_whole] = [_foremost(area) for area in shapely.make_valid(areas[~is_whole])]
    return found


def _foremost(area: BaseGeometry) -> BaseGeometry:
    """The parts of a collection that have the most dimensions."""
    if not isinstance(area, shapely.GeometryCollection):
        return area
    parts = shapely.get_parts(shapely.get_parts(area))
    dimensions = shapely.get_dimensions(parts)
    foremost: BaseGeometry = shapely.union_all(parts[dimensions == dimensions.max(initial=-1)], grid_size=GRID)
    return foremost


def _on_grid(operation: Callable[..., Any], *areas: Any) -> Any:
    """The result of an operation on valid areas, on the grid."""
    try:
        found = valid(operation(*areas, grid_size=GRID))
    except shapely.errors.GEOSException as error:
        bounds = np.round(np.nan_to_num(shapely.total_bounds(areas[0])), 2).tolist()
        raise HomeError(f"areas within {bounds} cannot be overlaid: {error}; redraw what lies there") from error
    return _without_hairs(found) if isinstance(found, BaseGeometry) else found


def _without_hairs(area: BaseGeometry) -> BaseGeometry:
    """An area without parts and holes as wide as the grid, which rounding makes: a buffer would widen them."""
    if area.is_empty or not isinstance(area, shapely.Polygon | shapely.MultiPolygon):
        return area
    rings, part = shapely.get_rings(shapely.get_parts(area), return_index=True)
    is_wide = shapely.area(shapely.polygons(rings)) > GRID * HAIR_CELLS / 2 * shapely.length(rings)
    if is_wide.all():
        return area
    is_outer = np.diff(part, prepend=-1) > 0
    kept = [rings[(part == index) & is_wide] for index in part[is_outer & is_wide].tolist()]
    wide = [shapely.Polygon(outer, holes) for outer, *holes in kept]
    return wide[0] if len(wide) == 1 else shapely.MultiPolygon(wide) if wide else shapely.Polygon()


def _mitred_rim(area: shapely.Polygon | shapely.MultiPolygon, distance: float) -> npt.NDArray[np.object_]:
    """What a border with sharp corners passes over when it moves: a rectangle along each edge, a tip at each corner."""
    # edges as short as the grid run anywhere, and so would the tips at their ends
    smooth = shapely.simplify(area, 3 * GRID)
    rings = shapely.get_rings(shapely.orient_polygons(shapely.get_parts(smooth)))
    return np.concatenate([_ring_rim(shapely.get_coordinates(ring), distance) for ring in rings])


def _ring_rim(corners: Floats, distance: float) -> npt.NDArray[np.object_]:
    """The rim of a closed ring (N, 2) that has its area on its left; `distance` to the right."""
    steps = np.diff(corners, axis=0)
    lengths = np.hypot(*steps.T)
    starts, ends = corners[:-1][lengths > 0], corners[1:][lengths > 0]
    along = steps[lengths > 0] / lengths[lengths > 0, None]
    out = distance * np.column_stack([along[:, 1], -along[:, 0]])
    # parts overlap, here across the border and below along the edges: rounding would leave hairs between them
    edges = shapely.polygons(np.stack([starts - out / 2, ends - out / 2, ends + out, starts + out], axis=1))
    arriving, before = np.roll(along, 1, axis=0), starts + np.roll(out, 1, axis=0)
    cosine = (arriving * along).sum(axis=1)
    # the tangent of half the turn: from the end of a moved edge to where the next one meets it
    tangent = np.sqrt(np.maximum(1 - cosine, 0.0) / np.maximum(1 + cosine, 1e-12))
    reach = abs(distance) * np.minimum(tangent, LONGEST_TIP)[:, None]
    back = np.minimum(abs(distance), lengths[lengths > 0])[:, None] / 2
    ahead, behind = before + reach * arriving, starts + out - reach * along
    tips = np.stack(
        [starts, before - np.roll(back, 1, axis=0) * arriving, ahead, behind, starts + out + back * along], axis=1
    )
    opens = (arriving[:, 0] * along[:, 1] - arriving[:, 1] * along[:, 0]) * distance > 0
    return np.concatenate([edges, shapely.polygons(tips[opens])])
