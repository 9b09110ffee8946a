"""Episodes of free-flying viewpoints: anywhere in the rooms that there is air, looking anywhere."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from datagen.collect.moment import Moment, Moments
from datagen.collect.place import Place
from datagen.config import Config
from datagen.tasks import Task, generator, random_seed
from scenes.errors import HomeError
from sim.camera import Floats, Intrinsics, pose_looking
from sim.frame import View
from sim.raycasting import RayCaster

FRAME_S = 0.1
LOWEST_M = 0.3
CLEAR_M = 0.25
"""Viewpoints keep so far from what is above them; a body's radius from what is beside them."""
HIGHEST_M = 4.0
PITCH_DEG = 20.0
"""Standard deviation, at most 80."""
FLY_BODY = "person"
"""Viewpoints are where this body fits, or above it."""

_TRIES = 200


def fly_moments(place: Place, config: Config, task: Task) -> Moments:
    """Independent viewpoints, each in a random room; there are no actions."""
    rng = generator(config, "path", task.index)
    graph = place.graph(FLY_BODY)
    ground, triangles = graph.ground, place.scene.triangles
    caster = RayCaster(place.scene.vertices, triangles[place.scene.triangle_instances() > 0])
    usable = np.ones(len(ground.cell), bool) if config.outdoors else graph.indoors
    rooms = [
        np.flatnonzero(usable & (ground.room == room)) for room in np.unique(ground.room[usable & (ground.room >= 0)])
    ]
    rooms = rooms or [np.flatnonzero(usable)]
    intrinsics = Intrinsics.from_fov(*config.size, config.fov_deg)
    place.traffic.begin(random_seed(generator(config, "traffic", task.index)))
    for step in range(config.most_frames(task.policy)):
        at = _free_point(place, rooms, caster, rng)
        yaw_deg, pitch_deg = rng.uniform(-180, 180), float(np.clip(PITCH_DEG * rng.standard_normal(), -80, 80))
        pose = pose_looking(at, yaw_deg, pitch_deg)
        yield Moment(step * FRAME_S, View(intrinsics, pose), "fly", bodies=place.bodies())
        if place.is_busy:
            place.traffic.advance(FRAME_S)
    return "done"


def _free_point(
    place: Place, rooms: Sequence[npt.NDArray[np.int64]], caster: RayCaster, rng: np.random.Generator
) -> Floats:
    """Draw a point (3,) of the free air in a random room. `rooms`: the places of the ground in each.

    Raises:
        HomeError: hardly any is indoors.
    """
    ground = place.graph(FLY_BODY).ground
    for _ in range(_TRIES):
        floor = ground.points(rng.choice(rooms[int(rng.integers(len(rooms)))], 1))[0]
        low = floor + (0.0, 0.0, LOWEST_M)
        above_m = float(caster.cast(low[None], np.array([[0.0, 0.0, 1.0]])).reach[0])
        point = low + (0.0, 0.0, rng.uniform(0.0, max(min(above_m, HIGHEST_M) - CLEAR_M, 0.0)))
        if place.has_inside(point[None])[0]:
            return point
    raise HomeError(f"{place.scene.name!r} has hardly any room indoors to fly in; set outdoors: true (--outdoors)")
