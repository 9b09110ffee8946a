"""`Traffic`: all that moves in a home, in simulated time. Nothing walks into anything else."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from scenes.body import BodySize
from scenes.errors import HomeError
from scenes.scene import Instance, Scene
from sim.bodies import Added, Body
from sim.camera import Floats
from sim.nav.graph import NavGraph
from sim.traffic.doors import DoorLeaf, door_leaves
from sim.traffic.obstacles import Obstacles, joined, moving_body
from sim.traffic.walkers import (
    GIVE_UP_S,
    PERSON_SIZE,
    TROLLEY_M,
    TROLLEY_SIZE,
    Walker,
    length_m,
    new_way,
    person,
    trolley,
)

SPEEDS_M_S = (0.6, 1.2)
PERIODS_S = (8.0, 20.0)
"""Of doors that swing."""
CLEAR_M = 0.02
"""What moves stops so far before what is in its way."""
_STEP_S = 0.25
_TRIES = 50
_WAYS_TRIED = 8
_WAY_OUT_M = 0.3
"""Who goes elsewhere takes a way that is free at least so far."""


@dataclass(frozen=True)
class TrafficPlan:
    """How much moves. `doors`: share of the doors' leaves that swing, 0..1; the others stand open."""

    people: int = 0
    trolleys: int = 0
    doors: float = 0.0

    def __post_init__(self) -> None:
        if self.people < 0 or self.trolleys < 0 or not 0 <= self.doors <= 1:
            raise HomeError(f"{self}: give numbers of 0 or more, and a share of doors from 0 to 1")


