"""What the triangles of a scene do to light: how much they reflect, let through and send out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import PIL.Image

from scenes.images import decode_image
from scenes.scene import NO_TEXTURE, RGB, Material, Scene, Texture

Floats32 = npt.NDArray[np.float32]

REFLECTED = 0.8
"""A white surface reflects this share, as a freshly painted wall does."""
GLOW = 0.5
"""Light that a glowing material sends out where its lamp has no light source of its own."""
_GROUND_TINT = 0.3
"""The ground's reflections keep this much of its colour: a lawn is drawn greener than grass is, and would dye rooms."""
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
_COVERED = 0.95
"""Textures that cover more than this are opaque."""
_PIXELS = 32


@dataclass(frozen=True)
class Surfaces:
    """Per triangle.

    Attributes:
        albedo: (T, 3) float32, the share of light that is reflected, linear RGB.
        emission: (T, 3) float32, linear RGB.
        see_through: (T,) bool: glass, or a texture with holes.
        tint: (T, 3) float32, the share of light that passes, linear RGB; 0 where it is not see-through.
        instances: (T,) int32, ids.
    """

    albedo: Floats32
    emission: Floats32
    see_through: npt.NDArray[np.bool_]
    tint: Floats32
    instances: npt.NDArray[np.int32]


def linear(color: RGB) -> Floats32:
    """A colour of the scene in linear light. The renderers take colours as a gamma of 2, and so is this."""
    return np.square(np.array(color, np.float32))


def reflected_by_ground(color: Floats32) -> Floats32:
    """The share of light (3,) that ground of a linear colour (3,) reflects."""
    grey = np.float32(color @ _LUMINANCE)
    return np.float32(REFLECTED) * (grey + np.float32(_GROUND_TINT) * (color - grey))


def surfaces_of(scene: Scene) -> Surfaces:
    """The surfaces of a scene whose triangles are all part of something."""
    images = [_mean(texture) for texture in scene.textures]
    looks = [_look(material, images) for material in scene.materials]
    with_source = {light.instance for light in scene.lights}
    ground = {instance.id for instance in scene.instances if instance.category == "ground"}
    count = len(scene.triangles)
    albedo, emission, tint = (np.zeros((count, 3), np.float32) for _ in range(3))
    see_through = np.zeros(count, bool)
    for part in scene.parts:
        run = slice(part.first_triangle, part.first_triangle + part.triangles)
        albedo[run], tint[run], see_through[run] = looks[part.material]
        if part.instance in ground:
            albedo[run] = reflected_by_ground(looks[part.material][0] / np.float32(REFLECTED))
        material = scene.materials[part.material]
        if material.glows and part.instance not in with_source:
            emission[run] = GLOW * linear(material.color)
    return Surfaces(albedo, emission, see_through, tint, scene.triangle_instances())


def _look(material: Material, images: list[tuple[Floats32, float]]) -> tuple[Floats32, Floats32, bool]:
    """Albedo, tint, and whether a material can be seen through.

    What is drawn over what is behind it, `alpha` of it, takes that share of the light and tints it with its colour.
    Holes in a texture let light pass as it is.
    """
    color, cover = linear(material.color), 1.0
    if material.texture != NO_TEXTURE:
        mean, cover = images[material.texture]
        color = color * mean
    through = np.float32(1.0) - np.float32(material.alpha) * (1 - color)
    if cover < _COVERED:
        through = np.float32(1.0 - cover) + np.float32(cover * (1.0 - material.alpha)) * through
    see_through = material.alpha < 1.0 or cover < _COVERED
    return np.float32(REFLECTED * material.alpha) * color, through if see_through else np.zeros_like(color), see_through


def _mean(texture: Texture) -> tuple[Floats32, float]:
    """The mean linear colour of an image where it covers, and how much of it does."""
    small = decode_image(texture.data).convert("RGBA").resize((_PIXELS, _PIXELS), PIL.Image.Resampling.BOX)
    texels = np.asarray(small, np.float32).reshape(-1, 4) / 255.0
    cover = texels[:, 3].mean()
    color = (np.square(texels[:, :3]) * texels[:, 3:]).sum(axis=0) / max(texels[:, 3].sum(), 1e-6)
    return color.astype(np.float32), float(cover)
