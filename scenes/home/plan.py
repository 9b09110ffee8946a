"""Levels and what is drawn on them: walls, rooms, polylines, dimension lines, labels."""

from __future__ import annotations

from dataclasses import dataclass

from scenes.home.basics import BackgroundImage, Element, Point, TextStyle, Texture, WithProperties
from scenes.home.fields import Color, Numbers, attribute, child, children, text_child


@dataclass(frozen=True, kw_only=True)
class Level(WithProperties):
    """A storey, cm. `elevation`: top of its floor; `height`: floor to ceiling; `visible`: shown when saved, no more."""

    id: str = attribute()
    name: str = attribute("")
    elevation: float = attribute()
    floor_thickness: float = attribute()
    height: float = attribute()
    elevation_index: int = attribute(-1)
    visible: bool = attribute(True)
    viewable: bool = attribute(True)
    background_image: BackgroundImage | None = child("backgroundImage")


@dataclass(frozen=True, kw_only=True)
class Baseboard(Element):
    """A skirting board on one side of a wall, cm."""

    thickness: float = attribute()
    height: float = attribute()
    color: Color | None = attribute(None)
    texture: Texture | None = child("texture")


@dataclass(frozen=True, kw_only=True)
class Wall(WithProperties):
    """A wall along its middle line, cm. `arc_extent`: radians; left (as seen from start to end) is positive."""

    id: str = attribute()
    level: str | None = attribute(None)
    wall_at_start: str | None = attribute(None)
    wall_at_end: str | None = attribute(None)
    x_start: float = attribute()
    y_start: float = attribute()
    x_end: float = attribute()
    y_end: float = attribute()
    height: float | None = attribute(None)
    height_at_end: float | None = attribute(None)
    thickness: float = attribute()
    arc_extent: float | None = attribute(None)
    pattern: str | None = attribute(None)
    top_color: Color | None = attribute(None)
    left_side_color: Color | None = attribute(None)
    left_side_shininess: float = attribute(0.0)
    right_side_color: Color | None = attribute(None)
    right_side_shininess: float = attribute(0.0)
    left_side_texture: Texture | None = child("texture", "leftSideTexture")
    right_side_texture: Texture | None = child("texture", "rightSideTexture")
    left_side_baseboard: Baseboard | None = child("baseboard", "leftSideBaseboard")
    right_side_baseboard: Baseboard | None = child("baseboard", "rightSideBaseboard")


@dataclass(frozen=True, kw_only=True)
class Room(WithProperties):
    """A polygon with a floor and a ceiling."""

    id: str | None = attribute(None)
    level: str | None = attribute(None)
    name: str | None = attribute(None)
    name_angle: float = attribute(0.0)
    name_x_offset: float = attribute(0.0)
    name_y_offset: float = attribute(-40.0)
    area_visible: bool = attribute(False)
    area_angle: float = attribute(0.0)
    area_x_offset: float = attribute(0.0)
    area_y_offset: float = attribute(0.0)
    floor_visible: bool = attribute(True)
    floor_color: Color | None = attribute(None)
    floor_shininess: float = attribute(0.0)
    ceiling_visible: bool = attribute(True)
    ceiling_color: Color | None = attribute(None)
    ceiling_shininess: float = attribute(0.0)
    ceiling_flat: bool = attribute(False)
    name_style: TextStyle | None = child("textStyle", "nameStyle")
    area_style: TextStyle | None = child("textStyle", "areaStyle")
    floor_texture: Texture | None = child("texture", "floorTexture")
    ceiling_texture: Texture | None = child("texture", "ceilingTexture")
    points: tuple[Point, ...] = children("point")


@dataclass(frozen=True, kw_only=True)
class Polyline(WithProperties):
    """A line on the plan; a flat ribbon in 3D if it has an elevation."""

    id: str | None = attribute(None)
    level: str | None = attribute(None)
    thickness: float = attribute(1.0)
    cap_style: str = attribute("BUTT")
    join_style: str = attribute("MITER")
    dash_style: str = attribute("SOLID")
    dash_pattern: Numbers | None = attribute(None)
    dash_offset: float = attribute(0.0)
    start_arrow_style: str = attribute("NONE")
    end_arrow_style: str = attribute("NONE")
    elevation: float | None = attribute(None)
    color: Color | None = attribute(None)
    closed_path: bool = attribute(False)
    points: tuple[Point, ...] = children("point")


@dataclass(frozen=True, kw_only=True)
class DimensionLine(WithProperties):
    """A measure on the plan."""

    id: str | None = attribute(None)
    level: str | None = attribute(None)
    x_start: float = attribute()
    y_start: float = attribute()
    elevation_start: float = attribute(0.0)
    x_end: float = attribute()
    y_end: float = attribute()
    elevation_end: float = attribute(0.0)
    offset: float = attribute()
    end_mark_size: float = attribute(10.0)
    pitch: float = attribute(0.0)
    color: Color | None = attribute(None)
    visible_in_3d: bool = attribute(False, name="visibleIn3D")
    length_style: TextStyle | None = child("textStyle", "lengthStyle")


@dataclass(frozen=True, kw_only=True)
class Label(WithProperties):
    """A text on the plan; a picture of the text in 3D if it has a pitch."""

    id: str | None = attribute(None)
    level: str | None = attribute(None)
    x: float = attribute()
    y: float = attribute()
    angle: float = attribute(0.0)
    elevation: float = attribute(0.0)
    pitch: float | None = attribute(None)
    color: Color | None = attribute(None)
    outline_color: Color | None = attribute(None)
    style: TextStyle | None = child("textStyle")
    text: str = text_child("text")
