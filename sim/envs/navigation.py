"""What `PointNav` and `RouteNav` share: a body goes from target to target, and is judged by the way it takes."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium import spaces

from scenes.errors import HomeError
from scenes.scene import Scene
from sim.agents.bodies import KINEMATIC, Embodied, make_body
from sim.agents.protocol import Action, Agent
from sim.camera import Floats, Intrinsics
from sim.envs.base import HomeEnv, Observation, State, shared_scene
from sim.envs.measures import Measure, Moment, navigation_measures
from sim.experts.course import Course
from sim.experts.guide import Guide
from sim.experts.long_guide import guide_of
from sim.experts.parameters import Parameters
from sim.frame import View
from sim.traffic import TrafficPlan
from sim.traffic.among import SPEED_M_S, AmongTraffic

OBSERVATIONS = ("rgb", "depth", "goal_offset", "compass", "previous_action")
TURN_DEG_S = 90.0
"""Of a continuous action of 1; forward it is `SPEED_M_S`. An action takes as long as a step forward does."""
STEP_COST = 0.01
SUCCESS_REWARD = 2.5
"""As in Habitat's PointNav: the way that was gained, minus a little for each step, plus this at success."""


@dataclass(frozen=True)
class Task:
    """Where a body starts, and which targets, (N, 3), m, it has to reach in turn."""

    start: Floats
    yaw_deg: float
    targets: Floats


