"""Finds the connectors of a scene, however they were drawn: by their surfaces, not by their names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from scenes.build.categories import STEP_BOX_SIDES_M, TREAD_RISE_M
from scenes.connectors.connector import Connector, Landing
from scenes.connectors.floor_steps import Floor, floor_steps, floors_of
from scenes.connectors.inclines import incline
from scenes.connectors.space import Space
from scenes.connectors.stairs import stairs
from scenes.connectors.treads import LARGEST_RISE_M, Tread, exposed, level_faces
from scenes.graph import components
from scenes.scene import Instance, Scene

AROUND_M = 3.0
TOUCH_M = 0.05
SAME_HEIGHT_M = 0.01
NEAR_M, MOST_BOXES = 0.6, 2
"""A box that is a step has both floors this near, two boxes on the way to it at most: three are stairs anyhow."""

Members = tuple[Instance, ...]


@dataclass(frozen=True)
class Box:
    """A piece with a single level top."""

    piece: Instance
    top: Tread


def find_connectors(scene: Scene) -> tuple[Connector, ...]:
    """All stairs and inclines of a scene: staircases, boxes, inclines, and steps between floors."""
    everything = Space.of(scene)
    found: list[Connector | None] = []
    inclines = [piece for piece in scene.instances if piece.category == "ramp"]
    found += [incline(_around(everything, [piece]), piece) for piece in inclines]
    flights = _flights(everything, [piece for piece in scene.instances if piece.category == "stair"])
    found += [stairs(_around(everything, members), members, treads) for members, treads in flights]
    floors = floors_of(everything)
    for members, treads in _blocks(everything, floors):
        made = stairs(_around(everything, members), members, treads)
        found.append(made if made and _joins_floors(scene, made) else None)
    found += floor_steps(everything, floors)
    return tuple(connector for connector in found if connector is not None)


def _around(space: Space, members: Sequence[Instance]) -> Space:
    boxes = np.array([member.bounds_m for member in members])
    return space.within(boxes[:, 0].min(axis=0) - AROUND_M, boxes[:, 1].max(axis=0) + AROUND_M)


def _flights(space: Space, pieces: Sequence[Instance]) -> Iterator[tuple[Members, list[Tread]]]:
    """Stairs with their treads: each piece alone, but boxes that make one stair together."""
    boxes: list[Box] = []
    for piece in pieces:
        treads = _treads_of(space, [piece])
        if len(treads) == 1:
            boxes.append(Box(piece, treads[0]))
        else:
            yield (piece,), treads
    yield from ((members, _treads_of(space, members)) for members in _rows(boxes))


def _treads_of(space: Space, members: Sequence[Instance]) -> list[Tread]:
    """The level faces of instances that one can step on."""
    return exposed(level_faces(np.concatenate([space.surfaces.of_instance(member.id) for member in members])))


def _blocks(space: Space, floors: Sequence[Floor]) -> Iterator[tuple[Members, list[Tread]]]:
    """Furniture near floors of two heights that may be a step or two between them."""
    tree = shapely.STRtree([floor.area for floor in floors])
    heights = np.array([floor.height_m for floor in floors])
    boxes: list[Box] = []
    for piece in space.scene.instances:
        (x0, y0, _), (x1, y1, top) = piece.bounds_m
        if piece.category != "furniture" or max(x1 - x0, y1 - y0) < STEP_BOX_SIDES_M[1]:
            continue
        near = heights[tree.query(shapely.box(x0, y0, x1, y1), predicate="dwithin", distance=NEAR_M)]
        near = near[np.abs(near - top) < MOST_BOXES * LARGEST_RISE_M]
        if len(near) and np.ptp(near) >= TREAD_RISE_M[0]:
            treads = _treads_of(space, [piece])
            if len(treads) > 1:
                yield (piece,), treads
            elif treads and _is_step(piece, treads[0]):
                boxes.append(Box(piece, treads[0]))
    yield from ((members, _treads_of(space, members)) for members in _rows(boxes))


def _is_step(piece: Instance, top: Tread) -> bool:
    """Whether the level top of a piece is all of its upper side, and large enough to tread on."""
    outline = shapely.minimum_rotated_rectangle(top.area)
    short, long = sorted(np.hypot(*np.diff(shapely.get_coordinates(outline)[:3], axis=0).T).tolist())
    is_top = abs(top.height_m - piece.bounds_m[1][2]) < SAME_HEIGHT_M
    return (
        is_top and short >= STEP_BOX_SIDES_M[0] and long >= STEP_BOX_SIDES_M[1] and top.area.area > 0.9 * short * long
    )


def _joins_floors(scene: Scene, connector: Connector) -> bool:
    """Whether a connector leads from a floor up to a higher one."""
    foot, head = connector.foot, connector.head
    if foot is None or head is None or not _is_floor(scene, foot) or not _is_floor(scene, head):
        return False
    rises = np.array(connector.risers_m)
    return bool(head.height_m - foot.height_m >= TREAD_RISE_M[0] and (rises > -SAME_HEIGHT_M).all())


def _is_floor(scene: Scene, landing: Landing) -> bool:
    return any(i.source == landing.source and i.category in ("floor", "ground") for i in scene.instances)


def _rows(boxes: Sequence[Box]) -> Iterator[Members]:
    """Boxes that touch on the plan and rise by risers, from the lowest to the highest."""
    if not boxes:
        return
    areas = [box.top.area for box in boxes]
    heights = np.array([box.top.height_m for box in boxes])
    first, second = shapely.STRtree(areas).query(areas, predicate="dwithin", distance=TOUCH_M)
    rise = heights[second] - heights[first]
    steps = (rise >= TREAD_RISE_M[0]) & (rise <= TREAD_RISE_M[1])
    labels = components(len(boxes), first[steps], second[steps])
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        yield tuple(boxes[i].piece for i in members[np.argsort(heights[members], kind="stable")].tolist())
