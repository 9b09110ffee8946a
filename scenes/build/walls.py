"""Walls as solids: two halves along the middle line, cut by doors and windows, with baseboards.

Each half is the prism of its plan area less the openings, and, over each opening, prisms above and below it. That
leaves faces inside of the wall, as the program's own walls have them; nobody sees them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from scenes.build import exact
from scenes.build.fillings import filling
from scenes.build.frames import to_world
from scenes.build.openings import Opening
from scenes.build.palette import Palette
from scenes.build.prisms import Heights, level_at, sheet, sides, textured
from scenes.build.regions import polygons, region, rings
from scenes.build.surface import Surface
from scenes.build.wall_frame import WallFrame
from scenes.build.wall_outline import Outline, arc_centre
from scenes.home.plan import Baseboard
from scenes.limits import require_within
from scenes.mesh import Floats, Mesh, concatenate, flat

_ON_MIDDLE_CM = 0.03
"""A face this near to the middle line is between the halves and is left out."""


def wall_surfaces(frame: WallFrame, openings: Sequence[Opening], palette: Palette) -> list[Surface]:
    """The surfaces of a wall, without its baseboards."""
    wall = frame.wall
    if math.hypot(wall.x_end - wall.x_start, wall.y_end - wall.y_start) <= 0:
        return []
    found = []
    for left in (True, False):
        color = wall.left_side_color if left else wall.right_side_color
        texture = wall.left_side_texture if left else wall.right_side_texture
        shininess = wall.left_side_shininess if left else wall.right_side_shininess
        material = palette.painted("wall", color, texture, used_by=f"wall {wall.id}", shininess=shininess)
        solid = _cut_solid(frame, frame.half_area(left), frame.bottom_cm, frame.top, openings, left)
        solid.upright.extend(filling(frame, opening, left) for opening in openings if opening.fills(wall))
        body = textured(concatenate(solid.upright + solid.level), texture)
        found.append(Surface(body, material))
        if wall.top_color is None:
            found.append(Surface(textured(concatenate(solid.tops), texture), material))
        else:
            top = palette.painted("wall top", wall.top_color, None, used_by=f"wall {wall.id}")
            found.append(Surface(textured(concatenate(solid.tops), None), top))
    return [surface for surface in found if len(surface.mesh.triangles)]


def baseboard_surfaces(
    frame: WallFrame, with_baseboards: Outline, openings: Sequence[Opening], palette: Palette
) -> list[Surface]:
    """The baseboards of a wall. `with_baseboards`: its outline, widened by them."""
    wall = frame.wall
    wide = WallFrame(wall, with_baseboards, frame.floor_cm, frame.bottom_cm, frame.top)
    found = []
    boards: list[tuple[bool, Baseboard | None]] = [(True, wall.left_side_baseboard), (False, wall.right_side_baseboard)]
    for left, board in boards:
        if board is None or board.height <= 0 or board.thickness <= 0:
            continue
        color = board.color if board.color is not None else wall.left_side_color if left else wall.right_side_color
        own = wall.left_side_texture if left else wall.right_side_texture
        texture = board.texture or (own if board.color is None else None)
        material = palette.painted("baseboard", color, texture, used_by=f"wall {wall.id}")
        ring = np.concatenate([wide.side(left), frame.side(left)[::-1]])
        top = level_at(frame.floor_cm + board.height)
        solid = _cut_solid(frame, region(ring), frame.floor_cm, top, openings, left)
        mesh = textured(concatenate(solid.upright + solid.level + solid.tops), texture)
        if len(mesh.triangles):
            found.append(Surface(mesh, material))
    return found


@dataclass
class _Solid:
    """Faces of a solid: upright ones, level ones, and its top."""

    upright: list[Mesh]
    level: list[Mesh]
    tops: list[Mesh]


def _cut_solid(
    frame: WallFrame, area: BaseGeometry, bottom: float, top: Heights, openings: Sequence[Opening], left: bool
) -> _Solid:
    """The prism of a plan area between two heights, less the openings.

    Openings are cut whole: one clipped to the area first would leave spikes along its edges, from rounding.
    """
    solid = _Solid([], [], [])
    cells: list[tuple[BaseGeometry, list[tuple[float, float]]]] = []
    for opening in openings:
        reach = opening.reach(frame.wall)
        common = shapely.get_coordinates(exact.intersection(reach, area))
        if len(common) and opening.top_cm > bottom and opening.bottom_cm < top(common).max():
            cells = _overlay(cells, reach, (opening.sill_cm, opening.top_cm))
            require_within("wall_cells", len(cells), "the wall")
    whole = exact.difference(area, exact.union([cell for cell, _ in cells])) if cells else area
    for polygon in polygons(whole):
        _add_prism(solid, frame, polygon, level_at(bottom), top, left, is_top=True)
    for cell, gaps in cells:
        for polygon in polygons(exact.intersection(cell, area)):
            for low, high in _between(gaps, bottom):
                if high is not None:
                    _add_prism(solid, frame, polygon, level_at(low), level_at(high), left, is_top=False)
                else:
                    _add_lintel(solid, frame, polygon, low, top, left)
    return solid


def _overlay(
    cells: list[tuple[BaseGeometry, list[tuple[float, float]]]], hole: BaseGeometry, gap: tuple[float, float]
) -> list[tuple[BaseGeometry, list[tuple[float, float]]]]:
    """Cells with one more hole: where it overlaps a cell, that cell is split."""
    found = []
    rest = hole
    for cell, gaps in cells:
        if not shapely.intersects(cell, rest):
            found.append((cell, gaps))
            continue
        common = exact.intersection(cell, rest)
        if common.area > 0:
            found.append((common, [*gaps, gap]))
            found.append((exact.difference(cell, rest), gaps))
            rest = exact.difference(rest, cell)
        else:
            found.append((cell, gaps))
    return [*found, (rest, [gap])]


def _between(gaps: list[tuple[float, float]], bottom: float) -> list[tuple[float, float | None]]:
    """The ranges of heights that are solid; the last one, up to the wall's top, ends in None.

    Where gaps overlap, the program takes the one that reaches highest as if it began where the last one begins, so the
    wall goes on too high above them.
    """
    ranges: list[tuple[float, float | None]] = []
    low = bottom
    highest = (bottom, bottom)
    for start, end in sorted(gaps, key=lambda gap: gap[0]):
        if start > low:
            ranges.append((low, start))
        if end >= highest[1]:
            highest = (start, end)
        low = max(bottom, start + highest[1] - highest[0])
    return [*ranges, (low, None)]


def _add_lintel(solid: _Solid, frame: WallFrame, polygon: Polygon, low_cm: float, top: Heights, left: bool) -> None:
    """The wall above an opening, up to a top that may slope.

    Where the top dips below the opening, a round wall has no lintel, as in the program; a straight one's corners are
    moved along the wall to where the two meet. If it lies below everywhere they move to one line, which has no area but
    counts for the wall's bounds.
    """
    corners = np.asarray(polygon.exterior.coords)[:-1]
    sunk = np.maximum(0.0, low_cm - top(corners))
    if not sunk.any():
        _add_prism(solid, frame, polygon, level_at(low_cm), top, left, is_top=True)
        return
    run = np.array([frame.wall.x_end - frame.wall.x_start, frame.wall.y_end - frame.wall.y_start])
    gain = float(np.diff(top(np.array([[0.0, 0.0], run]))).item())
    if gain == 0.0 or arc_centre(frame.wall) is not None:
        return
    moved = corners + np.outer(sunk / gain, run)
    for part in polygons(region(moved)):
        _add_prism(solid, frame, part, level_at(low_cm), top, left, is_top=True)
    if np.all(sunk > 0):
        edge = to_world(moved[[0, 1, 2]], low_cm)
        solid.tops.append(flat(edge[None]))


def _add_prism(
    solid: _Solid, frame: WallFrame, polygon: Polygon, low: Heights, high: Heights, left: bool, *, is_top: bool
) -> None:
    for ring in rings(polygon):
        keep = ~_on_middle(frame, ring)
        solid.upright.append(sides(ring, low(ring), high(ring), along=_along(frame, ring, left), keep=keep))
    solid.level.append(sheet(polygon, low, faces_up=False))
    (solid.tops if is_top else solid.level).append(sheet(polygon, high, faces_up=True))


def _on_middle(frame: WallFrame, ring: Floats) -> npt.NDArray[np.bool_]:
    """Which edges of a ring lie on the wall's middle line.

    On a round wall that is the circle, as in the program: a chord's cut points lie off it, and their faces remain.
    """
    wall = frame.wall
    centre = arc_centre(wall)
    start = np.array([wall.x_start, wall.y_start])
    if centre is None:
        run = np.array([wall.x_end, wall.y_end]) - start
        normal = np.array([-run[1], run[0]]) / np.linalg.norm(run)
        distance = np.abs((ring - start) @ normal)
    else:
        radius = math.hypot(*(start - centre))
        distance = np.abs(np.linalg.norm(ring - centre, axis=1) - radius)
    near = distance < _ON_MIDDLE_CM
    both: npt.NDArray[np.bool_] = near & np.roll(near, -1)
    return both


def _along(frame: WallFrame, ring: Floats, left: bool) -> Floats:
    """The texture's u at both ends of each edge: along the side from its reference corner, on ends and jambs to 0."""
    wall = frame.wall
    following = np.roll(ring, -1, axis=0)
    lengths = np.linalg.norm(following - ring, axis=1)
    to_zero = np.stack([lengths, np.zeros(len(ring))], axis=1)
    centre = arc_centre(wall)
    reference = frame.side(left)[0]
    if centre is None:
        run = np.array([wall.x_end, wall.y_end]) - [wall.x_start, wall.y_start]
        run /= np.linalg.norm(run)
        position = (ring - reference) @ run
        is_side = np.abs((following - ring) @ run) > 0.99 * lengths
    else:
        radius = math.hypot(wall.x_start - centre[0], wall.y_start - centre[1])
        angle = np.unwrap(np.arctan2(*(ring - centre).T[::-1]))
        zero = math.atan2(reference[1] - centre[1], reference[0] - centre[0])
        position = np.abs(angle - zero) * radius
        is_side = (
            np.abs(np.linalg.norm(following - centre, axis=1) - np.linalg.norm(ring - centre, axis=1)) < 0.01 * lengths
        )
    along_side = frame.texture_turn(left) * np.stack([position, np.roll(position, -1)], axis=1)
    return np.where(is_side[:, None], along_side, to_zero)
