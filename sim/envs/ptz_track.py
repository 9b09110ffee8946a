"""`stairwell/PTZTrack-v0`: aim a PTZ camera at a named object, or at a view."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from scenes.errors import HomeError
from scenes.scene import Scene
from sim.camera import Floats
from sim.envs.base import HomeEnv, Observation
from sim.envs.measures import Measure, Moment, Oscillation, PathCompletion, Success
from sim.envs.sightings import Sighting, look_around
from sim.frame import View
from sim.mounts import ceiling_mount
from sim.ptz import ACTIONS, PROFILES, Position, PTZCamera, PTZProfile, apply
from sim.traffic import TrafficPlan

OBSERVATIONS = ("rgb", "depth", "ptz", "goal_offset", "previous_action")
SECONDS_PER_ACTION = 0.5
MODULATION = 2.0
"""Pan and tilt of the 21 actions times this, as in the earlier work."""
SPEEDS = (30.0, 30.0, 4.0)
"""Of a continuous action of 1: pan and tilt in degrees/s, zoom in magnification/s."""
AIMED_SHARE = 0.1
"""Aimed: the goal lies within this share of the angle of view from the middle of the image."""
ZOOMED_FACTOR = 1.25
"""... and the zoom is within this factor of the goal's."""
FILLS_SHARE = 0.5
"""An object's goal view is zoomed until the object fills this share of the image's width."""
MOST_ZOOM = 8.0
STEP_COST = 0.01
MIDDLE_M = 0.85
"""Height of the middle of something that moves."""
_TARGETS = frozenset({"furniture", "door", "window", "light", "stair", "ramp"})
_DEG_PER_DOUBLING = 20.0
"""One doubling of the zoom counts as much of the way as turning by this angle."""


