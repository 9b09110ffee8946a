"""The home as a whole: its parts in order, its surroundings, its cameras."""

from __future__ import annotations

from dataclasses import dataclass

from scenes.home.basics import BackgroundImage, Element, Property, Texture, WithProperties
from scenes.home.fields import Color, attribute, child, children
from scenes.home.furniture import FURNITURE_TAGS, FurnitureGroup, Piece
from scenes.home.plan import DimensionLine, Label, Level, Polyline, Room, Wall


@dataclass(frozen=True, kw_only=True)
class FurnitureVisibleProperty(Element):
    """A column of the furniture table."""

    name: str = attribute()


@dataclass(frozen=True, kw_only=True)
class Compass(WithProperties):
    """Where north is (radians, clockwise from up the plan) and where on Earth the home stands (radians)."""

    x: float = attribute()
    y: float = attribute()
    diameter: float = attribute()
    north_direction: float = attribute(0.0)
    longitude: float | None = attribute(None)
    latitude: float | None = attribute(None)
    time_zone: str | None = attribute(None)
    visible: bool = attribute(True)


@dataclass(frozen=True, kw_only=True)
class Camera(WithProperties):
    """A point of view, cm and radians. `z` is over the home's 0; yaw 0 looks down the plan; pitch > 0 looks down.

    `role` says what it is for: topCamera, observerCamera, storedCamera or cameraPath; the program passes over a camera
    without one. `time`: ms since 1970, UTC.
    """

    role: str | None = attribute(None, name="attribute")
    id: str | None = attribute(None)
    name: str | None = attribute(None)
    lens: str = attribute("PINHOLE")
    x: float = attribute()
    y: float = attribute()
    z: float = attribute()
    yaw: float = attribute()
    pitch: float = attribute()
    field_of_view: float = attribute()
    time: int | None = attribute(None)
    renderer: str | None = attribute(None)


@dataclass(frozen=True, kw_only=True)
class ObserverCamera(Camera):
    """The visitor's eyes."""

    fixed_size: bool = attribute(False)


@dataclass(frozen=True, kw_only=True)
class Environment(WithProperties):
    """Ground, sky, light, and how photos and videos are made."""

    ground_color: Color | None = attribute(None)
    background_image_visible_on_ground_3d: bool = attribute(False, name="backgroundImageVisibleOnGround3D")
    sky_color: Color | None = attribute(None)
    light_color: Color | None = attribute(None)
    walls_alpha: float = attribute(0.0)
    all_levels_visible: bool = attribute(False)
    observer_camera_elevation_adjusted: bool = attribute(True)
    ceiling_light_color: Color | None = attribute(None, name="ceillingLightColor")
    drawing_mode: str = attribute("FILL")
    subpart_size_under_light: float = attribute(0.0)
    photo_width: int = attribute(400)
    photo_height: int = attribute(300)
    photo_aspect_ratio: str = attribute("VIEW_3D_RATIO")
    photo_quality: int = attribute(0)
    video_width: int = attribute(320)
    video_aspect_ratio: str = attribute("RATIO_4_3")
    video_quality: int = attribute(0)
    video_speed: float | None = attribute(None)
    video_frame_rate: int = attribute(25)
    ground_texture: Texture | None = child("texture", "groundTexture")
    sky_texture: Texture | None = child("texture", "skyTexture")
    camera_path: tuple[Camera, ...] = children("camera", "observerCamera", role="cameraPath")


@dataclass(frozen=True, kw_only=True)
class PrintedLevel(Element):
    """A level that is printed."""

    level: str = attribute()


@dataclass(frozen=True, kw_only=True)
class Print(Element):
    """Paper settings."""

    header_format: str | None = attribute(None)
    footer_format: str | None = attribute(None)
    plan_scale: float | None = attribute(None)
    furniture_printed: bool = attribute(True)
    plan_printed: bool = attribute(True)
    view_3d_printed: bool = attribute(True, name="view3DPrinted")
    paper_width: float = attribute()
    paper_height: float = attribute()
    paper_top_margin: float = attribute()
    paper_left_margin: float = attribute()
    paper_bottom_margin: float = attribute()
    paper_right_margin: float = attribute()
    paper_orientation: str = attribute("PORTRAIT")
    levels: tuple[PrintedLevel, ...] = children("printedLevel")


@dataclass(frozen=True, kw_only=True)
class Home(Element):
    """A home: everything that its file says. Lists keep the file's order, which decides what covers what."""

    version: int = attribute(7000)
    name: str | None = attribute(None)
    camera: str = attribute("topCamera")
    selected_level: str | None = attribute(None)
    wall_height: float = attribute(250.0)
    base_plan_locked: bool = attribute(False)
    furniture_sorted_property: str | None = attribute(None)
    furniture_descending_sorted: bool = attribute(False)
    properties: tuple[Property, ...] = children("property")
    furniture_visible_properties: tuple[FurnitureVisibleProperty, ...] = children("furnitureVisibleProperty")
    environment: Environment | None = child("environment")
    background_image: BackgroundImage | None = child("backgroundImage")
    print: Print | None = child("print")
    compass: Compass | None = child("compass")
    cameras: tuple[Camera, ...] = children("camera", "observerCamera")
    levels: tuple[Level, ...] = children("level")
    furniture: tuple[Piece | FurnitureGroup, ...] = children(*FURNITURE_TAGS)
    walls: tuple[Wall, ...] = children("wall")
    rooms: tuple[Room, ...] = children("room")
    polylines: tuple[Polyline, ...] = children("polyline")
    dimension_lines: tuple[DimensionLine, ...] = children("dimensionLine")
    labels: tuple[Label, ...] = children("label")
