"""Pieces of furniture, doors and windows, lights, shelf units, and groups of them."""

from __future__ import annotations

from dataclasses import dataclass

from scenes.home.basics import Element, Material, TextStyle, Texture, Transformation, WithProperties
from scenes.home.fields import Color, Numbers, attribute, child, children

IDENTITY_ROTATION = Numbers((1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0))

FULL_SQUARE = "M0,0 v1 h1 v-1 z"
"""The cut-out of a door or window that is its whole face."""

FURNITURE_TAGS = ("pieceOfFurniture", "doorOrWindow", "light", "shelfUnit", "furnitureGroup")


@dataclass(frozen=True, kw_only=True)
class Furniture(WithProperties):
    """What pieces and groups share. `angle`: radians, clockwise on the plan."""

    id: str | None = attribute(None)
    name: str = attribute("")
    angle: float = attribute(0.0)
    visible: bool = attribute(True)
    movable: bool = attribute(True)
    description: str | None = attribute(None)
    information: str | None = attribute(None)
    license: str | None = attribute(None)
    creator: str | None = attribute(None)
    model_mirrored: bool = attribute(False)
    name_visible: bool = attribute(False)
    name_angle: float = attribute(0.0)
    name_x_offset: float = attribute(0.0)
    name_y_offset: float = attribute(0.0)
    price: str | None = attribute(None)
    value_added_tax_percentage: str | None = attribute(None)
    currency: str | None = attribute(None)
    catalog_id: str | None = attribute(None)
    level: str | None = attribute(None)
    name_style: TextStyle | None = child("textStyle", "nameStyle")


@dataclass(frozen=True, kw_only=True)
class Piece(Furniture):
    """A piece of furniture: its model squeezed into width x depth x height (cm), `elevation` over its level.

    `pitch` and `roll` tilt it (radians); `elevation` is then that of the lowest point. `model`, `icon`, `plan_icon`
    name contents of the file.
    """

    x: float = attribute()
    y: float = attribute()
    elevation: float = attribute(0.0)
    width: float = attribute()
    depth: float = attribute()
    height: float = attribute()
    drop_on_top_elevation: float = attribute(1.0)
    model: str | None = attribute(None)
    icon: str | None = attribute(None)
    plan_icon: str | None = attribute(None)
    model_rotation: Numbers = attribute(IDENTITY_ROTATION)
    model_centered_at_origin: bool | None = attribute(None)
    back_face_shown: bool = attribute(False)
    model_flags: int | None = attribute(None)
    model_size: int | None = attribute(None)
    door_or_window: bool = attribute(False)
    resizable: bool = attribute(True)
    deformable: bool = attribute(True)
    texturable: bool = attribute(True)
    staircase_cut_out_shape: str | None = attribute(None)
    color: Color | None = attribute(None)
    shininess: float | None = attribute(None)
    horizontally_rotatable: bool = attribute(True)
    pitch: float = attribute(0.0)
    roll: float = attribute(0.0)
    width_in_plan: float | None = attribute(None)
    depth_in_plan: float | None = attribute(None)
    height_in_plan: float | None = attribute(None)
    texture: Texture | None = child("texture")
    materials: tuple[Material, ...] = children("material")
    transformations: tuple[Transformation, ...] = children("transformation")

    @property
    def is_opening(self) -> bool:
        """True if the piece cuts the walls that it stands in."""
        return self.door_or_window


@dataclass(frozen=True, kw_only=True)
class Sash(Element):
    """A leaf as drawn on the plan: hinge and width as fractions of the piece, angles in radians."""

    x_axis: float = attribute()
    y_axis: float = attribute()
    width: float = attribute()
    start_angle: float = attribute()
    end_angle: float = attribute()


@dataclass(frozen=True, kw_only=True)
class DoorOrWindow(Piece):
    """A door or window. `cut_out_shape`: SVG path, unit square, from the front's top left; None: the silhouette."""

    wall_thickness: float = attribute(1.0)
    wall_distance: float = attribute(0.0)
    wall_width: float = attribute(1.0)
    wall_left: float = attribute(0.0)
    wall_height: float = attribute(1.0)
    wall_top: float = attribute(0.0)
    wall_cut_out_on_both_sides: bool = attribute(False)
    width_depth_deformable: bool = attribute(True)
    cut_out_shape: str | None = attribute(None)
    bound_to_wall: bool = attribute(True)
    sashes: tuple[Sash, ...] = children("sash")

    @property
    def is_opening(self) -> bool:
        """True: doors and windows always cut."""
        return True


@dataclass(frozen=True, kw_only=True)
class LightSource(Element):
    """A lamp in a light: position and diameter as fractions of the piece's size."""

    x: float = attribute()
    y: float = attribute()
    z: float = attribute()
    color: Color = attribute()
    diameter: float | None = attribute(None)


@dataclass(frozen=True, kw_only=True)
class LightSourceMaterial(Element):
    """The name of a material of the model that glows."""

    name: str = attribute()


@dataclass(frozen=True, kw_only=True)
class Light(Piece):
    """A piece that gives light; `power` is 0 to 1."""

    power: float = attribute(0.5)
    light_sources: tuple[LightSource, ...] = children("lightSource")
    light_source_materials: tuple[LightSourceMaterial, ...] = children("lightSourceMaterial")


@dataclass(frozen=True, kw_only=True)
class Shelf(Element):
    """A shelf of a shelf unit: its elevation, or the box that may be filled; fractions of the unit's size."""

    elevation: float | None = attribute(None)
    x_lower: float | None = attribute(None)
    y_lower: float | None = attribute(None)
    z_lower: float | None = attribute(None)
    x_upper: float | None = attribute(None)
    y_upper: float | None = attribute(None)
    z_upper: float | None = attribute(None)


@dataclass(frozen=True, kw_only=True)
class ShelfUnit(Piece):
    """A piece with shelves that other pieces stand on (7.2 and later)."""

    shelves: tuple[Shelf, ...] = children("shelf")


@dataclass(frozen=True, kw_only=True)
class FurnitureGroup(Furniture):
    """Pieces that move as one. The members' coordinates are absolute; the group's own are for the plan only."""

    x: float | None = attribute(None)
    y: float | None = attribute(None)
    elevation: float | None = attribute(None)
    width: float | None = attribute(None)
    depth: float | None = attribute(None)
    height: float | None = attribute(None)
    drop_on_top_elevation: float | None = attribute(None)
    members: tuple[Piece | FurnitureGroup, ...] = children(*FURNITURE_TAGS)
