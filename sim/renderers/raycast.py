"""The judge: one ray per pixel through Open3D. Slow and exact; renderers are held against it."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

import numpy as np
import numpy.typing as npt

from scenes.images import decode_image
from scenes.mesh import face_normals, unit
from scenes.scene import NO_TEXTURE, Scene
from sim.bodies import STATIC, Body, with_bodies
from sim.camera import Intrinsics
from sim.frame import Frame
from sim.raycasting import RayCaster
from sim.renderers.culling import NEAR_M

OPEN_BELOW = 0.5
"""Texels with less alpha than this are open."""
_MOST_LAYERS = 32
_STEP_M = 1e-4


class RaycastRenderer:
    """Shows a scene by casting a ray through the centre of each pixel. Colour is flat: material times texel."""

    name = "raycast"
    driver = "Open3D RaycastingScene (Embree)"

    def __init__(self, scene: Scene, *, bodies: Sequence[Body] = ()) -> None:
        moving = with_bodies(scene, bodies)
        scene = moving.scene
        self._scene = scene
        instances = scene.triangle_instances()
        shown = instances > 0
        self._triangles = scene.triangles[shown]
        self._instances = instances[shown]
        self._bodies = moving.body_of_triangle()[shown]
        self._poses = np.tile(np.eye(4), (len(bodies), 1, 1))
        self._placed = True
        materials = np.zeros(len(scene.triangles), np.int64)
        for part in scene.parts:
            materials[part.first_triangle : part.first_triangle + part.triangles] = part.material
        self._materials = materials[shown]
        self._images = [_pixels(texture.data) for texture in scene.textures]

    def __enter__(self) -> RaycastRenderer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Nothing to release."""

    def place(self, body: int, T_world_body: npt.NDArray[np.float64]) -> None:
        """Puts a body at a rigid pose (4, 4), until it is put elsewhere."""
        if not 0 <= body < len(self._poses):
            raise IndexError(f"no body {body}; the renderer was opened with {len(self._poses)}")
        self._poses[body] = T_world_body
        self._placed = True

    def render(
        self, intrinsics: Intrinsics, T_world_camera: npt.NDArray[np.float64], *, normals: bool = False
    ) -> Frame:
        """The frame that a camera at this pose sees."""
        if self._placed:
            self._put_bodies()
        directions = (intrinsics.rays() @ T_world_camera[:3, :3].T).reshape(-1, 3)
        reach, triangle, colors = self._first_solid(T_world_camera[:3, 3], directions)
        hit = triangle >= 0
        shape = (intrinsics.height, intrinsics.width)
        found = np.where(hit, triangle, 0)
        facing = self._normals[found] if len(self._normals) else np.zeros_like(directions)
        facing = np.where(np.einsum("ij,ij->i", facing, directions)[:, None] > 0, -facing, facing)
        sky = np.array(self._scene.surroundings.sky_color)
        rgb = np.round(np.where(hit[:, None], colors, sky) * 255).astype(np.uint8)
        ids = np.where(hit, self._instances[found] if len(self._instances) else 0, 0)
        return Frame(
            rgb=rgb.reshape(*shape, 3),
            depth=np.where(hit, reach, 0).reshape(shape).astype(np.float32),
            segmentation=ids.reshape(shape).astype(np.int32),
            intrinsics=intrinsics,
            T_world_camera=np.array(T_world_camera, np.float64),
            normals=np.where(hit[:, None], facing, 0).reshape(*shape, 3).astype(np.float32) if normals else None,
        )

    def _put_bodies(self) -> None:
        """Makes the triangles anew where the bodies are."""
        corners = self._scene.vertices[self._triangles].astype(np.float64)
        moving = np.flatnonzero(self._bodies != STATIC)
        poses = self._poses[self._bodies[moving]]
        corners[moving] = np.einsum("tij,tcj->tci", poses[:, :3, :3], corners[moving]) + poses[:, None, :3, 3]
        triangles = np.arange(3 * len(corners), dtype=np.int32).reshape(-1, 3)
        self._caster = RayCaster(corners.reshape(-1, 3).astype(np.float32), triangles)
        self._normals = unit(face_normals(corners))
        self._placed = False

    def _first_solid(
        self, position: npt.NDArray[np.float64], directions: npt.NDArray[np.float64]
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Reach, triangle (-1: none) and colour of the first texel met that is not open."""
        count = len(directions)
        reach, triangle = np.full(count, NEAR_M), np.full(count, -1, np.int64)
        colors = np.zeros((count, 3))
        left = np.arange(count)
        for _ in range(_MOST_LAYERS):
            hits = self._caster.cast(position + directions[left] * reach[left, None], directions[left])
            met = hits.triangle >= 0
            reach[left] = np.where(met, reach[left] + hits.reach, 0.0)
            left, at, uv = left[met], hits.triangle[met], hits.uv[met].astype(np.float64)
            texels = self._texels(at, uv)
            solid = texels[:, 3] >= OPEN_BELOW
            triangle[left[solid]], colors[left[solid]] = at[solid], texels[solid, :3]
            left = left[~solid]
            if not len(left):
                break
            reach[left] += _STEP_M
        return reach, triangle, colors

    def _texels(self, triangles: npt.NDArray[np.int64], bary: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """RGBA (N, 4), 0..1, of points on triangles; alpha is that of the texture, 1 without one."""
        found = np.ones((len(triangles), 4))
        corners = self._scene.uvs[self._triangles[triangles]].astype(np.float64)
        weights = np.stack([1 - bary.sum(axis=1), bary[:, 0], bary[:, 1]], axis=1)
        uv = np.einsum("ijk,ij->ik", corners, weights)
        for index in np.unique(self._materials[triangles]):
            material = self._scene.materials[index]
            rows = self._materials[triangles] == index
            found[rows, :3] = material.color
            if material.texture != NO_TEXTURE:
                image = self._images[material.texture]
                height, width = image.shape[:2]
                x = np.floor(uv[rows, 0] % 1.0 * width).astype(np.int64) % width
                y = np.floor((1 - uv[rows, 1] % 1.0) * height).astype(np.int64) % height
                found[rows] *= image[y, x] / 255
        return found


def _pixels(data: bytes) -> npt.NDArray[np.uint8]:
    return np.asarray(decode_image(data).convert("RGBA"))
