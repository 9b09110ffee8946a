"""Taking shots: a renderer behind a sensor model, frame by frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from sim.frame import Frame, Renderer, View
from sim.sensors import SensorModel, interpolate_poses
from sim.shots import Shot

CUT_M = 1.0
"""Shots farther apart than this are a cut, not a motion."""


def take(
    renderer: Renderer, shots: Sequence[Shot], sensor: SensorModel | None, seed: int
) -> Iterator[tuple[Shot, Frame]]:
    """The frame of each shot, in order; through a sensor model if there is one.

    Randomness is seeded by (seed, index), so a frame is the same whatever is taken before it.
    """
    if sensor is None:
        for shot in shots:
            yield shot, renderer.render(shot.view.intrinsics, shot.view.T_world_camera)
        return
    index = 0
    for run in _runs(shots):
        view_at = _between(run)
        for shot in run:
            yield shot, sensor.capture(renderer.render, view_at, shot.time_s, np.random.default_rng([seed, index]))
            index += 1


def _runs(shots: Sequence[Shot]) -> Iterator[Sequence[Shot]]:
    """The shots parted where the camera jumps: no exposure spans a cut."""
    positions = np.array([shot.view.T_world_camera[:3, 3] for shot in shots])
    cuts = np.flatnonzero(np.linalg.norm(np.diff(positions, axis=0), axis=1) > CUT_M) + 1
    edges = [0, *cuts.tolist(), len(shots)]
    return (shots[start:end] for start, end in pairwise(edges))


def _between(shots: Sequence[Shot]) -> Callable[[float], View]:
    """The camera at any time: poses and focal lengths in between shots are interpolated."""
    times = [shot.time_s for shot in shots]
    pose_at = interpolate_poses(times, [shot.view.T_world_camera for shot in shots])
    focal = np.array([(shot.view.intrinsics.fx, shot.view.intrinsics.fy) for shot in shots])
    camera = shots[0].view.intrinsics

    def view_at(time_s: float) -> View:
        fx, fy = (float(np.interp(time_s, times, focal[:, axis])) for axis in (0, 1))
        return View(replace(camera, fx=fx, fy=fy), pose_at(time_s))

    return view_at
