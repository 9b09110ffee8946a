"""Every surface of a scene in the columns of a grid: what stands in the way of a body, and what it can stand on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scenes.errors import HomeError
from scenes.scene import Scene
from scenes.walkable.grid import Grid, grid_around
from scenes.walkable.raster import cut, planes
from scenes.walkable.standing import solid_triangles

_SAME_M = 1e-3


@dataclass(frozen=True)
class Surface:
    """A surface in one column. `free_m`: height of the empty space above it; `inf` under the open sky."""

    height_m: float
    slope_deg: float
    instance: int
    free_m: float


@dataclass(frozen=True)
class Columns:
    """Parts of triangles, sorted by cell and then by their lowest z; those of cell c are `start[c] : start[c + 1]`.

    Attributes:
        grid: the cells.
        start: (C + 1,) int64.
        cell, triangle: (E,) int32, the cell and the triangle of each part.
        low_m, high_m: (E,) float32, between which heights it lies in the cell.
        box: (E, 4) float32, its bounds inside of the cell: x low, y low, x high, y high, 0..1.
        plane: (T, 3) a, b, c of each triangle's z = a x + b y + c, m.
        slope_deg: (T,) 0 lies flat, 90 stands upright.
        faces_up: (T,) bool, whether its outer side is above.
        instance: (T,) int32.
    """

    grid: Grid
    start: npt.NDArray[np.int64]
    cell: npt.NDArray[np.int32]
    triangle: npt.NDArray[np.int32]
    low_m: npt.NDArray[np.float32]
    high_m: npt.NDArray[np.float32]
    box: npt.NDArray[np.float32]
    plane: npt.NDArray[np.float64]
    slope_deg: npt.NDArray[np.float64]
    faces_up: npt.NDArray[np.bool_]
    instance: npt.NDArray[np.int32]

    def at(self, x_m: float, y_m: float) -> tuple[Surface, ...]:
        """The surfaces that face up in the column of a point, from the lowest; none outside of the grid."""
        cell = self.grid.cell_of(x_m, y_m)
        if cell < 0:
            return ()
        parts = slice(self.start[cell], self.start[cell + 1])
        low, high, triangle = self.low_m[parts], self.high_m[parts], self.triangle[parts]
        found = set()
        for height, t in zip(high, triangle, strict=True):
            if not self.faces_up[t] or self.slope_deg[t] >= 89:
                continue
            above = high > height + _SAME_M
            free = np.maximum(low[above] - height, 0).min() if above.any() else np.inf
            found.add(Surface(float(height), float(self.slope_deg[t]), int(self.instance[t]), float(free)))
        return tuple(sorted(found, key=lambda surface: surface.height_m))


def build_columns(scene: Scene) -> Columns:
    """Cuts a scene into columns. Doors stand open.

    Raises:
        HomeError: nothing to stand on at all, or the scene is too large.
    """
    corners, instance = solid_triangles(scene)
    if not len(corners):
        raise HomeError(f"{scene.name}: nothing to stand on; draw a room with a floor, or show the ground")
    low, high = scene.bounds_m()
    grid = grid_around(np.array(low), np.array(high), scene.name)
    in_cells = corners.copy()
    in_cells[:, :, :2] = (corners[:, :, :2] - np.array(grid.origin_m)) / grid.cell_m
    pieces = cut(in_cells, grid.shape)
    cell = pieces.column * grid.shape[1] + pieces.row
    low_mm = np.round((pieces.low - corners[:, :, 2].min()) * 1000).astype(np.int64)
    order = np.argsort(cell * (low_mm.max(initial=0) + 1) + low_mm)
    counts = np.bincount(cell, minlength=grid.shape[0] * grid.shape[1])
    plane, upward = planes(corners)
    normal_z = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])[:, 2]
    return Columns(
        grid=grid,
        start=np.concatenate([[0], np.cumsum(counts)]),
        cell=cell[order].astype(np.int32),
        triangle=pieces.triangle[order].astype(np.int32),
        low_m=pieces.low[order],
        high_m=pieces.high[order],
        box=pieces.box[order],
        plane=plane,
        slope_deg=np.degrees(np.arccos(np.clip(upward, 0, 1))),
        faces_up=normal_z > 0,
        instance=instance,
    )
