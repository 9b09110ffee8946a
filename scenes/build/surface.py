"""A piece of an instance: triangles in the world with one material."""

from __future__ import annotations

from dataclasses import dataclass

from scenes.mesh import Mesh


@dataclass(frozen=True)
class Surface:
    """`mesh`: world, m; `material`: index in the palette; `group`: name of a movable part of a model, else empty."""

    mesh: Mesh
    material: int
    group: str = ""
