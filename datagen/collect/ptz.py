"""Episodes of PTZ cameras under ceilings: sweeps and random walks through the 21 actions, tracking, jumps."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from datagen.collect.moment import Moment, Moments
from datagen.collect.place import Place
from datagen.config import Config
from datagen.tasks import Task, generator, random_seed
from sim.camera import Floats
from sim.frame import View
from sim.ptz import ACTIONS, PROFILES, Action, Position, PTZCamera, PTZProfile, apply, change

FRAME_S = 0.1
"""Between frames of a camera that tracks; others wait until the image is still."""
ROW = 14
"""So many jumps to the side, of 25 degrees with a modulation of 5, make a turn of 350 degrees."""
_PLASTIC = (0.8191725133961645, 0.6710436067037893, 0.5497004779019703)
"""Steps of M. Roberts' R3 sequence: points that fill a cube evenly, however many there are."""
_GAIN_PER_S = 3.0
_TARGET_M = 0.6
"""A tracking camera zooms so that a ball of this radius fills a third of the image's width."""
_FILLS = 1 / 3
_MIDDLE_M = 0.9
_NEAR_M = 10.0


@dataclass(frozen=True)
class Order:
    """What a camera is told.

    `asked`: change of pan, tilt (degrees) and zoom (magnification) until the next frame; `settles`: is that waited for?
    """

    asked: tuple[float, float, float]
    command: str
    send: Callable[[PTZCamera], None]
    settles: bool = True


def ptz_moments(place: Place, config: Config, task: Task) -> Moments:
    """An episode of one camera; the cameras and profiles take turns."""
    rng = generator(config, "path", task.index)
    mounts = place.mounts(config.ptz.cameras)
    turn, number = divmod(task.turn, len(mounts))
    profile = PROFILES[config.ptz.profiles[turn % len(config.ptz.profiles)]]
    start = _start(config, profile, task)
    camera = PTZCamera(profile, mounts[number], *config.size, start)
    place.traffic.begin(random_seed(generator(config, "traffic", task.index)))
    orders = _ORDERS[task.policy](camera, mounts[number], place, config, task, rng)
    for _ in range(config.most_frames(task.policy)):
        order = next(orders)
        status = camera.status()
        yield Moment(
            status.time_s,
            View(camera.intrinsics(), camera.T_world_camera()),
            f"{profile.name}-{number}",
            order.asked,
            order.command,
            ptz=status,
            bodies=place.bodies(),
        )
        order.send(camera)
        camera.step(FRAME_S)
        while order.settles and not camera.status().settled:
            camera.step(FRAME_S)
        if place.is_busy:
            place.traffic.advance(camera.status().time_s - status.time_s)
    return "done"


def _start(config: Config, profile: PTZProfile, task: Task) -> Position:
    """Where an episode begins: the starts of all episodes fill pan, tilt and zoom evenly."""
    pan, tilt, zoom = ((0.5 + step * (task.turn + 1)) % 1.0 for step in _PLASTIC)
    return _position(config, profile, pan, tilt, zoom)


def _position(config: Config, profile: PTZProfile, pan: float, tilt: float, zoom: float) -> Position:
    """A position from shares 0..1 of the ranges; zoom by doublings."""
    low, high = config.ptz.tilt_deg
    wide, tele = config.ptz.zoom[0], min(config.ptz.zoom[1], profile.max_zoom)
    return Position(360.0 * pan - 180.0, low + (high - low) * tilt, wide * (tele / wide) ** zoom)


Orders = Callable[[PTZCamera, Floats, Place, Config, Task, np.random.Generator], Iterator[Order]]


def _table(camera: PTZCamera, config: Config, action: Action) -> Order:
    asked = change(action, camera.profile, config.ptz.modulation)
    return Order(asked, action.name, partial(apply, action=action, modulation=config.ptz.modulation))


