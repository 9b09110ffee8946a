"""Rules for things that stand on nothing: floating and sunk pieces, walls and floors that nothing carries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from scenes.check.elements import SurveyedPiece
from scenes.check.finding import Fault
from scenes.check.survey import Survey
from scenes.check.touch import touch
from scenes.graph import components
from scenes.mesh import Floats, Ints

TOUCH_M = 0.02
WALL_REACH_M = 0.1
"""What is this near to a wall is fixed to it."""
CEILING_REACH_M = 0.05
SLAB_REACH_M = 0.05
SAMPLES = 120
SUNK_SHARE = 0.5
COVERED_SHARE = 0.9


def floating(survey: Survey) -> Iterator[Fault]:
    """Pieces that touch no floor, wall or ceiling, nor other pieces that do. Members of a group hold each other."""
    pieces = [piece for piece in survey.pieces if piece.instance is not None and not piece.is_opening]
    loose = [i for i, piece in enumerate(pieces) if piece.category != "stair" and not _is_fixed(survey, piece)]
    for component in _hanging_together(survey, pieces, loose) if loose else []:
        members = [pieces[index] for index in component.tolist()]
        lowest = min(members, key=lambda piece: piece.bottom_m)
        others = f" and {len(members) - 1} more with it" if len(members) > 1 else ""
        message = f"{lowest.name}{others} floats {_height_text(survey, lowest)}"
        sources = tuple(member.source for member in members)
        yield Fault(message, sources, survey.level_name(lowest.level), lowest.centre)


def sunk(survey: Survey) -> Iterator[Fault]:
    """Pieces of which more than half is below the floor of their level, and which stand on nothing further down."""
    floors = [i.id for i in survey.scene.instances if i.category in ("floor", "ground")]
    for piece in survey.pieces:
        floor, height = survey.scene.levels[piece.level].elevation_m, piece.top_m - piece.bottom_m
        is_low = floor - piece.bottom_m > max(TOUCH_M, SUNK_SHARE * height)
        if not is_low or piece.instance is None or piece.is_opening or piece.category in ("stair", "ramp"):
            continue
        points = _samples(survey, piece)
        hits = survey.building.crossings(points[:, :2])
        hits = hits.where(hits.faces_up & np.isin(hits.instance, floors))
        covered = np.unique(hits.line[np.abs(hits.height_m - floor) <= TOUCH_M])
        stands = (np.abs(hits.height_m - piece.bottom_m) <= TOUCH_M).any()
        if len(covered) > COVERED_SHARE * len(points) and not stands:
            share = min(1.0, (floor - piece.bottom_m) / height)
            elevation = piece.placed.piece.elevation + (floor - piece.bottom_m) * 100
            message = (
                f"{piece.name} is sunk, {share:.0%} of its height are below the floor: "
                f"set its elevation to {round(elevation)} cm"
            )
            yield Fault(message, (piece.source,), survey.level_name(piece.level), piece.centre)


class _Block(NamedTuple):
    """A wall, a floor or a piece as an upright prism."""

    source: str
    level: int
    area: BaseGeometry
    bottom_m: float
    top_m: float


def uncarried(survey: Survey) -> Iterator[Fault]:
    """Walls and floors that hang in the air: neither on the ground nor touching anything that stands on it."""
    walls = [_Block(wall.source, wall.level, wall.area, wall.bottom_m, wall.top_m) for wall in survey.walls]
    floors = [
        _Block(f"{room.room.source}/floor", room.room.level, room.area, room.floor_m - room.slab_m, room.floor_m)
        for room in survey.rooms
        if room.room.has_floor
    ]
    pieces = [_Block(p.source, p.level, p.area, p.bottom_m, p.top_m) for p in survey.pieces if not p.is_opening]
    blocks = walls + floors + pieces
    if not blocks:
        return
    areas = [block.area for block in blocks]
    low, high = np.array([block.bottom_m for block in blocks]), np.array([block.top_m for block in blocks])
    first, second = shapely.STRtree(areas).query(areas, predicate="dwithin", distance=SLAB_REACH_M)
    meet = (low[first] <= high[second] + TOUCH_M) & (high[first] >= low[second] - TOUCH_M)
    labels = components(len(blocks), first[meet], second[meet])
    built = len(walls) + len(floors)
    for label in sorted(set(labels[:built].tolist()) - set(labels[low <= TOUCH_M].tolist())):
        members = np.flatnonzero(labels[:built] == label)
        under = (labels[first] == label) & (labels[second] != label) & (low[first] > high[second])
        gap = float((low[first] - high[second])[under].min(initial=low[members].min()))
        lowest = blocks[int(members[np.argmin(low[members])])]
        hanging = _count(members < len(walls), members >= len(walls))
        message = (
            f"{hanging} in the air, {gap:.2f} m over what is below: lower the elevation of the level to that of the "
            "level below + its height + the thickness of the floor between, or make the walls below higher"
        )
        point = lowest.area.representative_point()
        where = (float(point.x), float(point.y), lowest.bottom_m)
        yield Fault(message, tuple(blocks[i].source for i in members.tolist()), survey.level_name(lowest.level), where)


def _count(is_wall: npt.NDArray[np.bool_], is_floor: npt.NDArray[np.bool_]) -> str:
    """How many walls and floors hang: "1 wall and 2 floors hang"."""
    numbers = {"wall": int(is_wall.sum()), "floor": int(is_floor.sum())}
    parts = [f"{number} {noun}{'s' * (number != 1)}" for noun, number in numbers.items() if number]
    return f"{' and '.join(parts)} {'hangs' if sum(numbers.values()) == 1 else 'hang'}"


def _height_text(survey: Survey, piece: SurveyedPiece) -> str:
    """How high a piece floats, and what to set its elevation to."""
    points = _samples(survey, piece)
    hits = survey.surfaces.crossings(points[:, :2])
    own = piece.instance.id if piece.instance else 0
    below = hits.height_m[(hits.instance != own) & (hits.height_m < piece.bottom_m + TOUCH_M)]
    if not len(below):
        return "with nothing below it: move it over a floor"
    gap = piece.bottom_m - float(below.max())
    elevation = round(piece.placed.piece.elevation - gap * 100)
    return (
        f"{gap:.2f} m over what is below it, and touches no wall or ceiling: "
        f"set its elevation to {elevation} cm, or move it to a wall"
    )


def _is_fixed(survey: Survey, piece: SurveyedPiece) -> bool:
    """Whether a piece touches the building, or reaches up to where a ceiling would be."""
    level = survey.scene.levels[piece.level]
    if abs(piece.top_m - level.elevation_m - level.height_m) <= CEILING_REACH_M:
        return True
    walls = survey.walls_near(piece.area, WALL_REACH_M)
    if any(wall.bottom_m - TOUCH_M <= piece.top_m and wall.top_m + TOUCH_M >= piece.bottom_m for wall in walls):
        return True
    heights = survey.building.crossings(_samples(survey, piece)[:, :2]).height_m
    return bool(((heights >= piece.bottom_m - TOUCH_M) & (heights <= piece.top_m + TOUCH_M)).any())


def _hanging_together(survey: Survey, pieces: Sequence[SurveyedPiece], loose: list[int]) -> list[Ints]:
    """The sets of loose pieces (indices) that touch each other and nothing that is fixed."""
    boxes = np.array([piece.instance.bounds_m for piece in pieces if piece.instance])
    low, high = boxes[:, 0], boxes[:, 1]
    groups = np.array([piece.outermost for piece in pieces])
    edges: list[tuple[int, int]] = []
    for i in loose:
        near = (low <= high[i] + TOUCH_M).all(axis=1) & (high >= low[i] - TOUCH_M).all(axis=1)
        others = [j for j in np.flatnonzero(near | (groups == groups[i])).tolist() if j != i]
        edges += [(i, j) for j in others if groups[i] == groups[j] or _touch(survey, pieces[i], pieces[j])]
    labels = components(len(pieces), *np.array(edges, np.int64).reshape(-1, 2).T)
    fixed = set(labels[np.setdiff1d(np.arange(len(pieces)), loose)].tolist())
    return [np.flatnonzero(labels == label) for label in sorted({int(labels[i]) for i in loose} - fixed)]


def _touch(survey: Survey, a: SurveyedPiece, b: SurveyedPiece) -> bool:
    return touch(_triangles(survey, a), _triangles(survey, b), TOUCH_M)


def _triangles(survey: Survey, piece: SurveyedPiece) -> Floats:
    assert piece.instance is not None
    return survey.surfaces.of_instance(piece.instance.id)


def _samples(survey: Survey, piece: SurveyedPiece) -> Floats:
    """Some corners (N, 3) of a piece's triangles, most of them low and high ones."""
    points = _triangles(survey, piece).reshape(-1, 3)
    ends = [points[points[:, 2] < piece.bottom_m + TOUCH_M], points[points[:, 2] > piece.top_m - TOUCH_M], points]
    return np.concatenate([some[:: max(1, len(some) // SAMPLES)] for some in ends])
