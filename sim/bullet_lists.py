"""Lists for PyBullet, which keeps a reference to each list and row of a mesh that it is given, and never lets it go.

So they are made once per process and used again: a few megabytes for the largest mesh, and no more for the next.
"""

from __future__ import annotations

from typing import Any

import numpy.typing as npt


class Rows:
    """Rows of numbers that are used again; each list that PyBullet takes at a time needs its own."""

    def __init__(self) -> None:
        self._rows: list[list[float]] = []
        self._given: list[list[float]] = []

    def of(self, values: npt.NDArray[Any]) -> list[list[float]]:
        """The values (N, k); good until the next call."""
        self._rows.extend([] for _ in range(len(values) - len(self._rows)))
        self._given[:] = self._rows[: len(values)]
        for row, value in zip(self._given, values.tolist(), strict=True):
            row[:] = value
        return self._given


class Numbers:
    """Whole numbers from 0, each of which is one object."""

    def __init__(self) -> None:
        self._numbers: list[int] = []
        self._given: list[int] = []

    def of(self, values: npt.NDArray[Any]) -> list[int]:
        """The values (N,); good until the next call."""
        self._numbers.extend(range(len(self._numbers), int(values.max(initial=-1)) + 1))
        self._given[:] = [self._numbers[value] for value in values.tolist()]
        return self._given


VERTICES, NORMALS, UVS, INDICES = Rows(), Rows(), Rows(), Numbers()
"""For the arguments of these names of `createVisualShape` and `createCollisionShape`."""
