"""MuJoCo's renderer on the triangles of a scene: what the `gl` renderer is measured against."""

from __future__ import annotations

import os
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from scenes.images import decode_image
from scenes.scene import NO_TEXTURE, Material, Part, Scene, Texture
from sim.camera import Intrinsics
from sim.frame import Frame
from sim.renderers.culling import NEAR_M

TEXTURE_PIXELS = 256


class MujocoRenderer:
    """Shows a scene through MuJoCo's OpenGL renderer, set to do the least for the same images.

    One mesh and one geom per part; shadows, reflections, haze, skybox and multisampling off. Colour is read from one
    pass and depth with ids from a second one (in the first, glass leaves no depth): `mujoco.Renderer` takes three.
    """

    name = "mujoco"

    def __init__(self, scene: Scene, size: tuple[int, int]) -> None:
        os.environ["MUJOCO_GL"] = "egl"
        import mujoco

        self._mujoco: Any = mujoco
        self.driver = f"MuJoCo {mujoco.__version__}, MUJOCO_GL=egl"
        low, high = (np.array(corner) for corner in scene.bounds_m())
        self._far_m = float(np.linalg.norm(high - low)) + 10.0
        self._model = _model(mujoco, scene, size, self._far_m)
        self._instances = np.array([0, *(part.instance for part in scene.parts)], np.int32)
        self._gl = mujoco.GLContext(*size)
        self._gl.make_current()
        self._context = mujoco.MjrContext(self._model, mujoco.mjtFontScale.mjFONTSCALE_100.value)
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN.value, self._context)
        self._scene = mujoco.MjvScene(self._model, maxgeom=len(scene.parts) + 10)
        self._scene.flags[:] = 0
        data = mujoco.MjData(self._model)
        mujoco.mj_forward(self._model, data)
        everything = mujoco.mjtCatBit.mjCAT_ALL.value
        mujoco.mjv_updateScene(self._model, data, mujoco.MjvOption(), None, mujoco.MjvCamera(), everything, self._scene)

    def __enter__(self) -> MujocoRenderer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Frees the context."""
        self._context.free()
        self._gl.free()

    def render(
        self, intrinsics: Intrinsics, T_world_camera: npt.NDArray[np.float64], *, normals: bool = False
    ) -> Frame:
        """The frame that a camera with a centred axis sees; it has no normals."""
        if normals:
            raise ValueError("MuJoCo's renderer has no normals")
        self._look(intrinsics, T_world_camera)
        rectangle = self._mujoco.MjrRect(0, 0, intrinsics.width, intrinsics.height)
        shape = (intrinsics.height, intrinsics.width)
        rgb, buffer, coded = (
            np.empty((*shape, 3), np.uint8),
            np.empty(shape, np.float32),
            np.empty((*shape, 3), np.uint8),
        )
        flags, kinds = self._scene.flags, self._mujoco.mjtRndFlag
        flags[kinds.mjRND_SEGMENT] = flags[kinds.mjRND_IDCOLOR] = 0
        self._mujoco.mjr_render(rectangle, self._scene, self._context)
        self._mujoco.mjr_readPixels(rgb, None, rectangle, self._context)
        flags[kinds.mjRND_SEGMENT] = flags[kinds.mjRND_IDCOLOR] = 1
        self._mujoco.mjr_render(rectangle, self._scene, self._context)
        self._mujoco.mjr_readPixels(coded, buffer, rectangle, self._context)
        codes = coded.astype(np.int32)
        ids = self._instances[codes[..., 0] + codes[..., 1] * 256 + codes[..., 2] * 65536]
        depth = NEAR_M * self._far_m / (self._far_m - (self._far_m - NEAR_M) * buffer)
        return Frame(
            rgb=rgb[::-1],
            depth=np.where(ids > 0, depth, 0)[::-1].astype(np.float32),
            segmentation=ids[::-1],
            intrinsics=intrinsics,
            T_world_camera=T_world_camera,
        )

    def _look(self, intrinsics: Intrinsics, T_world_camera: npt.NDArray[np.float64]) -> None:
        half_height = NEAR_M * intrinsics.height / 2 / intrinsics.fy
        half_width = NEAR_M * intrinsics.width / 2 / intrinsics.fx
        for camera in self._scene.camera:
            camera.pos = T_world_camera[:3, 3]
            camera.forward = T_world_camera[:3, 2]
            camera.up = -T_world_camera[:3, 1]
            camera.frustum_near, camera.frustum_far = NEAR_M, self._far_m
            camera.frustum_bottom, camera.frustum_top = -half_height, half_height
            camera.frustum_center, camera.frustum_width = 0.0, half_width


def _model(mujoco: Any, scene: Scene, size: tuple[int, int], far_m: float) -> Any:
    spec = mujoco.MjSpec()
    spec.visual.quality.offsamples = spec.visual.quality.shadowsize = 0
    spec.visual.headlight.ambient = [0.6] * 3
    spec.visual.global_.offwidth, spec.visual.global_.offheight = size
    spec.stat.extent = 1.0
    spec.visual.map.znear, spec.visual.map.zfar = NEAR_M, far_m
    for index, texture in enumerate(scene.textures):
        _add_texture(mujoco, spec, str(index), texture)
    for index, material in enumerate(scene.materials):
        _add_material(mujoco, spec, str(index), material)
    for index, part in enumerate(scene.parts):
        _add_part(mujoco, spec, scene, str(index), part)
    return spec.compile()


def _add_texture(mujoco: Any, spec: Any, name: str, texture: Texture) -> None:
    image = decode_image(texture.data).convert("RGB")
    pixels = np.asarray(image.resize((TEXTURE_PIXELS, TEXTURE_PIXELS)))
    spec.add_texture(
        name=name,
        type=mujoco.mjtTexture.mjTEXTURE_2D,
        width=TEXTURE_PIXELS,
        height=TEXTURE_PIXELS,
        nchannel=3,
    ).data = pixels.tobytes()


def _add_material(mujoco: Any, spec: Any, name: str, material: Material) -> None:
    added = spec.add_material(name=name, rgba=[*material.color, material.alpha], specular=0.0, shininess=0.0)
    if material.texture != NO_TEXTURE:
        added.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = str(material.texture)


def _add_part(mujoco: Any, spec: Any, scene: Scene, name: str, part: Part) -> None:
    used = slice(part.first_vertex, part.first_vertex + part.vertices)
    triangles = scene.triangles[part.first_triangle : part.first_triangle + part.triangles] - part.first_vertex
    uvs = scene.uvs[used] * (1, -1)
    spec.add_mesh(
        name=name,
        uservert=scene.vertices[used].reshape(-1),
        usernormal=scene.normals[used].reshape(-1),
        usertexcoord=uvs.reshape(-1),
        userface=triangles.reshape(-1),
        inertia=mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL,
    )
    spec.worldbody.add_geom(
        type=mujoco.mjtGeom.mjGEOM_MESH,
        meshname=name,
        material=str(part.material),
        contype=0,
        conaffinity=0,
    )
