"""Walls, floors and ceilings in new textures and colours."""

from __future__ import annotations

import colorsys
import dataclasses
from collections.abc import Callable
from functools import cache

import numpy as np
import numpy.typing as npt

from datagen.randomise.settings import Paint
from datagen.randomise.values import draw_number
from scenes.draw import textures
from scenes.scene import NO_TEXTURE, RGB, Material, Part, Scene, Texture

Floats32 = npt.NDArray[np.float32]

_MATT: RGB = (0.0, 0.0, 0.0)
_LIGHT: RGB = (0.92, 0.92, 0.92)
_MIDDLE: RGB = (0.72, 0.72, 0.72)
_DARK: RGB = (0.55, 0.55, 0.55)

_SIDES_M = {
    "plaster": 1.5, "brick": 0.9, "tiles": 0.9, "stripes": 0.9, "planks": 1.2, "carpet": 1.0, "concrete": 2.0,
    "checks": 1.2, "linoleum": 1.5,
}  # fmt: skip
"""The patterns that are images, and the side of the square that each stands for."""


def painted(scene: Scene, paint: Paint, rng: np.random.Generator) -> tuple[Scene, dict[str, str]]:
    """Paints surfaces: one side of a wall, a room's floor, a ceiling. What is glass or cut out by alpha stays.

    Returns the scene, and the pattern and colour of each surface that was painted, named "SOURCE#PART".
    """
    images = _pattern_images()
    numbers = {name: len(scene.textures) + index for index, name in enumerate(images)}
    materials, parts, record = list(scene.materials), list(scene.parts), {}
    uvs = scene.uvs.copy()
    for index, part in enumerate(scene.parts):
        instance = scene.instances[part.instance - 1]
        if instance.category not in paint.surfaces or not _is_opaque(scene, part):
            continue
        color = _draw_color(paint, rng)
        pattern = paint.patterns[int(rng.integers(len(paint.patterns)))]
        if rng.random() >= paint.share:
            continue
        if pattern in images:
            run = slice(part.first_vertex, part.first_vertex + part.vertices)
            uvs[run] = _uvs(scene.vertices[run], scene.normals[run]) / _SIDES_M[pattern]
        texture = numbers.get(pattern, NO_TEXTURE)
        parts[index] = dataclasses.replace(part, material=len(materials))
        materials.append(Material(f"paint {pattern}", color, _MATT, 0.0, 1.0, texture, glows=False))
        record[_name(scene, index)] = f"{pattern} #{''.join(f'{round(255 * value):02x}' for value in color)}"
    scene = dataclasses.replace(
        scene,
        parts=tuple(parts),
        materials=tuple(materials),
        textures=(*scene.textures, *images.values()),
        uvs=uvs,
    )
    return scene, record


def _is_opaque(scene: Scene, part: Part) -> bool:
    material = scene.materials[part.material]
    cut_out = material.texture != NO_TEXTURE and scene.textures[material.texture].has_alpha
    return material.alpha >= 1.0 and not cut_out and not material.glows


def _draw_color(paint: Paint, rng: np.random.Generator) -> RGB:
    return colorsys.hsv_to_rgb(rng.random(), draw_number(paint.saturation, rng), draw_number(paint.brightness, rng))


def _name(scene: Scene, index: int) -> str:
    """Names a part: by the source of its instance, and its number in it if there are several."""
    instance = scene.parts[index].instance
    first = index
    while first and scene.parts[first - 1].instance == instance:
        first -= 1
    return f"{scene.instances[instance - 1].source}#{index - first}"


def _uvs(vertices: Floats32, normals: Floats32) -> Floats32:
    """Texture coordinates (V, 2), m, on surfaces by the way they face: from above, or along and up a wall."""
    flat = np.abs(normals[:, 2]) > 0.7
    along = np.stack([-normals[:, 1], normals[:, 0]], axis=1)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-6)
    upright = np.stack([(vertices[:, :2] * along).sum(axis=1), vertices[:, 2]], axis=1)
    return np.where(flat[:, None], vertices[:, :2], upright)


@cache
def _pattern_images() -> dict[str, Texture]:
    """The patterns in grey, to be multiplied with a colour; the same ones always."""
    makers: dict[str, Callable[[np.random.Generator], textures.Image]] = {
        "plaster": lambda rng: textures.plaster(rng, _LIGHT),
        "brick": lambda rng: textures.brick(rng, _MIDDLE, _LIGHT),
        "tiles": lambda rng: textures.tiles(rng, _LIGHT, _DARK),
        "stripes": lambda rng: textures.stripes(rng, _LIGHT, _MIDDLE),
        "planks": lambda rng: textures.planks(rng, _MIDDLE),
        "carpet": lambda rng: textures.carpet(rng, _MIDDLE, _LIGHT),
        "concrete": lambda rng: textures.concrete(rng, _MIDDLE),
        "checks": lambda rng: textures.checks(rng, _LIGHT, _DARK),
        "linoleum": lambda rng: textures.linoleum(rng, _MIDDLE),
    }
    return {
        name: Texture(f"paint {name}", textures.jpeg(make(np.random.default_rng(index))), has_alpha=False)
        for index, (name, make) in enumerate(makers.items())
    }
