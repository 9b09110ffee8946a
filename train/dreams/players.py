"""Who moves the camera: by chance, by one look ahead, by plans, by truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.ptz import Position
from train.dreams.cem import CEMSettings, Floats, Ints, plan_continuous, plan_discrete
from train.dreams.play import Sight
from train.dreams.rewards import distance
from train.dreams.tasks import off_deg, off_doublings
from train.dreams.world import World
from train.motion import PTZ, Array, positions

DEG_PER_DOUBLING = 20.0
"""What a doubling of zoom counts in degrees, for the oracle; the same as in `sim.envs.ptz_track`."""


@dataclass(frozen=True)
class RandomPlayer:
    """Any of the 21 actions."""

    name: str = "random"

    def move(self, sight: Sight, rng: np.random.Generator) -> Array:
        """(3,)."""
        return sight.table[int(rng.integers(len(sight.table)))]


@dataclass(frozen=True)
class OraclePlayer:
    """Knows where the goal is; takes the action that brings the camera nearest to it, by kinematics."""

    name: str = "oracle"

    def move(self, sight: Sight, rng: np.random.Generator) -> Array:  # noqa: ARG002 - nothing is left to chance
        """(3,)."""
        return sight.table[int(np.argmin([self._left_deg(sight, raw) for raw in sight.table]))]

    def _left_deg(self, sight: Sight, raw: Array) -> float:
        here = sight.here
        state = PTZ.state(*(np.array(value) for value in (here.pan_deg, here.tilt_deg, here.zoom)))
        pan_deg, tilt_deg, zoom = (float(value) for value in positions(PTZ.advance(state, raw)))
        after = Position(pan_deg, tilt_deg, zoom)
        return off_deg(after, sight.truth) + DEG_PER_DOUBLING * off_doublings(after, sight.truth)


@dataclass(frozen=True, eq=False)
class GreedyPlayer:
    """Takes the action after which the world model expects the latent that is nearest to the goal's."""

    world: World
    name: str = "greedy"

    def move(self, sight: Sight, rng: np.random.Generator) -> Array:  # noqa: ARG002 - nothing is left to chance
        """(3,)."""
        return sight.table[int(np.argmin(plan_costs(self.world, sight, sight.table[:, None])))]


@dataclass(frozen=True, eq=False)
class CEMPlayer:
    """Plans in latent space over the 21 actions and makes the first move of the plan."""

    world: World
    settings: CEMSettings
    name: str = "cem"

    def move(self, sight: Sight, rng: np.random.Generator) -> Array:
        """(3,)."""

        def cost(plans: Ints) -> Floats:
            return plan_costs(self.world, sight, sight.table[plans])

        return sight.table[plan_discrete(cost, len(sight.table), self.settings, rng)[0]]


@dataclass(frozen=True, eq=False)
class FreeCEMPlayer:
    """Plans in latent space over moves of any size up to the largest of the 21 actions, all axes at once."""

    world: World
    settings: CEMSettings
    name: str = "cem, any move"

    def move(self, sight: Sight, rng: np.random.Generator) -> Array:
        """(3,)."""

        def cost(plans: Floats) -> Floats:
            return plan_costs(self.world, sight, plans)

        return plan_continuous(cost, np.abs(sight.table).max(axis=0), self.settings, rng)[0]


def plan_costs(world: World, sight: Sight, plans: Array) -> Floats:
    """What plans (N, H, 3) of raw moves cost (N,): the mean of the expected distances to the goal after each move.

    What several plans begin with is imagined once.
    """
    count, horizon = plans.shape[:2]
    memory, costs, beginning = sight.memory, np.zeros(1), np.zeros(count, np.intp)
    for step in range(horizon):
        told = np.concatenate([beginning[:, None], plans[:, step]], axis=1)
        _, first, which = np.unique(told, axis=0, return_index=True, return_inverse=True)
        before = beginning[first]
        lens = np.repeat(sight.lens, len(first), axis=0)
        memory = world.imagine(memory.take(before), plans[first, step], lens)
        costs = costs[before] + distance(memory.latent, sight.goal).double().numpy()
        beginning = which.reshape(-1)
    return costs[beginning] / horizon
