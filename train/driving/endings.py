"""Why a drive ends: it got there, or why it does not any more."""

from __future__ import annotations

import enum
import math
from collections import deque
from dataclasses import dataclass

from sim.agents.protocol import Action
from sim.experts.parameters import Parameters

_MOVED_SHARE = 0.05
"""A step forward shorter than this share of itself led nowhere; as for the experts."""
_NEARER_M = 0.01


class Ending(enum.Enum):
    """How a drive ended. The last four: it came no nearer for many actions, and this is what it did meanwhile."""

    REACHED = "reached"
    STOPPED = "stopped elsewhere"
    OUT_OF_STEPS = "out of steps"
    WALL = "stuck: wall"
    COLLISIONS = "stuck: collision loop"
    OSCILLATION = "stuck: oscillation"
    SPINNING = "stuck: spinning"
    LOST = "lost"


@dataclass(frozen=True)
class Done:
    """What an action did.

    Attributes:
        action: which.
        moved_m: how far the body came by it.
        collided: it ran into something.
        left_m: the way that is left after it.
    """

    action: Action
    moved_m: float
    collided: bool
    left_m: float


class Watch:
    """Sees every action of a drive, and says when there is no use in going on.

    A body is stuck at a wall after `stuck_steps` steps forward in a row that led nowhere. Otherwise it goes on until it
    has not come nearer than ever for `no_progress_steps` actions in a row; these then are

    - a collision loop, if more than half of the steps forward ran into something;
    - else being lost, if at least half of them were steps forward;
    - else spinning, if all turns were in one direction;
    - else oscillation.
    """

    def __init__(self, parameters: Parameters, left_m: float) -> None:
        self._parameters = parameters
        self._least_m = left_m
        self._blocked = self._idle = 0
        self._recent: deque[Done] = deque(maxlen=parameters.no_progress_steps)

    def see(self, done: Done) -> Ending | None:
        """After an action: why the drive ends here, None if it goes on."""
        self._recent.append(done)
        if done.action == Action.FORWARD:
            led_nowhere = done.moved_m < _MOVED_SHARE * self._parameters.forward_m
            self._blocked = self._blocked + 1 if led_nowhere else 0
        else:
            self._blocked = 0
        nearer = math.isfinite(done.left_m) and done.left_m < self._least_m - _NEARER_M
        self._idle = 0 if nearer else self._idle + 1
        self._least_m = min(self._least_m, done.left_m)
        if self._blocked >= self._parameters.stuck_steps:
            return Ending.WALL
        return self._what_it_did() if self._idle >= self._parameters.no_progress_steps else None

    def _what_it_did(self) -> Ending:
        forward = [done for done in self._recent if done.action == Action.FORWARD]
        if sum(done.collided for done in forward) > len(forward) / 2:
            return Ending.COLLISIONS
        if len(forward) >= len(self._recent) / 2:
            return Ending.LOST
        turns = {done.action for done in self._recent} - {Action.FORWARD}
        return Ending.SPINNING if len(turns) == 1 else Ending.OSCILLATION
