"""Frames that `sim render` wrote, read back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import PIL.Image

from scenes.errors import HomeError
from sim.frame import Frame, View
from sim.output import MM_PER_M
from sim.poses import read_views


@dataclass(frozen=True)
class Recorded:
    """One frame in a folder."""

    folder: Path
    index: int
    view: View

    def load(self) -> Frame:
        """The frame; depth to the millimetre.

        Raises:
            HomeError: an image is missing, damaged, or of another size or kind than the index says.
        """
        camera = self.view.intrinsics
        size = (camera.height, camera.width)
        depth = self._image("depth", size)
        return Frame(
            rgb=self._image("rgb", (*size, 3)).astype(np.uint8),
            depth=(depth / MM_PER_M).astype(np.float32),
            segmentation=self._image("segmentation", size).astype(np.int32),
            intrinsics=camera,
            T_world_camera=self.view.T_world_camera,
        )

    def _image(self, kind: str, shape: tuple[int, ...]) -> npt.NDArray[Any]:
        path = self.folder / kind / f"{self.index:06d}.png"
        try:
            with PIL.Image.open(path, formats=["PNG"]) as image:
                pixels = np.asarray(image)
        except (OSError, SyntaxError) as error:
            raise HomeError(f"{path}: {error}; render the frames again") from error
        if pixels.shape != shape:
            raise HomeError(
                f"{path}: its shape is {pixels.shape}, frames.parquet says {shape}; render the frames again"
            )
        return pixels


def read_run(folder: Path) -> list[Recorded]:
    """The frames in a folder of `sim render`, in order; images are read by `Recorded.load`.

    Raises:
        HomeError: no such folder, no index in it, or one that says nothing of use.
    """
    if (folder / "dataset.yaml").is_file():
        unpacked = f"unzip {folder}/episodes/000000.zip -d FRAMES"
        raise HomeError(
            f"{folder} is a dataset, whose images are in its episodes; unpack one ({unpacked}), then fuse that"
        )
    index = folder / "frames.parquet"
    if not index.is_file():
        raise HomeError(f"{folder} holds no frames.parquet; name a folder that `sim render` wrote")
    try:
        views = read_views(index)
    except HomeError as error:
        raise HomeError(f"{error}; render the frames again") from error
    recorded = []
    for number, view in enumerate(views):
        if view.intrinsics is None:
            raise HomeError(f"{index}: its rows say nothing of the camera; name a folder that `sim render` wrote")
        recorded.append(Recorded(folder, number, View(view.intrinsics, view.T_world_camera)))
    return recorded
