"""What shines on a home: sky, sun and lamps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from scenes import overlay
from scenes.scene import Point3, Room, Scene
from sim.light.presets import Preset
from sim.light.sun import sun_direction
from sim.light.surfaces import linear, reflected_by_ground

Floats32 = npt.NDArray[np.float32]

LAMP_LIGHT = 0.15
"""Light on a surface that faces a lamp of power 1 from 1 m."""
PLAIN_COLOR = (1.0, 0.92, 0.8)
_PLAIN_POWER, _PLAIN_AREA_M2 = 0.5, 16.0
_BELOW_CEILING_M = 0.3
_SMALLEST_ROOM_M2 = 1.0
_SMALLEST_RADIUS_M = 0.05
_SKY_TINT = 0.5


@dataclass(frozen=True)
class Lamp:
    """A ball of light. `light`: linear RGB on a surface that faces it from 1 m."""

    position: Point3
    light: tuple[float, float, float]
    radius_m: float


@dataclass(frozen=True)
class Sources:
    """What shines. All light is linear RGB, (3,) float32; 1 is the light under a free sky by day.

    Attributes:
        sky: from above the horizon; ground: from below it, where no ground is drawn.
        sun: on a surface that faces it; sun_direction: unit vector to it.
        lamps: the lamps that are on; glow: factor of glowing materials.
    """

    sky: Floats32
    ground: Floats32
    sun: Floats32
    sun_direction: Point3
    lamps: tuple[Lamp, ...]
    glow: float


def sources_of(scene: Scene, preset: Preset) -> Sources:
    """What shines on a home under a preset."""
    around = scene.surroundings
    tint = linear(around.sky_color)
    tint = 1 + np.float32(_SKY_TINT) * (tint / max(float(tint.mean()), 1e-3) - 1)
    sky = np.array(preset.sky, np.float32) * tint
    direction = sun_direction(around, preset.hour)
    sun = np.array(preset.sun, np.float32) if direction[2] > 0 else np.zeros(3, np.float32)
    on_ground = sky + sun * np.float32(max(direction[2], 0.0))
    ground = reflected_by_ground(linear(around.ground_color)) * on_ground
    return Sources(sky, ground, sun, direction, _lamps(scene, preset), preset.lamps)


def _lamps(scene: Scene, preset: Preset) -> tuple[Lamp, ...]:
    """The home's lamps, and one for each room with a ceiling and without a lamp, as the program's photos have it."""
    own = [
        _lamp(one.position, one.color, preset.lamps * one.power, one.diameter_m)
        for one in scene.lights
        if one.power > 0
    ]
    places = shapely.points([lamp.position[:2] for lamp in own] or np.zeros((0, 2)))
    heights = np.array([lamp.position[2] for lamp in own])
    for room in scene.rooms:
        if not room.has_ceiling or room.area_m2 < _SMALLEST_ROOM_M2:
            continue
        area = overlay.valid(shapely.Polygon(room.polygon))
        level = scene.levels[room.level]
        over = heights - level.elevation_m
        if np.any(shapely.covers(area, places) & (over > 0) & (over < level.height_m)):
            continue
        x, y = shapely.maximum_inscribed_circle(area, tolerance=0.05).coords[0]
        power = _PLAIN_POWER * min(max(room.area_m2 / _PLAIN_AREA_M2, 0.5), 2.0)
        own.append(_lamp((x, y, _under_ceiling(scene, room)), PLAIN_COLOR, preset.lamps * power, 0.3))
    return tuple(own)


def _under_ceiling(scene: Scene, room: Room) -> float:
    """The height of a lamp below the lowest point of a room's ceiling, m."""
    level = scene.levels[room.level]
    ceilings = [one for one in scene.instances if one.source == f"{room.source}/ceiling"]
    top = min((one.bounds_m[0][2] for one in ceilings), default=level.elevation_m + level.height_m)
    return max(top - _BELOW_CEILING_M, level.elevation_m + 0.5)


def _lamp(position: Point3, color: tuple[float, float, float], power: float, diameter_m: float) -> Lamp:
    red, green, blue = (LAMP_LIGHT * power * linear(color)).tolist()
    return Lamp(position, (red, green, blue), max(diameter_m / 2, _SMALLEST_RADIUS_M))
