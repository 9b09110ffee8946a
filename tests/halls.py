"""Empty halls with walls around, and drives in them whose figures can be worked out by hand."""

from __future__ import annotations

from pathlib import Path

from scenes.draw import Drawing
from scenes.library import load_scene
from sim.episodes import scene_hash
from sim.experts.parameters import ROUTE_NAV
from train.driving.sets import DriveEpisode, DriveSet, Kind

WALL_M = 0.1
RADIUS_M = 0.2
"""Of the body that drives."""


def hall(folder: Path, length_m: float, width_m: float) -> str:
    """The file of a hall whose inside is 0..length_m along x and -width_m..0 along y."""
    home = Drawing("hall")
    half = 50 * WALL_M
    x, y = 100 * length_m + half, 100 * width_m + half
    ground = home.flat()
    ground.walls([(-half, -half), (x, -half), (x, y), (-half, y)], closed=True, thickness=100 * WALL_M)
    ground.room("Hall", [(0, 0), (x - half, 0), (x - half, y - half), (0, y - half)])
    path = folder / "hall.sh3d"
    home.save(path)
    return str(path)


def drives(
    home: str, starts: list[tuple[float, float, float]], goal: tuple[float, float], kind: Kind = "route"
) -> DriveSet:
    """Drives from places and headings (x, y, yaw_deg) to one goal in an empty hall, as the crow flies."""
    episodes = tuple(
        DriveEpisode(
            (x, y, 0.0), yaw_deg, ((*goal, 0.0),), ((goal[0] - x) ** 2 + (goal[1] - y) ** 2) ** 0.5, expert_actions=40
        )
        for x, y, yaw_deg in starts
    )
    return DriveSet("hall", home, scene_hash(load_scene(home)), kind, ROUTE_NAV, episodes)
