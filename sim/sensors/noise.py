"""Noise as values: each takes a frame and a random generator and gives a frame; `+` puts one after another."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.frame import Frame


@dataclass(frozen=True)
class Noise(ABC):
    """What a sensor does to a frame.

    Shapes, dtypes, ids, intrinsics and pose stay as they are. Depth 0 stays 0, and other depth may
    become 0 where the sensor loses a surface. The same frame and a generator in the same state give the same bytes.
    """

    @abstractmethod
    def __call__(self, frame: Frame, rng: np.random.Generator) -> Frame:
        """The frame as this sensor gives it; the input is left alone."""

    def __add__(self, other: Noise) -> Chain:
        return Chain((*_links(self), *_links(other)))

    def as_dict(self) -> dict[str, Any]:
        """Kind and figures, for JSON beside the data."""
        figures = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {"kind": type(self).__name__, **figures}


@dataclass(frozen=True)
class Chain(Noise):
    """Noises one after another; an empty chain changes nothing."""

    parts: tuple[Noise, ...] = ()

    def __call__(self, frame: Frame, rng: np.random.Generator) -> Frame:
        """The frame after all parts, from the first to the last."""
        for part in self.parts:
            frame = part(frame, rng)
        return frame

    def as_dict(self) -> dict[str, Any]:
        """The parts in order."""
        return {"kind": "Chain", "parts": [part.as_dict() for part in self.parts]}


def _links(noise: Noise) -> tuple[Noise, ...]:
    return noise.parts if isinstance(noise, Chain) else (noise,)


def require_within(name: str, value: float, low: float, high: float) -> None:
    """Refuses a figure that is not within [low, high].

    Raises:
        ValueError: it is not, or it is no number.
    """
    if not low <= value <= high:
        raise ValueError(f"{name} is {value:g}; it must lie between {low:g} and {high:g}")
