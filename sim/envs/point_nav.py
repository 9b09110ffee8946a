"""`stairwell/PointNav-v0`: go to a point, over stairs and inclines where it lies on another level."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from scenes.errors import HomeError
from scenes.scene import Scene
from sim.envs.navigation import OBSERVATIONS, NavigationEnv, Task
from sim.episodes import LEAST_M, Episode, draw_episode, load_episodes
from sim.experts.parameters import POINT_NAV, Parameters
from sim.traffic import TrafficPlan

_TRIES = 100


class PointNavEnv(NavigationEnv):
    """A body is to go to a point.

    Observations: `rgb`, `depth`, `segmentation`; `goal_offset` = distance on the plan in metres, cosine and sine of
    the bearing (left is positive), height in metres; `compass` = cosine and sine of the yaw; `previous_action`.

    Actions: stop, forward, left, right; or with `continuous=True` forward speed and turn to the left, -1..1. The
    discrete task is done by stopping within the target distance, the continuous one by coming there. The reward is the
    way gained in metres, minus 0.01 for each action, plus 2.5 for success.

    Args:
        scene: a bundled scene's name, a file, or a `Scene`.
        episodes: a file of `sim.episodes.save_episodes`, from which one is drawn for each episode, or taken by
            `reset(options={"episode": number})`; None: random ones.
        agent: "kinematic", "wheeled" or "climber".
        body: size of the kinematic agent: "person", "wheeled" or "climber".
        parameters: steps, turns and target distance.
        continuous: which actions.
        observations: which of the above.
        size: of the images, width and height, pixels; `fov_deg`: their horizontal field of view.
        traffic: people, trolleys and doors that move; None: nothing does.
        renderer: auto, gl, bullet or raycast.
        render_mode: None or "rgb_array".
    """

    ends_by_itself = False

    def __init__(
        self,
        scene: str | Scene = "oldenborg",
        *,
        episodes: str | Path | None = None,
        agent: str = "kinematic",
        body: str | None = None,
        parameters: Parameters = POINT_NAV,
        continuous: bool = False,
        observations: Sequence[str] = OBSERVATIONS,
        size: tuple[int, int] = (128, 96),
        fov_deg: float = 75.0,
        traffic: TrafficPlan | None = None,
        renderer: str = "auto",
        render_mode: str | None = None,
    ) -> None:
        super().__init__(
            scene,
            parameters=parameters,
            agent=agent,
            body=body,
            continuous=continuous,
            observations=observations,
            size=size,
            fov_deg=fov_deg,
            traffic=traffic,
            renderer=renderer,
            render_mode=render_mode,
        )
        self._episodes = load_episodes(Path(episodes), self.graph).episodes if episodes is not None else ()

    def _draw_task(self, rng: np.random.Generator, options: dict[str, Any]) -> Task:
        episode = self._episode(rng, options.get("episode"))
        return Task(np.array(episode.start), episode.yaw_deg, np.array([episode.goal]))

    def _episode(self, rng: np.random.Generator, number: int | None) -> Episode:
        if number is not None:
            if not 0 <= number < len(self._episodes):
                raise HomeError(f"no episode {number}; the set has {len(self._episodes)}, counted from 0")
            return self._episodes[number]
        if self._episodes:
            return self._episodes[int(rng.integers(len(self._episodes)))]
        for _ in range(_TRIES):
            episode = draw_episode(self.graph, rng)
            if episode.geodesic_m >= LEAST_M:
                return episode
        raise HomeError(f"{self.scene.name}: hardly any ways of {LEAST_M} m or more for {self.graph.body}")