def _sweep(
    camera: PTZCamera, _mount: Floats, _place: Place, config: Config, task: Task, _rng: np.random.Generator
) -> Iterator[Order]:
    """Two of three actions are jumps, row by row over all that can be seen; in between, the other actions in turn.

    Both go on in the next episode of this policy where they end in this one; it looks on from its own start.
    """
    jumps = {action.name: action for action in ACTIONS if action.kind == "jump"}
    others = [action for action in ACTIONS if action.kind != "jump"]
    is_up = camera.status().tilt_deg < sum(config.ptz.tilt_deg) / 2
    for step in itertools.count(task.turn * config.most_frames(task.policy)):
        row, place = divmod(step - (step + 1) // 3, ROW + 1)
        if step % 3 == 2:
            yield _table(camera, config, others[step // 3 % len(others)])
        elif place == ROW:
            yield _table(camera, config, jumps["jump_up" if is_up else "jump_down"])
        else:
            yield _table(camera, config, jumps["jump_left" if row % 2 == 0 else "jump_right"])


def _random(
    camera: PTZCamera, _mount: Floats, _place: Place, config: Config, _task: Task, rng: np.random.Generator
) -> Iterator[Order]:
    while True:
        yield _table(camera, config, ACTIONS[int(rng.integers(len(ACTIONS)))])


def _jump(
    camera: PTZCamera, _mount: Floats, _place: Place, config: Config, _task: Task, rng: np.random.Generator
) -> Iterator[Order]:
    """From one position straight to any other."""
    while True:
        goal = _position(config, camera.profile, *rng.random(3).tolist())
        here = camera.status()
        pan_deg = math.remainder(goal.pan_deg - here.pan_deg, 360.0)
        asked = (pan_deg, goal.tilt_deg - here.tilt_deg, goal.zoom - here.zoom)
        yield Order(asked, "jump", partial(_go, goal=goal))


def _go(camera: PTZCamera, goal: Position) -> None:
    camera.absolute(pan_deg=goal.pan_deg, tilt_deg=goal.tilt_deg, zoom=goal.zoom)


def _track(
    camera: PTZCamera, mount: Floats, place: Place, config: Config, _task: Task, rng: np.random.Generator
) -> Iterator[Order]:
    """Follows a person nearby, or a point that wanders around below the camera."""
    low, high = config.ptz.tilt_deg
    wander = _wanderer(mount, rng)
    person = _nearest_person(place, mount)
    _go(camera, _aim(camera, mount, wander(0.0) if person is None else _person_at(place, person)))
    while not camera.status().settled:
        camera.step(FRAME_S)
    start_s = camera.status().time_s
    while True:
        here = camera.status()
        goal = _aim(camera, mount, wander(here.time_s - start_s) if person is None else _person_at(place, person))
        tilt_deg = min(max(goal.tilt_deg, low), high)
        speeds = (
            _GAIN_PER_S * math.remainder(goal.pan_deg - here.pan_deg, 360.0),
            _GAIN_PER_S * (tilt_deg - here.tilt_deg),
            _GAIN_PER_S * (goal.zoom - here.zoom),
        )
        pan, tilt, zoom = (speed * FRAME_S for speed in speeds)
        yield Order((pan, tilt, zoom), "track", partial(_turn, speeds=speeds), settles=False)


def _turn(camera: PTZCamera, speeds: tuple[float, float, float]) -> None:
    pan, tilt, zoom = speeds
    camera.continuous(pan_deg_per_s=pan, tilt_deg_per_s=tilt, zoom_per_s=zoom)


def _aim(camera: PTZCamera, mount: Floats, point: Floats) -> Position:
    """Where to look for a point (3,) of the world, and how close."""
    x, y, z = (mount[:3, :3].T @ (point - mount[:3, 3])).tolist()
    apart_m = max(math.sqrt(x * x + y * y + z * z), 0.1)
    half = math.tan(math.radians(camera.profile.fov_wide_deg) / 2)
    zoom = min(max(_FILLS * half * apart_m / _TARGET_M, 1.0), camera.profile.max_zoom)
    return Position(-math.degrees(math.atan2(y, x)), math.degrees(math.asin(z / apart_m)), zoom)


def _wanderer(mount: Floats, rng: np.random.Generator) -> Callable[[float], Floats]:
    """A point (3,) at a time, s, on a smooth random way around and below the camera."""
    phases = rng.uniform(0, 2 * math.pi, 6)
    rates = rng.uniform(0.1, 0.5, 6)

    def at(time_s: float) -> Floats:
        waves = np.sin(rates * time_s + phases)
        angle, apart_m, below_m = phases[0] + 0.8 * waves[:3].sum(), 2.8 + 0.8 * waves[3:5].sum(), 1.5 + 0.4 * waves[5]
        offset = np.array([apart_m * math.cos(angle), apart_m * math.sin(angle), -below_m])
        return mount[:3, 3] + offset

    return at


def _nearest_person(place: Place, mount: Floats) -> int | None:
    """Who walks nearest to a camera, if near at all: an index in `Traffic.bodies`."""
    apart = {
        index: float(np.linalg.norm(_person_at(place, index) - mount[:3, 3])) for index in place.traffic.moving.values()
    }
    nearest = min(apart, key=lambda index: apart[index], default=None)
    return nearest if nearest is not None and apart[nearest] < _NEAR_M else None


def _person_at(place: Place, index: int) -> Floats:
    middle: Floats = place.traffic.poses()[index][:3, 3] + (0.0, 0.0, _MIDDLE_M)
    return middle


_ORDERS: dict[str, Orders] = {"sweep": _sweep, "random": _random, "jump": _jump, "track": _track}
