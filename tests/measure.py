"""Measures of a scene's triangles: areas, volumes, closedness, what a ray meets. Metres."""

from __future__ import annotations

from collections import Counter

import numpy as np

from scenes.build.assemble import build_scene
from scenes.draw import Drawing
from scenes.home.reader import parse_home
from scenes.scene import Instance, Scene

ROUNDING_M = 1e-5


def built(drawing: Drawing) -> Scene:
    """The scene of a drawing, by way of its file."""
    return build_scene(parse_home(drawing.to_bytes(), drawing.name))


def instances(scene: Scene, source: str) -> list[Instance]:
    """The instances of an element of the file: of a room its floor and its ceiling."""
    return [i for i in scene.instances if i.source == source or i.source.startswith(f"{source}/")]


def corners(scene: Scene, source: str) -> np.ndarray:
    """The triangles (T, 3, 3) of an element of the file, float64."""
    ids = [instance.id for instance in instances(scene, source)]
    chosen = np.isin(scene.triangle_instances(), ids)
    return scene.vertices[scene.triangles[chosen]].astype(np.float64)


def of_category(scene: Scene, category: str) -> list[Instance]:
    """The instances of a category."""
    return [instance for instance in scene.instances if instance.category == category]


def normals(triangles: np.ndarray) -> np.ndarray:
    """Normals (T, 3), as long as the triangles' areas."""
    return np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]) / 2


def area(triangles: np.ndarray, towards: tuple[float, float, float] | None = None) -> float:
    """Area of triangles (T, 3, 3); with `towards` only of those that look exactly that way."""
    across = normals(triangles)
    sizes = np.linalg.norm(across, axis=1)
    if towards is None:
        return float(sizes.sum())
    direction = np.array(towards) / np.linalg.norm(towards)
    return float(sizes[across @ direction > (1 - 1e-6) * np.maximum(sizes, 1e-12)].sum())


def volume(triangles: np.ndarray) -> float:
    """What closed triangles enclose; positive if they look outwards (divergence theorem)."""
    return float(np.einsum("ij,ij->", triangles[:, 0], np.cross(triangles[:, 1], triangles[:, 2])) / 6)


def is_closed(triangles: np.ndarray) -> bool:
    """Whether every edge is passed as often one way as the other."""
    points = np.round(triangles / ROUNDING_M).astype(np.int64)
    edges: Counter[tuple[bytes, bytes]] = Counter()
    for triangle in points:
        for k in range(3):
            edges[triangle[k].tobytes(), triangle[(k + 1) % 3].tobytes()] += 1
    return all(edges[b, a] == count for (a, b), count in edges.items() if a != b)


def box(triangles: np.ndarray) -> np.ndarray:
    """The bounds (2, 3) of triangles."""
    points = triangles.reshape(-1, 3)
    return np.stack([points.min(0), points.max(0)])


def hits(
    triangles: np.ndarray, origin: tuple[float, float, float], direction: tuple[float, float, float]
) -> list[float]:
    """Distances at which a ray meets triangles (T, 3, 3), near to far (Moeller and Trumbore, 1997)."""
    towards = np.array(direction, np.float64)
    first, second = triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    across = np.cross(towards, second)
    determinant = np.einsum("ij,ij->i", first, across)
    usable = np.abs(determinant) > 1e-12
    scale = np.where(usable, determinant, 1.0)
    offset = np.array(origin) - triangles[:, 0]
    u = np.einsum("ij,ij->i", offset, across) / scale
    turned = np.cross(offset, first)
    v = turned @ towards / scale
    distance = np.einsum("ij,ij->i", second, turned) / scale
    met = usable & (u >= 0) & (v >= 0) & (u + v <= 1) & (distance > 0)
    return sorted(set(np.round(distance[met], 6).tolist()))
