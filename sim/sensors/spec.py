"""A camera's imperfections in one value, and its short text form."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from scenes.errors import HomeError
from sim.frame import Frame
from sim.sensors.kinect import KinectDepth
from sim.sensors.light import ColorNoise, Exposure, WhiteBalance
from sim.sensors.limits import DepthRange, DepthStep, DisparityStep
from sim.sensors.noise import Chain, Noise
from sim.sensors.redwood import RedwoodDepth
from sim.sensors.shutter import INSTANT, MotionBlur, RollingShutter, Shoot, Shutter, ViewAt


@dataclass(frozen=True)
class SensorModel:
    """How a camera takes a frame: light falls in through the shutter, then comes the noise."""

    noise: Noise = field(default_factory=Chain)
    shutter: Shutter = INSTANT

    def capture(self, shoot: Shoot, view_at: ViewAt, time_s: float, rng: np.random.Generator) -> Frame:
        """The frame at a simulated time, s; `shoot` is a renderer's `render`."""
        return self.noise(self.shutter.capture(shoot, view_at, time_s), rng)

    def as_dict(self) -> dict[str, Any]:
        """Kinds and figures, for JSON beside the data."""
        return {"noise": self.noise.as_dict(), "shutter": self.shutter.as_dict()}


Kind = type[Noise] | type[MotionBlur] | type[RollingShutter]

KINDS: Mapping[str, Kind] = {
    "depth=kinect": KinectDepth,
    "depth=redwood": RedwoodDepth,
    "quantize": DepthStep,
    "disparity": DisparityStep,
    "range": DepthRange,
    "exposure": Exposure,
    "white": WhiteBalance,
    "color": ColorNoise,
    "blur": MotionBlur,
    "rolling": RollingShutter,
}
"""What text can name."""


def parse_noise(text: str) -> SensorModel:
    """A sensor model from text: items with commas between, the noise in the order given.

    An item is a name, `name=figure` or `name=figure:figure` ..., the figures in the order of its class's fields; those
    left out have their defaults. `depth` stands for `depth=kinect`; its figures follow as in `depth=kinect:0.8:4`.
    Example: `depth,exposure=-1,blur=4`.

    Raises:
        HomeError: an unknown name, a shutter given twice, or a figure that makes no sense.
    """
    items = [_item(item.strip()) for item in text.split(",")]
    noise = Chain(tuple(item for item in items if isinstance(item, Noise)))
    blurs = [item for item in items if isinstance(item, MotionBlur)]
    rolling = [item for item in items if isinstance(item, RollingShutter)]
    if len(blurs) > 1 or len(rolling) > 1:
        raise HomeError(f"noise {text!r}: {'blur' if len(blurs) > 1 else 'rolling'} stands in it twice; leave one out")
    blur = blurs[0] if blurs else INSTANT
    return SensorModel(noise, dataclasses.replace(rolling[0], exposure=blur) if rolling else blur)


def _item(text: str) -> Noise | Shutter:
    name, _, argument = text.partition("=")
    words = argument.split(":") if argument else []
    if name == "depth":
        name = f"depth={words.pop(0) if words else 'kinect'}"
    if name not in KINDS:
        raise HomeError(f"no noise is called {name!r}; known: {', '.join(KINDS)}")
    return _build(KINDS[name], words, text)


def _build(kind: Kind, words: Sequence[str], text: str) -> Noise | Shutter:
    """A `kind` from its first figures."""
    slots = [slot for slot in dataclasses.fields(kind) if slot.type in ("int", "float")]
    if len(words) > len(slots):
        names = ":".join(slot.name for slot in slots)
        raise HomeError(f"noise {text!r} has {len(words)} figures; it takes at most {len(slots)}, {names}")
    try:
        figures: dict[str, Any] = {
            slot.name: int(word) if slot.type == "int" else float(word)
            for slot, word in zip(slots, words, strict=False)
        }
        return kind(**figures)
    except ValueError as error:
        raise HomeError(f"noise {text!r}: {error}") from error
