"""The drawing board: levels, walls, rooms and pieces are added one by one and come out as a `Home` and its contents."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from scenes.draw.icon import icon_of
from scenes.draw.model import DrawnModel
from scenes.home.basics import Material, Point, Property, Texture
from scenes.home.fields import Color
from scenes.home.furniture import DoorOrWindow, Furniture, FurnitureGroup, Light, LightSourceMaterial, Piece
from scenes.home.home import Camera, Compass, Environment, Home, ObserverCamera
from scenes.home.plan import Level, Room, Wall
from scenes.home.writer import format_home, write_home

PlanPoint = tuple[float, float]
Paint = Texture | Color | None
"""What covers a surface: a texture, a colour (0xRRGGBB), or nothing (white)."""

FULL_SQUARE = "M0,0 v1 h1 v-1 z"


class Drawing:
    """A home that is being drawn. Ids are given in order, so the same calls make the same file."""

    def __init__(self, name: str, *, wall_height: float = 250.0, description: str = "") -> None:
        self.name = name
        self.wall_height = wall_height
        self.description = description
        self.levels: list[Level] = []
        self.elements: dict[str, list[Any]] = {"wall": [], "room": [], "furniture": []}
        self.cameras: list[Camera] = []
        self.environment = Environment()
        self.compass = Compass(x=-100.0, y=50.0, diameter=100.0)
        self.contents: dict[str, bytes] = {}
        self._entries: dict[str, str] = {}
        self._models: dict[int, tuple[DrawnModel, tuple[str, str]]] = {}
        self._count = 0

    def level(
        self, name: str, *, elevation: float, height: float | None = None, floor_thickness: float = 12.0
    ) -> LevelDrawing:
        """Adds a level; `elevation` is that of its floor's top."""
        own_height = self.wall_height if height is None else height
        index = sum(1 for level in self.levels if level.elevation == elevation)
        self.levels.append(
            Level(
                id=self.next_id("level"),
                name=name,
                elevation=float(elevation),
                floor_thickness=floor_thickness,
                height=own_height,
                elevation_index=index,
            )
        )
        return LevelDrawing(self, self.levels[-1])

    def flat(self) -> LevelDrawing:
        """The ground of a home without levels."""
        return LevelDrawing(self, None)

    def texture(self, name: str, image: bytes, *, width: float, height: float, **more: Any) -> Texture:
        """A texture whose image covers width x height cm; `more`: other fields of `Texture`."""
        return Texture(name=name, image=self._content(image), width=float(width), height=float(height), **more)

    def look_around(
        self, x: float, y: float, z: float, *, yaw: float, pitch: float = 0.0, name: str | None = None
    ) -> None:
        """Adds a stored point of view; the first one is also the visitor's."""
        view: dict[str, Any] = {
            "x": float(x),
            "y": float(y),
            "z": float(z),
            "yaw": yaw,
            "pitch": pitch,
            "field_of_view": 1.0995575,
        }
        if not self.cameras:
            self.cameras.append(ObserverCamera(role="observerCamera", **view))
        self.cameras.append(Camera(role="storedCamera", id=self.next_id("camera"), name=name, **view))

    def join_corners(self) -> None:
        """Joins walls of a level where just two ends meet that are not joined yet, so that corners are mitred."""
        walls = self.elements["wall"]
        ends: dict[tuple[str | None, float, float], list[tuple[int, str]]] = {}
        for index, wall in enumerate(walls):
            if wall.wall_at_start is None:
                ends.setdefault((wall.level, wall.x_start, wall.y_start), []).append((index, "wall_at_start"))
            if wall.wall_at_end is None:
                ends.setdefault((wall.level, wall.x_end, wall.y_end), []).append((index, "wall_at_end"))
        for pair in ends.values():
            if len(pair) == 2 and pair[0][0] != pair[1][0]:
                (first, key), (second, other) = pair
                walls[first] = replace(walls[first], **{key: walls[second].id})
                walls[second] = replace(walls[second], **{other: walls[first].id})

    def home(self) -> Home:
        """What has been drawn so far."""
        properties = (Property(name="description", value=self.description),) if self.description else ()
        return Home(
            name=f"{self.name}.sh3d",
            wall_height=self.wall_height,
            properties=properties,
            environment=self.environment,
            compass=self.compass,
            cameras=tuple(self.cameras),
            levels=tuple(self.levels),
            selected_level=self.levels[0].id if self.levels else None,
            walls=tuple(self.elements["wall"]),
            rooms=tuple(self.elements["room"]),
            furniture=tuple(self.elements["furniture"]),
        )

    def to_bytes(self) -> bytes:
        """The `.sh3d` file."""
        return format_home(self.home(), self.contents)

    def save(self, path: Path) -> None:
        """Writes the `.sh3d` file."""
        write_home(path, self.home(), self.contents)

    def next_id(self, kind: str) -> str:
        """A new id, `wall-12`."""
        self._count += 1
        return f"{kind}-{self._count}"

    def model(self, model: DrawnModel) -> tuple[str, str]:
        """The references of a model and of its icon; a model that is used again is stored once."""
        if id(model) in self._models:
            return self._models[id(model)][1]
        files = model.files()
        key = hashlib.sha256(b"".join(files[name] for name in sorted(files))).hexdigest()
        if key not in self._entries:
            folder = str(len(self._entries))
            self._entries[key] = f"{folder}/{model.name}.obj"
            self.contents |= {f"{folder}/{name}": data for name, data in files.items()}
        found = self._entries[key], self._content(icon_of(model))
        self._models[id(model)] = model, found
        return found

    def _content(self, data: bytes) -> str:
        key = hashlib.sha256(data).hexdigest()
        if key not in self._entries:
            self._entries[key] = str(len(self._entries))
            self.contents[self._entries[key]] = data
        return self._entries[key]