class Traffic:
    """What moves in a scene.

    Attributes:
        bodies: for `open_renderer`, in the order of `poses`: leaves of doors first.
        instances: what segmentation shows each body as.
    """

    def __init__(self, scene: Scene, plan: TrafficPlan) -> None:
        self.plan = plan
        self._leaves: tuple[DoorLeaf, ...] = door_leaves(scene)
        people, trolleys = [person(n) for n in range(plan.people)], [trolley(n) for n in range(plan.trolleys)]
        self.bodies: tuple[Body, ...] = (*(leaf.body for leaf in self._leaves), *people, *trolleys)
        doors = [scene.instances[leaf.leaf.instance - 1] for leaf in self._leaves]
        walking = [_instance(added, len(scene.instances) + 1 + n) for n, added in enumerate((*people, *trolleys))]
        self.instances: tuple[Instance, ...] = (*doors, *walking)
        self._graphs: dict[BodySize, NavGraph] = {}
        for size, count in ((PERSON_SIZE, plan.people), (TROLLEY_SIZE, plan.trolleys)):
            if count:
                self._graphs[size] = NavGraph.load(scene, size)
        self._rng = np.random.default_rng(0)
        self._time_s = 0.0
        self._walkers: list[Walker] = []
        self._opening = np.ones(len(self._leaves))
        self._period_s = np.full(len(self._leaves), math.inf)
        self._phase = np.zeros(len(self._leaves))

    @property
    def moving(self) -> dict[str, int]:
        """People and trolleys by name: their index in `bodies`."""
        return {self.instances[index].name: index for index in range(len(self._leaves), len(self.bodies))}

    def begin(self, seed: int, body: Obstacles | None = None) -> None:
        """Starts anew: everyone at a random place, clear of a body that is there already."""
        self._rng = np.random.default_rng(seed)
        self._time_s = 0.0
        count = len(self._leaves)
        swings = (self._rng.random(count) < self.plan.doors) & np.array([leaf.full != 0 for leaf in self._leaves], bool)
        self._period_s = np.where(swings, self._rng.uniform(*PERIODS_S, count), np.inf)
        self._phase = np.where(swings, self._rng.random(count), 0.0)
        self._opening = self._wanted()
        self._walkers = []
        for index in range(self.plan.people + self.plan.trolleys):
            self._walkers.append(self._newcomer(index, body))

    def advance(self, seconds: float, body: Obstacles | None = None) -> None:
        """Time goes on; whoever would run into something else, or into `body`, waits."""
        steps = max(1, math.ceil(seconds / _STEP_S - 1e-9))
        for _ in range(steps):
            self._time_s += seconds / steps
            self._swing(body)
            still = self._leaves_now() + ([body] if body else [])
            for walker in self._walkers:
                self._walk(walker, seconds / steps, still)

    def poses(self) -> dict[int, Floats]:
        """Where each body is: `T_world_body` (4, 4), for a leaf from where it is drawn; by its index in `bodies`."""
        found = {index: leaf.placement(float(self._opening[index])) for index, leaf in enumerate(self._leaves)}
        return found | {len(self._leaves) + index: walker.pose for index, walker in enumerate(self._walkers)}

    def met_by(self, size: BodySize, start: Floats, end: Floats) -> tuple[Instance, ...]:
        """What a body runs into that goes straight from a floor point (3,) to another."""
        things = self._leaves_now() + [walker.at(walker.done_m) for walker in self._walkers]
        if not things:
            return ()
        before, after = (joined(things).gaps_m(moving_body(size, start, to)) for to in (start, end))
        hits = (after < 0) & (after < before - 1e-9)  # what it touches already does not keep it from leaving
        bodies = self._swinging() + list(range(len(self._leaves), len(self.bodies)))
        return tuple(self.instances[bodies[index]] for index in np.flatnonzero(hits))

    def save(self) -> dict[str, Any]:
        """All that makes what comes next what it will be."""
        names = ("_rng", "_time_s", "_walkers", "_opening", "_period_s", "_phase")
        return copy.deepcopy({name: getattr(self, name) for name in names})

    def restore(self, state: dict[str, Any]) -> None:
        """Goes on from such a state."""
        for name, value in copy.deepcopy(state).items():
            setattr(self, name, value)

    def _swinging(self) -> list[int]:
        return np.flatnonzero(np.isfinite(self._period_s)).tolist()

    def _leaves_now(self) -> list[Obstacles]:
        """The leaves that swing, where they are."""
        return [self._leaf_at(index, float(self._opening[index])) for index in self._swinging()]

    def _leaf_at(self, index: int, opening: float) -> Obstacles:
        leaf = self._leaves[index]
        placement = leaf.placement(opening)
        ends = leaf.line @ placement[:2, :2].T + placement[:2, 3]
        numbers = (np.array([v]) for v in (leaf.thickness_m / 2, leaf.low_m, leaf.high_m))
        return Obstacles(ends[:1], ends[1:], *numbers)

    def _wanted(self) -> Floats:
        """How far each leaf would be open now if nothing were in its way."""
        turn = np.where(np.isfinite(self._period_s), self._time_s / self._period_s, 0) + self._phase
        return (1 + np.cos(2 * np.pi * turn)) / 2

    def _swing(self, body: Obstacles | None) -> None:
        wanted = self._wanted()
        others = [walker.at(walker.done_m) for walker in self._walkers] + ([body] if body else [])
        for index in self._swinging():
            moved = self._leaf_at(index, float(wanted[index]))
            if all(moved.gaps_m(other)[0] > CLEAR_M for other in others):
                self._opening[index] = wanted[index]

    def _walk(self, walker: Walker, seconds: float, still: list[Obstacles]) -> None:
        others = still + [other.at(other.done_m) for other in self._walkers if other is not walker]
        if walker.done_m >= length_m(walker.way) or walker.waited_s > GIVE_UP_S:
            for _ in range(_WAYS_TRIED):
                walker.way = new_way(self._graphs[walker.size], walker.position, self._rng)
                walker.done_m, walker.waited_s = 0.0, 0.0
                if _may_go_on(walker, _WAY_OUT_M, others):
                    break
        if _may_go_on(walker, walker.speed_m_s * seconds, others):
            walker.done_m += walker.speed_m_s * seconds
            walker.yaw_deg, walker.waited_s = walker.heading_deg(walker.done_m), 0.0
        else:
            walker.waited_s += seconds

    def _newcomer(self, index: int, body: Obstacles | None) -> Walker:
        is_person = index < self.plan.people
        size = PERSON_SIZE if is_person else TROLLEY_SIZE
        name = self.instances[len(self._leaves) + index].name
        for _ in range(_TRIES):
            walker = Walker(
                name,
                size,
                float(self._rng.uniform(*SPEEDS_M_S)),
                0.0 if is_person else (TROLLEY_M[0] - TROLLEY_M[1]) / 2,
                new_way(self._graphs[size], None, self._rng),
            )
            walker.yaw_deg = walker.heading_deg(0.0)
            others = self._leaves_now() + [other.at(other.done_m) for other in self._walkers] + ([body] if body else [])
            if not others or (joined(others).gaps_m(walker.at(0.0)) > CLEAR_M).all():
                return walker
        raise HomeError(f"no room for {name}; ask for less traffic")


def _may_go_on(walker: Walker, step_m: float, others: list[Obstacles]) -> bool:
    """Whether nothing is in the way of a step; from what is too near already it may still move apart."""
    if not others:
        return True
    everything = joined(others)
    gaps = everything.gaps_m(walker.at(walker.done_m + step_m))
    near = gaps <= CLEAR_M
    return not near.any() or bool((gaps[near] > everything.gaps_m(walker.at(walker.done_m))[near]).all())


def _instance(added: Added, instance_id: int) -> Instance:
    """As `sim.bodies.with_bodies` counts it in."""
    low, high = added.vertices.min(axis=0).tolist(), added.vertices.max(axis=0).tolist()
    bounds_m = (low[0], low[1], low[2]), (high[0], high[1], high[2])
    source = f"body[{added.name}]"
    return Instance(instance_id, source, added.name, "body", 0, None, bounds_m, len(added.triangles))
