"""Depth and segmentation as grey images, for libraries that take images of 8 bits only."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt
from gymnasium import spaces
from gymnasium.utils import RecordConstructorArgs

from scenes.errors import HomeError
from scenes.scene import CATEGORIES
from sim.envs.base import HomeEnv, Observation

_WHITE = 255


class GreyImages(gymnasium.ObservationWrapper[Observation, Any, Observation], RecordConstructorArgs):
    """Makes grey images (H, W, 1) uint8 of `depth` and `segmentation`; every other observation stays as it is.

    Stable-Baselines3 takes arrays of three axes for images only if they are 8-bit; it flattens metres into a vector.
    Depth is 0 where there is nothing, then grows evenly from 1 to 255 at `farthest_m` and beyond. Segmentation
    becomes the category of the instance: 0 for nothing, else its place in `scenes.scene.CATEGORIES`, from 1.

    Args:
        env: one of this package, with either of the two among its observations or none.
        farthest_m: what is white. A step of grey is 1/254 of it, 4 cm for 10 m.
    """

    def __init__(self, env: gymnasium.Env[Observation, Any], farthest_m: float = 10.0) -> None:
        RecordConstructorArgs.__init__(self, farthest_m=farthest_m)
        super().__init__(env)
        inner = env.unwrapped
        if not isinstance(inner, HomeEnv) or not isinstance(env.observation_space, spaces.Dict):
            raise HomeError(f"{inner} is no environment of Stairwell's")
        if not farthest_m > 0:
            raise HomeError(f"grey depth up to {farthest_m} m; give a length above 0")
        self._farthest_m = farthest_m
        self._shades = np.array([0, *(1 + CATEGORIES.index(name) for name in inner.categories())], np.uint8)
        known = dict(env.observation_space.spaces)
        for name in ("depth", "segmentation"):
            if name in known:
                known[name] = spaces.Box(0, _WHITE, known[name].shape, np.uint8)
        self.observation_space = spaces.Dict(known)

    def observation(self, observation: Observation) -> Observation:
        """Return the observation with grey images."""
        found = dict(observation)
        if "depth" in found:
            found["depth"] = grey_depth(found["depth"], self._farthest_m)
        if "segmentation" in found:
            found["segmentation"] = self._shades[found["segmentation"]]
        return found


def grey_depth(depth: npt.NDArray[np.float32], farthest_m: float) -> npt.NDArray[np.uint8]:
    """Return 0 where depth (...), m, is 0, else 1 to 255, which is `farthest_m` and more."""
    shade = 1 + np.round(np.minimum(depth / farthest_m, 1.0) * (_WHITE - 1))
    return np.where(depth > 0, shade, 0).astype(np.uint8)
