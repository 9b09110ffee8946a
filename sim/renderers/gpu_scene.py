"""A scene as OpenGL buffers: one vertex buffer, one index buffer, one texture array, one table of materials."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import PIL.Image

from scenes.images import decode_image
from scenes.scene import Scene
from sim.renderers.egl import RendererError

if TYPE_CHECKING:
    import moderngl

TEXTURE_PIXELS = 256
VERTEX_FORMAT = "3f 2f 4f1 4f1 2u2"
VERTEX_ATTRIBUTES = ("position", "uv", "normal", "light", "numbers")
_VERTEX = np.dtype(
    [("position", "f4", 3), ("uv", "f4", 2), ("normal", "u1", 4), ("light", "u1", 4), ("numbers", "u2", 2)]
)
FULL_LIGHT = 128
"""Linear light 1, as the shaders keep it."""
GLOW = 1.0
MOST_NUMBERS = 65_535
"""Materials and instances have 16 bits each."""


@dataclass(frozen=True)
class GpuScene:
    """What stays on the GPU for the life of a renderer."""

    vertices: moderngl.Buffer
    indices: moderngl.Buffer
    textures: moderngl.TextureArray
    materials: moderngl.Texture
    poses: moderngl.Buffer

    def release(self) -> None:
        """Gives the buffers back."""
        for held in (self.vertices, self.indices, self.textures, self.materials, self.poses):
            held.release()


def upload(
    context: moderngl.Context,
    scene: Scene,
    indices: npt.NDArray[np.uint32],
    light: npt.NDArray[np.uint8] | None,
    poses: int,
) -> GpuScene:
    """Puts a scene on the GPU, with room for `poses` of what moves.

    `light`: (V, 3) uint8, as `shaders` takes it; None: light everywhere. Vertices after those get its median.

    Raises:
        RendererError: the scene has more materials or instances than fit.
    """
    if max(len(scene.materials), len(scene.instances)) > MOST_NUMBERS:
        raise RendererError(
            f"gl: {len(scene.materials)} materials and {len(scene.instances)} instances; each can be {MOST_NUMBERS}"
        )
    return GpuScene(
        vertices=context.buffer(_vertex_data(scene, light).tobytes() or b"\0" * _VERTEX.itemsize),
        indices=context.buffer(indices.tobytes() or b"\0" * 4),
        textures=_texture_array(context, scene),
        materials=_material_table(context, scene),
        poses=context.buffer(reserve=poses * 64),
    )


def repaint(
    context: moderngl.Context, held: GpuScene, scene: Scene, light: npt.NDArray[np.uint8] | None, *, textures: bool
) -> GpuScene:
    """Gives vertices on the GPU other materials and texture coordinates; `textures`: other images, too."""
    held.vertices.write(_vertex_data(scene, light).tobytes() or b"\0" * _VERTEX.itemsize)
    held.materials.release()
    new = dataclasses.replace(held, materials=_material_table(context, scene))
    if textures:
        held.textures.release()
        new = dataclasses.replace(new, textures=_texture_array(context, scene))
    return new


def _vertex_data(scene: Scene, light: npt.NDArray[np.uint8] | None) -> npt.NDArray[np.void]:
    data = np.zeros(len(scene.vertices), _VERTEX)
    data["position"], data["uv"] = scene.vertices, scene.uvs
    data["normal"][:, :3] = np.round(scene.normals * 127.5 + 127.5)
    data["light"][:, :3] = FULL_LIGHT
    if light is not None and len(light):
        data["light"][: len(light), :3], data["light"][len(light) :, :3] = light, np.median(light, axis=0)
    for part in scene.parts:
        run = slice(part.first_vertex, part.first_vertex + part.vertices)
        data["numbers"][run] = (part.material, part.instance)
        data["uv"][run] -= np.floor(data["uv"][run].min(axis=0, initial=0.0))
    return data


def _texture_array(context: moderngl.Context, scene: Scene) -> moderngl.TextureArray:
    """All textures as layers of one size, with mipmaps; the first row of a layer is the image's lowest."""
    import moderngl

    size = (TEXTURE_PIXELS, TEXTURE_PIXELS)
    layers = np.zeros((max(1, len(scene.textures)), *size, 4), np.uint8)
    for index, texture in enumerate(scene.textures):
        image = decode_image(texture.data).convert("RGBA")
        layers[index] = np.asarray(image.resize(size, PIL.Image.Resampling.BOX))[::-1]
    array = context.texture_array((*size, len(layers)), 4, layers.tobytes())
    array.build_mipmaps()
    array.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
    return array


def _material_table(context: moderngl.Context, scene: Scene) -> moderngl.Texture:
    """Row 0: colour and alpha; row 1: layer of the texture (-1: none), least light (lamps glow)."""
    import moderngl

    table = np.zeros((2, max(1, len(scene.materials)), 4), np.float32)
    for index, material in enumerate(scene.materials):
        table[0, index] = (*material.color, material.alpha)
        table[1, index, :2] = (material.texture, GLOW if material.glows else 0.0)
    texture = context.texture((table.shape[1], 2), 4, table.tobytes(), dtype="f4")
    texture.filter = (moderngl.NEAREST, moderngl.NEAREST)
    return texture
