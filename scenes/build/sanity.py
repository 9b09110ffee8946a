"""What no home can hold is left out before anything is built of it, with a warning that names it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from scenes.home.basics import Element
from scenes.home.fields import layout
from scenes.home.furniture import FurnitureGroup, Piece
from scenes.home.home import Home
from scenes.home.plan import Wall

LARGEST_CM = 1e6
"""10 km. Numbers beyond it are mistakes, and spoil the precision of all others."""

LARGEST_ARC = 2 * math.pi

T = TypeVar("T", bound=Element)


def sane(home: Home) -> tuple[Home, list[str]]:
    """The home without senseless elements, and what was left out."""
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

    levels = kept("level", home.levels, _fault)
    return (
        replace(
            home,
            levels=levels,
            walls=kept("wall", home.walls, _wall_fault),
            rooms=tuple(replace(room, points=kept("point", room.points, _fault)) for room in home.rooms),
            polylines=tuple(replace(line, points=kept("point", line.points, _fault)) for line in home.polylines),
            labels=kept("label", home.labels, _fault),
            furniture=tuple(_sane_furniture(home.furniture, "", warnings)),
        ),
        warnings,
    )


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
            yield item
        else:
            warnings.append(f"left out piece {item.name!r} ({item.id or f'furniture[{here}]'}): {reason}")
            yield replace(item, visible=False)


def _fault(element: Element) -> str | None:
    """The first length of an element that is beyond any home."""
    for entry in layout(type(element)).attributes.values():
        value = getattr(element, entry.key)
        if isinstance(value, float) and abs(value) > LARGEST_CM:
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
