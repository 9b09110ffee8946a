"""Episodes of free-flying viewpoints: anywhere in the rooms that there is air, looking anywhere."""

from __future__ import annotations

import numpy as np

from datagen.collect.moment import Moment, Moments
from datagen.collect.place import Place
from datagen.config import Config
from datagen.tasks import Task, generator, random_seed
from sim.camera import Intrinsics, pose_looking
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


def fly_moments(place: Place, config: Config, task: Task) -> Moments:
    """Independent viewpoints, each in a random room; there are no actions."""
    rng = generator(config, "path", task.index)
    graph = place.graph(FLY_BODY)
    ground, triangles = graph.ground, place.scene.triangles
    caster = RayCaster(place.scene.vertices, triangles[place.scene.triangle_instances() > 0])
    rooms = [np.flatnonzero(ground.room == room) for room in np.unique(ground.room[ground.room >= 0])]
    rooms = rooms or [np.arange(len(ground.cell))]
    intrinsics = Intrinsics.from_fov(*config.size, config.fov_deg)
    place.traffic.begin(random_seed(generator(config, "traffic", task.index)))
    for step in range(config.most_frames(task.policy)):
        floor = ground.points(rng.choice(rooms[int(rng.integers(len(rooms)))], 1))[0]
        low = floor + (0.0, 0.0, LOWEST_M)
        above_m = float(caster.cast(low[None], np.array([[0.0, 0.0, 1.0]])).reach[0])
        height_m = rng.uniform(0.0, max(min(above_m, HIGHEST_M) - CLEAR_M, 0.0))
        yaw_deg, pitch_deg = rng.uniform(-180, 180), float(np.clip(PITCH_DEG * rng.standard_normal(), -80, 80))
        pose = pose_looking(low + (0.0, 0.0, height_m), yaw_deg, pitch_deg)
        yield Moment(step * FRAME_S, View(intrinsics, pose), "fly", bodies=place.bodies())
        if place.is_busy:
            place.traffic.advance(FRAME_S)
    return "done"
