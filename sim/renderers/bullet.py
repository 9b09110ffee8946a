"""The reference renderer: PyBullet's TinyRenderer, on the CPU, without a display.

It shows one texture per body, culls back faces, and draws what is transparent as opaque. So a scene is split by
instance and material, and surfaces that can be seen from behind get a reversed copy; glass looks solid, and texels that
are cut out by alpha are drawn. Depth and ids are those of the first surface met, from either side.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import numpy as np
import numpy.typing as npt
import PIL.Image
from scipy.spatial.transform import Rotation

from scenes.images import decode_image
from scenes.scene import NO_TEXTURE, Part, Scene
from sim.bodies import Body, with_bodies
from sim.bullet_client import open_client
from sim.bullet_lists import INDICES, NORMALS, UVS, VERTICES
from sim.camera import Intrinsics
from sim.frame import Frame
from sim.renderers.culling import NEAR_M as GL_NEAR_M
from sim.renderers.egl import RendererError
from sim.sensors.surface import Surface

NEAR_M = 0.05
"""TinyRenderer's depth is a float32 z-buffer: its error grows as z^2 / NEAR_M, to 1 mm at 28 m, 2 mm at 40 m.

What is nearer is seen by a second look, from `CLOSE_M` to `_CLOSE_FAR_M`, where anything is so near.
"""
CLOSE_M, _CLOSE_FAR_M = 0.999 * GL_NEAR_M, 0.5
"""Cameras see from 2 cm on, as with `gl`; a surface just there is seen by both."""
MAX_TRIANGLES = 40_000
"""PyBullet takes at most 131,072 vertices and 524,288 indices in one shape."""
TEXTURE_PIXELS = 256
"""TinyRenderer keeps a copy of the texture for every body, so larger images are shrunk to this width and height."""

Corners = npt.NDArray[np.float32]

_NOTHING = 1.0
_FLIP_YZ = np.diag([1.0, -1.0, -1.0, 1.0])
"""OpenCV's camera frame to OpenGL's."""


class BulletRenderer:
    """TinyRenderer in a PyBullet client of its own."""

    name = "bullet"
    driver = "PyBullet TinyRenderer"

    def __init__(self, scene: Scene, *, bodies: Sequence[Body] = ()) -> None:
        try:
            self._bullet, self._client = open_client()
        except RuntimeError as error:
            raise RendererError(f"bullet: {error}") from error
        low, high = (np.array(corner) for corner in scene.bounds_m())
        ground = [np.abs(instance.bounds_m) for instance in scene.instances if instance.category == "ground"]
        reach = max([float(np.max(box)) for box in ground], default=0.0)
        self._far_m = float(np.linalg.norm(high - low)) + reach + 10.0
        self._light = np.array([0.35, 0.2, 0.9])
        self._instance_of_body = np.zeros(len(scene.parts) * 4 + 2, np.int32)
        self._sky = np.round(np.array(scene.surroundings.sky_color) * 255).astype(np.uint8)
        with tempfile.TemporaryDirectory(prefix="stairwell-") as folder:
            textures = self._load_textures(scene, Path(folder))
            moving = with_bodies(scene, bodies)
            self._moving: dict[int, list[int]] = {index: [] for index in range(len(bodies))}
            self._boxes = _boxes(moving.scene, moving.body_of_part)
            self._poses = dict.fromkeys(self._boxes, np.eye(4))
            for part, body in zip(moving.scene.parts, moving.body_of_part.tolist(), strict=True):
                added = self._add_part(moving.scene, part, textures)
                self._moving.get(body, []).extend(added)

    def __enter__(self) -> BulletRenderer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the PyBullet client."""
        if self._client >= 0:
            self._bullet.disconnect(self._client)
            self._client = -1

    def place(self, body: int, T_world_body: npt.NDArray[np.float64]) -> None:
        """Puts a body at a rigid pose (4, 4), until it is put elsewhere."""
        if body not in self._moving:
            raise IndexError(f"no body {body}; the renderer was opened with {len(self._moving)}")
        self._poses[body] = np.array(T_world_body, np.float64)
        quaternion = Rotation.from_matrix(T_world_body[:3, :3]).as_quat().tolist()
        for each in self._moving[body]:
            self._bullet.resetBasePositionAndOrientation(
                each, T_world_body[:3, 3].tolist(), quaternion, physicsClientId=self._client
            )

    def render(
        self, intrinsics: Intrinsics, T_world_camera: npt.NDArray[np.float64], *, normals: bool = False
    ) -> Frame:
        """The frame that a camera at this pose sees. Normals are taken from the depth image, exact on planes."""
        if self._client < 0:
            raise RendererError("bullet: the renderer is closed; open another one")
        rgb, depth, ids = self._look(intrinsics, T_world_camera, NEAR_M, self._far_m)
        if self._is_close(intrinsics, T_world_camera):
            close_rgb, close_depth, close_ids = self._look(intrinsics, T_world_camera, CLOSE_M, _CLOSE_FAR_M)
            close = (close_depth > 0) & (close_depth < NEAR_M)
            rgb, depth = np.where(close[..., None], close_rgb, rgb), np.where(close, close_depth, depth)
            ids = np.where(close, close_ids, ids)
        planar = depth.astype(np.float32)
        rotation = np.asarray(T_world_camera, np.float32)[:3, :3]
        return Frame(
            rgb=rgb,
            depth=planar,
            segmentation=ids.astype(np.int32),
            intrinsics=intrinsics,
            T_world_camera=np.array(T_world_camera, np.float64),
            normals=Surface.of(planar).normals(intrinsics) @ rotation.T if normals else None,
        )

    def _look(
        self, intrinsics: Intrinsics, T_world_camera: npt.NDArray[np.float64], near_m: float, far_m: float
    ) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float64], npt.NDArray[np.int32]]:
        """Colours, depth and ids of what lies between two depths; the sky's colour and 0 where nothing does."""
        view = _FLIP_YZ @ np.linalg.inv(T_world_camera)
        projection = _projection(intrinsics, near_m, far_m)
        _, _, rgba, buffer, mask = self._bullet.getCameraImage(
            intrinsics.width,
            intrinsics.height,
            view.T.reshape(-1).tolist(),
            projection.T.reshape(-1).tolist(),
            lightDirection=self._light.tolist(),
            lightAmbientCoeff=0.65,
            lightDiffuseCoeff=0.4,
            lightSpecularCoeff=0.0,
            shadow=0,
            renderer=self._bullet.ER_TINY_RENDERER,
            physicsClientId=self._client,
        )
        shape = (intrinsics.height, intrinsics.width)
        z_buffer = np.asarray(buffer, np.float64).reshape(shape)
        bodies = np.asarray(mask, np.int32).reshape(shape)
        ids = self._instance_of_body[np.maximum(bodies, -1)]
        depth = near_m * far_m / (far_m - (far_m - near_m) * z_buffer)
        hit = (z_buffer < _NOTHING) & (ids > 0)
        rgb = np.asarray(rgba, np.uint8).reshape(*shape, 4)[..., :3]
        return np.where(hit[..., None], rgb, self._sky), np.where(hit, depth, 0.0), np.where(hit, ids, 0)

    def _is_close(self, intrinsics: Intrinsics, T_world_camera: npt.NDArray[np.float64]) -> bool:
        """Whether the box around some triangle comes as near to the camera as the corners of the near plane are."""
        i = intrinsics
        corner = (max(i.cx, i.width - i.cx) / i.fx, max(i.cy, i.height - i.cy) / i.fy, 1.0)
        reach_m = NEAR_M * float(np.linalg.norm(corner))
        for body, (low, high) in self._boxes.items():
            pose = self._poses[body]
            here = pose[:3, :3].T @ (T_world_camera[:3, 3] - pose[:3, 3])
            if ((low <= here + reach_m) & (high >= here - reach_m)).all(axis=1).any():
                return True
        return False

    def _load_textures(self, scene: Scene, folder: Path) -> list[int]:
        """PyBullet's ids of the scene's textures."""
        ids = []
        for index, texture in enumerate(scene.textures):
            rgba = decode_image(texture.data).convert("RGBA")
            rgb = PIL.Image.alpha_composite(PIL.Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")
            size = (min(rgb.width, TEXTURE_PIXELS), min(rgb.height, TEXTURE_PIXELS))
            path = folder / f"{index}.png"
            rgb.resize(size, PIL.Image.Resampling.BOX).save(path)
            ids.append(self._bullet.loadTexture(str(path), physicsClientId=self._client))
        return ids

    def _add_part(self, scene: Scene, part: Part, textures: list[int]) -> list[int]:
        """PyBullet's bodies for a part."""
        bodies = []
        material = scene.materials[part.material]
        all_triangles = scene.triangles[part.first_triangle : part.first_triangle + part.triangles]
        for start in range(0, len(all_triangles), MAX_TRIANGLES):
            used, triangles = np.unique(all_triangles[start : start + MAX_TRIANGLES], return_inverse=True)
            triangles = triangles.reshape(-1, 3)
            positions, normals, uvs = scene.vertices[used], scene.normals[used], scene.uvs[used]
            uvs = uvs - np.floor(uvs.min(axis=0))
            sides = [(triangles, normals)]
            if not is_closed(positions, triangles):
                sides.append((triangles[:, ::-1], -normals))
            for faces, side_normals in sides:
                shape = self._bullet.createVisualShape(
                    self._bullet.GEOM_MESH,
                    vertices=VERTICES.of(positions),
                    indices=INDICES.of(faces.reshape(-1)),
                    normals=NORMALS.of(side_normals),
                    uvs=UVS.of(uvs),
                    rgbaColor=[*material.color, 1.0],
                    physicsClientId=self._client,
                )
                body = self._bullet.createMultiBody(baseVisualShapeIndex=shape, physicsClientId=self._client)
                if material.texture != NO_TEXTURE:
                    texture = textures[material.texture]
                    self._bullet.changeVisualShape(body, -1, textureUniqueId=texture, physicsClientId=self._client)
                if body >= len(self._instance_of_body) - 1:
                    self._instance_of_body = np.concatenate([self._instance_of_body[:-1], np.zeros(body + 2, np.int32)])
                self._instance_of_body[body] = part.instance
                bodies.append(body)
        return bodies


def _boxes(scene: Scene, body_of_part: npt.NDArray[np.integer]) -> dict[int, tuple[Corners, Corners]]:
    """The least and the greatest corners (N, 3) of each triangle, by the body that it moves with; -1: none."""
    body = np.repeat(body_of_part, [part.triangles for part in scene.parts])
    corners = scene.vertices[scene.triangles[: len(body)]]
    low, high = corners.min(axis=1), corners.max(axis=1)
    return {int(number): (low[body == number], high[body == number]) for number in np.unique(body)}


def is_closed(positions: npt.NDArray[np.float32], triangles: npt.NDArray[np.int64]) -> bool:
    """Whether triangles bound a solid, so that no back face is ever seen: each edge runs once in each direction."""
    _, corner = np.unique(np.round(positions, 4), axis=0, return_inverse=True)
    faces = corner[triangles]
    edges = faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    size = int(corner.max()) + 1 if len(corner) else 1
    forward, backward = edges[:, 0] * size + edges[:, 1], edges[:, 1] * size + edges[:, 0]
    return bool(np.array_equal(np.sort(forward), np.sort(backward)))


def _projection(intrinsics: Intrinsics, near: float, far: float) -> npt.NDArray[np.float64]:
    """OpenGL's projection matrix of a pinhole camera.

    TinyRenderer samples a pixel at its lower left corner (measured against ray casts), hence the shift by half a pixel.
    """
    shifted = dataclasses.replace(intrinsics, cx=intrinsics.cx - 0.5, cy=intrinsics.cy + 0.5)
    return shifted.opengl(near, far)
