"""Materials and textures of a scene, each kept once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np

from scenes.errors import HomeError
from scenes.home.basics import Texture as HomeTexture
from scenes.home.fields import Color
from scenes.home.reader import Contents
from scenes.images import decode_image, has_holes, image_size
from scenes.limits import require_within
from scenes.mesh import Floats
from scenes.models.model import ModelMaterial
from scenes.scene import NO_TEXTURE, RGB, Material, Texture

WHITE: RGB = (1.0, 1.0, 1.0)
SMALLEST_REPEAT_CM, LARGEST_REPEAT_CM = 1e-2, 1e8
"""Textures beyond are one colour; sizes are kept within, so that coordinates stay numbers."""


@dataclass
class Palette:
    """Hands out the indices of materials and textures; what cannot be read becomes a warning, once."""

    contents: Contents
    warnings: list[str] = field(default_factory=list)
    materials: dict[Material, int] = field(default_factory=dict)
    textures: list[Texture] = field(default_factory=list)
    _by_reference: dict[str, int] = field(default_factory=dict)
    _by_digest: dict[bytes, int] = field(default_factory=dict)
    _pixels: int = 0

    def texture(self, reference: str, name: str, used_by: str) -> int:
        """The index of the texture with this content; NO_TEXTURE, and a warning, if it is not a readable image."""
        if reference not in self._by_reference:
            try:
                self._by_reference[reference] = self._add(reference, name)
            except HomeError as error:
                self.warnings.append(f"texture {name!r} of {used_by} is left out: {error}")
                self._by_reference[reference] = NO_TEXTURE
        return self._by_reference[reference]

    def material(
        self,
        name: str,
        color: RGB,
        *,
        specular: RGB = (0.0, 0.0, 0.0),
        shininess: float = 1.0,
        alpha: float = 1.0,
        texture: int = NO_TEXTURE,
        glows: bool = False,
    ) -> int:
        """The index of this material."""
        material = Material(name, color, specular, shininess, alpha, texture, glows)
        return self.materials.setdefault(material, len(self.materials))

    def painted(
        self,
        name: str,
        color: Color | None,
        texture: HomeTexture | None,
        *,
        used_by: str,
        shininess: float = 0.0,
        alpha: float = 1.0,
    ) -> int:
        """The material of a surface that the home gives a texture, or else a colour, or else nothing (white)."""
        index = self.texture(texture.image, texture.name, used_by) if texture is not None else NO_TEXTURE
        base = WHITE if color is None or index != NO_TEXTURE else rgb(color)
        grey = (shininess, shininess, shininess)
        exponent = max(1.0, 128 * shininess)
        return self.material(name, base, specular=grey, shininess=exponent, texture=index, alpha=alpha)

    def of_model(self, material: ModelMaterial, *, used_by: str, glows: bool = False) -> int:
        """The material of a model's shape as it is. A texture is not tinted; if it cannot be read, the colour shows."""
        texture = NO_TEXTURE
        if material.image is not None:
            texture = self.texture(material.image, material.image, used_by)
        return self.material(
            material.name,
            material.diffuse if texture == NO_TEXTURE else WHITE,
            specular=material.specular,
            shininess=material.shininess,
            alpha=material.alpha,
            texture=texture,
            glows=glows,
        )

    def _add(self, reference: str, name: str) -> int:
        return self.add_image(self.contents.read(reference), name)

    def add_image(self, data: bytes, name: str) -> int:
        """The index of the texture with these bytes.

        Raises:
            HomeError: not a readable image, or one too many.
        """
        digest = hashlib.sha256(data).digest()
        if digest not in self._by_digest:
            require_within("textures", len(self.textures) + 1, "the home")
            width, height = image_size(data)
            self._pixels += width * height
            require_within("all_texture_pixels", self._pixels, "the home")
            self.textures.append(Texture(name, data, has_holes(decode_image(data))))
            self._by_digest[digest] = len(self.textures) - 1
        return self._by_digest[digest]


def rgb(color: Color) -> RGB:
    """0xAARRGGBB -> sRGB, 0..1."""
    return ((color >> 16 & 255) / 255, (color >> 8 & 255) / 255, (color & 255) / 255)


def texture_coordinates(texture: HomeTexture, points_cm: Floats) -> Floats:
    """Texture coordinates (..., 2) of points (..., 2) on a surface, cm: moved, turned, then scaled."""
    size = texture_size_cm(texture)
    cos, sin = np.cos(texture.angle), np.sin(texture.angle)
    shifted = points_cm - np.array([texture.x_offset, texture.y_offset]) % 1.0 * size
    turned: Floats = shifted @ np.array([[cos, sin], [-sin, cos]])
    return turned / size


def texture_size_cm(texture: HomeTexture) -> Floats:
    """Width and height of one repeat, cm; the program takes a size that is not positive as 100."""
    size = np.array([texture.width, texture.height])
    scale = texture.scale if texture.scale > 0 else 1.0
    return np.clip(np.where(size > 0, size, 100.0) * scale, SMALLEST_REPEAT_CM, LARGEST_REPEAT_CM)
