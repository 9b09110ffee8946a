"""The grid of square columns that a home is cut into, seen from above."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scenes.errors import HomeError

CELL_M = 0.05
MARGIN_M = 1.5
"""Of the ground around a home, this much is walked on."""
MAX_CELLS = 40_000_000
_SHIFT_M = 0.0137
"""Grid lines stand off the round centimetres that people draw walls on, so that no face lies on a line."""


@dataclass(frozen=True)
class Grid:
    """Cells of `cell_m`; cell (i, j) begins at `origin + (i, j) * cell_m`; its number is `i * shape[1] + j`."""

    origin_m: tuple[float, float]
    shape: tuple[int, int]
    cell_m: float = CELL_M

    def centres(self, cells: npt.NDArray[np.integer]) -> npt.NDArray[np.float64]:
        """Centres (x, y) of cells given by number, (N, 2), m."""
        i, j = np.divmod(cells, self.shape[1])
        return (np.stack([i, j], axis=-1) + 0.5) * self.cell_m + np.array(self.origin_m)

    def cell_of(self, x_m: float, y_m: float) -> int:
        """The number of the cell that a point is in; -1 outside."""
        i = int((x_m - self.origin_m[0]) // self.cell_m)
        j = int((y_m - self.origin_m[1]) // self.cell_m)
        inside = 0 <= i < self.shape[0] and 0 <= j < self.shape[1]
        return i * self.shape[1] + j if inside else -1


def grid_around(low_m: npt.NDArray[np.floating], high_m: npt.NDArray[np.floating], where: str) -> Grid:
    """The grid that covers a box, with a margin.

    Raises:
        HomeError: the box is too large to be cut into cells.
    """
    origin = np.floor((np.asarray(low_m, float)[:2] - MARGIN_M) / CELL_M) * CELL_M - _SHIFT_M
    shape = np.ceil((np.asarray(high_m, float)[:2] + MARGIN_M - origin) / CELL_M).astype(int)
    if shape[0] * shape[1] > MAX_CELLS:
        size = shape * CELL_M
        raise HomeError(
            f"{where}: {size[0]:.0f} m x {size[1]:.0f} m is too large to walk in (at most "
            f"{MAX_CELLS * CELL_M**2:.0f} m²); remove what lies far from the home"
        )
    return Grid((float(origin[0]), float(origin[1])), (int(shape[0]), int(shape[1])))
