"""Light that comes straight from the sun and from lamps, with shadows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.light.points import ORIGINS, Points
from sim.light.rays import NONE, Caster, chunks
from sim.light.sources import Lamp, Sources

Floats32 = npt.NDArray[np.float32]

FARTHEST_M = 10.0
"""Lamps shine so far: the square of the distance is windowed to fall to 0 there."""
_RAYS_AT_ONCE = 1 << 20
_SUN_RADIUS = 0.00465


def direct_light(
    caster: Caster, points: Points, origins: Floats32, sides: Floats32, valid: npt.NDArray[np.bool_], sources: Sources
) -> Floats32:
    """Light (N, 3), linear RGB: the mean over the valid origins (N, ORIGINS) of each point; 0 where there is none."""
    normals = sides[:, None] * points.normals
    light = np.zeros((len(normals), 3), np.float32)
    weights = valid / np.maximum(valid.sum(axis=1, keepdims=True), 1)
    if np.any(sources.sun > 0):
        light += _sunlight(caster, normals, origins, weights.astype(np.float32), sources)
    for lamp in sources.lamps:
        _add_lamp(light, caster, normals, origins, valid, lamp)
    return light


def _sunlight(caster: Caster, normals: Floats32, origins: Floats32, weights: Floats32, sources: Sources) -> Floats32:
    sun = np.array(sources.sun_direction, np.float32)
    slant = normals @ sun
    light = np.zeros((len(normals), 3), np.float32)
    facing = np.flatnonzero((slant > 0) & (weights.sum(axis=1) > 0))
    for run in chunks(len(facing), _RAYS_AT_ONCE // ORIGINS):
        some = facing[run]
        rays = np.empty((len(some) * ORIGINS, 6), np.float32)
        rays[:, :3], rays[:, 3:] = origins[some].reshape(-1, 3), sun
        hits = caster.trace(rays)
        reached = np.repeat((hits.triangle == NONE).astype(np.float32)[:, None], 3, axis=1)
        reached[hits.tinted] *= hits.tint
        share = np.einsum("ij,ijk->ik", weights[some], reached.reshape(len(some), ORIGINS, 3))
        light[some] = share * slant[some, None] * sources.sun
    return light


def _add_lamp(
    light: Floats32,
    caster: Caster,
    normals: Floats32,
    origins: Floats32,
    valid: npt.NDArray[np.bool_],
    lamp: Lamp,
) -> None:
    """Adds the light of a lamp: as the inverse square of the distance, windowed to end at `FARTHEST_M`.

    The window is that of B. Karis, Real Shading in Unreal Engine 4 (SIGGRAPH 2013 course), (1 - (d / d_max)^4)^2.
    """
    center = np.array(lamp.position, np.float32)
    away = center - origins[:, 0]
    distance = np.sqrt(np.einsum("ij,ij->i", away, away))
    reached = (distance < FARTHEST_M) & (np.einsum("ij,ij->i", away, normals) > -lamp.radius_m) & valid.any(axis=1)
    some = np.flatnonzero(reached)
    picks = np.argsort(~valid[some], axis=1, kind="stable")[:, : len(_BALL)]
    usable = np.take_along_axis(valid[some], picks, axis=1)
    starts = np.take_along_axis(origins[some], picks[..., None], axis=1)
    ways = center + lamp.radius_m * _BALL - starts
    squares = np.einsum("ijk,ijk->ij", ways, ways)
    slant = np.maximum(np.einsum("ijk,ik->ij", ways, normals[some]), 0.0) / np.sqrt(squares)
    window = np.square(np.maximum(1 - np.square(squares / FARTHEST_M**2), 0.0))
    strength = slant * window / (squares + lamp.radius_m**2) * usable
    rays = np.concatenate([starts, ways], axis=2).reshape(-1, 6)
    wanted = np.flatnonzero(strength.reshape(-1) > 0)
    clear = np.zeros(len(rays), bool)
    clear[wanted] = caster.clear(rays[wanted])
    total = (strength * clear.reshape(strength.shape)).sum(axis=1) / np.maximum(usable.sum(axis=1), 1)
    light[some] += total[:, None] * np.array(lamp.light, np.float32)


_BALL = np.array([[1, 1, 1], [-1, -1, 1], [-1, 1, -1], [1, -1, -1]], np.float32) / np.float32(np.sqrt(3))
"""A tetrahedron's corners: where on a lamp its rays end."""
