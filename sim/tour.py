"""Tours: a look around at each stop of a home."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scenes.errors import HomeError
from scenes.scene import Scene
from scenes.spaces import spaces_of
from sim.camera import pose_looking
from sim.stops import DIRECTIONS, Stop, find_stops

PITCHES_DEG = (-8.0, -30.0, 15.0)
"""Of the first turn at a stop, and of further ones."""
PITCH_DEG = PITCHES_DEG[0]
_FRAMES_PER_STOP = 12
"""With more frames for each room there are more stops, so that the tour moves."""
_FRAMES_PER_TURN = 24


@dataclass(frozen=True)
class TourPose:
    """A camera pose of a tour. `T_world_camera`: (4, 4)."""

    T_world_camera: npt.NDArray[np.float64]
    level: str
    room: str


def tour(scene: Scene, frames: int, *, outdoors: bool = False) -> list[TourPose]:
    """Return the poses of `frames` frames: the stops in turn, at each a turn in equal steps past what stands near.

    With fewer frames than rooms, rooms are left out evenly. `outdoors`: terraces and gardens, too.

    Raises:
        HomeError: there is nowhere to stand.
    """
    stops = stops_or_error(scene, outdoors=outdoors, least=-(-frames // _FRAMES_PER_STOP))
    if frames < len(stops):
        stops = [stops[i * len(stops) // frames] for i in range(frames)]
    shares = [(i + 1) * frames // len(stops) - i * frames // len(stops) for i in range(len(stops))]
    return [
        TourPose(pose_looking(stop.position, yaw_deg, pitch_deg), stop.level, stop.room)
        for stop, share in zip(stops, shares, strict=True)
        for yaw_deg, pitch_deg in _turns(stop, share)
    ]


def stops_or_error(scene: Scene, *, outdoors: bool = False, least: int = 0) -> list[Stop]:
    """Return the stops of a home, one at least.

    Raises:
        HomeError: there is nowhere to stand; the message says how it can be had.
    """
    stops = find_stops(scene, outdoors=outdoors, least=least)
    if stops:
        return stops
    if not any(instance.category in ("wall", "floor") for instance in scene.instances):
        raise HomeError(f"{scene.name!r} has neither rooms nor walls to look at; give poses with --path FILE")
    if not outdoors:
        require_outline(scene)
    raise HomeError(f"{scene.name!r} has no room to stand in; give poses with --path FILE")


def require_outline(scene: Scene) -> None:
    """Check that a home has an inside.

    Raises:
        HomeError: no rooms or walls enclose anything; says how it can be shown all the same.
    """
    if not spaces_of(scene).has_outline:
        raise HomeError(
            f"{scene.name!r} has no closed outline of rooms or walls, so nothing is indoors: draw rooms, close the "
            "gaps between its walls, or ask for --outdoors (outdoors: true)"
        )


def locate(scene: Scene, position: Sequence[float]) -> tuple[str, str]:
    """Return the names of the level and the room that a point (x, y, z) is in; the room is '' outside of all rooms."""
    return spaces_of(scene).locate(position)


def _turns(stop: Stop, frames: int) -> Iterator[tuple[float, float]]:
    """Yield yaw and pitch, degrees, of so many views from a stop, evenly over the directions that are open."""
    after = np.array(sorted(stop.open_deg, key=lambda yaw_deg: (yaw_deg - stop.yaw_deg) % 360.0))
    turns = -(-frames // _FRAMES_PER_TURN)
    for turn in range(turns):
        share = (turn + 1) * frames // turns - turn * frames // turns
        at = np.arange(share) * len(after) / share
        step_deg = 360.0 / DIRECTIONS * (at % 1.0)
        for yaw_deg in after[at.astype(int)] + step_deg:
            yield float(yaw_deg), PITCHES_DEG[turn % len(PITCHES_DEG)]
