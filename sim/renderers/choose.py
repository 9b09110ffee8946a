"""Which renderer: the one that is asked for, or the best that works."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from scenes.errors import HomeError
from scenes.scene import Scene
from sim.bodies import Body
from sim.frame import Renderer
from sim.renderers.egl import RendererError

NAMES = ("auto", "gl", "bullet", "raycast")


def open_renderer(
    name: str,
    scene: Scene,
    *,
    bodies: Sequence[Body] = (),
    light: npt.NDArray[np.uint8] | None = None,
    samples: int = 0,
) -> Renderer:
    """The renderer of this name. `auto` is `gl`, or `bullet` where that does not work, and says so in one line.

    `bodies`: what `Renderer.place` can move. `light` (V, 3) and `samples` are for `gl`; the others show a scene in
    even light.

    Raises:
        HomeError: no renderer of this name.
        RendererError: it does not work on this machine.
    """
    if name not in NAMES:
        raise HomeError(f"no renderer {name!r}; there are {', '.join(NAMES)}")
    if name in ("auto", "gl"):
        from sim.renderers.gl import GlRenderer

        try:
            return GlRenderer(scene, bodies=bodies, light=light, samples=samples)
        except RendererError as error:
            if name == "gl":
                raise
            warnings.warn(f"renderer bullet{', in even light' * (light is not None)}, because {error}", stacklevel=2)
    if name == "raycast":
        from sim.renderers.raycast import RaycastRenderer

        return RaycastRenderer(scene, bodies=bodies)
    from sim.renderers.bullet import BulletRenderer

    return BulletRenderer(scene, bodies=bodies)
