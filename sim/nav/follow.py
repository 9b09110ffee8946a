"""A plain follower of paths by discrete commands."""

from __future__ import annotations

import itertools
import math

import numpy as np
import numpy.typing as npt

from sim.agents.protocol import Action, Moves
from sim.nav.graph import NavGraph

LOOK_AHEAD_M = 0.35
_LEAST_M = 0.06
_STUCK_M = 0.01


class Follower:
    """Steers towards a goal along the shortest way, planned anew where the body has left it."""

    def __init__(self, graph: NavGraph, goal: npt.ArrayLike, moves: Moves, reach_m: float = 0.2) -> None:
        """`reach_m`: how near to the goal it stops."""
        self._graph = graph
        self._goal = np.asarray(goal, float)
        self._moves = moves
        self._reach_m = reach_m
        self._way = np.zeros((0, 3))
        self._ahead_m = LOOK_AHEAD_M
        self._before = np.full(3, np.inf)

    def action(self, T_world_body: npt.NDArray[np.float64]) -> Action:
        """The next command from a pose; STOP at the goal.

        Raises:
            HomeError: there is no way.
        """
        here = T_world_body[:3, 3]
        if np.linalg.norm(self._goal - here) <= self._reach_m:
            return Action.STOP
        self._look(here)
        target = self._target(here)
        yaw = math.atan2(T_world_body[1, 0], T_world_body[0, 0])
        off = math.degrees(math.atan2(target[1] - here[1], target[0] - here[0]) - yaw)
        off = (off + 180) % 360 - 180
        if abs(off) > self._moves.turn_deg / 2 + 1e-6:
            return Action.LEFT if off > 0 else Action.RIGHT
        self._before = here
        return Action.FORWARD

    def _look(self, here: npt.NDArray[np.float64]) -> None:
        """Aims at a nearer point of the way after a step that led nowhere, and further again after one that did."""
        if np.isfinite(self._before).all():
            stuck = np.linalg.norm(here - self._before) < _STUCK_M
            self._ahead_m = max(self._ahead_m / 2, _LEAST_M) if stuck else min(self._ahead_m * 1.5, LOOK_AHEAD_M)
            self._before = np.full(3, np.inf)

    def _target(self, here: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """The point of the way a little ahead."""
        if len(self._way):
            apart = np.linalg.norm(self._way - here, axis=1)
            nearest = int(apart.argmin())
            if apart[nearest] <= LOOK_AHEAD_M:
                far = np.flatnonzero(apart[nearest:] > self._ahead_m)
                return self._way[nearest + int(far[0])] if len(far) else self._way[-1]
        self._way = _sampled(self._graph.path(here, self._goal).points)
        return self._target(self._way[0])


def _sampled(points: npt.NDArray[np.float64], every_m: float = 0.05) -> npt.NDArray[np.float64]:
    """Points along a polyline, at most `every_m` apart."""
    pieces = [points[:1]]
    for a, b in itertools.pairwise(points):
        count = max(1, math.ceil(float(np.linalg.norm(b - a)) / every_m))
        pieces.append(a + (b - a) * (np.arange(1, count + 1) / count)[:, None])
    return np.concatenate(pieces)
