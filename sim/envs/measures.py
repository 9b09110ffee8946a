"""What an episode is judged by. Each measure is a small class that sees every moment of the episode in turn."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

Position = tuple[float, float, float]


@dataclass(frozen=True)
class Moment:
    """What measures see: the beginning of an episode, then what each action led to.

    Attributes:
        position: of the body, m.
        left_m: shortest way from here to the end, through all targets that are left; `inf` where there is none.
        ahead: what the action asked for, backward -1 to forward 1; 0 at the beginning.
        turn: likewise, right -1 to left 1.
        collided: it ran into something.
        level: of the home, that the body stands on.
        reached: the task is done.
    """

    position: Position
    left_m: float
    ahead: float
    turn: float
    collided: bool
    level: int
    reached: bool


class Measure(Protocol):
    """One figure of an episode."""

    name: str

    def begin(self, moment: Moment) -> None:
        """A new episode."""

    def go_on(self, moment: Moment) -> None:
        """After an action."""

    def value(self) -> float:
        """What it is so far; finite."""


class Success:
    """1 when the task is done (Anderson et al. 2018, On Evaluation of Embodied Navigation Agents, arXiv 1807.06757)."""

    name = "success"

    def begin(self, moment: Moment) -> None:
        """A new episode."""
        self.go_on(moment)

    def go_on(self, moment: Moment) -> None:
        """After an action."""
        self._reached = moment.reached

    def value(self) -> float:
        """0 or 1."""
        return float(self._reached)


class PathLength:
    """How far the body came, m."""

    name = "path_m"

    def begin(self, moment: Moment) -> None:
        """A new episode."""
        self._last = moment.position
        self._length_m = 0.0

    def go_on(self, moment: Moment) -> None:
        """After an action."""
        self._length_m += math.dist(self._last, moment.position)
        self._last = moment.position

    def value(self) -> float:
        """Metres."""
        return self._length_m


class _Efficiency:
    """The shortest way over the way taken, at most 1. It needs `PathLength` beside it."""

    def __init__(self, path: PathLength) -> None:
        self._path = path

    def begin(self, moment: Moment) -> None:
        """A new episode."""
        self._shortest_m = moment.left_m
        self._moment = moment

    def go_on(self, moment: Moment) -> None:
        """After an action."""
        self._moment = moment

    def _efficiency(self) -> float:
        longer = max(self._shortest_m, self._path.value())
        return self._shortest_m / longer if 0 < longer < math.inf else float(longer == 0)


class SPL(_Efficiency):
    """Success weighted by path length: S l / max(p, l) (Anderson et al. 2018, arXiv 1807.06757)."""

    name = "spl"

    def value(self) -> float:
        """0 to 1."""
        return self._efficiency() if self._moment.reached else 0.0


class SoftSPL(_Efficiency):
    """As SPL, with the share of the way that is done for success (Datta et al. 2020, arXiv 2009.03231)."""

    name = "soft_spl"

    def value(self) -> float:
        """0 to 1."""
        return _done(self._shortest_m, self._moment.left_m, reached=self._moment.reached) * self._efficiency()


class PathCompletion:
    """The largest share of the way that was ever done, as the Oldenborg navigators are compared by ("% through")."""

    name = "path_completion"

    def begin(self, moment: Moment) -> None:
        """A new episode."""
        self._shortest_m = moment.left_m
        self._most = 0.0
        self.go_on(moment)

    def go_on(self, moment: Moment) -> None:
        """After an action."""
        self._most = max(self._most, _done(self._shortest_m, moment.left_m, reached=moment.reached))

    def value(self) -> float:
        """0 to 1."""
        return self._most


def _done(shortest_m: float, left_m: float, *, reached: bool) -> float:
    """The share of the way that is done, 0..1."""
    if reached:
        return 1.0
    if not 0 < shortest_m < math.inf or not math.isfinite(left_m):
        return 0.0
    return float(np.clip(1 - left_m / shortest_m, 0, 1))


class Collisions:
    """How many actions ran into something (Savva et al. 2019, Habitat, arXiv 1904.01201)."""

    name = "collisions"

    def begin(self, moment: Moment) -> None:  # noqa: ARG002
        """A new episode."""
        self._count = 0

    def go_on(self, moment: Moment) -> None:
        """After an action."""
        self._count += moment.collided

    def value(self) -> float:
        """A count."""
        return float(self._count)


class Oscillation:
    """Reversals per 100 pairs of successive actions: left after right, back after forward, or the other way round.

    The figure for "goes back and forth a lot"; an agent that only swings left and right has 100.
    """

    name = "oscillation"

    def begin(self, moment: Moment) -> None:  # noqa: ARG002
        """A new episode."""
        self._last: Moment | None = None
        self._pairs = self._reversals = 0

    def go_on(self, moment: Moment) -> None:
        """After an action."""
        if self._last is not None:
            self._pairs += 1
            self._reversals += self._last.turn * moment.turn < 0 or self._last.ahead * moment.ahead < 0
        self._last = moment

    def value(self) -> float:
        """0 to 100."""
        return 100.0 * self._reversals / self._pairs if self._pairs else 0.0


class FloorChanges:
    """How many times the body came onto another level."""

    name = "floor_changes"

    def begin(self, moment: Moment) -> None:
        """A new episode."""
        self._level, self._count = moment.level, 0

    def go_on(self, moment: Moment) -> None:
        """After an action."""
        self._count += moment.level != self._level
        self._level = moment.level

    def value(self) -> float:
        """A count."""
        return float(self._count)


def navigation_measures() -> tuple[Measure, ...]:
    """Those of the navigation environments, in the order in which they must see a moment."""
    path = PathLength()
    return (
        Success(),
        path,
        SPL(path),
        SoftSPL(path),
        PathCompletion(),
        Collisions(),
        Oscillation(),
        FloorChanges(),
    )
