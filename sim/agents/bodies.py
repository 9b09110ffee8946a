"""The bodies that an environment can put into a home, by name, each with the graph of where it can go."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from scenes.body import BODIES, PERSON, BodySize
from scenes.by_id import ById
from scenes.errors import HomeError
from scenes.scene import Scene
from sim.agents.kinematic import KinematicAgent
from sim.agents.protocol import Agent, Moves
from sim.camera import Floats
from sim.nav.graph import NavGraph

if TYPE_CHECKING:
    from sim.nav.poses import PoseGraph
    from sim.robots.models import RobotModel

KINEMATIC = "kinematic"
EYE_M = 1.25
"""Height of the kinematic agent's camera, where it is tall enough for that."""
_EYE_SHARE = 0.85
_GRAPHS_KEPT = 8


class Embodied(Protocol):
    """A body in a home, and what belongs to it."""

    agent: Agent
    graph: NavGraph

    @property
    def poses(self) -> PoseGraph | None:
        """Where it can go heading where, if it is longer than wide; None for a round one."""

    def renew(self) -> None:
        """Forgets the past: after this and `place`, the same calls give the same bytes."""

    def save(self) -> Any:
        """Its state; nothing that happens later changes it."""

    def restore(self, state: Any) -> None:
        """Goes on from such a state."""

    def close(self) -> None:
        """Releases what it holds."""


class Kinematic:
    """The kinematic agent."""

    def __init__(self, graph: NavGraph, moves: Moves) -> None:
        self.graph = graph
        self._agent = KinematicAgent(graph, moves, {"camera": _looking_forward(graph.body)})
        self.agent: Agent = self._agent
        self.poses: PoseGraph | None = None

    def renew(self) -> None:
        """It has no past."""

    def save(self) -> Any:
        """Where it is."""
        return self._agent.save()

    def restore(self, state: Any) -> None:
        """Puts it back."""
        self._agent.restore(state)

    def close(self) -> None:
        """Nothing to release."""


class Physical:
    """A robot in a world of its own, driven by physics."""

    def __init__(self, scene: Scene, model: RobotModel, moves: Moves) -> None:
        from sim.robots.robot import Robot
        from sim.world.world import World

        self.graph = shared_graph(scene, model.size)
        self._world = World(scene)
        self.agent: Agent = Robot(self._world, model, moves)
        self._half_axis_m = model.half_axis_m
        self._fresh = self._world.save()

    @functools.cached_property
    def poses(self) -> PoseGraph | None:
        """Those of a long robot, with doors standing open as they do in the world."""
        if not self._half_axis_m:
            return None
        from sim.nav.poses import Obstacle, PoseGraph

        obstacles = []
        for leaf in self._world.moved():
            corners = self._world.scene.triangles[leaf.triangles].reshape(-1)
            points = self._world.scene.vertices[np.unique(corners)] @ leaf.T_world_drawn[:3, :3].T
            points = points + leaf.T_world_drawn[:3, 3]
            obstacles.append(Obstacle(points[:, :2], float(points[:, 2].min()), float(points[:, 2].max())))
        return PoseGraph(self.graph, self._half_axis_m, tuple(obstacles))

    def renew(self) -> None:
        """Puts the world back to its beginning."""
        self._world.restore(self._fresh)

    def save(self) -> Any:
        """The state of the world; saving makes it go on from the saved numbers."""
        return self._world.save()

    def restore(self, state: Any) -> None:
        """Puts the world back."""
        self._world.restore(state)

    def close(self) -> None:
        """Ends the physics."""
        self._world.close()


def make_body(name: str, scene: Scene, moves: Moves, size: str | None = None) -> Embodied:
    """A body by name: "kinematic", or a robot that is driven by physics.

    `size`: of the kinematic agent, one of `scenes.body.BODIES`; a person's if not given.

    Raises:
        HomeError: no such body or size; or the body fits nowhere.
    """
    from sim.robots.models import ROBOTS

    if name == KINEMATIC:
        if size is not None and size not in BODIES:
            raise HomeError(f"no body size {size!r}; there are {', '.join(BODIES)}")
        return Kinematic(shared_graph(scene, BODIES[size] if size else PERSON), moves)
    if name not in ROBOTS:
        raise HomeError(f"no body {name!r}; there are {KINEMATIC}, {', '.join(ROBOTS)}")
    if size is not None:
        raise HomeError(f"the {name} robot has its own size; leave out size={size!r}")
    return Physical(scene, ROBOTS[name], moves)


def shared_graph(scene: Scene, body: BodySize) -> NavGraph:
    """The graph of a scene for a body, loaded once for all environments of this process."""
    return _graph(ById(scene), body)


@functools.lru_cache(maxsize=_GRAPHS_KEPT)
def _graph(key: ById[Scene], body: BodySize) -> NavGraph:
    return NavGraph.load(key.value, body)


def _looking_forward(body: BodySize) -> Floats:
    """`T_body_camera` (4, 4) of a level camera above the middle of a body."""
    mount = np.eye(4)
    mount[:3, :3] = [[0, 0, 1], [-1, 0, 0], [0, -1, 0]]
    mount[2, 3] = min(EYE_M, _EYE_SHARE * body.height_m)
    return mount
