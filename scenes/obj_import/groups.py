"""The groups of an OBJ: their surfaces in the world, and what the names that Sweet Home 3D writes say.

`ground_1`, `wall_3_14`, `room_5_20`, `polyline_7_31`, `label_8_32`: a kind, the running number of the object (the
ground has none), the running number of the shape. Furniture comes last and has no kind: `Tube_1_336`, or `312`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from scenes.build.surface import Surface
from scenes.mesh import Floats, Mesh, concatenate

_STRUCTURE = re.compile(r"(ground|(?:wall|room|polyline|label)_\d+)_\d+")
_NUMBER = re.compile(r"(?:^|_)\d+$")


def base_name(group_name: str) -> str:
    """The name that a shape has in its model: without the running number, so it may be empty."""
    return _NUMBER.sub("", group_name)


@dataclass(frozen=True)
class Group:
    """The faces of an OBJ group, in the world, m."""

    name: str
    surfaces: tuple[Surface, ...]

    @property
    def base(self) -> str:
        """The name that the shape has in its model."""
        return base_name(self.name)

    @cached_property
    def mesh(self) -> Mesh:
        """All of its triangles."""
        return concatenate([surface.mesh for surface in self.surfaces])

    @cached_property
    def box(self) -> Floats:
        """Least and greatest coordinates, (2, 3)."""
        return np.stack([self.mesh.positions.min(axis=0), self.mesh.positions.max(axis=0)])


@dataclass(frozen=True)
class Thing:
    """Groups that belong together. `source`: a name for them in the file, such as `wall_3`."""

    source: str
    groups: tuple[Group, ...]

    @cached_property
    def mesh(self) -> Mesh:
        """All of its triangles."""
        return concatenate([group.mesh for group in self.groups])

    @cached_property
    def box(self) -> Floats:
        """Least and greatest coordinates, (2, 3)."""
        return np.stack([self.mesh.positions.min(axis=0), self.mesh.positions.max(axis=0)])


@dataclass(frozen=True)
class Export:
    """Groups by the object they belong to (`wall_3`, `room_5`, `ground` ...), and those of furniture in file order."""

    structure: dict[str, list[Group]]
    furniture: list[Group]

    def objects(self, kind: str) -> dict[str, list[Group]]:
        """The groups of each wall, room, polyline or label, by name."""
        return {name: groups for name, groups in self.structure.items() if name.startswith(f"{kind}_")}


def is_export(names: Sequence[str]) -> bool:
    """Whether group names are those of the program's export: it begins with the ground, a wall or a room."""
    return bool(names) and _STRUCTURE.fullmatch(names[0]) is not None


def sort_groups(groups: Sequence[Group]) -> Export:
    """Groups sorted by what their names say; furniture begins with the first that says nothing.

    A model may name its shapes like walls, but furniture comes last.
    """
    structure: dict[str, list[Group]] = {}
    for index, group in enumerate(groups):
        match = _STRUCTURE.fullmatch(group.name)
        if match is None:
            return Export(structure, list(groups[index:]))
        structure.setdefault(match.group(1), []).append(group)
    return Export(structure, [])
