"""What an expert goes by."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from scenes.errors import HomeError
from sim.agents.protocol import Moves


@dataclass(frozen=True)
class Parameters:
    """How an expert moves, when a target counts as reached, and when it gives up.

    Attributes:
        forward_m: length of a step.
        turn_deg: of a turn.
        target_m: a target is reached within this distance, along the way.
        wedge_deg: it goes forward when what it heads for lies inside of a wedge of this angle before it, else it turns.
        stuck_steps: it is stuck after this many steps forward in a row that led nowhere.
        no_progress_steps: it makes no progress after this many actions in a row without coming nearer.
        random_share: of the actions of a wandering expert.
        side_m, off_deg: how far from the way, and from its direction, a teleporting expert jumps, at most.
    """

    forward_m: float = 0.25
    turn_deg: float = 10.0
    target_m: float = 0.2
    wedge_deg: float = 12.0
    stuck_steps: int = 10
    no_progress_steps: int = 50
    random_share: float = 0.25
    side_m: float = 0.5
    off_deg: float = 45.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not 0 <= value < math.inf:
                raise HomeError(f"expert: {field.name} is {value}; give a finite number of 0 or more")
        if min(self.forward_m, self.turn_deg, self.target_m) <= 0:
            raise HomeError("expert: steps, turns and the target distance must be above 0")
        if self.wedge_deg < self.turn_deg:
            raise HomeError(
                f"expert: a wedge of {self.wedge_deg}° with turns of {self.turn_deg}° would turn for ever; "
                "make the wedge as wide as a turn"
            )
        if self.target_m < self.forward_m / 2:
            raise HomeError(
                f"expert: steps of {self.forward_m} m can pass by a target of {self.target_m} m; "
                "make the target distance half a step or more"
            )
        if self.random_share >= 1:
            raise HomeError(f"expert: a random share of {self.random_share}; give less than 1")

    @property
    def moves(self) -> Moves:
        """What the discrete commands of its body do."""
        return Moves(self.forward_m, self.turn_deg)


POINT_NAV = Parameters()
"""The steps of PointNav as the field has them: 0.25 m and 10 degrees."""

ROUTE_NAV = Parameters(forward_m=0.6, target_m=0.4, side_m=0.6)
"""The Oldenborg lab's navigators, in metres of the plan."""
