"""What a network sees of a frame: `Preprocessing`, the same in training, evaluation and driving."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import PIL.Image
import torch
from pydantic import Field, model_validator

from datagen.randomise.values import Strict
from datagen.reader.cache import at_centres
from scenes.errors import HomeError
from sim.output import MM_PER_M, depth_to_millimetres

Channel: TypeAlias = Literal["rgb", "depth", "zoom", "constant_depth", "shuffled_depth"]
Pixels = Annotated[int, Field(ge=8, le=512)]

PLANES: dict[Channel, int] = {"rgb": 3, "depth": 2, "zoom": 1, "constant_depth": 2, "shuffled_depth": 2}
DEPTHS: tuple[Channel, ...] = ("depth", "constant_depth", "shuffled_depth")
CONSTANT = 0.0
"""The normalised log depth of `constant_depth`: the middle of the range."""


class Preprocessing(Strict):
    """From images to planes of numbers about -1..1, without statistics of any dataset.

    Attributes:
        channels: in the order of their planes. `rgb`: 3 planes; `depth`: 2, normalised log depth (0 where there is
            none) and the mask of where there is some; `zoom`: 1, the log of the magnification. Controls in depth's
            place: `constant_depth` (the same everywhere, valid everywhere) and `shuffled_depth` (of other frames).
        size: width and height, pixels.
        depth_range_m: the depths that become -1 and 1; what is nearer or farther is cut there.
    """

    channels: tuple[Channel, ...] = ("rgb", "depth")
    size: tuple[Pixels, Pixels] = (64, 64)
    depth_range_m: tuple[float, float] = (0.1, 20.0)

    @model_validator(mode="after")
    def _makes_sense(self) -> Preprocessing:
        if not set(self.channels) - {"zoom", "constant_depth"}:
            raise ValueError(f"channels {list(self.channels)} show nothing; give rgb, depth or both")
        if len(set(self.channels)) < len(self.channels) or len(set(self.channels) & set(DEPTHS)) > 1:
            raise ValueError(f"channels {list(self.channels)}; give each once, and one kind of depth at most")
        if not 0 < self.depth_range_m[0] < self.depth_range_m[1]:
            raise ValueError(f"depth_range_m {list(self.depth_range_m)}; give near, far, both above 0")
        return self

    @property
    def planes(self) -> int:
        """How many planes an image has."""
        return sum(PLANES[channel] for channel in self.channels)

    def to_json(self) -> dict[str, Any]:
        """As JSON, for a checkpoint."""
        return self.model_dump(mode="json")

    @staticmethod
    def from_json(said: Mapping[str, Any]) -> Preprocessing:
        """The same from a checkpoint."""
        return Preprocessing.model_validate(dict(said))

    def __call__(self, images: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Planes (..., planes, H, W) float32 of images at the training size.

        `images`, by channel: `rgb` (..., 3, H, W) uint8; `depth` and `shuffled_depth` (..., 1, H, W) float32, m, 0
        where there is none; `zoom` (...), magnification. `constant_depth` needs no image.

        Raises:
            HomeError: a channel is missing, or images have another size.
        """
        self._refuse(images)
        width, height = self.size
        shown = next(images[name] for name in self.channels if name in images and name != "zoom")
        planes = torch.empty((*shown.shape[:-3], self.planes, height, width), dtype=torch.float32)
        places = torch.split(planes, [PLANES[channel] for channel in self.channels], dim=-3)
        for channel, place in zip(self.channels, places, strict=True):
            if channel == "rgb":
                torch.add(images["rgb"].to(torch.float32).mul_(1 / 127.5), -1.0, out=place)
            elif channel == "zoom":
                place[:] = torch.log(images["zoom"].to(torch.float32))[..., None, None, None]
            elif channel == "constant_depth":
                place[..., 0, :, :], place[..., 1, :, :] = CONSTANT, 1.0
            else:
                self._put_depth(images[channel][..., 0, :, :], place)
        return planes

    def _refuse(self, images: Mapping[str, torch.Tensor]) -> None:
        """Refuses images without a channel, or of another size."""
        for channel in self.channels:
            if channel == "constant_depth":
                continue
            if channel not in images:
                raise HomeError(
                    f"images have no channel {channel!r}, only {', '.join(images)}; the network sees "
                    f"{', '.join(self.channels)}"
                )
            found = tuple(images[channel].shape[:-3:-1])
            if channel != "zoom" and found != self.size:
                raise HomeError(
                    f"{channel} comes as {'x'.join(map(str, found))}, and the network sees "
                    f"{'x'.join(map(str, self.size))}; resample it, as `of_frame` does"
                )

    def _put_depth(self, depth_m: torch.Tensor, place: torch.Tensor) -> None:
        """Normalised log depth and the valid mask, into (..., 2, H, W)."""
        near, far = map(math.log, self.depth_range_m)
        valid = depth_m > 0
        scaled = depth_m.clamp(*self.depth_range_m).log_().sub_(near).mul_(2 / (far - near)).sub_(1.0)
        place[..., 0, :, :] = scaled.masked_fill_(~valid, 0.0)
        place[..., 1, :, :] = valid

    def of_frame(
        self, rgb: npt.NDArray[np.uint8], depth: npt.NDArray[np.floating[Any]], zoom: float | None = None
    ) -> torch.Tensor:
        """Planes (planes, h, w) of one frame as it was rendered: to the bit what the dataset's cache gives for it.

        `rgb`: (H, W, 3) uint8; `depth`: (H, W), metres, planar z, 0 where there is nothing; `zoom`: magnification.

        Raises:
            HomeError: a channel is missing, the frame has another shape than the training's, or depth is shuffled.
        """
        if "shuffled_depth" in self.channels:
            raise HomeError("a network trained on shuffled depth is a control: it has no view of a single frame")
        refuse_resampling((rgb.shape[1], rgb.shape[0]), self.size, "this frame")
        small = np.asarray(PIL.Image.fromarray(rgb).resize(self.size, PIL.Image.Resampling.BOX))
        depth_mm = at_centres(depth_to_millimetres(np.asarray(depth, np.float32)), self.size)
        images = {"rgb": torch.from_numpy(np.moveaxis(small, -1, 0).copy()), "depth": metres(depth_mm)[None]}
        if zoom is not None:
            images["zoom"] = torch.tensor(float(zoom), dtype=torch.float64)
        return self(images)


def metres(depth_mm: npt.NDArray[np.uint16]) -> torch.Tensor:
    """Depth (...), mm, as float32 metres; the same product as the reader's."""
    return torch.from_numpy(depth_mm * np.float32(1 / MM_PER_M))


def refuse_resampling(size: tuple[int, int], target: tuple[int, int], where: str) -> None:
    """Refuses images (width, height) that are smaller than the training's, or of another shape.

    Raises:
        HomeError: names both sizes.
    """
    (width, height), (new_width, new_height) = size, target
    shown = f"{where} has images of {width}x{height}, and training is at {new_width}x{new_height}"
    if width < new_width or height < new_height:
        raise HomeError(f"{shown}: nothing is enlarged; make frames of that size or more, or set a smaller `size`")
    if abs(width / height * new_height / new_width - 1) > 0.02:
        raise HomeError(f"{shown}: that would squeeze them; set a `size` of the same shape")
