"""`Lines`: what is above and below points, by vertical lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scenes.mesh import Floats
from scenes.scene import Scene
from scenes.surfaces import Crossings, Surfaces

_NO_BODY = ("line", "label", "light", "body")
_LIDS = ("ceiling", "floor")
"""Nobody is below one of these and in the space above it, or the other way round."""
_NOT_OVERHEAD = ("ground",)
_OVER_FLOOR_M = 0.3
"""Ceilings are so far above the floor of what they cover; other things are above heads, else they are tables."""
_OVER_HEADS_M = 1.7

_SAME_M = 1e-4


@dataclass(frozen=True)
class Below:
    """What is below points, heights in m, each (N,); -inf where there is nothing.

    `solid_m`: the highest thing; `lid_m`: the highest floor or ceiling; `roof_m`: the highest thing that is no ground.
    """

    solid_m: Floats
    lid_m: Floats
    roof_m: Floats


class Lines:
    """The triangles of a scene that can be under or over a point: all but lamps, lines and labels."""

    def __init__(self, scene: Scene) -> None:
        kept = {instance.id for instance in scene.instances if instance.category not in _NO_BODY}
        self._surfaces = Surfaces.of(scene, kept)
        categories = np.array(["", *(instance.category for instance in scene.instances)])
        self._is_lid = np.isin(categories, _LIDS)
        self._is_overhead = ~np.isin(categories, (*_NOT_OVERHEAD, *_NO_BODY))
        self._is_ceiling = categories == "ceiling"

    def below(self, points: Floats) -> Below:
        """Return what is below points (N, 3)."""
        crossings = self._crossings(points)
        lower = crossings.height_m < points[crossings.line, 2] + _SAME_M
        return Below(
            *(
                _extreme(np.maximum, -np.inf, len(points), crossings.where(lower & kind[crossings.instance]))
                for kind in (np.ones_like(self._is_lid), self._is_lid, self._is_overhead)
            )
        )

    def cover_m(self, points: Floats, floor_m: Floats) -> Floats:
        """Return the height (N,) of the lowest roof, ceiling or slab above points (N, 3); inf under the open sky.

        `floor_m` (N,): of the spaces that the points are in.
        """
        crossings = self._crossings(points)
        owner, line = crossings.instance, crossings.line
        least_m = floor_m[line] + np.where(self._is_ceiling[owner], _OVER_FLOOR_M, _OVER_HEADS_M)
        above = self._is_overhead[owner] & (crossings.height_m > np.maximum(points[line, 2], least_m))
        return _extreme(np.minimum, np.inf, len(points), crossings.where(above))

    def _crossings(self, points: Floats) -> Crossings:
        return self._surfaces.crossings(np.ascontiguousarray(points[:, :2]))


def _extreme(ufunc: np.ufunc, start: float, count: int, crossings: Crossings) -> Floats:
    found: npt.NDArray[np.float64] = np.full(count, start)
    ufunc.at(found, crossings.line, crossings.height_m)
    return found
