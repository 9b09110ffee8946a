"""Elements that other elements are made of: textures, text styles, properties."""

from __future__ import annotations

from dataclasses import dataclass

from scenes.home.fields import Color, Numbers, attribute, child, children


@dataclass(frozen=True, kw_only=True)
class Element:
    """Base of all elements. What the reader found but does not know is kept here and written back."""

    unknown_attributes: tuple[tuple[str, str], ...] = ()
    unknown_children: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Property(Element):
    """A name and a value that a user or a plug-in attached."""

    name: str = attribute()
    value: str | None = attribute(None)
    type: str | None = attribute(None)


@dataclass(frozen=True, kw_only=True)
class WithProperties(Element):
    """An element that may carry properties."""

    properties: tuple[Property, ...] = children("property")


@dataclass(frozen=True, kw_only=True)
class Texture(Element):
    """An image that covers a surface. `width`, `height`: size of the image on the surface, cm."""

    name: str = attribute("")
    catalog_id: str | None = attribute(None)
    image: str = attribute()
    width: float = attribute()
    height: float = attribute()
    x_offset: float = attribute(0.0)
    y_offset: float = attribute(0.0)
    angle: float = attribute(0.0)
    scale: float = attribute(1.0)
    creator: str | None = attribute(None)
    fitting_area: bool = attribute(False)
    left_to_right_oriented: bool = attribute(True)


@dataclass(frozen=True, kw_only=True)
class TextStyle(Element):
    """Font of a text on the plan."""

    font_name: str | None = attribute(None)
    font_size: float = attribute(18.0)
    bold: bool = attribute(False)
    italic: bool = attribute(False)
    alignment: str = attribute("CENTER")


@dataclass(frozen=True, kw_only=True)
class Point(Element):
    """A point on the plan, cm."""

    x: float = attribute()
    y: float = attribute()


@dataclass(frozen=True, kw_only=True)
class BackgroundImage(Element):
    """A plan laid under the drawing; the two scale points are in pixels, their distance and the origin in cm."""

    image: str = attribute()
    scale_distance: float = attribute()
    scale_distance_x_start: float = attribute()
    scale_distance_y_start: float = attribute()
    scale_distance_x_end: float = attribute()
    scale_distance_y_end: float = attribute()
    x_origin: float = attribute(0.0)
    y_origin: float = attribute(0.0)
    visible: bool = attribute(True)


@dataclass(frozen=True, kw_only=True)
class Material(Element):
    """What replaces a material of a model. A colour whose alpha byte is 0 hides the parts that have the material."""

    name: str = attribute("")
    key: str | None = attribute(None)
    color: Color | None = attribute(None)
    shininess: float | None = attribute(None)
    texture: Texture | None = child("texture")


@dataclass(frozen=True, kw_only=True)
class Transformation(Element):
    """A move of the named part of a model (an opened door leaf). `matrix`: 3x4, row-major, model units."""

    name: str = attribute()
    matrix: Numbers = attribute()
