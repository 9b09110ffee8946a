"""The experts: they take a body along a course and say, at every step, what the right command is."""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from scenes.errors import HomeError
from sim.agents.protocol import Action, Agent
from sim.camera import Floats
from sim.experts.course import Course
from sim.experts.long_guide import guide_of
from sim.experts.parameters import Parameters
from sim.nav.sight import places_at, straight_lines

MOVING = (Action.FORWARD, Action.LEFT, Action.RIGHT)
_MOVED_SHARE = 0.05
"""A step forward shorter than this share of itself led nowhere."""
_NEARER_M = 0.01
_TRIES = 20
_PROGRESS_SHARE = 0.5
"""A teleporting expert goes on along the way by this share of a step per jump."""


class Ending(enum.Enum):
    """Why an expert stopped."""

    REACHED = "reached"
    STUCK = "stuck"
    NO_PROGRESS = "no progress"
    OUT_OF_STEPS = "out of steps"


@dataclass(frozen=True)
class Visit:
    """A pose that an expert came by.

    Attributes:
        T_world_body: (4, 4).
        label: the right command there.
        taken: what the body did next; None: it jumped.
        target: index of the target that it is under way to.
        ending: why the expert stopped here; None: it goes on.
        bearing_deg: where the right way is, from the body's heading to the left; None at the end of the course.
    """

    T_world_body: Floats
    label: Action
    taken: Action | None
    target: int
    ending: Ending | None
    bearing_deg: float | None


Expert = Callable[[Agent, Course, Parameters, np.random.Generator, int], Iterator[Visit]]
"""Takes a body that is placed along a course, in so many steps at most."""


def perfect(
    agent: Agent, course: Course, parameters: Parameters, rng: np.random.Generator, most_steps: int = 10_000
) -> Iterator[Visit]:
    """Follows the shortest path; `rng` is not used."""
    del rng
    return _walk(agent, course, parameters, lambda right: right, most_steps)


def wandering(
    agent: Agent, course: Course, parameters: Parameters, rng: np.random.Generator, most_steps: int = 10_000
) -> Iterator[Visit]:
    """As perfect, but for a share of random commands, which are labelled with the right ones."""

    def choose(right: Action) -> Action:
        return MOVING[int(rng.integers(len(MOVING)))] if rng.random() < parameters.random_share else right

    return _walk(agent, course, parameters, choose, most_steps)


def _walk(
    agent: Agent, course: Course, parameters: Parameters, choose: Callable[[Action], Action], most_steps: int
) -> Iterator[Visit]:
    """Goes step by step until it is there, or one of the limits is met."""
    guide, stuck, idle, least_m = guide_of(course, parameters), 0, 0, math.inf
    for step in range(most_steps + 1):
        pose = agent.pose
        label = guide.command(pose)
        idle = 0 if guide.left_m < least_m - _NEARER_M else idle + 1
        least_m = min(least_m, guide.left_m)
        ending = (
            Ending.REACHED if label == Action.STOP
            else Ending.STUCK if stuck >= parameters.stuck_steps
            else Ending.NO_PROGRESS if idle >= parameters.no_progress_steps
            else Ending.OUT_OF_STEPS if step == most_steps
            else None
        )  # fmt: skip
        if ending is not None:
            yield Visit(pose, label, Action.STOP, guide.target, ending, guide.bearing_deg)
            return
        taken = choose(label)
        yield Visit(pose, label, taken, guide.target, None, guide.bearing_deg)
        agent.act(taken)
        if taken == Action.FORWARD:
            moved_m = math.dist(pose[:3, 3], agent.pose[:3, 3])
            stuck = stuck + 1 if moved_m < _MOVED_SHARE * parameters.forward_m else 0


def teleporting(
    agent: Agent, course: Course, parameters: Parameters, rng: np.random.Generator, most_steps: int = 10_000
) -> Iterator[Visit]:
    """Jumps to poses around the way, a little farther each time, and labels each with the right command."""
    guide, here, steps = guide_of(course, parameters), agent.pose[:3, 3], 0
    for target, goal in enumerate(course.targets):
        way = course.graph.path(here, goal).points
        for along_m in np.arange(0.0, _length(way), _PROGRESS_SHARE * parameters.forward_m):
            if not _jump(agent, course, _on(way, float(along_m)), parameters, rng):
                continue
            pose = agent.pose
            label = guide.command(pose)
            if guide.target != target:
                break
            if steps == most_steps:
                yield Visit(pose, label, Action.STOP, target, Ending.OUT_OF_STEPS, guide.bearing_deg)
                return
            yield Visit(pose, label, None, target, None, guide.bearing_deg)
            steps += 1
        here = goal
    agent.place(here, _yaw_deg(agent.pose))
    yield Visit(agent.pose, Action.STOP, Action.STOP, len(course.targets), Ending.REACHED, None)


def _jump(
    agent: Agent, course: Course, point: tuple[Floats, float], parameters: Parameters, rng: np.random.Generator
) -> bool:
    """Puts the body beside a point of the way, where it can walk to from there; whether there is room."""
    position, yaw_deg = point
    for _ in range(_TRIES):
        angle, reach = rng.uniform(0, 2 * math.pi), parameters.side_m * math.sqrt(rng.uniform(0, 1))
        beside = position[:2] + reach * np.array([math.cos(angle), math.sin(angle)])
        off_deg = rng.uniform(-parameters.off_deg, parameters.off_deg)
        place = _reached(course, position, beside)
        if place is None:
            continue
        try:
            agent.place(place, yaw_deg + off_deg)
        except HomeError:  # a wider body than the graph's, or one that something stands in the way of
            continue
        return True
    return False


def _reached(course: Course, position: Floats, beside: Floats) -> Floats | None:
    """The point on the floor at `beside` (2,), if a straight line goes there from a position; else None."""
    ground = course.graph.ground
    at = np.stack([position[:2], beside])
    place = places_at(ground, at, np.full(2, position[2]))
    if (place < 0).any() or not straight_lines(ground, (place[:1], place[1:]), (at[:1], at[1:])).free[0]:
        return None
    return np.append(beside, ground.z_m[place[1]])


def _length(way: Floats) -> float:
    return float(np.linalg.norm(np.diff(way, axis=0), axis=1).sum())


def _on(way: Floats, along_m: float) -> tuple[Floats, float]:
    """The point (3,) of a way (K, 3) so far along it, and the direction of the way there, degrees."""
    lengths = np.linalg.norm(np.diff(way, axis=0), axis=1)
    ends = np.cumsum(lengths)
    leg = min(int(np.searchsorted(ends, along_m, side="right")), len(lengths) - 1)
    step = way[leg + 1] - way[leg]
    share = (along_m - (ends[leg] - lengths[leg])) / max(float(lengths[leg]), 1e-9)
    return way[leg] + min(share, 1.0) * step, math.degrees(math.atan2(step[1], step[0]))


def _yaw_deg(pose: Floats) -> float:
    return math.degrees(math.atan2(pose[1, 0], pose[0, 0]))


EXPERTS: dict[str, Expert] = {"perfect": perfect, "wandering": wandering, "teleporting": teleporting}
