"""What the environments share: a scene, pictures of it, and a state that can be saved and restored."""

from __future__ import annotations

import copy
import functools
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from scenes.errors import HomeError
from scenes.library import load_scene
from scenes.scene import Scene
from sim.envs.pictures import IMAGES, Pictures, check_observations, observed
from sim.frame import Frame, View
from sim.traffic import Traffic, TrafficPlan

Observation = dict[str, Any]
State = dict[str, Any]
_SCENES_KEPT = 4


@functools.lru_cache(maxsize=_SCENES_KEPT)
def shared_scene(name_or_path: str) -> Scene:
    """The scene of a name or path, loaded once for all environments of this process.

    Raises:
        HomeError: not found, not a home, or damaged beyond use.
    """
    return load_scene(name_or_path)


class HomeEnv(gymnasium.Env[Observation, Any]):
    """An environment in a home, seen through a camera.

    A subclass says what else is observed (`_senses`), where the camera is (`_view`) and what of its state changes in an
    episode (`_changing`): only attributes of those names may change after it is made.
    """

    metadata: dict[str, Any] = {"render_modes": ["rgb_array"], "render_fps": 10}  # noqa: RUF012
    _changing: tuple[str, ...]

    def __init__(
        self,
        scene: str | Scene,
        *,
        renderer: str,
        traffic: TrafficPlan | None,
        size: tuple[int, int],
        observations: Sequence[str],
        senses: Mapping[str, spaces.Space[Any]],
        render_mode: str | None,
    ) -> None:
        if render_mode not in (None, *self.metadata["render_modes"]):
            raise HomeError(f"no render mode {render_mode!r}; there is rgb_array")
        if min(size) < 1:
            raise HomeError(f"images of {size[0]} x {size[1]} pixels; both must be 1 or more")
        self.render_mode = render_mode
        self.scene = shared_scene(scene) if isinstance(scene, str) else scene
        seen = render_mode is not None or bool(set(IMAGES) & set(observations))
        self._traffic = Traffic(self.scene, traffic or TrafficPlan()) if traffic or seen else None
        self._pictures = Pictures(self.scene, renderer, self._traffic.bodies if self._traffic else ())
        known = self._pictures.spaces(size) | dict(senses)
        self._wanted = check_observations(observations, tuple(known))
        self.observation_space = spaces.Dict({name: known[name] for name in self._wanted})

    @abstractmethod
    def _view(self) -> View:
        """Where the camera is."""

    @abstractmethod
    def _senses(self) -> Observation:
        """All that is observed besides images, new arrays each time."""

    def _take(self, view: View) -> Frame:
        """A picture, with what moves where it is now and doors open."""
        return self._pictures.take(view, self._traffic.poses() if self._traffic else {})

    def _observe(self) -> Observation:
        found = {name: value for name, value in self._senses().items() if name in self._wanted}
        if set(IMAGES) & set(self._wanted):
            found |= observed(self._take(self._view()), self._wanted)
        return {name: found[name] for name in self._wanted}

    def render(self) -> npt.NDArray[np.uint8] | None:
        """The camera's picture, (H, W, 3) uint8, where the render mode is `rgb_array`."""
        if self.render_mode is None:
            return None
        return self._take(self._view()).rgb

    def categories(self) -> tuple[str, ...]:
        """Return the category of each instance that `segmentation` can show, by id from 1."""
        known = [instance.category for instance in self.scene.instances]
        moving = [self._traffic.instances[index] for index in self._traffic.moving.values()] if self._traffic else []
        return (*known, *(instance.category for instance in moving))

    def save(self) -> State:
        """All that makes the rest of the episode what it will be; `restore` takes it as often as you like."""
        kept = {name: getattr(self, name) for name in self._changing}
        kept |= {"rng": self.np_random.bit_generator.state}
        return copy.deepcopy(kept) | ({"traffic": self._traffic.save()} if self._traffic else {})

    def restore(self, state: State) -> None:
        """Goes on from a state that this environment, or one made alike, has saved."""
        if self._traffic:
            self._traffic.restore(state["traffic"])
        self.np_random.bit_generator.state = state["rng"]
        for name in self._changing:
            setattr(self, name, copy.deepcopy(state[name]))

    def close(self) -> None:
        """Releases the renderer."""
        self._pictures.close()
