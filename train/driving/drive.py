"""One drive: a policy goes from the start of an episode until it is there, or there is no use in going on."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from datagen.store.schema import Json
from sim.agents.protocol import Action
from sim.camera import Floats
from sim.envs.measures import navigation_measures
from sim.envs.pictures import IMAGES, observed
from sim.frame import Frame
from train.driving.endings import Done, Ending, Watch
from train.driving.env import DriveEnv
from train.driving.look import Eye, Look
from train.driving.policies import Policy, as_action
from train.driving.sets import DriveSet, require_home

PATIENCE = 2.0
"""A policy may take so many times the actions of the perfect expert."""
MEASURES = tuple(measure.name for measure in navigation_measures())


@dataclass(frozen=True, eq=False)
class Drive:
    """What came of an episode of T actions.

    Attributes:
        episode: its number in the set.
        position: (T + 1, 3), m, where the body was.
        yaw_deg: (T + 1,).
        left_m: (T + 1,), the way that was left through all targets.
        action: (T,), what it did, numbers of `Action`.
        right: (T,), what the perfect expert would have done there.
        collided: (T,) bool, did the action run into something.
        seconds: (T,), what the policy took to decide.
        measures: by the names in `MEASURES`, of the whole drive.
        ending: why it ended.
    """

    episode: int
    position: Floats
    yaw_deg: Floats
    left_m: Floats
    action: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]
    collided: npt.NDArray[np.bool_]
    seconds: Floats
    measures: dict[str, float]
    ending: Ending

    def to_json(self) -> Json:
        """All of it as JSON; a way that is not known is null."""
        return {
            "episode": self.episode,
            "ending": self.ending.value,
            "measures": self.measures,
            "position": self.position.tolist(),
            "yaw_deg": self.yaw_deg.tolist(),
            "left_m": [value if math.isfinite(value) else None for value in self.left_m.tolist()],
            "action": self.action.tolist(),
            "right": self.right.tolist(),
            "collided": self.collided.tolist(),
            "seconds": self.seconds.tolist(),
        }

    @staticmethod
    def from_json(said: Json) -> Drive:
        """The same from JSON."""
        return Drive(
            said["episode"],
            np.array(said["position"], np.float64),
            np.array(said["yaw_deg"], np.float64),
            np.array([math.inf if value is None else value for value in said["left_m"]], np.float64),
            np.array(said["action"], np.int64),
            np.array(said["right"], np.int64),
            np.array(said["collided"], np.bool_),
            np.array(said["seconds"], np.float64),
            said["measures"],
            Ending(said["ending"]),
        )


class Track:
    """A set's home, opened to be driven in. Use it in a `with` statement: leaving it releases the renderer.

    Raises:
        HomeError: the home is not there, or not as it was when the set was frozen.
    """

    def __init__(self, drive_set: DriveSet, look: Look) -> None:
        self.drive_set, self.look = drive_set, look
        self._eye = Eye(drive_set.home, look)
        require_home(drive_set, self._eye.scene)
        self.env = DriveEnv(self._eye.scene, drive_set.kind, drive_set.parameters)

    def __enter__(self) -> Track:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Releases the renderer."""
        self._eye.close()
        self.env.close()

    def frame_at(self, episode: int, step: int, T_world_camera: Floats) -> Frame:
        """What a camera sees at a step of an episode."""
        return self._eye.frame(episode, step, T_world_camera)

    def drive(self, policy: Policy, episode: int, patience: float = PATIENCE) -> Drive:
        """Lets a policy drive an episode; it may take `patience` times the expert's actions.

        Raises:
            HomeError: the policy says what is no action.
        """
        one, parameters = self.drive_set.episodes[episode], self.drive_set.parameters
        policy.reset(int(np.random.default_rng([self.look.seed, episode]).integers(2**32)))
        senses, info = self.env.reset(options={"task": one.task})
        watch = Watch(parameters, info["left_m"])
        log = _Log(self.env, info)
        ending: Ending | None = None
        most = math.ceil(patience * one.expert_actions)
        while ending is None:
            right = Action(self.env.right_action())
            observation = self._observe(policy, episode, len(log.action), senses, right)
            began = time.perf_counter()
            action = as_action(policy.act(observation))
            seconds = time.perf_counter() - began
            senses, _, over, _, info = self.env.step(int(action))
            log.add(self.env, info, action, right, seconds)
            if over:
                ending = Ending.REACHED if info["success"] else Ending.STOPPED
            else:
                ending = watch.see(log.last_done())
                ending = ending or (Ending.OUT_OF_STEPS if len(log.action) >= most else None)
        return log.drive(episode, {name: float(info[name]) for name in MEASURES}, ending)

    def _observe(
        self, policy: Policy, episode: int, step: int, senses: dict[str, Any], right: Action
    ) -> dict[str, Any]:
        """What the policy is shown: what it asks for and nothing else."""
        found: dict[str, Any] = senses | {"right_action": int(right)}
        if set(IMAGES) & set(policy.observations):
            found |= observed(self.frame_at(episode, step, self.env.T_world_camera), policy.observations)
        return {name: found[name] for name in policy.observations}


class _Log:
    """A drive as it goes on."""

    def __init__(self, env: DriveEnv, info: dict[str, Any]) -> None:
        self.position, self.yaw_deg, self.left_m = [info["position"]], [_yaw_deg(env)], [info["left_m"]]
        self.action: list[Action] = []
        self.right: list[Action] = []
        self.collided: list[bool] = []
        self.seconds: list[float] = []
        self._collisions = 0.0

    def add(self, env: DriveEnv, info: dict[str, Any], action: Action, right: Action, seconds: float) -> None:
        """After an action."""
        self.position.append(info["position"])
        self.yaw_deg.append(_yaw_deg(env))
        self.left_m.append(info["left_m"])
        self.action.append(action)
        self.right.append(right)
        self.collided.append(info["collisions"] > self._collisions)
        self._collisions = info["collisions"]
        self.seconds.append(seconds)

    def last_done(self) -> Done:
        """What the last action did."""
        moved_m = math.dist(self.position[-2], self.position[-1])
        return Done(self.action[-1], moved_m, self.collided[-1], self.left_m[-1])

    def drive(self, episode: int, measures: dict[str, float], ending: Ending) -> Drive:
        """The whole of it."""
        return Drive(
            episode,
            np.array(self.position),
            np.array(self.yaw_deg),
            np.array(self.left_m),
            np.array(self.action, np.int64),
            np.array(self.right, np.int64),
            np.array(self.collided, np.bool_),
            np.array(self.seconds),
            measures,
            ending,
        )


def _yaw_deg(env: DriveEnv) -> float:
    pose = env.agent_pose
    return math.degrees(math.atan2(pose[1, 0], pose[0, 0]))
