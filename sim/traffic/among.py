"""An agent among things that move: time goes on for them with each of its moves, and it stops before them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from scenes.scene import Instance
from sim.agents.bodies import Embodied
from sim.agents.protocol import Action
from sim.camera import Floats
from sim.traffic.obstacles import Obstacles, moving_body
from sim.traffic.traffic import Traffic

SPEED_M_S = 1.0
"""At which a discrete command takes the body forward; a turn takes as long."""


class AmongTraffic:
    """See `sim.agents.protocol.Agent`. A move that would run into something that moves itself does not happen."""

    def __init__(self, body: Embodied, traffic: Traffic) -> None:
        self._body, self._agent, self._traffic = body, body.agent, traffic
        self.size, self.moves = self._agent.size, self._agent.moves
        self.mounts: Mapping[str, Floats] = self._agent.mounts
        self._met: tuple[Instance, ...] = ()

    @property
    def pose(self) -> Floats:
        """`T_world_body` (4, 4)."""
        return self._agent.pose

    @property
    def collisions(self) -> tuple[Instance, ...]:
        """What it ran into during the last move."""
        return self._met or self._agent.collisions

    @property
    def footprint(self) -> Obstacles:
        """What it takes up."""
        position = self.pose[:3, 3]
        return moving_body(self.size, position, position)

    def place(self, position: npt.ArrayLike, yaw_deg: float) -> None:
        """Puts it somewhere, whoever is there."""
        self._agent.place(position, yaw_deg)
        self._met = ()

    def command_velocity(self, forward_m_s: float, turn_deg_s: float, seconds: float) -> None:
        """Moves for `seconds` at these speeds."""
        before, start = self._wait(seconds)
        self._agent.command_velocity(forward_m_s, turn_deg_s, seconds)
        self._refuse(before, start)

    def act(self, action: Action) -> None:
        """Moves by one discrete command."""
        before, start = self._wait(self.moves.forward_m / SPEED_M_S)
        self._agent.act(action)
        self._refuse(before, start)

    def _wait(self, seconds: float) -> tuple[object, Floats]:
        self._traffic.advance(seconds, self.footprint)
        return self._body.save(), self.pose[:3, 3]

    def _refuse(self, before: object, start: Floats) -> None:
        end = self.pose[:3, 3]
        moved = np.abs(end - start).max() > 0
        self._met = self._traffic.met_by(self.size, start, end) if moved else ()
        if self._met:
            self._body.restore(before)
