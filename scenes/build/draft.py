"""Instances as they are built, and how they become the arrays of a `Scene`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scenes.build.surface import Surface
from scenes.mesh import Mesh, concatenate
from scenes.scene import Instance, Part


@dataclass(frozen=True)
class Draft:
    """An instance before it has an id. `level`: index in the scene's levels."""

    source: str
    name: str
    category: str
    level: int
    surfaces: list[Surface]
    catalog_id: str | None = None
    movable: bool = False
    stand_in: bool = False


@dataclass(frozen=True)
class Arrays:
    """What `pack` makes of drafts; the fields are those of `Scene`."""

    instances: tuple[Instance, ...]
    parts: tuple[Part, ...]
    vertices: npt.NDArray[np.float32]
    normals: npt.NDArray[np.float32]
    uvs: npt.NDArray[np.float32]
    triangles: npt.NDArray[np.int32]


def pack(drafts: list[Draft]) -> Arrays:
    """Puts the triangles of all drafts that have any in one row, sorted by instance, then by material."""
    instances: list[Instance] = []
    parts: list[Part] = []
    meshes: list[Mesh] = []
    vertex = triangle = 0
    for draft in drafts:
        grouped: dict[tuple[int, str], list[Mesh]] = {}
        for surface in draft.surfaces:
            if len(surface.mesh.triangles):
                grouped.setdefault((surface.material, surface.group), []).append(surface.mesh)
        if not grouped:
            continue
        first_mesh, first_triangle = len(meshes), triangle
        for (material, group), members in sorted(grouped.items()):
            mesh = _welded(concatenate(members))
            counts = len(mesh.positions), len(mesh.triangles)
            parts.append(Part(len(instances) + 1, material, vertex, counts[0], triangle, counts[1], group))
            meshes.append(mesh)
            vertex, triangle = vertex + counts[0], triangle + counts[1]
        points = np.concatenate([mesh.positions for mesh in meshes[first_mesh:]]).astype(np.float32)
        low, high = points.min(0).tolist(), points.max(0).tolist()
        box = ((low[0], low[1], low[2]), (high[0], high[1], high[2]))
        instances.append(
            Instance(
                id=len(instances) + 1,
                source=draft.source,
                name=draft.name,
                category=draft.category,
                level=draft.level,
                catalog_id=draft.catalog_id,
                bounds_m=box,
                triangles=triangle - first_triangle,
                movable=draft.movable,
                stand_in=draft.stand_in,
            )
        )
    whole = concatenate(meshes)
    return Arrays(
        tuple(instances),
        tuple(parts),
        whole.positions.astype(np.float32),
        whole.normals.astype(np.float32),
        whole.uvs.astype(np.float32),
        whole.triangles.astype(np.int32),
    )


def _welded(mesh: Mesh) -> Mesh:
    """The mesh with vertices that agree in everything made one."""
    rows = np.concatenate([mesh.positions, mesh.normals, mesh.uvs], axis=1).astype(np.float32)
    rows = np.ascontiguousarray(rows + np.float32(0))
    packed = rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).reshape(-1)
    _, first, inverse = np.unique(packed, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    kept = first[order]
    return Mesh(mesh.positions[kept], mesh.normals[kept], mesh.uvs[kept], rank[inverse][mesh.triangles])
