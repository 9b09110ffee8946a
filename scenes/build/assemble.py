"""`HomeFile` -> `Scene`: the parts in the program's order, so that ids stay the same from one build to the next."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

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
from scenes.build.sanity import sane
from scenes.build.staircases import find_stair_holes
from scenes.build.wall_frame import wall_frame
from scenes.build.wall_outline import Outline, outlines
from scenes.build.walls import baseboard_surfaces, wall_surfaces
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
        self.stairs = find_stair_holes(self.pieces, self.warnings)
        self.walls = self._unique_walls()
        self.shown = [level for level in self.levels.sorted if level.viewable]
        self.level_index = {level.id: i for i, level in enumerate(self.shown)}

    def scene(self) -> Scene:
        plain = outlines(self.walls, {}, {})
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
        return [Draft("ground", "ground", "ground", 0, ground_surfaces(plan, self.home, self.palette))]

    def _walls(self, plain: dict[str, Outline]) -> list[Draft]:
        openings = find_openings(self.pieces, self.furnisher, self.levels, self.warnings)
        left = {w.id: w.left_side_baseboard.thickness for w in self.walls if w.left_side_baseboard}
        right = {w.id: w.right_side_baseboard.thickness for w in self.walls if w.right_side_baseboard}
        wide = outlines(self.walls, left, right)
        drafts = []
        for index, wall in enumerate(self.walls):
            if not self._is_shown(wall):
                continue
            frame = wall_frame(wall, plain[wall.id], self.levels)
            near = _near(openings, wide[wall.id])
            surfaces = wall_surfaces(frame, near, self.palette)
            surfaces += baseboard_surfaces(frame, wide[wall.id], near, self.palette)
            drafts.append(Draft(wall.id, f"wall {index}", "wall", self._level_of(wall.level), surfaces))
        return drafts

    def _rooms(self, plain: dict[str, Outline]) -> list[Draft]:
        roofline = Roofline([(wall, plain[wall.id]) for wall in self.walls], self.levels)
        builder = RoomBuilder(self.rooms, self.stairs, self.levels, roofline, self.palette)
        drafts = []
        for drawn in self.rooms:
            level = self._level_of(drawn.room.level)
            for kind, surface in (("floor", builder.floor(drawn)), ("ceiling", builder.ceiling(drawn))):
                surfaces = [surface] if surface is not None else []
                drafts.append(Draft(f"{drawn.source}/{kind}", drawn.room.name or "", kind, level, surfaces))
        return drafts

    def _lines(self) -> list[Draft]:
        drafts = []
        for index, polyline in enumerate(self.home.polylines):
            if self.levels.is_viewable(self.levels.get(polyline.level)):
                surface = polyline_surface(polyline, self.levels, self.palette)
                source = polyline.id or f"polyline[{index}]"
                drafts.append(
                    Draft(source, source, "line", self._level_of(polyline.level), [surface] if surface else [])
                )
        for index, label in enumerate(self.home.labels):
            if self.levels.is_viewable(self.levels.get(label.level)):
                mark = label_surface(label, self.levels, self.palette)
                source = label.id or f"label[{index}]"
                drafts.append(Draft(source, label.text, "label", self._level_of(label.level), [mark] if mark else []))
        return drafts

    def _pieces(self) -> list[Draft]:
        floors = [0.0, *(level.elevation * CM for level in self.levels.sorted)]
        drafts = []
        for placed in self.pieces:
            surfaces = self.furnisher.surfaces(placed)
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


def _near(openings: list[Opening], outline: Outline) -> list[Opening]:
    """The openings whose rectangle meets a wall's outline, at any height."""
    area = region(outline)
    return [opening for opening in openings if opening.area.intersects(area)]


def _with_distinct_sources(drafts: list[Draft]) -> list[Draft]:
    """Drafts whose sources are told apart, should a file use an id twice: `id`, `id#2`."""
    seen: Counter[str] = Counter()
    found = []
    for draft in drafts:
        seen[draft.source] += 1
        count = seen[draft.source]
        found.append(draft if count == 1 else replace(draft, source=f"{draft.source}#{count}"))
    return found
