"""Episodes of the experts: a body goes through the home to a goal, and each view is labelled with the right command."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from datagen.collect.moment import Moment, Moments
from datagen.collect.place import Place
from datagen.config import Config
from datagen.tasks import Task, generator, random_seed
from scenes.body import BodySize
from scenes.errors import HomeError
from scenes.scene import Instance
from sim.agents.kinematic import KinematicAgent
from sim.agents.protocol import Action, Moves
from sim.camera import Floats, Intrinsics
from sim.envs.routes import route_start
from sim.episodes import draw_episodes
from sim.experts.course import Course
from sim.experts.experts import EXPERTS
from sim.experts.parameters import Parameters
from sim.frame import View
from sim.traffic import Traffic
from sim.traffic.obstacles import Obstacles, moving_body

STEP_S = 0.25
EYE_M = 1.25
_EYE_SHARE = 0.85


def expert_moments(place: Place, config: Config, task: Task) -> Moments:
    """An episode between two random places of the home, or on a route. Who would run into what moves waits."""
    rng = generator(config, "path", task.index)
    graph = place.graph(config.walk.body)
    parameters = Parameters(**config.walk.model_dump(exclude={"body", "route"}))
    start, yaw_deg, targets = _drawn_way(place, config, rng)
    walker = KinematicAgent(graph, parameters.moves)
    walker.place(start, yaw_deg)  # who moves keeps clear of it: they begin after it
    agent = AmongOthers(walker, place.traffic, busy=place.is_busy)
    place.traffic.begin(random_seed(generator(config, "traffic", task.index)), agent.footprint())
    course = Course(graph, targets, parameters.target_m)
    visits = EXPERTS[task.policy](agent, course, parameters, rng, config.most_frames(task.policy) - 1)
    intrinsics = Intrinsics.from_fov(*config.size, config.fov_deg)
    mount = _looking_forward(graph.body)
    ending = ""
    for step, visit in enumerate(visits):
        yield Moment(
            step * STEP_S,
            View(intrinsics, visit.T_world_body @ mount),
            "robot",
            _asked(visit.label if visit.taken is None else visit.taken, parameters.moves),
            visit.label.name.lower(),
            parameters.wedge_deg / 2,
            bodies=place.bodies(),
            goal=goal_from(visit.T_world_body, course.targets[min(visit.target, len(course.targets) - 1)]),
            way_bearing_deg=visit.bearing_deg,
        )
        if visit.taken is None:
            agent.let_others_move()
        ending = visit.ending.value if visit.ending else ending
    return ending


def _drawn_way(place: Place, config: Config, rng: np.random.Generator) -> tuple[npt.ArrayLike, float, Floats]:
    """Where an episode starts, its heading, degrees, and the targets (N, 3) to go to in turn."""
    graph, walk = place.graph(config.walk.body), config.walk
    if walk.route is not None:
        points = place.route(walk.route, walk.body)
        return *route_start(points, graph, rng), points[1:]
    episode = draw_episodes(graph, 1, rng, outdoors=config.outdoors).episodes[0]
    return episode.start, episode.yaw_deg, np.array([episode.goal])


def _asked(action: Action, moves: Moves) -> tuple[float, float]:
    """What a command asks for: forward, m, and a turn to the left, degrees."""
    turns = {Action.LEFT: moves.turn_deg, Action.RIGHT: -moves.turn_deg}
    return (moves.forward_m if action == Action.FORWARD else 0.0), turns.get(action, 0.0)


def goal_from(T_world_body: Floats, target: Floats) -> tuple[float, float]:
    """Where a target (3,) is from a body: its distance on the plan, m, and bearing to the left, degrees."""
    x, y = (target - T_world_body[:3, 3])[:2].tolist()
    yaw_deg = math.degrees(math.atan2(T_world_body[1, 0], T_world_body[0, 0]))
    distance_m = math.hypot(x, y)
    return distance_m, math.remainder(math.degrees(math.atan2(y, x)) - yaw_deg, 360) if distance_m > 0 else 0.0


def _looking_forward(body: BodySize) -> Floats:
    """`T_body_camera` (4, 4) of a level camera above the middle of a body."""
    mount = np.eye(4)
    mount[:3, :3] = [[0, 0, 1], [-1, 0, 0], [0, -1, 0]]
    mount[2, 3] = min(EYE_M, _EYE_SHARE * body.height_m)
    return mount


class AmongOthers:
    """An agent among things that move: with each act their time goes on, and a move into one of them is not made."""

    def __init__(self, agent: KinematicAgent, traffic: Traffic, *, busy: bool) -> None:
        self._agent, self._traffic, self._busy = agent, traffic, busy
        self.size: BodySize = agent.size
        self.moves: Moves = agent.moves
        self.mounts: Mapping[str, npt.NDArray[np.float64]] = agent.mounts

    @property
    def pose(self) -> Floats:
        """`T_world_body` (4, 4)."""
        return self._agent.pose

    @property
    def collisions(self) -> tuple[Instance, ...]:
        """What it ran into during the last move, of what stands still."""
        return self._agent.collisions

    def footprint(self) -> Obstacles:
        """What it takes up, for what moves around it."""
        here = self._agent.position
        return moving_body(self.size, here, here)

    def let_others_move(self) -> None:
        """The time of one act goes by."""
        if self._busy:
            self._traffic.advance(STEP_S, self.footprint())

    def place(self, position: npt.ArrayLike, yaw_deg: float) -> None:
        """Puts it on a floor point (3,).

        Raises:
            HomeError: there is no room for it, or something that moves is there.
        """
        self._agent.place(position, yaw_deg)
        here = self._agent.position
        if self._busy and self._traffic.met_by(self.size, here + (1000.0, 0.0, 0.0), here):
            raise HomeError("something that moves is there")

    def command_velocity(self, forward_m_s: float, turn_deg_s: float, seconds: float) -> None:
        """Moves at these speeds."""
        self._agent.command_velocity(forward_m_s, turn_deg_s, seconds)

    def act(self, action: Action) -> None:
        """Moves by one command, unless something that moves is in the way."""
        self.let_others_move()
        before, start = self._agent.save(), self._agent.position
        self._agent.act(action)
        if self._busy and self._traffic.met_by(self.size, start, self._agent.position):
            self._agent.restore(before)
