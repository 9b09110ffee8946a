"""What every body that moves through a home has in common, whether physics moves it or not.

A body's frame: x forward, y left, z up, origin on the floor below its centre. Yaw: degrees counter-clockwise from +x.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from scenes.body import BodySize
from scenes.scene import Instance


class Action(enum.IntEnum):
    """The discrete commands, numbered as the field's navigation tasks have them."""

    STOP = 0
    FORWARD = 1
    LEFT = 2
    RIGHT = 3


@dataclass(frozen=True)
class Moves:
    """How far one discrete command takes a body."""

    forward_m: float = 0.25
    turn_deg: float = 10.0


class Agent(Protocol):
    """A body in a home.

    Attributes:
        size: what it needs to pass.
        moves: what its discrete commands do.
        mounts: `T_body_camera` (4, 4) by name: where cameras sit.
    """

    size: BodySize
    moves: Moves
    mounts: Mapping[str, npt.NDArray[np.float64]]

    @property
    def pose(self) -> npt.NDArray[np.float64]:
        """`T_world_body` (4, 4)."""

    @property
    def collisions(self) -> tuple[Instance, ...]:
        """What it ran into during the last move, each thing once; floors, treads and slopes it can drive on are not."""

    def place(self, position: npt.ArrayLike, yaw_deg: float) -> None:
        """Puts it, at rest, on the floor point `position` (3,), m.

        Raises:
            HomeError: there is no room for it, or no floor.
        """

    def command_velocity(self, forward_m_s: float, turn_deg_s: float, seconds: float) -> None:
        """Moves for `seconds` at these speeds (turns counter-clockwise), as far as the home lets it."""

    def act(self, action: Action) -> None:
        """Moves by one discrete command and comes to rest."""
