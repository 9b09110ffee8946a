"""Finds the connectors of a scene, however they were drawn: by their surfaces, not by their names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import shapely

from scenes.build.categories import TREAD_RISE_M
from scenes.connectors.connector import Connector
from scenes.connectors.inclines import incline
from scenes.connectors.space import Space
from scenes.connectors.stairs import stairs
from scenes.connectors.treads import exposed, level_faces
from scenes.graph import components
from scenes.mesh import Floats
from scenes.scene import Instance, Scene

AROUND_M = 3.0
TOUCH_M = 0.05


def find_connectors(scene: Scene) -> tuple[Connector, ...]:
    """All stairs and inclines of a scene, in the order of their instances."""
    pieces = [i for i in scene.instances if i.category in ("stair", "ramp")]
    if not pieces:
        return ()
    everything = Space.of(scene)
    found = []
    for members in _flights(everything, pieces):
        boxes = np.array([member.bounds_m for member in members])
        space = everything.within(boxes[:, 0].min(axis=0) - AROUND_M, boxes[:, 1].max(axis=0) + AROUND_M)
        made = incline(space, members[0]) if members[0].category == "ramp" else stairs(space, members)
        if made is not None:
            found.append(made)
    return tuple(found)


def _flights(space: Space, pieces: Sequence[Instance]) -> Iterator[tuple[Instance, ...]]:
    """The pieces, each alone, but boxes that make one stair together."""
    boxes: list[tuple[Instance, float, shapely.Polygon]] = []
    for piece in pieces:
        treads = exposed(level_faces(corners_of(space, [piece]))) if piece.category == "stair" else []
        if len(treads) == 1:
            boxes.append((piece, treads[0].height_m, treads[0].area))
        else:
            yield (piece,)
    yield from _rows(boxes)


def _rows(boxes: Sequence[tuple[Instance, float, shapely.Polygon]]) -> Iterator[tuple[Instance, ...]]:
    """Boxes (instance, height and area of their top) that touch on the plan and rise by risers."""
    if not boxes:
        return
    areas = [area for _, _, area in boxes]
    heights = np.array([height for _, height, _ in boxes])
    first, second = shapely.STRtree(areas).query(areas, predicate="dwithin", distance=TOUCH_M)
    rise = heights[second] - heights[first]
    steps = (rise >= TREAD_RISE_M[0]) & (rise <= TREAD_RISE_M[1])
    labels = components(len(boxes), first[steps], second[steps])
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        yield tuple(boxes[i][0] for i in members[np.argsort(heights[members])].tolist())


def corners_of(space: Space, members: Sequence[Instance]) -> Floats:
    """The triangles (T, 3, 3) of some instances."""
    return np.concatenate([space.surfaces.of_instance(member.id) for member in members])
