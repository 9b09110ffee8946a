"""`Ground`: all places where a body fits and can walk on, over all levels, in islands."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from scenes.body import BodySize
from scenes.errors import HomeError
from scenes.scene import Scene
from scenes.walkable import Columns, Grid, build_columns
from sim.nav.clearance import Clearance, measure_clearance
from sim.nav.rooms import places_rooms
from sim.nav.standing import Floats, Ints, Places, chosen, find_places

BEARING = frozenset({"floor", "stair", "ramp", "ground"})
"""An island without one of these is the top of a cupboard, not a place to be."""
MIN_ISLAND_M2 = 0.05
_BOX_M2 = 4.0
"""A smaller island under surfaces that show their inner side lies inside of a box."""


@dataclass(frozen=True)
class Island:
    """Places that are joined. `rooms`: indices of `Scene.rooms`, the largest part first."""

    name: str
    area_m2: float
    rooms: tuple[int, ...]
    levels: tuple[int, ...]


@dataclass(frozen=True)
class Ground:
    """N places where the body fits, one per cell and storey at most, sorted by cell and height.

    Attributes:
        grid: the cells.
        body: who fits.
        islands: the largest first.
        start: (C + 1,) int32, the places in cell c are `start[c] : start[c + 1]`.
        cell: (N,) int32.
        z_m: (N,) float32, height at the cell's centre.
        low_m: (N,) float32, lowest height of the surface in the cell.
        tilt: (N, 2) float32, slope along x and y.
        smooth_m: (N,) float32, height averaged over 0.3 m: the line that stairs follow.
        links: (N, 4) int32, the place one step away along +x, -x, +y, -y; -1: none.
        near: (N, 2) float32, from the centre to the nearest point of what stops the body, m; inf: nothing near.
        blocker, bearer: (N,) int32, instances of that (0: an edge) and of what is stood on.
        island, room, level: (N,) int16; room -1: none.
    """

    grid: Grid
    body: BodySize
    islands: tuple[Island, ...]
    start: Ints
    cell: Ints
    z_m: Floats
    low_m: Floats
    tilt: Floats
    smooth_m: Floats
    links: Ints
    near: Floats
    blocker: Ints
    bearer: Ints
    island: npt.NDArray[np.int16]
    room: npt.NDArray[np.int16]
    level: npt.NDArray[np.int16]

    def points(self, places: npt.NDArray[np.integer]) -> npt.NDArray[np.float64]:
        """Where places are, (K, 3), m."""
        return np.column_stack([self.grid.centres(self.cell[places]), self.z_m[places]])

    @cached_property
    def nearest_m(self) -> npt.NDArray[np.float64]:
        """The nearest point (N, 2) of what stops the body at each place; inf: nothing near."""
        return self.grid.centres(self.cell) + self.near


def build_ground(scene: Scene, body: BodySize) -> Ground:
    """Everything that a body can walk on in a scene.

    Raises:
        HomeError: no floor, or the body fits nowhere.
    """
    columns = build_columns(scene)
    places = find_places(columns, body)
    category = np.array(["", *(instance.category for instance in scene.instances)])
    bearing = np.isin(category[columns.instance[columns.triangle[places.support]]], list(BEARING))
    if not bearing.any():
        raise HomeError(
            f"{scene.name}: no floor that a body {_size(body)} could stand on; draw a room with a floor, or show the "
            "ground"
        )
    clearance = measure_clearance(columns, places, body)
    fits = np.hypot(*clearance.near.T) >= body.radius_m
    places, clearance = chosen(places, fits), _some(clearance, fits)
    label = _islands(places.links)
    bearer = columns.instance[columns.triangle[places.support]]
    kept = _worth(label, np.isin(category[bearer], list(BEARING)), places.enclosed, columns.grid)
    if not kept.any():
        raise HomeError(
            f"{scene.name}: a body {_size(body)} fits nowhere; give a smaller radius or height, or make room"
        )
    return _assembled(scene, body, columns, chosen(places, kept), _some(clearance, kept))


def _size(body: BodySize) -> str:
    return f"of radius {body.radius_m} m and height {body.height_m} m"


def _some(clearance: Clearance, keep: npt.NDArray[np.bool_]) -> Clearance:
    return Clearance(clearance.near[keep], clearance.blocker[keep], clearance.smooth_m[keep])


def _islands(links: Ints) -> npt.NDArray[np.int32]:
    """The number of the island of each place."""
    a, side = np.nonzero(links[:, ::2] >= 0)
    b = links[:, ::2][a, side]
    graph = csr_array((np.ones(len(a), np.bool_), (a, b)), shape=(len(links), len(links)))
    return connected_components(graph, directed=False)[1]


def _worth(
    label: npt.NDArray[np.int32], bearing: npt.NDArray[np.bool_], enclosed: npt.NDArray[np.bool_], grid: Grid
) -> npt.NDArray[np.bool_]:
    """Which places are on islands that a body could be on."""
    area = np.bincount(label) * grid.cell_m**2
    boxed = (np.bincount(label, enclosed) * grid.cell_m**2 > area / 2) & (area < _BOX_M2)
    return ((np.bincount(label, bearing) > 0) & (area >= MIN_ISLAND_M2) & ~boxed)[label]


def _assembled(scene: Scene, body: BodySize, columns: Columns, places: Places, clearance: Clearance) -> Ground:
    bearer = columns.instance[columns.triangle[places.support]]
    levels = np.array([0, *(instance.level for instance in scene.instances)], np.int16)
    room = places_rooms(scene, columns.grid, places)
    level = np.where(room >= 0, np.array([r.level for r in scene.rooms] or [0])[room], levels[bearer]).astype(np.int16)
    label = _islands(places.links)
    order = np.argsort(-np.bincount(label), kind="stable")
    island = np.argsort(order)[label].astype(np.int16)
    return Ground(
        grid=columns.grid,
        body=body,
        islands=tuple(_island(scene, columns.grid, room[island == n], level[island == n]) for n in range(len(order))),
        start=places.start,
        cell=places.cell,
        z_m=places.z_m,
        low_m=places.low_m,
        tilt=places.tilt,
        smooth_m=clearance.smooth_m,
        links=places.links,
        near=clearance.near,
        blocker=clearance.blocker,
        bearer=bearer,
        island=island,
        room=room,
        level=level,
    )


def _island(scene: Scene, grid: Grid, room: npt.NDArray[np.int16], level: npt.NDArray[np.int16]) -> Island:
    """An island named by its largest rooms; outside of rooms by the level."""
    found, count = np.unique(room[room >= 0], return_counts=True)
    rooms = found[np.argsort(-count, kind="stable")]
    levels = np.unique(level)
    names = list(dict.fromkeys(scene.rooms[r].name or "a room without a name" for r in rooms))
    if not names:
        names = ["outside of rooms, " + ", ".join(scene.levels[n].name for n in levels)]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return Island(
        ", ".join(names[:3]) + more, len(room) * grid.cell_m**2, tuple(map(int, rooms)), tuple(map(int, levels))
    )