class PTZTrackEnv(HomeEnv):
    """A PTZ camera under a ceiling is to look at something.

    Observations: `rgb`, `depth`, `segmentation`; `ptz` = cosine and sine of pan, tilt in degrees, zoom;
    `goal_offset` = what is left to turn, pan to the right and tilt up, in degrees, and the binary logarithm of what is
    left to zoom; `goal_rgb`, the picture of the goal view; `previous_action`.

    Actions: one of the 21 of `sim.ptz.ACTIONS`, or with `continuous=True` signed speeds of pan, tilt and zoom, -1..1.
    Each takes half a simulated second. The reward is the share of the way that the action went, minus 0.01, plus 1 when
    the goal is reached, which ends the episode.

    Args:
        scene: a bundled scene's name, a file, or a `Scene`.
        target: the name of something in sight of the camera; or a view `(pan_deg, tilt_deg, zoom)`; None: something in
            sight, drawn anew for each episode.
        room: the camera hangs in the middle of it; None: the largest.
        profile: "axis" or "hanwha".
        continuous: which actions.
        observations: which of the above.
        size: of the images, width and height, pixels.
        traffic: what moves; a target may be its name, "person 1".
        renderer: auto, gl, bullet or raycast.
        render_mode: None or "rgb_array".
    """

    _changing = ("_camera", "_goal", "_target", "_before", "_measures", "_goal_rgb")

    def __init__(
        self,
        scene: str | Scene = "oldenborg",
        *,
        target: str | tuple[float, float, float] | None = None,
        room: str | None = None,
        profile: str = "axis",
        continuous: bool = False,
        observations: Sequence[str] = OBSERVATIONS,
        size: tuple[int, int] = (128, 96),
        traffic: TrafficPlan | None = None,
        renderer: str = "auto",
        render_mode: str | None = None,
    ) -> None:
        if profile not in PROFILES:
            raise HomeError(f"no PTZ profile {profile!r}; there are {', '.join(PROFILES)}")
        self._profile, self._size, self._continuous = PROFILES[profile], size, continuous
        self.action_space = spaces.Box(-1, 1, (3,), np.float32) if continuous else spaces.Discrete(len(ACTIONS))
        super().__init__(
            scene,
            renderer=renderer,
            traffic=traffic,
            size=size,
            observations=observations,
            senses=_spaces(self._profile, size, continuous=continuous),
            render_mode=render_mode,
        )
        self._T_world_mount = ceiling_mount(self.scene, room)
        self._fixed = None if target is None or isinstance(target, str) else _view_of(target, self._profile)
        moving = self._traffic.moving if self._traffic else {}
        self._followed = moving.get(target) if isinstance(target, str) else None
        named = target if isinstance(target, str) else None
        self._in_sight = {} if self._fixed or self._followed is not None else self._targets(named)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """A new target, and the camera looking elsewhere."""
        super().reset(seed=seed, options=options)
        rng = self.np_random
        if self._traffic:
            self._traffic.begin(int(rng.integers(2**32)))
        self._target, self._goal = self._draw_goal(rng)
        low, high = self._profile.tilt_limits_deg
        start = Position(
            float(rng.uniform(-180, 180)), float(rng.uniform(max(low, -60), min(high, 10))), float(rng.uniform(1, 3))
        )
        self._camera = PTZCamera(self._profile, self._T_world_mount, *self._size, start)
        self._before = np.zeros(3, np.float32) if self._continuous else np.int64(len(ACTIONS))
        self._goal_rgb = self._picture_of_goal() if "goal_rgb" in self._wanted else None
        self._measures: tuple[Measure, ...] = (Success(), PathCompletion(), Oscillation())
        for measure in self._measures:
            measure.begin(self._moment(0.0))
        return self._observe(), self._info()

    def step(self, action: Any) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Half a second under an action."""
        left = self._left_deg()
        if self._continuous:
            pan, tilt, zoom = (float(np.clip(a, -1, 1)) * speed for a, speed in zip(action, SPEEDS, strict=True))
            self._camera.continuous(pan_deg_per_s=pan, tilt_deg_per_s=tilt, zoom_per_s=zoom)
            turn, self._before = -float(action[0]), np.array(action, np.float32)
        else:
            taken = ACTIONS[int(action)]
            apply(self._camera, taken, MODULATION)
            turn, self._before = -taken.d_pan_deg, np.int64(action)
        self._camera.step(SECONDS_PER_ACTION)
        if self._traffic:
            self._traffic.advance(SECONDS_PER_ACTION)
        if self._followed is not None:
            self._goal = self._towards_mover(self._followed)
        moment = self._moment(turn)
        for measure in self._measures:
            measure.go_on(moment)
        reward = (left - moment.left_m) / 180 - STEP_COST + moment.reached
        return self._observe(), float(reward), moment.reached, False, self._info()

    def _targets(self, name: str | None) -> dict[int, Sighting]:
        """What may be aimed at: things in sight within the limits of the camera, of this name if there is one."""
        low, high = self._profile.tilt_limits_deg
        found = {}
        for instance, sighting in look_around(self.scene, self._T_world_mount[:3, 3]).items():
            thing = self.scene.instances[instance - 1]
            tilt_deg = math.degrees(math.asin(sighting.direction[2]))
            if thing.category in _TARGETS and thing.name and low <= tilt_deg <= high and sighting.radius_deg < 30:
                found[instance] = sighting
        names = sorted({self.scene.instances[instance - 1].name for instance in found})
        if name is not None:
            found = {i: sighting for i, sighting in found.items() if self.scene.instances[i - 1].name == name}
        if not found:
            what = "nothing" if name is None else f"nothing called {name!r}"
            raise HomeError(
                f"{self.scene.name}: {what} to aim at in sight of the camera; in sight are {', '.join(names) or 'none'}"
            )
        return found

    def _draw_goal(self, rng: np.random.Generator) -> tuple[int, Position]:
        """The instance to aim at (0: a view), and where the camera looks when it does."""
        if self._fixed is not None:
            return 0, self._fixed
        if self._followed is not None:
            return 0, self._towards_mover(self._followed)
        instance = sorted(self._in_sight)[int(rng.integers(len(self._in_sight)))]
        sighting = self._in_sight[instance]
        return instance, self._aim(np.array(sighting.direction), sighting.radius_deg)

    def _towards_mover(self, body: int) -> Position:
        """Where to look for something that moves: at its middle."""
        assert self._traffic is not None
        middle = self._traffic.poses()[body][:3, 3] + (0, 0, MIDDLE_M) - self._T_world_mount[:3, 3]
        apart_m = float(np.linalg.norm(middle))
        return self._aim(middle / apart_m, math.degrees(math.atan2(MIDDLE_M, apart_m)))

    def _aim(self, direction: Floats, radius_deg: float) -> Position:
        """Where to look for what lies in a direction (3,) of the world, and covers so much around it."""
        x, y, z = (self._T_world_mount[:3, :3].T @ direction).tolist()
        half = math.tan(math.radians(self._profile.fov_wide_deg) / 2)
        zoom = FILLS_SHARE * half / math.tan(math.radians(max(radius_deg, 0.1)))
        most = min(MOST_ZOOM, self._profile.max_zoom)
        low, high = self._profile.tilt_limits_deg
        tilt_deg = min(max(math.degrees(math.asin(z)), low), high)
        return Position(-math.degrees(math.atan2(y, x)), tilt_deg, min(max(zoom, 1), most))

    def _picture_of_goal(self) -> npt.NDArray[np.uint8]:
        camera = PTZCamera(self._profile, self._T_world_mount, *self._size, self._goal)
        return self._take(View(camera.intrinsics(), camera.T_world_camera())).rgb

    def _view(self) -> View:
        return View(self._camera.intrinsics(), self._camera.T_world_camera())

    def _offsets(self) -> tuple[float, float, float]:
        """What is left to turn, pan and tilt in degrees, and to zoom, in doublings."""
        here = self._camera.status()
        pan = math.remainder(self._goal.pan_deg - here.pan_deg, 360.0)
        return pan, self._goal.tilt_deg - here.tilt_deg, math.log2(self._goal.zoom / here.zoom)

    def _off_deg(self) -> float:
        """The angle between where the camera looks and where it should."""
        here = self._camera.status()
        cosine = _direction(here.pan_deg, here.tilt_deg) @ _direction(self._goal.pan_deg, self._goal.tilt_deg)
        return math.degrees(math.acos(float(np.clip(cosine, -1, 1))))

    def _left_deg(self) -> float:
        """What is left of the way, turning and zooming together, in degrees."""
        return self._off_deg() + _DEG_PER_DOUBLING * abs(self._offsets()[2])

    def _moment(self, turn: float) -> Moment:
        fov_deg = self._profile.fov_deg(self._camera.status().zoom)
        aimed = self._off_deg() <= AIMED_SHARE * fov_deg
        zoomed = abs(self._offsets()[2]) <= math.log2(ZOOMED_FACTOR)
        return Moment((0, 0, 0), self._left_deg(), 0.0, turn, collided=False, level=0, reached=aimed and zoomed)

    def _senses(self) -> Observation:
        here = self._camera.status()
        pan = math.radians(here.pan_deg)
        found: Observation = {
            "ptz": np.array([math.cos(pan), math.sin(pan), here.tilt_deg, here.zoom], np.float32),
            "goal_offset": np.array(self._offsets(), np.float32),
            "previous_action": self._before.copy(),
        }
        return found | ({"goal_rgb": self._goal_rgb.copy()} if self._goal_rgb is not None else {})

    def _target_name(self) -> str:
        if self._traffic and self._followed is not None:
            return self._traffic.instances[self._followed].name
        return self.scene.instances[self._target - 1].name if self._target else "view"

    def _info(self) -> dict[str, Any]:
        here = self._camera.status()
        return {measure.name: measure.value() for measure in self._measures} | {
            "target": self._target_name(),
            "target_id": self._target,
            "pan_deg": here.pan_deg,
            "tilt_deg": here.tilt_deg,
            "zoom": here.zoom,
            "off_deg": self._off_deg(),
        }


def _spaces(profile: PTZProfile, size: tuple[int, int], *, continuous: bool) -> dict[str, spaces.Space[Any]]:
    low, high = profile.tilt_limits_deg
    doublings = math.log2(profile.max_zoom)
    previous = spaces.Box(-1, 1, (3,), np.float32) if continuous else spaces.Discrete(len(ACTIONS) + 1)
    return {
        "ptz": _box([-1, -1, low, 1], [1, 1, high, profile.max_zoom]),
        "goal_offset": _box([-180, low - high, -doublings], [180, high - low, doublings]),
        "goal_rgb": spaces.Box(0, 255, (size[1], size[0], 3), np.uint8),
        "previous_action": previous,
    }


def _box(low: Sequence[float], high: Sequence[float]) -> spaces.Box:
    """A box of float32, widened by what rounding may add."""
    margin = 1e-4 * (np.array(high) - low)
    return spaces.Box(np.float32(low - margin), np.float32(high + margin), dtype=np.float32)


def _direction(pan_deg: float, tilt_deg: float) -> Floats:
    """The unit vector (3,) that a camera looks along, x forward, y left, z up."""
    pan, tilt = math.radians(pan_deg), math.radians(tilt_deg)
    return np.array([math.cos(tilt) * math.cos(pan), -math.cos(tilt) * math.sin(pan), math.sin(tilt)])


def _view_of(target: tuple[float, float, float], profile: PTZProfile) -> Position:
    if len(target) != 3 or not np.isfinite(target).all():
        raise HomeError(f"target {target}: give a name, or a view (pan_deg, tilt_deg, zoom) of finite numbers")
    pan_deg, tilt_deg, zoom = target
    low, high = profile.tilt_limits_deg
    if not (low <= tilt_deg <= high and 1 <= zoom <= profile.max_zoom):
        raise HomeError(
            f"target view {target}: the {profile.name} camera tilts from {low}° to {high}° and zooms from 1 to "
            f"{profile.max_zoom:.1f}"
        )
    return Position(math.remainder(pan_deg, 360.0), tilt_deg, zoom)
