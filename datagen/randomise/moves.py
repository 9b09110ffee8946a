"""Pieces put elsewhere in a scene, or taken out of it; ids, numbers of triangles and all else stay."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from scenes.scene import Instance, Light, Point3, Scene
from sim.camera import Floats


def turn_and_shift(centre: Floats, turn_deg: float, shift_m: Floats) -> Floats:
    """4x4: a turn about the upright axis through a point (2,), counter-clockwise, then a shift (2,)."""
    cos, sin = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
    moved = np.eye(4)
    moved[:2, :2] = [[cos, -sin], [sin, cos]]
    moved[:2, 3] = centre + shift_m - moved[:2, :2] @ centre
    return moved


def with_moves(scene: Scene, moves: Mapping[int, Floats | None]) -> Scene:
    """A scene with instances moved by rigid 4x4 matrices about the upright axis, by their ids; None takes one out."""
    vertices, normals = scene.vertices.copy(), scene.normals.copy()
    for part in scene.parts:
        move = moves.get(part.instance)
        if move is not None:
            run = slice(part.first_vertex, part.first_vertex + part.vertices)
            vertices[run] = vertices[run] @ move[:3, :3].T + move[:3, 3]
            normals[run] = normals[run] @ move[:3, :3].T
    gone = {instance for instance, move in moves.items() if move is None}
    scene = dataclasses.replace(
        scene,
        vertices=vertices,
        normals=normals,
        parts=tuple(part for part in scene.parts if part.instance not in gone),
        lights=tuple(_moved_light(light, moves) for light in scene.lights if light.instance not in gone),
    )
    return dataclasses.replace(scene, instances=tuple(_bounded(scene, one, moves) for one in scene.instances))


def _moved_light(light: Light, moves: Mapping[int, Floats | None]) -> Light:
    move = moves.get(light.instance)
    if move is None:
        return light
    return dataclasses.replace(light, position=_point(move[:3, :3] @ light.position + move[:3, 3]))


def _bounded(scene: Scene, instance: Instance, moves: Mapping[int, Floats | None]) -> Instance:
    """An instance with the box around where it is now."""
    if moves.get(instance.id) is None:
        return instance
    runs = [
        scene.vertices[part.first_vertex : part.first_vertex + part.vertices] for part in scene.parts_of(instance.id)
    ]
    points = np.concatenate(runs)
    return dataclasses.replace(instance, bounds_m=(_point(points.min(axis=0)), _point(points.max(axis=0))))


def _point(values: np.ndarray[tuple[int, ...], np.dtype[np.floating]]) -> Point3:
    x, y, z = values.tolist()
    return x, y, z