class NavigationEnv(HomeEnv):
    """A body in a home. A subclass draws its tasks (`_draw_task`)."""

    _changing = ("_targets", "_seen_at", "_target", "_way_m", "_level", "_before", "_measures", "_met")
    ends_by_itself: bool
    _guide: Guide | None

    def __init__(
        self,
        scene: str | Scene,
        *,
        parameters: Parameters,
        agent: str,
        body: str | None,
        continuous: bool,
        observations: Sequence[str],
        size: tuple[int, int],
        fov_deg: float,
        traffic: TrafficPlan | None,
        renderer: str,
        render_mode: str | None,
    ) -> None:
        loaded = shared_scene(scene) if isinstance(scene, str) else scene
        if traffic is not None and agent != KINEMATIC:
            raise HomeError(f"traffic moves around the {KINEMATIC} agent only; leave it out for the {agent} robot")
        self.parameters, self._continuous = parameters, continuous
        self._embodied: Embodied = make_body(agent, loaded, parameters.moves, body)
        self.graph = self._embodied.graph
        try:
            self._intrinsics = Intrinsics.from_fov(*size, fov_deg)
        except ValueError as error:
            raise HomeError(str(error)) from error
        self.action_space = spaces.Box(-1, 1, (2,), np.float32) if continuous else spaces.Discrete(len(Action))
        low, high = loaded.bounds_m()
        super().__init__(
            loaded,
            renderer=renderer,
            traffic=traffic,
            size=size,
            observations=observations,
            senses=_spaces(math.dist(low, high) + 10.0, continuous=continuous),
            render_mode=render_mode,
        )
        self._agent: Agent = self._embodied.agent
        if self._traffic and traffic:
            self._agent = AmongTraffic(self._embodied, self._traffic)

    @abstractmethod
    def _draw_task(self, rng: np.random.Generator, options: dict[str, Any]) -> Task:
        """The task of the next episode."""

    @property
    def agent_pose(self) -> Floats:
        """`T_world_body` (4, 4)."""
        return self._agent.pose

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """The next task, with the body at its start."""
        super().reset(seed=seed)
        task = self._draw_task(self.np_random, options or {})
        self._embodied.renew()
        self._agent.place(task.start, task.yaw_deg)
        self._set_course(task.targets)
        self._target, self._way_m, self._level = 0, math.inf, -1
        self._seen_at = np.full(3, math.nan)
        self._before: Any = np.zeros(2, np.float32) if self._continuous else np.int64(len(Action))
        self._met: tuple[str, ...] = ()
        if self._traffic and isinstance(self._agent, AmongTraffic):
            self._traffic.begin(int(self.np_random.integers(2**32)), self._agent.footprint)
        self._measures: tuple[Measure, ...] = navigation_measures()
        moment = self._look(0.0, 0.0, ())
        if not math.isfinite(moment.left_m):
            raise HomeError(self.graph.why_not(self.agent_pose[:3, 3], task.targets[0]))
        for measure in self._measures:
            measure.begin(moment)
        return self._observe(), self._info()

    def step(self, action: Any) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """One command."""
        left_m = self._left_m()
        ahead, turn, stopped = self._read(action)
        met = () if stopped else self._move(action)
        moment = self._look(ahead, turn, met, stopped=stopped)
        for measure in self._measures:
            measure.go_on(moment)
        reward = left_m - moment.left_m - STEP_COST + SUCCESS_REWARD * moment.reached
        return self._observe(), float(reward), moment.reached or stopped, False, self._info()

    def right_action(self) -> int:
        """What the perfect expert would do now, as a discrete action."""
        if self._guide is None:
            self._guide = guide_of(self._course, self.parameters, self._target)
        command = self._guide.command(self.agent_pose)
        return int(command)

    def save(self) -> State:
        """All that makes the rest of the episode what it will be."""
        return super().save() | {"body": self._embodied.save()}

    def restore(self, state: State) -> None:
        """Goes on from a state that this environment, or one made alike, has saved."""
        self._embodied.restore(state["body"])
        super().restore(state)
        self._set_course(self._targets)

    def close(self) -> None:
        """Releases renderer and physics."""
        super().close()
        self._embodied.close()

    def _set_course(self, targets: Floats) -> None:
        self._targets = targets
        self._course = Course(self.graph, targets, self.parameters.target_m, self._embodied.poses)
        self._guide = None

    def _read(self, action: Any) -> tuple[float, float, bool]:
        """What an action asks for: ahead and turn to the left, -1..1, and whether to stop."""
        if self._continuous:
            ahead, turn = (float(value) for value in np.clip(action, -1, 1))
            self._before = np.array([ahead, turn], np.float32)
            return ahead, turn, False
        command = Action(int(action))
        self._before = np.int64(command)
        turns = {Action.LEFT: 1.0, Action.RIGHT: -1.0}
        return float(command == Action.FORWARD), turns.get(command, 0.0), command == Action.STOP

    def _move(self, action: Any) -> tuple[str, ...]:
        """Does an action; the names of what the body ran into."""
        if self._continuous:
            ahead, turn = self._before.tolist()
            seconds = self.parameters.forward_m / SPEED_M_S
            self._agent.command_velocity(ahead * SPEED_M_S, turn * TURN_DEG_S, seconds)
        else:
            self._agent.act(Action(int(action)))
        return tuple(instance.name for instance in self._agent.collisions)

    def _look(self, ahead: float, turn: float, met: tuple[str, ...], *, stopped: bool = False) -> Moment:
        """Finds out where the body is on its course."""
        position = self.agent_pose[:3, 3]
        if not np.array_equal(position, self._seen_at):
            self._find_way(position)
        self._met = met
        there = self._target == len(self._course.targets)
        x, y, z = position.tolist()
        return Moment(
            (x, y, z),
            self._left_m(),
            ahead,
            turn,
            collided=bool(self._met),
            level=self._level,
            reached=there and (self.ends_by_itself or self._continuous or stopped),
        )

    def _find_way(self, position: Floats) -> None:
        self._seen_at = position.copy()
        target, way_m = self._course.next_target(self._target, position)
        if math.isfinite(way_m):
            self._target, self._way_m = target, way_m
        place = self.graph.locate(position[None])[0]
        self._level = int(self.graph.ground.level[place]) if place >= 0 else self._level

    def _left_m(self) -> float:
        return self._course.left_m(self._target, self._way_m)

    def _view(self) -> View:
        return View(self._intrinsics, self.agent_pose @ self._agent.mounts["camera"])

    def _senses(self) -> Observation:
        pose = self.agent_pose
        heading = np.array([pose[0, 0], pose[1, 0]]) / math.hypot(pose[0, 0], pose[1, 0])
        goal = self._course.targets[min(self._target, len(self._course.targets) - 1)] - pose[:3, 3]
        distance_m = math.hypot(goal[0], goal[1])
        ahead, left = goal[:2] @ heading, goal[1] * heading[0] - goal[0] * heading[1]
        bearing = (ahead / distance_m, left / distance_m) if distance_m > 0 else (1.0, 0.0)
        return {
            "goal_offset": np.array([distance_m, *bearing, goal[2]], np.float32),
            "compass": heading.astype(np.float32),
            "previous_action": self._before.copy(),
        }

    def _info(self) -> dict[str, Any]:
        scene = self.scene
        return {measure.name: measure.value() for measure in self._measures} | {
            "left_m": self._left_m(),
            "target": self._target,
            "level": scene.levels[self._level].name if self._level >= 0 else "",
            "met": ", ".join(self._met),
            "position": self.agent_pose[:3, 3].copy(),
        }


def _spaces(most_m: float, *, continuous: bool) -> dict[str, spaces.Space[Any]]:
    """`goal_offset`: distance on the plan, cosine and sine of the bearing, height; `compass`: those of the yaw."""
    high = np.array([most_m, 1.001, 1.001, most_m], np.float32)
    low = np.array([0, *-high[1:]], np.float32)
    return {
        "goal_offset": spaces.Box(low, high, dtype=np.float32),
        "compass": spaces.Box(low[1:3], high[1:3], dtype=np.float32),
        "previous_action": spaces.Box(-1, 1, (2,), np.float32) if continuous else spaces.Discrete(len(Action) + 1),
    }
