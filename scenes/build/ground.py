"""The ground around a home, with pits for the levels below it.

The program draws it without end and exports the rectangle around the home; here it reaches `MARGIN_CM` further on each
side, so that windows look out on something. Rays that miss the home's own rectangle meet it and nothing else.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from scenes.build import exact
from scenes.build.levels import Levels
from scenes.build.palette import Palette
from scenes.build.pieces import PlacedPiece
from scenes.build.prisms import level_at, sheet, sides, textured
from scenes.build.regions import polygons, region, rings
from scenes.build.rooms import DrawnRoom
from scenes.build.staircases import StairHole, is_staircase
from scenes.build.surface import Surface
from scenes.build.wall_outline import Outline
from scenes.home.basics import BackgroundImage
from scenes.home.fields import Color
from scenes.home.home import Environment, Home
from scenes.home.plan import Level, Wall
from scenes.images import image_size
from scenes.mesh import Floats, Mesh, concatenate

MARGIN_CM = 3000.0
JOINT_CM = 0.05
"""Walls that are joined touch along a line; rounding may leave a slit up to this wide between them."""

GROUND_COLOR = Color(0xFFA8A8A8)


@dataclass(frozen=True)
class GroundPlan:
    """What the ground is made around: everything with its plan area, on viewable levels."""

    walls: Sequence[tuple[Wall, Outline]]
    rooms: Sequence[DrawnRoom]
    pieces: Sequence[PlacedPiece]
    stairs: Sequence[StairHole]
    levels: Levels

    def extent(self) -> BaseGeometry:
        """The rectangle around all that is drawn."""
        areas = [region(outline) for _, outline in self.walls] + [drawn.area for drawn in self.rooms]
        areas += [region(placed.footprint()) for placed in self.pieces]
        return shapely.box(*shapely.total_bounds(areas)) if areas else shapely.Polygon()

    def dug(self, level: Level) -> BaseGeometry:
        """The plan area that the things on a level below 0 dig out."""
        rooms = [drawn.area for drawn in self.rooms if drawn.level is level and drawn.room.floor_visible]
        sunk = [placed for placed in self.pieces if placed.level is level and placed.ground_elevation_cm < 0]
        pieces = [region(placed.footprint()) for placed in sunk if not is_staircase(placed)]
        stairs = [stair.area for stair in self.stairs if stair.level is level and stair.bottom_cm < 0]
        return exact.union(self._enclosed(level) + rooms + pieces + stairs)

    def _enclosed(self, level: Level) -> list[BaseGeometry]:
        """The plan areas of a level's walls, and what they enclose."""
        walls = [region(outline) for wall, outline in self.walls if self.levels.get(wall.level) is level]
        widened = exact.buffer(exact.union(walls), JOINT_CM, join_style="mitre")
        filled = [shapely.Polygon(polygon.exterior) for polygon in polygons(widened)]
        return [exact.buffer(area, -JOINT_CM, join_style="mitre") for area in filled]

    def floors(self, elevation_cm: float) -> BaseGeometry:
        """Where rooms with a visible floor cover this elevation."""
        return exact.union(
            [drawn.area for drawn in self.rooms if drawn.room.floor_visible and drawn.floor_cm == elevation_cm]
        )


def ground_surfaces(plan: GroundPlan, home: Home, palette: Palette) -> list[Surface]:
    """The ground plane at 0 and the pits below it."""
    environment = home.environment or Environment()
    color = GROUND_COLOR if environment.ground_color is None else environment.ground_color
    texture = environment.ground_texture
    material = palette.painted("ground", color, texture, used_by="the ground")
    extent = plan.extent()
    if extent.is_empty:
        return []
    pits, open_area = _pits(plan, extent)
    around = exact.buffer(extent, MARGIN_CM, join_style="mitre")
    plane = exact.difference(around, exact.union([open_area, plan.floors(0.0)]))
    found = []
    image = _background(home, palette) if environment.background_image_visible_on_ground_3d else None
    if image is not None:
        picture, surface_material = image
        found.append(Surface(_picture_mesh(plane, picture), surface_material))
        plane = exact.difference(plane, picture)
    sheets = [_lying(polygon, 0.0, extent) for polygon in polygons(plane)]
    found.append(Surface(textured(concatenate(sheets + pits), texture), material))
    return [surface for surface in found if len(surface.mesh.triangles)]


