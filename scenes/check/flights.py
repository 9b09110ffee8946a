"""Stairs and inclines as the rules look at them: what `scenes.connectors` found, with the pieces that make them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenes.build.categories import RAMP_SLOPE_DEG
from scenes.build.staircases import is_staircase
from scenes.check.elements import SurveyedPiece
from scenes.connectors import Connector
from scenes.mesh import Floats, face_normals

LEAST_TREADS = 3
"""Pieces with fewer treads are steps, if they join two floors; else they are furniture."""


@dataclass(frozen=True)
class Flight:
    """Stairs or an incline, and its pieces, from the lowest to the highest."""

    connector: Connector
    pieces: tuple[SurveyedPiece, ...]

    @property
    def is_incline(self) -> bool:
        """Whether it is an incline."""
        return self.connector.kind == "incline"

    @property
    def is_step(self) -> bool:
        """Whether it is a step or two."""
        return not self.is_incline and len(self.connector.treads_m) < LEAST_TREADS

    @property
    def is_stairs(self) -> bool:
        """Whether it is surely meant as a staircase: the file says so, or it is a row of boxes."""
        return len(self.pieces) > 1 or is_staircase(self.pieces[0].placed)

    @property
    def rise_m(self) -> float:
        """The highest step from one tread to the next; 0 for an incline."""
        return 0.0 if self.is_incline else float(np.max(np.diff(self.connector.treads_m), initial=0.0))

    @property
    def name(self) -> str:
        """How messages name it."""
        first = self.pieces[0]
        if len(self.pieces) > 1:
            return f"the stairs of {len(self.pieces)} boxes from {first.name} to {self.pieces[-1].name}"
        return f"incline {first.name}" if self.is_incline else f"staircase {first.name}"

    @property
    def spots(self) -> Floats:
        """A point (N, 3) on each tread; on an incline, points along the middle of its slope."""
        found = self.connector
        if self.is_incline:
            low, high = found.treads_m
            inside = (found.line[:, 2] > low) & (found.line[:, 2] < high)
            return found.line[inside]
        points = [area.representative_point() for area in found.areas]
        return np.array([[point.x, point.y, height] for point, height in zip(points, found.treads_m, strict=True)])


def flights_of(connectors: Sequence[Connector], pieces: Sequence[SurveyedPiece]) -> list[Flight]:
    """The connectors that are made of pieces."""
    by_source = {piece.source: piece for piece in pieces}
    return [
        Flight(connector, tuple(by_source[source] for source in connector.source))
        for connector in connectors
        if by_source.keys() >= set(connector.source)
    ]


def can_be_climbed(corners: Floats) -> bool:
    """Whether triangles (T, 3, 3) have level or sloping faces between their bottom and top, whatever side they face."""
    normals = face_normals(corners)
    cosines = np.abs(normals[:, 2]) / np.maximum(np.linalg.norm(normals, axis=1), 1e-12)
    low, high = corners[..., 2].min(), corners[..., 2].max()
    share = (corners[..., 2].mean(axis=1) - low) / max(1e-9, high - low)
    between = (share > 0.05) & (share < 0.95)
    return bool((between & (cosines > np.cos(np.radians(RAMP_SLOPE_DEG[1])))).any())
