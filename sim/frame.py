"""What a camera sees, and the renderers that show it."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

import numpy as np
import numpy.typing as npt

from sim.camera import Intrinsics


@dataclass(frozen=True)
class View:
    """A camera at a pose. `T_world_camera`: (4, 4) float64."""

    intrinsics: Intrinsics
    T_world_camera: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Frame:
    """One image.

    Attributes:
        rgb: (H, W, 3) uint8, sRGB.
        depth: (H, W) float32, m, planar z of the first surface met, from either side; 0 where there is nothing.
        segmentation: (H, W) int32, instance ids, 0 where there is nothing.
        intrinsics: the camera.
        T_world_camera: (4, 4) float64, its pose.
        normals: (H, W, 3) float32, the surface's normal in the world, turned to the camera; None if not asked for.
    """

    rgb: npt.NDArray[np.uint8]
    depth: npt.NDArray[np.float32]
    segmentation: npt.NDArray[np.int32]
    intrinsics: Intrinsics
    T_world_camera: npt.NDArray[np.float64]
    normals: npt.NDArray[np.float32] | None = None


class Renderer(Protocol):
    """Shows a scene. Use it in a `with` statement: leaving it releases what it holds."""

    name: str
    driver: str

    def __enter__(self) -> Renderer:
        """Itself."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes it."""

    def render(
        self, intrinsics: Intrinsics, T_world_camera: npt.NDArray[np.float64], *, normals: bool = False
    ) -> Frame:
        """The frame that a camera at this pose sees; with `normals` if asked for."""

    def place(self, body: int, T_world_body: npt.NDArray[np.float64]) -> None:
        """Puts one of the `bodies` that the renderer was opened with at a rigid pose (4, 4), until it is put elsewhere.

        A `Piece` of the scene begins where it is drawn, an `Added` body at the origin.

        Raises:
            IndexError: there is no such body.
        """

    def close(self) -> None:
        """Releases everything; the renderer cannot be used afterwards."""
