"""The camera images of an environment: their spaces, and a renderer that opens when the first one is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from scenes.errors import HomeError
from scenes.scene import Scene
from sim.bodies import Added, Body
from sim.camera import Floats
from sim.frame import Frame, Renderer, View

IMAGES = ("rgb", "depth", "segmentation")
FARTHEST_M = 65.535
"""What is farther is no depth: 0, as in the 16-bit images on disk."""


class Pictures:
    """Images of a scene with bodies that move in it. Nothing is opened before the first image is asked for."""

    def __init__(self, scene: Scene, renderer: str, bodies: Sequence[Body]) -> None:
        self._scene, self._renderer_name, self._bodies = scene, renderer, tuple(bodies)
        self._renderer: Renderer | None = None
        self._placed: dict[int, Floats] = {}
        self._most_id = len(scene.instances) + sum(isinstance(body, Added) for body in self._bodies)

    def take(self, view: View, poses: Mapping[int, Floats]) -> Frame:
        """What a camera sees, with bodies at these poses (4, 4)."""
        if self._renderer is None:
            from sim.renderers.choose import open_renderer

            self._renderer = open_renderer(self._renderer_name, self._scene, bodies=self._bodies)
        for body, pose in poses.items():
            if body not in self._placed or not np.array_equal(self._placed[body], pose):
                self._renderer.place(body, pose)
                self._placed[body] = pose
        return self._renderer.render(view.intrinsics, view.T_world_camera)

    def spaces(self, size: tuple[int, int]) -> dict[str, spaces.Space[Any]]:
        """The spaces of all images; size: width and height, pixels."""
        width, height = size
        return {
            "rgb": spaces.Box(0, 255, (height, width, 3), np.uint8),
            "depth": spaces.Box(0.0, FARTHEST_M, (height, width, 1), np.float32),
            "segmentation": spaces.Box(0, max(1, self._most_id), (height, width, 1), np.int32),
        }

    def close(self) -> None:
        """Releases the renderer."""
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None
            self._placed.clear()


def observed(frame: Frame, wanted: Sequence[str]) -> dict[str, npt.NDArray[Any]]:
    """Return the images of a frame that are wanted, each (H, W, channels), which libraries know images by."""
    found: dict[str, npt.NDArray[Any]] = {}
    if "rgb" in wanted:
        found["rgb"] = frame.rgb
    if "depth" in wanted:
        found["depth"] = np.where(frame.depth <= FARTHEST_M, frame.depth, 0).astype(np.float32)[..., None]
    if "segmentation" in wanted:
        found["segmentation"] = frame.segmentation[..., None]
    return found


def check_observations(wanted: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """The names of observations that are wanted, in the order of those there are.

    Raises:
        HomeError: one that does not exist, or none at all.
    """
    unknown = sorted(set(wanted) - set(known))
    if unknown or not wanted:
        said = f"no observation {unknown[0]!r}" if unknown else "an environment without observations"
        raise HomeError(f"{said}; there are {', '.join(known)}")
    return tuple(name for name in known if name in wanted)
