"""Which room each place is in."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scenes import overlay
from scenes.scene import Room, Scene
from scenes.walkable import Grid
from sim.nav.standing import Places

_BELOW_M = 0.3
"""A place this far below a room's floor still counts as in it: the foot of a step."""


def places_rooms(scene: Scene, grid: Grid, places: Places) -> npt.NDArray[np.int16]:
    """(N,) index of the room each place is in: on its plan, and between its floor and the next one; -1: none."""
    found = np.full(len(places.cell), -1, np.int16)
    order = sorted(range(len(scene.rooms)), key=lambda n: (scene.levels[scene.rooms[n].level].elevation_m, n))
    for number in order:
        room = scene.rooms[number]
        level = scene.levels[room.level]
        inside = _within(room, grid, places)
        z = places.z_m[inside] - level.elevation_m
        top = level.height_m + level.floor_thickness_m
        found[inside[(z > -_BELOW_M) & (z < top)]] = number
    return found


def _within(room: Room, grid: Grid, places: Places) -> npt.NDArray[np.int64]:
    """The places on the plan of a room, at any height."""
    import shapely

    polygon = np.array(room.polygon)
    if len(polygon) < 3:
        return np.zeros(0, np.int64)
    low = np.floor((polygon.min(axis=0) - np.array(grid.origin_m)) / grid.cell_m).astype(int)
    high = np.floor((polygon.max(axis=0) - np.array(grid.origin_m)) / grid.cell_m).astype(int) + 1
    low, high = np.clip(low, 0, grid.shape), np.clip(high, 0, grid.shape)
    columns = np.arange(low[0], high[0]) * grid.shape[1]
    ranges = [np.arange(places.start[c + low[1]], places.start[c + high[1]]) for c in columns]
    if not ranges:
        return np.zeros(0, np.int64)
    candidates = np.concatenate(ranges)
    centre = grid.centres(places.cell[candidates])
    area = overlay.valid(shapely.Polygon(polygon))
    shapely.prepare(area)
    return candidates[shapely.contains_xy(area, centre[:, 0], centre[:, 1])]
