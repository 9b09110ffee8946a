"""`HomeFile` -> `Scene`: the parts in the program's order, so that ids stay the same from one build to the next."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ParamSpec

import numpy as np
import shapely

from scenes.build.categories import category, inclines_on_boxes, stair_boxes
from scenes.build.draft import Draft, pack
from scenes.build.frames import CM, to_world
from scenes.build.furniture import Furnisher
from scenes.build.ground import GroundPlan, ground_surfaces
from scenes.build.labels import label_surface
from scenes.build.levels import GROUND_NAME, Levels, names_of
from scenes.build.lines import polyline_surface
from scenes.build.openings import Opening, find_openings
from scenes.build.palette import Palette, rgb
from scenes.build.pieces import PlacedPiece, placed_pieces, turn
from scenes.build.regions import region
from scenes.build.roofline import Roofline
from scenes.build.rooms import DrawnRoom, RoomBuilder, drawn_rooms
from scenes.build.sanity import LARGEST_CM, require_few_overlaps, sane
from scenes.build.staircases import find_stair_holes
from scenes.build.surface import Surface
from scenes.build.wall_frame import wall_frame
from scenes.build.wall_outline import Outline, outlines
from scenes.build.walls import baseboard_surfaces, wall_surfaces
from scenes.errors import HomeError, reading
from scenes.home.fields import Color
from scenes.home.furniture import Light as HomeLight
from scenes.home.home import Environment, Home
from scenes.home.plan import Level as HomeLevel
from scenes.home.plan import Wall
from scenes.home.reader import HomeFile
from scenes.mesh import concatenate
from scenes.scene import NO_TEXTURE, Level, Light, Room, Scene, Surroundings, Viewpoint

SKY_COLOR, LIGHT_COLOR, GROUND_COLOR = Color(0xFFCCE4FC), Color(0xFFD0D0D0), Color(0xFFA8A8A8)
DEFAULT_FOV_DEG = 63.0
LARGEST_UV = 1e30

Given = ParamSpec("Given")


def build_scene(home_file: HomeFile) -> Scene:
    """Builds everything that is visible in a home; what cannot be built becomes a warning.

    A home without a level is given one at 0. Levels that are not viewable are left out, as in the program's 3D view;
    those merely hidden when the file was saved are built.
    """
    home, warnings = sane(home_file.home)
    return _Builder(home, home_file, [*home_file.warnings, *warnings]).scene()


@dataclass
class _Builder:
    """One build: what its stages share."""

    home: Home
    home_file: HomeFile
    warnings: list[str]

    def __post_init__(self) -> None:
        self.levels = Levels.of(self.home)
        self.palette = Palette(self.home_file.contents)
        self.furnisher = Furnisher(self.palette, self.home.version)
        self.pieces = placed_pieces(self.home, self.levels)
        self.rooms = drawn_rooms(self.home, self.levels)
        for level in {drawn.level for drawn in self.rooms}:
            require_few_overlaps("the plan of the rooms", [drawn.area for drawn in self.rooms if drawn.level is level])
        self.stairs = find_stair_holes(self.pieces, self.warnings)
        self.walls = self._unique_walls()
        self.shown = [level for level in self.levels.sorted if level.viewable]
        self.level_index = {level.id: i for i, level in enumerate(self.shown)}

    def scene(self) -> Scene:
        plain = outlines(self.walls, {}, {})
        for level in {wall.level for wall in self.walls}:
            require_few_overlaps("the plan of the walls", [region(plain[w.id]) for w in self.walls if w.level == level])
        drafts = self._ground(plain) + self._walls(plain) + self._rooms(plain) + self._lines() + self._pieces()
        arrays = pack(_with_distinct_sources(drafts))
        ids = {instance.source: instance.id for instance in arrays.instances}
        surroundings = self._surroundings()
        hidden = [
            f"level {level.name!r} is not viewable: left out" for level in self.levels.sorted if not level.viewable
        ]
        return Scene(
            name=self.home_file.name,
            levels=self._scene_levels(),
            rooms=tuple(self._scene_room(drawn) for drawn in self.rooms),
            instances=arrays.instances,
            parts=arrays.parts,
            materials=tuple(self.palette.materials),
            textures=tuple(self.palette.textures),
            lights=tuple(light for placed in self.pieces for light in self._lamps(placed, ids)),
            viewpoints=tuple(self._viewpoints()),
            surroundings=surroundings,
            warnings=(*self.warnings, *hidden, *self.palette.warnings, *self.furnisher.warnings()),
            vertices=arrays.vertices,
            normals=arrays.normals,
            uvs=arrays.uvs,
            triangles=arrays.triangles,
        )

    def _unique_walls(self) -> list[Wall]:
        """Walls on viewable levels; a second one with the same id is left out."""
        seen: dict[str, Wall] = {}
        for wall in self.home.walls:
            if wall.id in seen:
                self.warnings.append(f"left out a second wall with id {wall.id!r}")
            else:
                seen[wall.id] = wall
        return list(seen.values())

    def _ground(self, plain: dict[str, Outline]) -> list[Draft]:
        walls = [(wall, plain[wall.id]) for wall in self.walls if self._is_shown(wall)]
        plan = GroundPlan(walls, self.rooms, self.pieces, self.stairs, self.levels)
        surfaces = self._guarded("the ground", ground_surfaces, plan, self.home, self.palette)
        return [Draft("ground", "ground", "ground", 0, surfaces)]

    def _guarded(
        self,
        what: str,
        build: Callable[Given, list[Surface] | Surface | None],
        *given: Given.args,
        **named: Given.kwargs,
    ) -> list[Surface]:
        """The surfaces of one thing; none, and a warning, where they cannot be built: it is left out, not the home."""
        try:
            with reading("it cannot be built"):
                built = build(*given, **named)
                surfaces = built if isinstance(built, list) else [built] if built is not None else []
                if not all(map(_is_finite, surfaces)):
                    raise HomeError("its coordinates are no numbers, or beyond any home")
                return surfaces
        except HomeError as error:
            self.warnings.append(f"left out {what}: {error}")
            return []

    def _walls(self, plain: dict[str, Outline]) -> list[Draft]:
        openings = find_openings(self.pieces, self.furnisher, self.levels, self.warnings)
        left = {w.id: w.left_side_baseboard.thickness for w in self.walls if w.left_side_baseboard}
        right = {w.id: w.right_side_baseboard.thickness for w in self.walls if w.right_side_baseboard}
        wide = outlines(self.walls, left, right)
        near = _Near(openings)

        def surfaces(wall: Wall) -> list[Surface]:
            frame, cut_by = wall_frame(wall, plain[wall.id], self.levels), near.to(wide[wall.id])
            found = wall_surfaces(frame, cut_by, self.palette)
            return found + baseboard_surfaces(frame, wide[wall.id], cut_by, self.palette)

        drafts = []
        for index, wall in enumerate(self.walls):
            if self._is_shown(wall):
                built = self._guarded(f"wall {wall.id!r}", surfaces, wall)
                drafts.append(Draft(wall.id, f"wall {index}", "wall", self._level_of(wall.level), built))
        return drafts

    def _rooms(self, plain: dict[str, Outline]) -> list[Draft]:
        roofline = Roofline([(wall, plain[wall.id]) for wall in self.walls], self.levels)
        builder = RoomBuilder(self.rooms, self.stairs, self.levels, roofline, self.palette)
        drafts = []
        for drawn in self.rooms:
            level = self._level_of(drawn.room.level)
            for kind, build in (("floor", builder.floor), ("ceiling", builder.ceiling)):
                surfaces = self._guarded(f"the {kind} of {drawn.label}", build, drawn)
                drafts.append(Draft(f"{drawn.source}/{kind}", drawn.room.name or "", kind, level, surfaces))
        return drafts

    def _lines(self) -> list[Draft]:
        drafts = []
        for index, polyline in enumerate(self.home.polylines):
            if self.levels.is_viewable(self.levels.get(polyline.level)):
                source = polyline.id or f"polyline[{index}]"
                surfaces = self._guarded(f"polyline {source}", polyline_surface, polyline, self.levels, self.palette)
                drafts.append(Draft(source, source, "line", self._level_of(polyline.level), surfaces))
        for index, label in enumerate(self.home.labels):
            if self.levels.is_viewable(self.levels.get(label.level)):
                source = label.id or f"label[{index}]"
                surfaces = self._guarded(f"label {source}", label_surface, label, self.levels, self.palette)
                drafts.append(Draft(source, label.text, "label", self._level_of(label.level), surfaces))
        return drafts

    def _pieces(self) -> list[Draft]:
        floors = [0.0, *(level.elevation * CM for level in self.levels.sorted)]
        drafts = []
        for placed in self.pieces:
            surfaces = self._guarded(f"piece {placed.label}", self.furnisher.surfaces, placed)
            mesh = concatenate([surface.mesh for surface in surfaces])
            kind = category(placed, mesh, floors, self.rooms) if len(mesh.triangles) else "furniture"
            level = self._level_of(placed.piece.level)
            piece = placed.piece
            stand_in = self.furnisher.is_stand_in(placed)
            drafts.append(
                Draft(placed.source, piece.name, kind, level, surfaces, piece.catalog_id, piece.movable, stand_in)
            )
        loose = [
            (i, concatenate([surface.mesh for surface in draft.surfaces]))
            for i, draft in enumerate(drafts)
            if draft.category == "furniture" and draft.surfaces
        ]
        kinds = dict.fromkeys(inclines_on_boxes(loose, floors), "ramp") | dict.fromkeys(
            stair_boxes(loose, floors), "stair"
        )
        return [replace(draft, category=kinds.get(i, draft.category)) for i, draft in enumerate(drafts)]

    def _is_shown(self, wall: Wall) -> bool:
        return self.levels.is_viewable(self.levels.get(wall.level))

    def _level_of(self, level_id: str | None) -> int:
        """The index of a level; of the one that holds elevation 0 for what has no level."""
        if level_id in self.level_index:
            return self.level_index[level_id]
        below = [i for i, level in enumerate(self.shown) if level.elevation <= 0]
        return below[-1] if below else 0

    def _scene_levels(self) -> tuple[Level, ...]:
        if not self.shown:
            return (Level(GROUND_NAME, 0.0, self.home.wall_height * CM, 0.0),)
        names = names_of(self.shown)

        def scene_level(level: HomeLevel) -> Level:
            slab = self.levels.slab_cm(level)
            return Level(names[level.id], level.elevation * CM, level.height * CM, slab * CM)

        return tuple(scene_level(level) for level in self.shown)

    def _scene_room(self, drawn: DrawnRoom) -> Room:
        points = to_world([(point.x, point.y) for point in drawn.room.points], 0.0)
        return Room(
            source=drawn.source,
            name=drawn.room.name or "",
            level=self._level_of(drawn.room.level),
            area_m2=drawn.area.area * CM * CM,
            polygon=tuple((float(x), float(y)) for x, y, _ in points),
            has_floor=drawn.room.floor_visible,
            has_ceiling=drawn.room.ceiling_visible,
        )

    def _lamps(self, placed: PlacedPiece, ids: dict[str, int]) -> list[Light]:
        piece = placed.piece
        if not isinstance(piece, HomeLight):
            return []
        found = []
        for source in piece.light_sources:
            offset = np.array([(source.x - 0.5) * piece.width, (0.5 - source.y) * piece.depth])
            plan = turn(piece.angle) @ offset + [piece.x, piece.y]
            position = to_world(plan, placed.ground_elevation_cm + source.z * piece.height).tolist()
            diameter = (source.diameter or 0.0) * piece.width * CM
            point = (position[0], position[1], position[2])
            found.append(Light(point, rgb(source.color), piece.power, diameter, ids.get(placed.source, 0)))
        return found

    def _viewpoints(self) -> list[Viewpoint]:
        found = []
        for index, camera in enumerate(self.home.cameras):
            x, y, z = to_world([camera.x, camera.y], camera.z).tolist()
            fov = math.degrees(camera.field_of_view) or DEFAULT_FOV_DEG
            role = camera.role if camera.role != "storedCamera" else None
            name = camera.name or role or f"camera {index}"
            yaw = (-90.0 - math.degrees(camera.yaw)) % 360.0
            found.append(Viewpoint(name, (x, y, z), yaw, -math.degrees(camera.pitch), fov))
        return found

    def _surroundings(self) -> Surroundings:
        environment = self.home.environment or Environment()
        compass = self.home.compass
        sky = environment.sky_texture
        sky_texture = self.palette.texture(sky.image, sky.name, "the sky") if sky is not None else NO_TEXTURE
        return Surroundings(
            ground_color=rgb(environment.ground_color if environment.ground_color is not None else GROUND_COLOR),
            sky_color=rgb(environment.sky_color if environment.sky_color is not None else SKY_COLOR),
            light_color=rgb(environment.light_color if environment.light_color is not None else LIGHT_COLOR),
            sky_texture=sky_texture,
            north_deg=-math.degrees(compass.north_direction) if compass else 0.0,
            latitude_deg=math.degrees(compass.latitude or 0.0) if compass else 0.0,
            longitude_deg=math.degrees(compass.longitude or 0.0) if compass else 0.0,
        )


class _Near:
    """Finds the openings whose rectangle meets a wall's outline, at any height."""

    def __init__(self, openings: list[Opening]) -> None:
        self.openings = openings
        self.tree = shapely.STRtree([opening.area for opening in openings])

    def to(self, outline: Outline) -> list[Opening]:
        """The openings near a wall, in their order."""
        return [self.openings[i] for i in sorted(self.tree.query(region(outline), predicate="intersects"))]


def _is_finite(surface: Surface) -> bool:
    """Whether all coordinates of a surface are numbers that float32 holds, and its points within reach."""
    mesh = surface.mesh
    tables = ((mesh.positions, LARGEST_CM * CM * 10), (mesh.normals, 2.0), (mesh.uvs, LARGEST_UV))
    return all(bool((np.abs(table) <= largest).all()) for table, largest in tables)


def _with_distinct_sources(drafts: list[Draft]) -> list[Draft]:
    """Drafts whose sources are told apart, should a file use an id twice: `id`, `id#2`."""
    seen: Counter[str] = Counter()
    found = []
    for draft in drafts:
        seen[draft.source] += 1
        count = seen[draft.source]
        found.append(draft if count == 1 else replace(draft, source=f"{draft.source}#{count}"))
    return found
