"""Who drives: what every policy has in common, and policies that are written down, to compare others with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeAlias

import numpy as np

from scenes.errors import HomeError
from sim.agents.protocol import Action

Observation: TypeAlias = Mapping[str, Any]
OBSERVATIONS = ("rgb", "depth", "goal_offset", "compass", "previous_action", "right_action")
"""Those of docs/environments.md; and what the perfect expert would do, for the oracle only."""


class Policy(Protocol):
    """Says what to do, step by step."""

    @property
    def observations(self) -> tuple[str, ...]:
        """Which of `OBSERVATIONS` it is shown; without an image in them, none is rendered."""

    def reset(self, seed: int) -> None:
        """A new episode begins."""

    def act(self, observation: Observation) -> int | str:
        """The number or the name of an `Action`."""


@dataclass(frozen=True)
class Driver:
    """A policy that any process can make.

    Attributes:
        name: what it is called in tables.
        identity: what decides how it drives, such as its file's hash; drives that are stored belong to it.
        make: makes it; can be pickled.
    """

    name: str
    identity: str
    make: Callable[[], Policy]


def as_action(said: int | str) -> Action:
    """The action of a number or a name.

    Raises:
        HomeError: there is none such.
    """
    try:
        return Action[said.upper()] if isinstance(said, str) else Action(int(said))
    except (KeyError, ValueError) as error:
        names = ", ".join(f"{action.value} or {action.name.lower()}" for action in Action)
        raise HomeError(f"the policy said {said!r}, which is no action; there are {names}") from error


class Cycle:
    """The same actions over and over, with closed eyes."""

    observations: tuple[str, ...] = ()

    def __init__(self, actions: Sequence[Action]) -> None:
        self._actions, self._next = tuple(actions), 0

    def reset(self, seed: int) -> None:
        """Begins with the first action."""
        del seed
        self._next = 0

    def act(self, observation: Observation) -> int:
        """The next action."""
        del observation
        action = self._actions[self._next % len(self._actions)]
        self._next += 1
        return int(action)


class Drawn:
    """Draws each action, with closed eyes. `shares`: (4,), how often each comes, in the order of `Action`."""

    observations: tuple[str, ...] = ()

    def __init__(self, shares: Sequence[float]) -> None:
        self._shares = np.array(shares, np.float64) / sum(shares)
        self.reset(0)

    def reset(self, seed: int) -> None:
        """Draws anew."""
        self._rng = np.random.default_rng(seed)

    def act(self, observation: Observation) -> int:
        """Any action."""
        del observation
        return int(self._rng.choice(len(self._shares), p=self._shares))


class Oracle:
    """Does what the perfect expert would."""

    observations: tuple[str, ...] = ("right_action",)

    def reset(self, seed: int) -> None:
        """It keeps nothing."""

    def act(self, observation: Observation) -> int:
        """The right action."""
        return int(observation["right_action"])


def _cycle(name: str, *actions: Action) -> Driver:
    return Driver(name, f"cycle {','.join(action.name for action in actions)}", partial(Cycle, actions))


def _drawn(name: str, shares: Sequence[float]) -> Driver:
    return Driver(name, f"drawn {','.join(f'{share:g}' for share in shares)}", partial(Drawn, tuple(shares)))


SCRIPTED: dict[str, Driver] = {
    driver.name: driver
    for driver in (
        _cycle("blind", Action.FORWARD),
        _drawn("random", (0.0, 1.0, 1.0, 1.0)),
        Driver("oracle", "oracle", Oracle),
        _cycle("oscillator", Action.LEFT, Action.RIGHT),
        _cycle("spinner", Action.LEFT),
        _cycle("wall hugger", Action.FORWARD, Action.LEFT, Action.FORWARD, Action.RIGHT),
    )
}
"""Blind: straight on. Random: forward, left and right alike. The last three do nothing but what their names say."""


def majority(counts: Mapping[str, int]) -> Driver:
    """Always the command that is most frequent among labels, whose numbers are given by name."""
    return _cycle("majority", as_action(max(counts, key=counts.__getitem__)))


def by_shares(counts: Mapping[str, int]) -> Driver:
    """Draws commands as often as each is among labels, whose numbers are given by name."""
    return _drawn("by shares", [counts.get(action.name.lower(), 0) for action in Action])
