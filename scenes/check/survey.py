"""`Survey`: a home and its scene, measured once for all rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from scenes import overlay
from scenes.build.frames import CM
from scenes.build.levels import Levels
from scenes.build.pieces import PlacedPiece, placed_pieces
from scenes.build.regions import region
from scenes.build.rooms import drawn_rooms
from scenes.build.sanity import sane
from scenes.build.staircases import StairHole, find_stair_holes
from scenes.build.wall_frame import wall_frame
from scenes.build.wall_outline import outlines
from scenes.check.doorways import Doorway, find_doorways
from scenes.check.elements import SurveyedPiece, SurveyedRoom, SurveyedWall, to_world_plan
from scenes.check.finding import Body
from scenes.check.flights import Flight, flights_of
from scenes.connectors import Connector, find_connectors
from scenes.home.home import Home
from scenes.home.plan import Wall
from scenes.home.reader import HomeFile
from scenes.mesh import Floats
from scenes.scene import Instance, Scene
from scenes.surfaces import Surfaces

BUILDING = ("wall", "floor", "ceiling", "ground", "door", "window")
"""Categories of what pieces stand on, hang from or are fixed to."""
TREADABLE = ("floor", "ground", "stair", "ramp", "furniture")
"""Categories of what a body can stand on."""
LEAST_SIZE_M = 1e-3


@dataclass(frozen=True)
class Survey:
    """A home as the rules see it. `nothings`: walls without length and rooms without area, which are left out else."""

    scene: Scene
    body: Body
    walls: tuple[SurveyedWall, ...]
    rooms: tuple[SurveyedRoom, ...]
    pieces: tuple[SurveyedPiece, ...]
    stair_holes: tuple[tuple[SurveyedPiece, StairHole], ...]
    nothings: tuple[SurveyedWall | SurveyedRoom, ...]
    known_connectors: Sequence[Connector] | None

    @cached_property
    def surfaces(self) -> Surfaces:
        """All triangles of the scene."""
        return Surfaces.of(self.scene, {instance.id for instance in self.scene.instances})

    @cached_property
    def treadable(self) -> Surfaces:
        """The triangles of what a body can stand on."""
        return Surfaces.of(self.scene, {i.id for i in self.scene.instances if i.category in TREADABLE})

    @cached_property
    def building(self) -> Surfaces:
        """The triangles of what pieces stand on, hang from or are fixed to."""
        return Surfaces.of(self.scene, {i.id for i in self.scene.instances if i.category in BUILDING})

    @cached_property
    def instances(self) -> dict[int, Instance]:
        """The scene's instances by id."""
        return {instance.id: instance for instance in self.scene.instances}

    @cached_property
    def doorways(self) -> list[Doorway]:
        """The doors that stand in a wall and that one can go through."""
        return find_doorways(self.scene, self.pieces, self.walls_of)

    @cached_property
    def flights(self) -> list[Flight]:
        """Stairs and inclines."""
        return [flight for flight in self.ways_up if not flight.is_step]

    @cached_property
    def ways_up(self) -> list[Flight]:
        """Stairs, inclines, and pieces that are a step or two."""
        known = self.known_connectors
        return flights_of(find_connectors(self.scene) if known is None else known, self.pieces)

    @cached_property
    def _wall_tree(self) -> shapely.STRtree:
        return shapely.STRtree([wall.area for wall in self.walls])

    def walls_near(self, area: BaseGeometry, reach_m: float) -> list[SurveyedWall]:
        """The walls of all levels that come this near to an area on the plan."""
        found = self._wall_tree.query(area, predicate="dwithin", distance=reach_m)
        return [self.walls[i] for i in sorted(found.tolist())]

    def walls_of(self, piece: SurveyedPiece) -> tuple[SurveyedWall, ...]:
        """The walls that a door or window cuts, on any level."""
        return tuple(
            wall
            for wall in self.walls_near(piece.area, 0.0)
            if wall.bottom_m < piece.top_m
            and wall.top_m > piece.bottom_m
            and overlay.intersection(wall.area, piece.area).area > 1e-4
        )

    @cached_property
    def _boxes(self) -> Floats:
        """The boxes (N, 2, 3) around the instances."""
        return np.array([instance.bounds_m for instance in self.scene.instances], np.float64).reshape(-1, 2, 3)

    def near(self, point: Floats, reach_m: float) -> list[Instance]:
        """The instances whose boxes come this near to a plan point, along both axes."""
        low, high = self._boxes[:, 0, :2], self._boxes[:, 1, :2]
        found = ((low <= point + reach_m) & (high >= point - reach_m)).all(axis=1)
        return [self.scene.instances[i] for i in np.flatnonzero(found).tolist()]

    def solid_at(self, height_m: float) -> BaseGeometry:
        """The plan area of all walls at a height, doors and windows not cut."""
        return overlay.union([wall.area for wall in self.walls if wall.bottom_m < height_m < wall.top_m])

    def level_name(self, index: int) -> str:
        """The name of a level by its index in the scene."""
        return self.scene.levels[index].name