def _pits(plan: GroundPlan, extent: BaseGeometry) -> tuple[list[Mesh], BaseGeometry]:
    """Sides and bottoms of what is dug out, from the deepest level up; and the area that is open at 0.

    A level's pit, with all that lies deeper, has sides up to the next level that digs: none, as in the program, where
    that one has the same elevation.
    """
    sunk = [level for level in plan.levels.sorted if level.elevation < 0 and level.viewable]
    pits = [(level.elevation, dug) for level in sunk if not (dug := plan.dug(level)).is_empty]
    meshes: list[Mesh] = []
    for (depth, dug), (upper, _) in itertools.pairwise([*pits, (0.0, shapely.Polygon())]):
        deeper = exact.union([other for lower, other in pits if lower < depth])
        bottom = exact.difference(dug, exact.union([deeper, plan.floors(depth)]))
        meshes += [_lying(polygon, depth, extent) for polygon in polygons(bottom)]
        meshes += [
            _pit_sides(ring, depth, upper)
            for polygon in polygons(exact.union([deeper, dug]))
            for ring in rings(polygon)
        ]
    return meshes, exact.union([dug for _, dug in pits])


def _lying(polygon: shapely.Polygon, elevation_cm: float, extent: BaseGeometry) -> Mesh:
    """A level part of the ground; its texture begins at the home's back left corner."""
    left, back, _, _ = extent.bounds
    mesh = sheet(polygon, level_at(elevation_cm), faces_up=True)
    return replace(mesh, uvs=mesh.uvs - [left, -back])


def _pit_sides(ring: Floats, low_cm: float, high_cm: float) -> Mesh:
    """The sides of a pit, seen from within; the texture's u at the end of an edge is its plan x, as in the program."""
    ends = np.roll(ring, -1, axis=0)
    lengths = np.linalg.norm(ends - ring, axis=1)
    low, high = np.full(len(ring), low_cm), np.full(len(ring), high_cm)
    return sides(ring, low, high, along=np.stack([ends[:, 0] - lengths, ends[:, 0]], axis=1)).turned()


def _background(home: Home, palette: Palette) -> tuple[BaseGeometry, int] | None:
    """The plan area and the material of the background image that lies on the ground."""
    own = next(
        (level.background_image for level in home.levels if level.elevation == 0 and level.background_image), None
    )
    image = own or home.background_image
    if image is None:
        return None
    index = palette.texture(image.image, "background image", "the ground")
    if index < 0:
        return None
    width, height = image_size(palette.textures[index].data)
    scale = _cm_per_pixel(image)
    area = shapely.box(
        -image.x_origin, -image.y_origin, width * scale - image.x_origin, height * scale - image.y_origin
    )
    return area, palette.material("background image", (1.0, 1.0, 1.0), texture=index)


def _cm_per_pixel(image: BackgroundImage) -> float:
    pixels = np.hypot(
        image.scale_distance_x_end - image.scale_distance_x_start,
        image.scale_distance_y_end - image.scale_distance_y_start,
    )
    return image.scale_distance / max(1e-9, float(pixels))


def _picture_mesh(plane: BaseGeometry, picture: BaseGeometry) -> Mesh:
    """The part of the ground that an image covers, with the image once over its area."""
    mesh = concatenate([sheet(p, level_at(0.0), faces_up=True) for p in polygons(exact.intersection(plane, picture))])
    left, top, right, bottom = picture.bounds
    uvs = (mesh.uvs - [left, -bottom]) / [right - left, bottom - top]
    return Mesh(mesh.positions, mesh.normals, uvs, mesh.triangles)