@dataclass
class LevelDrawing:
    """A level (None: the home has none) and what is put on it."""

    drawing: Drawing
    level: Level | None

    @property
    def level_id(self) -> str | None:
        """The level's id in the file."""
        return self.level.id if self.level else None

    @property
    def height(self) -> float:
        """From its floor to its ceiling, cm."""
        return self.level.height if self.level else self.drawing.wall_height

    def walls(
        self,
        points: Sequence[PlanPoint],
        *,
        closed: bool = False,
        thickness: float = 10.0,
        height: float | None = None,
        left: Paint = None,
        right: Paint = None,
        **more: Any,
    ) -> list[Wall]:
        """Adds walls along a line of points, joined where they meet.

        `left` and `right`: what covers their sides, as seen along the line; `more`: other fields of `Wall`
        (`height_at_end`, `arc_extent`, `left_side_baseboard` ...). All are the same for each wall of the line.
        """
        pairs = list(zip(points, [*points[1:], points[0]], strict=True))[: None if closed else -1]
        ids = [self.drawing.next_id("wall") for _ in pairs]
        own_height = self.height if height is None else height
        found = []
        for i, ((x0, y0), (x1, y1)) in enumerate(pairs):
            before = ids[i - 1] if i or closed else None
            after = ids[(i + 1) % len(ids)] if i + 1 < len(ids) or closed else None
            wall = Wall(
                id=ids[i],
                level=self.level_id,
                wall_at_start=before,
                wall_at_end=after,
                x_start=float(x0),
                y_start=float(y0),
                x_end=float(x1),
                y_end=float(y1),
                thickness=thickness,
                height=own_height,
                left_side_color=_color(left),
                right_side_color=_color(right),
                left_side_texture=_texture(left),
                right_side_texture=_texture(right),
                **more,
            )
            found.append(wall)
        self.drawing.elements["wall"] += found
        return found

    def room(
        self, name: str, points: Sequence[PlanPoint], *, floor: Paint = None, ceiling: Paint = None, **more: Any
    ) -> Room:
        """Adds a room; `more`: other fields of `Room` (`ceiling_visible` ...)."""
        room = Room(
            id=self.drawing.next_id("room"),
            level=self.level_id,
            name=name,
            floor_color=_color(floor),
            floor_texture=_texture(floor),
            ceiling_color=_color(ceiling),
            ceiling_texture=_texture(ceiling),
            points=tuple(Point(x=float(x), y=float(y)) for x, y in points),
            **more,
        )
        self.drawing.elements["room"].append(room)
        return room

    def place(self, model: DrawnModel, x: float, y: float, **more: Any) -> Piece:
        """Adds a piece with the origin of its model at (x, y), its front to +y turned by `angle`.

        `more`: fields of `Piece`: `angle`, `elevation`, `width`, `depth`, `height` (default: the model's size), `name`,
        `color`, `pitch`, `roll`, `staircase_cut_out_shape` ...; and `repaint`: colours by the name of a finish.
        """
        return self._add(Piece, "piece", model, (x, y), more)

    def staircase(self, model: DrawnModel, x: float, y: float, *, cut_out: str = FULL_SQUARE, **more: Any) -> Piece:
        """Adds a staircase, which cuts the floor above it."""
        return self._add(Piece, "staircase", model, (x, y), more | {"staircase_cut_out_shape": cut_out})

    def door(self, model: DrawnModel, x: float, y: float, *, cut_out: str = FULL_SQUARE, **more: Any) -> DoorOrWindow:
        """Adds a door or window, which cuts the walls that it stands in, through both sides."""
        own = {"cut_out_shape": cut_out, "wall_cut_out_on_both_sides": True, "movable": False}
        return self._add(DoorOrWindow, "door", model, (x, y), own | {"sashes": tuple(model.sashes)} | more)

    def light(self, model: DrawnModel, x: float, y: float, **more: Any) -> Light:
        """Adds a light, which shines from the model's lamps."""
        glowing = tuple(LightSourceMaterial(name=name) for name in model.glowing)
        own = {"light_sources": tuple(model.lamps), "light_source_materials": glowing}
        return self._add(Light, "light", model, (x, y), own | more)

    def group(self, name: str, members: Sequence[Furniture]) -> FurnitureGroup:
        """Makes one group of pieces that have been added."""
        for member in members:
            self.drawing.elements["furniture"].remove(member)
        kept: Any = tuple(members)
        group = FurnitureGroup(id=self.drawing.next_id("group"), name=name, level=self.level_id, members=kept)
        self.drawing.elements["furniture"].append(group)
        return group

    def _add(self, cls: type[Any], kind: str, model: DrawnModel, at: PlanPoint, more: dict[str, Any]) -> Any:
        reference, icon = self.drawing.model(model)
        width, depth, height = (round(length, 3) for length in model.size_cm())
        values: dict[str, Any] = {"name": model.name, "width": width, "depth": depth, "height": height} | more
        x, y = _box_centre(model, at, values)
        repaint: Mapping[str, int] = values.pop("repaint", {})
        values["materials"] = tuple(Material(name=name, color=_opaque(color)) for name, color in repaint.items())
        if values.get("color") is not None:
            values["color"] = _opaque(values["color"])
        piece = cls(
            id=self.drawing.next_id(kind),
            level=self.level_id,
            x=x,
            y=y,
            model=reference,
            icon=icon,
            creator="Stairwell",
            **values,
        )
        self.drawing.elements["furniture"].append(piece)
        return piece


def _box_centre(model: DrawnModel, at: PlanPoint, values: Mapping[str, Any]) -> PlanPoint:
    """Where the middle of a piece's box is, which is what the file keeps, with the model's origin at `at`."""
    low, high = model.bounds_cm()
    across, _, deep = ((low + high) / 2).tolist()
    across *= values["width"] / max(1e-3, high[0] - low[0]) * (-1 if values.get("model_mirrored") else 1)
    deep *= values["depth"] / max(1e-3, high[2] - low[2])
    cos, sin = math.cos(values.get("angle", 0.0)), math.sin(values.get("angle", 0.0))
    return round(at[0] + across * cos - deep * sin, 3), round(at[1] + across * sin + deep * cos, 3)


def _color(paint: Paint) -> Color | None:
    return None if paint is None or isinstance(paint, Texture) else _opaque(paint)


def _texture(paint: Paint) -> Texture | None:
    return paint if isinstance(paint, Texture) else None


def _opaque(color: int) -> Color:
    return Color(color | 0xFF000000)
