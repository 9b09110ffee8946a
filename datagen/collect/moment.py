"""A moment of an episode before it is rendered: where the camera is, what moves, what is done next."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from sim.camera import Floats
from sim.frame import View
from sim.ptz import PTZStatus


@dataclass(frozen=True)
class Moment:
    """What a collector says of a frame; `action`, `command` and its threshold as in `datagen.store.Row`.

    `bodies`: poses (4, 4) of what `Traffic` moves, by index; `goal`: distance, m, and bearing, degrees, as there;
    `way_bearing_deg` likewise.
    """

    time_s: float
    view: View
    camera: str
    action: tuple[float, ...] = ()
    command: str | None = None
    command_threshold: float | None = None
    ptz: PTZStatus | None = None
    bodies: Mapping[int, Floats] = field(default_factory=dict)
    goal: tuple[float, float] | None = None
    way_bearing_deg: float | None = None


Moments: TypeAlias = Generator[Moment, None, str]
"""The moments of an episode; returns how it ended."""
