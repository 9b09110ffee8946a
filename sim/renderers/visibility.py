"""What can be seen from where: chunks behind walls are left out before they cost anything.

For the cell of space that the camera is in, rays are cast from several points in all directions, through glass and
cut-out texels. The voxels that they pass through are the space that is in sight, and a chunk may be seen if its box
touches such a voxel. That includes small things that no ray happens to meet. What moves hides nothing, so a door that
opens shows what is behind it. Each cell is worked out when a camera
first enters it, always from the same points and directions, so the outcome does not depend on who asked first, and kept
on disk (`sights`).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from scenes.scene import Scene
from sim.bodies import STATIC
from sim.raycasting import RayCaster
from sim.renderers.chunks import OPAQUE, Chunks
from sim.renderers.sights import Cell, KeptSights, Sight

CELL_M = np.array([1.0, 1.0, 1.25])
VOXEL_M = 0.5
RAYS_PER_ORIGIN = 3000
NARROWEST_FOV_DEG = 20.0
"""Through a longer lens slits show that no ray finds; there the view's own narrowness culls enough."""
_MARGIN_M = 0.1
_PACE = 0.8
"""How far apart the points are that rays are followed by, in voxels."""
_INSET = 0.1

Floats = npt.NDArray[np.float64]


@dataclass
class Visibility:
    """What is in sight, per cell; worked out when first asked for."""

    scene: Scene
    chunks: Chunks
    _sights: dict[Cell, Sight] = field(default_factory=dict)
    _caster: RayCaster | None = None
    _summed: tuple[Cell, npt.NDArray[np.int32]] | None = None

    def __post_init__(self) -> None:
        low, high = (np.array(corner, np.float64) for corner in self.scene.bounds_m())
        self._origin = np.floor(low / VOXEL_M) * VOXEL_M - 2 * VOXEL_M
        self._shape = np.ceil((high - self._origin) / VOXEL_M).astype(np.int64) + 3
        self._first = self._voxel(self.chunks.low - _MARGIN_M)
        self._last = self._voxel(self.chunks.high + _MARGIN_M) + 1

    def seen_from(self, position: Floats) -> npt.NDArray[np.bool_]:
        """Which of the chunks (C,) that stand still a camera at this point may see."""
        return self._sight(_cell(position)).chunks

    def sees_boxes(self, position: Floats, low: Floats, high: Floats) -> npt.NDArray[np.bool_]:
        """Which boxes (N, 3), (N, 3), m, a camera at this point may see."""
        cell = _cell(position)
        if self._summed is None or self._summed[0] != cell:
            bits = np.unpackbits(self._sight(cell).voxels, count=int(self._shape.prod()))
            self._summed = cell, self._sums(bits.reshape(self._shape))
        return self._touched(self._summed[1], self._voxel(low - _MARGIN_M), self._voxel(high + _MARGIN_M) + 1)

    @cached_property
    def _kept(self) -> KeptSights:
        return KeptSights(self.scene, self.chunks, int(self._shape.prod()))

    def _sight(self, cell: Cell) -> Sight:
        if cell not in self._sights:
            self._sights[cell] = self._kept.find(cell, lambda: self._work_out(cell))
        return self._sights[cell]

    def _work_out(self, cell: Cell) -> Sight:
        marked = self._in_sight(np.array(cell))
        seen = self._touched(self._sums(marked), self._first, self._last) & (self.chunks.body == STATIC)
        return Sight(seen, np.packbits(marked))

    def _in_sight(self, cell: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
        """The voxels that are in sight from a cell: 1, others 0."""
        offsets = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], np.float64)
        offsets = np.concatenate([_INSET + offsets * (1 - 2 * _INSET), [[0.5, 0.5, 0.5]]])
        origins = np.repeat((cell + offsets) * CELL_M, RAYS_PER_ORIGIN, axis=0)
        directions = np.concatenate([_directions(turn) for turn in range(len(offsets))])
        start, end = self._within_grid(origins, directions)
        end = np.minimum(end, self._reach(origins, directions) + VOXEL_M / 4)
        paces = np.maximum((end - start) / (VOXEL_M * _PACE), -1.0).astype(np.float32)
        steps = np.floor(paces + 2).astype(np.int64) * (paces > 0)
        # in voxels from here on, axis by axis and in float32: this is where the time goes
        step = np.arange(int(steps.sum()), dtype=np.int64) - np.repeat(np.cumsum(steps) - steps, steps)
        along = np.minimum(step.astype(np.float32), np.repeat(paces, steps))
        first = ((origins + directions * start[:, None] - self._origin) / VOXEL_M).astype(np.float32)
        pace = (directions * _PACE).astype(np.float32)
        index = np.zeros(len(along), np.int32)
        for axis, size in enumerate(self._shape.tolist()):
            points = np.repeat(first[:, axis], steps) + np.repeat(pace[:, axis], steps) * along
            index = index * size + np.clip(points.astype(np.int32), 0, size - 1)
        marked = np.zeros(self._shape, np.uint8)
        marked.reshape(-1)[index] = 1
        return marked

    def _within_grid(self, origins: Floats, directions: Floats) -> tuple[Floats, Floats]:
        """Where each ray enters and leaves the grid, m along it (slab method)."""
        low, high = self._origin, self._origin + (self._shape - 1) * VOXEL_M
        with np.errstate(divide="ignore", invalid="ignore"):
            first, second = (low - origins) / directions, (high - origins) / directions
        near, far = np.minimum(first, second), np.maximum(first, second)
        start = np.fmax(np.fmax(near[:, 0], near[:, 1]), near[:, 2])
        end = np.fmin(np.fmin(far[:, 0], far[:, 1]), far[:, 2])
        return np.maximum(start, 0.0), end

    def _sums(self, marked: npt.NDArray[np.uint8]) -> npt.NDArray[np.int32]:
        """How many voxels are marked before each corner of the grid, along all three axes."""
        sums = np.zeros(self._shape + 1, np.int32)
        np.cumsum(marked, 0, np.int32, sums[1:, 1:, 1:])
        for axis in (1, 2):
            np.cumsum(sums[1:, 1:, 1:], axis, out=sums[1:, 1:, 1:])
        return sums

    def _touched(
        self, sums: npt.NDArray[np.int32], first: npt.NDArray[np.int64], last: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.bool_]:
        """Which boxes of voxels, from `first` (N, 3) to before `last`, hold a marked one, or reach out of the grid."""
        total = np.zeros(len(first), np.int64)
        for corner in range(8):
            picks = [(last if corner >> axis & 1 else first)[:, axis] for axis in range(3)]
            sign = 1 if bin(corner).count("1") % 2 else -1
            total += sign * sums[picks[0], picks[1], picks[2]]
        outside = np.any((first <= 0) | (last >= self._shape), axis=1)
        return (total > 0) | outside

    def _voxel(self, points: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
        return np.clip(np.floor((points - self._origin) / VOXEL_M).astype(np.int64), 0, self._shape - 1)

    def _reach(self, origins: Floats, directions: Floats) -> Floats:
        """How far each ray goes before it meets something that stands still and is neither glass nor cut out, m."""
        if self._caster is None:
            chunk = self.chunks.chunk_of_triangle
            blocking = (self.chunks.kind[chunk] == OPAQUE) & (self.chunks.body[chunk] == STATIC) & (chunk >= 0)
            self._caster = RayCaster(self.scene.vertices, self.scene.triangles[blocking])
        return self._caster.cast(origins, directions).reach.astype(np.float64)


def _cell(position: Floats) -> Cell:
    x, y, z = np.floor(position / CELL_M).astype(int).tolist()
    return x, y, z


@functools.cache
def _directions(turn: int) -> Floats:
    """Directions (N, 3) spread evenly over the sphere (Fibonacci lattice), each turn between those of the others."""
    index = np.arange(RAYS_PER_ORIGIN) + 0.5
    height = 1 - 2 * index / RAYS_PER_ORIGIN
    angle = np.pi * (1 + np.sqrt(5)) * index + turn * 0.7
    radius = np.sqrt(1 - height * height)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), height], axis=1)