def survey(home_file: HomeFile, scene: Scene, body: Body, connectors: Sequence[Connector] | None = None) -> Survey:
    """Measures a home; `scene` is what was built of it, `connectors` what is known to be in it."""
    home, _ = sane(home_file.home)
    levels = Levels.of(home)
    shown = [level for level in levels.sorted if level.viewable]
    index_of = {level.id: index for index, level in enumerate(shown)}
    at_zero = max((i for i, level in enumerate(shown) if level.elevation <= 0), default=0)
    instances: dict[str, Instance] = {}
    for instance in scene.instances:
        instances.setdefault(instance.source, instance)
    pieces: list[SurveyedPiece] = []
    holes: list[tuple[SurveyedPiece, StairHole]] = []
    for placed in placed_pieces(home, levels):
        level = index_of.get(placed.piece.level or "", at_zero)
        pieces.append(_piece(placed, instances.get(placed.source), level))
        holes += [(pieces[-1], hole) for hole in find_stair_holes([placed], [])]
    walls = _walls(home, levels, index_of, at_zero)
    drawn_in_scene = [room for room in scene.rooms if not room.added]
    rooms = [
        SurveyedRoom(room, to_world_plan(drawn.area), drawn.floor_cm * CM, levels.slab_cm(drawn.level) * CM)
        for drawn, room in zip(drawn_rooms(home, levels), drawn_in_scene, strict=True)
    ]
    return Survey(
        scene=scene,
        body=body,
        walls=tuple(wall for wall in walls if not wall.is_nothing),
        rooms=tuple(room for room in rooms if not room.area.is_empty),
        pieces=tuple(pieces),
        stair_holes=tuple(holes),
        nothings=(*(w for w in walls if w.is_nothing), *(room for room in rooms if room.area.is_empty)),
        known_connectors=connectors,
    )


def _walls(home: Home, levels: Levels, index_of: dict[str, int], at_zero: int) -> list[SurveyedWall]:
    first: dict[str, Wall] = {}
    for wall in home.walls:
        first.setdefault(wall.id, wall)
    plain = outlines(list(first.values()), {}, {})
    found = []
    for wall in first.values():
        if not levels.is_viewable(levels.get(wall.level)):
            continue
        frame = wall_frame(wall, plain[wall.id], levels)
        ends = np.array([[wall.x_start, -wall.y_start], [wall.x_end, -wall.y_end]]) * CM

        def top(points: Floats, heights: Callable[[Floats], Floats] = frame.top) -> Floats:
            return heights(points * [1 / CM, -1 / CM]) * CM

        area = to_world_plan(region(plain[wall.id]))
        found.append(SurveyedWall(wall, index_of.get(wall.level or "", at_zero), area, ends, frame.bottom_cm * CM, top))
    return found


def _piece(placed: PlacedPiece, instance: Instance | None, level: int) -> SurveyedPiece:
    bottom = placed.ground_elevation_cm * CM
    bounds = (bottom, bottom + placed.plan_size_cm[2] * CM)
    if instance is not None:
        bounds = (instance.bounds_m[0][2], instance.bounds_m[1][2])
    area = to_world_plan(region(placed.footprint()))
    if area.is_empty:
        area = overlay.buffer(shapely.Point(placed.piece.x * CM, -placed.piece.y * CM), LEAST_SIZE_M)
    return SurveyedPiece(placed, instance, level, area, *bounds)
