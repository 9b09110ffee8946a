"""Noise of colour: exposure, white balance, photons. All in linear light; images are sRGB, 8 bits, before and after."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sim.camera import Intrinsics
from sim.frame import Frame
from sim.sensors.noise import Noise, require_within
from sim.sensors.surface import Image

_CODES = 65535
"""Steps of linear light between black and white; the darkest step of sRGB is 19.9 of them."""


def _linear_from_srgb(srgb: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """IEC 61966-2-1; 0..1 to 0..1."""
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def _srgb_from_linear(light: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The inverse."""
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


_LIGHT_OF = _linear_from_srgb(np.arange(256) / 255).astype(np.float32)
_RGB_OF = np.round(_srgb_from_linear(np.arange(_CODES + 1) / _CODES) * 255).astype(np.uint8)


def to_light(rgb: npt.NDArray[np.uint8]) -> Image:
    """Linear light (H, W, 3), 0..1, of sRGB, 0..255."""
    return _LIGHT_OF[rgb]


def to_rgb(light: Image) -> npt.NDArray[np.uint8]:
    """The sRGB (H, W, 3), 0..255, of linear light; below 0 is black, above 1 white."""
    codes = np.clip(light, np.float32(0.0), np.float32(1.0)) * np.float32(_CODES) + np.float32(0.5)
    return _RGB_OF[codes.astype(np.uint16)]


@dataclass(frozen=True)
class Exposure(Noise):
    """A camera that exposes a little wrong, differently in each frame, and darkens towards the corners.

    Light is multiplied by 2^s, s normally distributed, and by cos^4 of the angle off the axis, the law of natural
    vignetting, to the power `vignetting`; then raised to the power `gamma`. The jitter's figure is our choice.

    Attributes:
        stops: mean of s.
        jitter_stops: standard deviation of s.
        vignetting: 0 without, 1 as a plain lens.
        gamma: over 1 darkens the middle tones, below 1 lightens them.
    """

    stops: float = 0.0
    jitter_stops: float = 0.25
    vignetting: float = 1.0
    gamma: float = 1.0

    def __post_init__(self) -> None:
        require_within("stops", self.stops, -16.0, 16.0)
        require_within("jitter_stops", self.jitter_stops, 0.0, 16.0)
        require_within("vignetting", self.vignetting, 0.0, 10.0)
        require_within("gamma", self.gamma, 0.1, 10.0)

    def __call__(self, frame: Frame, rng: np.random.Generator) -> Frame:
        """The frame in other light."""
        gain = 2.0 ** (self.stops + self.jitter_stops * rng.standard_normal())
        falloff = _cos_squared_off_axis(frame.intrinsics) ** (2.0 * self.vignetting)
        curve = _LIGHT_OF**self.gamma
        light = curve[frame.rgb] * ((gain * falloff) ** self.gamma).astype(np.float32)[..., None]
        return replace(frame, rgb=to_rgb(light))


@dataclass(frozen=True)
class WhiteBalance(Noise):
    """A white balance that is a little off, differently in each frame: red and blue light times e^(`jitter` * normal).

    The figure is our choice.
    """

    jitter: float = 0.05

    def __post_init__(self) -> None:
        require_within("jitter", self.jitter, 0.0, 3.0)

    def __call__(self, frame: Frame, rng: np.random.Generator) -> Frame:
        """The frame with a cast."""
        red, blue = np.exp(self.jitter * rng.standard_normal(2))
        return replace(frame, rgb=to_rgb(to_light(frame.rgb) * np.array([red, 1.0, blue], np.float32)))


@dataclass(frozen=True)
class ColorNoise(Noise):
    """Shot and read noise, for each pixel and channel on its own.

    The linear sensor of the EMVA 1288 standard: a signal of n electrons has the variance n + `read_e`^2, here
    normally distributed, as it is but for the darkest pixels (Foi, Trimeche, Katkovnik and Egiazarian, "Practical
    Poissonian-Gaussian Noise Modeling and Fitting for Single-Image Raw-Data", IEEE TIP 17, 2008). The figures are our
    choice: a small sensor indoors, whose full well of 10,000 electrons is used to a fifth.

    Attributes:
        white_e: electrons that make white; fewer are noisier.
        read_e: standard deviation in the dark, electrons.
    """

    white_e: float = 2000.0
    read_e: float = 4.0

    def __post_init__(self) -> None:
        require_within("white_e", self.white_e, 1.0, 1e9)
        require_within("read_e", self.read_e, 0.0, 1e6)

    def __call__(self, frame: Frame, rng: np.random.Generator) -> Frame:
        """The frame with noisy colour."""
        shares = _LIGHT_OF.astype(np.float64)
        sigma_of = (np.sqrt(shares * self.white_e + self.read_e**2) / self.white_e).astype(np.float32)
        noise = rng.standard_normal(frame.rgb.shape, dtype=np.float32)
        noise *= sigma_of[frame.rgb]
        return replace(frame, rgb=to_rgb(noise + to_light(frame.rgb)))


def _cos_squared_off_axis(intrinsics: Intrinsics) -> npt.NDArray[np.float64]:
    """Of the angle between each pixel's ray and the optical axis, (H, W)."""
    x = (np.arange(intrinsics.width) + 0.5 - intrinsics.cx) / intrinsics.fx
    y = (np.arange(intrinsics.height) + 0.5 - intrinsics.cy) / intrinsics.fy
    return 1.0 / (1.0 + x**2 + y[:, None] ** 2)
