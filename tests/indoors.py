"""An independent judge of views: rays at raw triangles, and polygons as the home draws them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from scenes.scene import Scene
from sim.frame import View
from sim.raycasting import RayCaster

LID = ("ceiling", "floor")
OVERHEAD_M = 6.0
NEAR_M = 0.7
APART_M, TURNED_DEG = 0.5, 10.0
_PIXELS = (16, 12)


@dataclass(frozen=True)
class Labelled:
    """A view with the names of the level and the room that it is said to be in."""

    view: View
    level: str
    room: str

    @property
    def at(self) -> npt.NDArray[np.float64]:
        """Where the camera is, (3,)."""
        return self.view.T_world_camera[:3, 3]

    @property
    def forward(self) -> npt.NDArray[np.float64]:
        """Where it looks, (3,)."""
        return self.view.T_world_camera[:3, 2]


class Judge:
    """Judges views of a scene."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        owners = scene.triangle_instances()
        categories = np.array(["", *(instance.category for instance in scene.instances)])[owners]
        self.has_ceilings = bool((categories == "ceiling").any())
        self._all = RayCaster(scene.vertices, scene.triangles[owners > 0])
        solid = (owners > 0) & ~np.isin(categories, ("light", "line", "label"))
        self._solid = RayCaster(scene.vertices, scene.triangles[solid])
        self._lids = RayCaster(scene.vertices, scene.triangles[np.isin(categories, LID)])

    def outdoors(self, views: Sequence[Labelled]) -> list[Labelled]:
        """Those with nothing underfoot, or, in a home with ceilings, nothing overhead."""
        points = np.array([view.at for view in views])
        up, down = (self._solid.cast(points, np.tile([0.0, 0.0, way], (len(points), 1))).reach for way in (1.0, -1.0))
        bad = (down >= OVERHEAD_M) | (self.has_ceilings & (up >= OVERHEAD_M))
        return [view for view, is_bad in zip(views, bad, strict=True) if is_bad]

    def mislabelled(self, views: Sequence[Labelled]) -> list[Labelled]:
        """Those that are not in a room of their label: on its plan, above its floor, no ceiling in between."""
        return [view for view in views if not self._is_labelled(view)]

    def _is_labelled(self, labelled: Labelled) -> bool:
        (level,) = (level for level in self.scene.levels if level.name == labelled.level)
        over_floor_m = labelled.at[2] - level.elevation_m
        if over_floor_m < 0 or over_floor_m > max(level.height_m, 1.0) + 3.0:
            return False
        lid_m = float(self._lids.cast(labelled.at[None], np.array([[0.0, 0.0, -1.0]])).reach[0])
        if lid_m < over_floor_m - 0.3:
            return False
        where = shapely.Point(labelled.at[:2])
        here = [room for room in self.scene.rooms if self.scene.levels[room.level] == level]
        there = {room.name for room in here if shapely.make_valid(shapely.Polygon(room.polygon)).covers(where)}
        return labelled.room in (there or {""})

    def near_shares(self, views: Sequence[Labelled]) -> list[float]:
        """The share of each image that is nearer than 0.7 m."""
        found = []
        for labelled in views:
            camera, pose = labelled.view.intrinsics, labelled.view.T_world_camera
            x = ((np.arange(_PIXELS[0]) + 0.5) / _PIXELS[0] * camera.width - camera.cx) / camera.fx
            y = ((np.arange(_PIXELS[1]) + 0.5) / _PIXELS[1] * camera.height - camera.cy) / camera.fy
            grid = np.stack([*np.meshgrid(x, y), np.ones(_PIXELS[::-1])], axis=-1).reshape(-1, 3)
            depth = self._all.cast(np.tile(labelled.at, (len(grid), 1)), grid @ pose[:3, :3].T).reach
            found.append(float((depth < NEAR_M).mean()))
        return found


def distinct_share(views: Sequence[Labelled]) -> float:
    """The share of views that are turned by over 10 degrees or moved by over 0.5 m from each one counted before."""
    counted: list[Labelled] = []
    cosine = math.cos(math.radians(TURNED_DEG))
    for view in views:
        if all(np.linalg.norm(view.at - o.at) > APART_M or view.forward @ o.forward < cosine for o in counted):
            counted.append(view)
    return len(counted) / len(views)
