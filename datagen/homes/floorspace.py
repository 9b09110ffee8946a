"""The free floor of a room while it is furnished: nothing may close the way between its doors."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import ndimage

CELL_CM = 10.0
BODY_CM = 32.0
"""Half the width of the passage that stays free between the doors."""

Rectangle = tuple[float, float, float, float]
"""a0, b0, a1, b1, cm."""


@dataclass
class FloorSpace:
    """The floor of a room of width x depth cm; `entries` are points that must stay joined, `clear` what stays empty."""

    width: float
    depth: float
    entries: list[tuple[float, float]]
    clear: list[Rectangle]
    taken: list[Rectangle] = field(default_factory=list)

    def offer(self, pieces: list[Rectangle]) -> bool:
        """Takes the places of pieces if they lie in the room, on nothing else, and leave the doors joined."""
        for a0, b0, a1, b1 in pieces:
            if a0 < 0 or b0 < 0 or a1 > self.width or b1 > self.depth:
                return False
        if any(_overlap(piece, other, 3.0) for piece in pieces for other in self.taken):
            return False
        if any(_overlap(piece, other, 0.0) for piece in pieces for other in self.clear):
            return False
        if not self._is_joined([*self.taken, *pieces], pieces):
            return False
        self.taken += pieces
        return True

    def _is_joined(self, taken: list[Rectangle], new: list[Rectangle]) -> bool:
        """Whether a round body gets from any entry to all others and to a side of each new piece."""
        free = self._free(taken)
        areas, _ = ndimage.label(free)
        labels = {self._label(areas, entry) for entry in self.entries}
        if len(labels) != 1 or 0 in labels:
            return False
        reach = ndimage.binary_dilation(areas == labels.pop(), iterations=round(2 * BODY_CM / CELL_CM))
        return any(reach[self._cells(piece)].any() for piece in new)

    def _free(self, taken: list[Rectangle]) -> npt.NDArray[np.bool_]:
        """Cells (A, B) where the middle of the body may be."""
        a = (np.arange(int(self.width // CELL_CM)) + 0.5) * CELL_CM
        b = (np.arange(int(self.depth // CELL_CM)) + 0.5) * CELL_CM
        free = np.ones((len(a), len(b)), bool)
        for a0, b0, a1, b1 in taken:
            aside = np.maximum(np.maximum(a0 - a, a - a1), 0)[:, None]
            along = np.maximum(np.maximum(b0 - b, b - b1), 0)[None]
            free &= np.hypot(aside, along) > BODY_CM
        inside = (np.minimum(a, self.width - a) > BODY_CM)[:, None] & (self.depth - b > BODY_CM)[None]
        return free & (inside & (b > BODY_CM)[None])

    def _label(self, areas: npt.NDArray[np.int32], point: tuple[float, float]) -> int:
        a = min(max(int(point[0] // CELL_CM), 0), areas.shape[0] - 1)
        b = min(max(int(point[1] // CELL_CM), 0), areas.shape[1] - 1)
        return int(areas[a, b])

    def _cells(self, piece: Rectangle) -> tuple[slice, slice]:
        a0, b0, a1, b1 = (round(x / CELL_CM) for x in piece)
        return slice(max(a0 - 1, 0), a1 + 1), slice(max(b0 - 1, 0), b1 + 1)


def _overlap(one: Rectangle, other: Rectangle, margin: float) -> bool:
    return (
        one[0] < other[2] + margin
        and other[0] < one[2] + margin
        and one[1] < other[3] + margin
        and other[1] < one[3] + margin
    )
