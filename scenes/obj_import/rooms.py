"""Rooms of an export: which groups are floor and ceiling, and the outline that their triangles have on the plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from scenes import overlay
from scenes.mesh import Floats, Mesh, face_normals
from scenes.obj_import.groups import Group, Thing

_SMALLEST_M2 = 1e-4


@dataclass(frozen=True)
class FoundRoom:
    """A room by its name in the file (`room_5`). The floor has its borders and its underside too."""

    source: str
    floor: Thing | None
    ceiling: Thing | None

    @property
    def elevation_m(self) -> float | None:
        """The top of the floor."""
        return float(self.floor.box[1, 2]) if self.floor else None

    @property
    def slab_m(self) -> float:
        """Thickness of the floor; 0 if it is a sheet."""
        return float(self.floor.box[1, 2] - self.floor.box[0, 2]) if self.floor else 0.0

    @cached_property
    def area(self) -> BaseGeometry:
        """The plan area under floor and ceiling, holes filled: staircases cut only one of them, later rooms both."""
        seen = [
            _plan_area(sheet.mesh, faces_up) for sheet, faces_up in ((self.floor, True), (self.ceiling, False)) if sheet
        ]
        parts = shapely.get_parts(overlay.union(seen))
        return overlay.union([shapely.Polygon(p.exterior) for p in parts if p.area > _SMALLEST_M2])

    @cached_property
    def polygon(self) -> tuple[tuple[float, float], ...]:
        """The outline's corners; of its largest part if later rooms cut it in several."""
        largest = max(shapely.get_parts(self.area), key=lambda part: part.area, default=shapely.Polygon())
        return tuple((float(x), float(y)) for x, y in list(largest.exterior.coords)[:-1])


def find_rooms(objects: Mapping[str, Sequence[Group]]) -> list[FoundRoom]:
    """The rooms: the floor looks up, as much as down if it is a slab; the ceiling follows it, or comes alone."""
    found = []
    for source, groups in objects.items():
        first = 1 if _looks_up(groups[0].mesh) else 0
        floor, ceiling = (Thing(source, tuple(sheet)) if sheet else None for sheet in (groups[:first], groups[first:]))
        found.append(FoundRoom(source, floor, ceiling))
    return found


def _looks_up(mesh: Mesh) -> bool:
    """Whether some of the mesh does, beyond slivers."""
    heights = face_normals(mesh.positions[mesh.triangles])[:, 2]
    return bool(heights.clip(min=0).sum() > 0.01 * np.abs(heights).sum())


def _facing(mesh: Mesh, *, up: bool) -> Floats:
    """Corners (T, 3, 3) of the triangles that look up, or down, rather than sideways."""
    corners = mesh.positions[mesh.triangles]
    normals = face_normals(corners)
    height = normals[:, 2] if up else -normals[:, 2]
    return corners[height > 0.1 * np.linalg.norm(normals, axis=1) + 1e-12]


def _plan_area(mesh: Mesh, up: bool) -> BaseGeometry:
    return overlay.union(shapely.polygons(_facing(mesh, up=up)[:, :, :2]))
