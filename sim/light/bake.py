"""A scene with its light baked in: what renderers take."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scenes.scene import Scene
from sim.light.cut import cut_large
from sim.light.presets import Preset
from sim.light.solve import Lighting, solve
from sim.light.sources import sources_of

Floats32 = npt.NDArray[np.float32]

_LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
_BRIGHTEST, _SHOULDER = 1.2, 0.45
_LEAST = 0.02
_OUTDOORS = 0.3
"""What sees more of the sky than this, not through glass, is a terrace."""
_ADAPTATION = 0.5
_SCALE = 4.0


@dataclass(frozen=True)
class LitScene:
    """A scene whose large triangles are cut, and its light.

    Attributes:
        scene: what is shown, under the sky of the preset.
        light: (V, 3) uint8 per vertex of `scene`, `round(255 sqrt(L / 4))` of linear light L.
    """

    scene: Scene
    light: npt.NDArray[np.uint8]


def bake(scene: Scene, preset: Preset, *, progress: Callable[[float], None] | None = None) -> LitScene:
    """Lights a scene. `progress` is told the share that is done. The same inputs give the same bytes."""
    cut = cut_large(scene)
    lighting = solve(cut, sources_of(cut, preset), progress)
    light = encode(expose(lighting.light, _indoors(cut, lighting), preset.exposure))
    return LitScene(under_sky(cut, preset), light)


def under_sky(scene: Scene, preset: Preset) -> Scene:
    """The scene with its sky as it looks under a preset."""
    red, green, blue = (
        own * factor for own, factor in zip(scene.surroundings.sky_color, preset.sky_shown, strict=True)
    )
    return dataclasses.replace(
        scene, surroundings=dataclasses.replace(scene.surroundings, sky_color=(red, green, blue))
    )


def expose(light: Floats32, indoors: npt.NDArray[np.bool_], exposure: float) -> Floats32:
    """Light (V, 3) as a camera set for the vertices `indoors` (V,) shows it.

    Their median is brought to `exposure`, and its tint half way to white. Then a curve that rises ever more slowly
    keeps what stands in the sun from washing out: luminance Y becomes 1.2 Y / (Y + 0.45), after E. Reinhard et al.,
    Photographic Tone Reproduction for Digital Images (2002).
    """
    seen = light[indoors] if indoors.any() else light
    middle = np.median(seen, axis=0) if len(seen) else np.ones(3, np.float32)
    brightness = float(middle @ _LUMINANCE)
    if brightness <= 0:
        return np.full_like(light, _LEAST)
    tint = np.maximum(middle / brightness, 0.05) ** _ADAPTATION
    exposed = light * (exposure / brightness / tint).astype(np.float32)
    shown = exposed * (_BRIGHTEST / (exposed @ _LUMINANCE + _SHOULDER))[:, None]
    return np.maximum(shown, np.float32(_LEAST)).astype(np.float32)


def encode(light: Floats32) -> npt.NDArray[np.uint8]:
    """Linear light as renderers keep it: the square root of a quarter of it, as bytes."""
    return np.round(255 * np.sqrt(np.clip(light / _SCALE, 0, 1))).astype(np.uint8)


def _indoors(scene: Scene, lighting: Lighting) -> npt.NDArray[np.bool_]:
    """The vertices (V,) of floors and ceilings in rooms; of all but the ground where there are none."""
    categories = {instance.id: instance.category for instance in scene.instances}
    inside, beside = np.zeros(len(scene.vertices), bool), np.zeros(len(scene.vertices), bool)
    for part in scene.parts:
        run = slice(part.first_vertex, part.first_vertex + part.vertices)
        inside[run] = categories[part.instance] in ("floor", "ceiling")
        beside[run] = categories[part.instance] != "ground"
    inside &= (np.abs(scene.normals[:, 2]) > 0.7) & (lighting.open < _OUTDOORS) & ~lighting.hidden
    return inside if inside.any() else beside & ~lighting.hidden
