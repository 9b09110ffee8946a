"""What no home can hold is left out before anything is built of it, with a warning that names it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from scenes.home.basics import Element, Point
from scenes.home.fields import layout
from scenes.home.furniture import FurnitureGroup, Light, Piece
from scenes.home.home import Home
from scenes.home.plan import Wall
from scenes.limits import excess, limits, require_within, unit
from scenes.mesh import Floats

LARGEST_CM = 1e6
"""10 km. Numbers beyond it are mistakes, and spoil the precision of all others."""

LARGEST_ARC = 2 * math.pi

_ROWS = 100
"""So many outlines or edges are held against all others at once."""

T = TypeVar("T", bound=Element)


def sane(home: Home) -> tuple[Home, list[str]]:
    """The home without senseless elements, and what was left out.

    Raises:
        HomeError: more levels, walls, rooms or pieces than are built; without some of them the home makes no sense.
    """
    for name, elements in (("levels", home.levels), ("walls", home.walls), ("rooms", home.rooms)):
        require_within(name, len(elements), "the home")
    require_within("pieces", sum(1 for _ in _leaves(home.furniture)), "the home")
    warnings: list[str] = []

    def kept(kind: str, elements: Iterable[T], fault: Callable[[T], str | None]) -> tuple[T, ...]:
        found = []
        for index, element in enumerate(elements):
            reason = fault(element)
            if reason is None:
                found.append(element)
            else:
                warnings.append(f"left out {kind} {_name(element, index)}: {reason}")
        return tuple(found)

    def first(name: str, elements: tuple[T, ...]) -> tuple[T, ...]:
        over = excess(name, len(elements))
        if over is None:
            return elements
        most = getattr(limits(), name)
        warnings.append(f"left out {len(elements) - most:,} of {len(elements):,} {unit(name)}: {over}")
        return elements[:most]

    levels = kept("level", home.levels, _fault)
    rooms = tuple(replace(room, points=kept("point", room.points, _fault)) for room in home.rooms)
    lines = first("lines", home.polylines)
    lines = tuple(replace(line, points=kept("point", line.points, _fault)) for line in lines)
    return (
        replace(
            home,
            levels=levels,
            walls=kept("wall", home.walls, _wall_fault),
            rooms=kept("room", rooms, lambda room: _outline_fault(room.points, closed=True)),
            polylines=kept("polyline", lines, lambda line: _outline_fault(line.points, closed=False)),
            labels=kept("label", first("labels", home.labels), _fault),
            wall_height=_sane_height(home.wall_height, warnings),
            cameras=kept("camera", home.cameras, _fault),
            furniture=tuple(_sane_furniture(home.furniture, "", warnings)),
        ),
        warnings,
    )


def _sane_height(wall_height: float, warnings: list[str]) -> float:
    """The height of walls that say none, cm; the program's own for one that is beyond any home."""
    if 0 <= wall_height <= LARGEST_CM:
        return wall_height
    default = Home().wall_height
    warnings.append(f"wallHeight is {wall_height:g} cm; taken as {default:g}")
    return default


def require_few_overlaps(what: str, areas: Sequence[BaseGeometry]) -> None:
    """Raise HomeError if more pairs of areas meet than are built: what comes of them grows with their number."""
    areas = [area for area in areas if area.area > 0]
    tree = shapely.STRtree(areas)
    count = 0
    for start in range(0, len(areas), _ROWS):
        pairs = tree.query(areas[start : start + _ROWS], predicate="intersects")
        count += pairs.shape[1]
        require_within("overlaps", (count - min(len(areas), start + _ROWS)) / 2, what)


def _leaves(items: Iterable[Piece | FurnitureGroup]) -> Iterator[Piece]:
    for item in items:
        if isinstance(item, FurnitureGroup):
            yield from _leaves(item.members)
        else:
            yield item


def _outline_fault(corners: Sequence[Point], *, closed: bool) -> str | None:
    """What is wrong with an outline as a whole: too many corners, or it crosses itself too often."""
    over = excess("corners", len(corners))
    if over is not None or len(corners) < 3:
        return over
    points = np.array([(point.x, point.y) for point in corners])
    simple = shapely.Polygon(points).is_valid if closed else shapely.LineString(points).is_simple
    return None if simple else excess("crossings", _crossings(points, closed=closed))


def _crossings(points: Floats, *, closed: bool) -> int:
    """How often the edges of an outline cross each other; as soon as that is over the limit, what was counted then."""
    starts, ends = (points, np.roll(points, -1, axis=0)) if closed else (points[:-1], points[1:])
    most, count = limits().crossings, 0
    for first in range(0, len(starts), _ROWS):
        a, b = (table[first : first + _ROWS, None] for table in (starts, ends))
        across = _side(a, b, starts) * _side(a, b, ends) < 0
        across &= _side(starts, ends, a) * _side(starts, ends, b) < 0
        count += int(np.triu(across, first + 1).sum())
        if count > most:
            break
    return count


def _side(start: Floats, end: Floats, point: Floats) -> Floats:
    """1, -1 or 0: on which side of the line from start to end a point is; all (..., 2)."""
    run, offset = end - start, point - start
    return np.sign(run[..., 0] * offset[..., 1] - run[..., 1] * offset[..., 0])


def _sane_furniture(
    items: Iterable[Piece | FurnitureGroup], path: str, warnings: list[str]
) -> Iterable[Piece | FurnitureGroup]:
    """Pieces in place: one that is left out becomes invisible, so that the others keep their paths."""
    for index, item in enumerate(items):
        here = f"{path}/{index}" if path else str(index)
        if isinstance(item, FurnitureGroup):
            yield replace(item, members=tuple(_sane_furniture(item.members, here, warnings)))
            continue
        reason = _piece_fault(item)
        if reason is None:
            yield _with_sane_sources(item, here, warnings)
        else:
            warnings.append(f"left out piece {item.name!r} ({item.id or f'furniture[{here}]'}): {reason}")
            yield replace(item, visible=False)


def _with_sane_sources(piece: Piece, path: str, warnings: list[str]) -> Piece:
    """A piece without the lamps that lie beyond any home."""
    if not isinstance(piece, Light):
        return piece
    kept = tuple(source for source in piece.light_sources if _fault(source) is None)
    if len(kept) < len(piece.light_sources):
        warnings.append(f"left out lamps of {piece.name!r} ({piece.id or f'furniture[{path}]'}): beyond any home")
    return replace(piece, light_sources=kept)


def _fault(element: Element) -> str | None:
    """The first length of an element that is beyond any home."""
    for entry in layout(type(element)).attributes.values():
        value = getattr(element, entry.key)
        if isinstance(value, float) and not abs(value) <= LARGEST_CM:
            return f"{entry.name} is {value:g} cm"
    return None


def _wall_fault(wall: Wall) -> str | None:
    if wall.thickness <= 0:
        return f"thickness is {wall.thickness:g} cm"
    if abs(wall.arc_extent or 0.0) > LARGEST_ARC:
        return f"arcExtent is {wall.arc_extent:g} radians"
    return _fault(wall)


def _piece_fault(piece: Piece) -> str | None:
    for name in ("width", "depth", "height"):
        if getattr(piece, name) <= 0:
            return f"{name} is {getattr(piece, name):g} cm"
    if len(piece.model_rotation) != 9:
        return f"modelRotation has {len(piece.model_rotation)} numbers, not 9"
    return _fault(piece)


def _name(element: Element, index: int) -> str:
    fields = {field.name for field in dataclasses.fields(element)}
    for key in ("name", "id"):
        if key in fields and getattr(element, key):
            return repr(getattr(element, key))
    return str(index)
