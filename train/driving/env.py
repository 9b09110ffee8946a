"""The environment that sets of drives are driven in."""

from __future__ import annotations

from typing import Any

import numpy as np

from scenes.scene import Scene
from sim.agents.bodies import KINEMATIC
from sim.camera import Floats
from sim.envs.navigation import NavigationEnv, Task
from sim.experts.parameters import Parameters


class DriveEnv(NavigationEnv):
    """A person's body that does a given task: `reset(options={"task": Task(...)})`.

    It renders nothing: whoever drives takes the pictures, as a dataset does.

    Args:
        scene: the home.
        kind: `route`: done at the last target; `point`: done by stopping there.
        parameters: steps, and when a target counts as reached.
    """

    def __init__(self, scene: Scene, kind: str, parameters: Parameters) -> None:
        self.ends_by_itself = kind == "route"
        super().__init__(
            scene,
            parameters=parameters,
            agent=KINEMATIC,
            body=None,
            continuous=False,
            observations=("goal_offset", "compass", "previous_action"),
            size=(8, 8),
            fov_deg=90.0,
            traffic=None,
            renderer="auto",
            render_mode=None,
        )

    def _draw_task(self, rng: np.random.Generator, options: dict[str, Any]) -> Task:
        del rng
        task: Task = options["task"]
        return task

    @property
    def T_world_camera(self) -> Floats:
        """(4, 4), of the camera that the body carries."""
        return self.agent_pose @ self.T_body_camera

    @property
    def T_body_camera(self) -> Floats:
        """(4, 4), where the body carries it."""
        return self._agent.mounts["camera"]
