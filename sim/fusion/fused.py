"""What comes out of fusion, and how it is written: PLY, binary, little endian."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

_POINT = np.dtype([("position", "<f4", 3), ("normal", "<f4", 3), ("color", "u1", 3)])
_FACE = np.dtype([("corners", "u1"), ("indices", "<i4", 3)])
_COLUMNS = (
    *(f"property float {name}" for name in ("x", "y", "z", "nx", "ny", "nz")),
    *(f"property uchar {name}" for name in ("red", "green", "blue")),
)


@dataclass(frozen=True)
class Fused:
    """Points in the world, with triangles between them if it is a mesh.

    Attributes:
        positions: (N, 3) float32, m.
        normals: (N, 3) float32, unit length, to the side that was seen.
        colors: (N, 3) uint8, sRGB.
        triangles: (T, 3) int32, counter-clockwise seen from where the camera was; none for a cloud of points.
    """

    positions: Floats
    normals: Floats
    colors: npt.NDArray[np.uint8]
    triangles: npt.NDArray[np.int32]

    def to_ply(self) -> bytes:
        """As a PLY file; programs for point clouds and for meshes read it."""
        points = np.zeros(len(self.positions), _POINT)
        points["position"], points["normal"], points["color"] = self.positions, self.normals, self.colors
        lines = ["ply", "format binary_little_endian 1.0", f"element vertex {len(points)}", *_COLUMNS]
        faces = np.zeros(len(self.triangles), _FACE)
        if len(faces):
            faces["corners"], faces["indices"] = 3, self.triangles
            lines += [f"element face {len(faces)}", "property list uchar int vertex_indices"]
        return "\n".join([*lines, "end_header", ""]).encode() + points.tobytes() + faces.tobytes()
