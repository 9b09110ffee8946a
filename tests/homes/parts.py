"""Elements of homes in a word each, and homes of them: what tests of single rules are drawn from. Cm, radians."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scenes.build.assemble import build_scene
from scenes.draw.model import DrawnModel, Finish
from scenes.draw.solids import box
from scenes.home.basics import Point
from scenes.home.furniture import DoorOrWindow, Piece
from scenes.home.home import Home
from scenes.home.plan import Level, Room, Wall
from scenes.home.reader import parse_home
from scenes.home.writer import format_home
from scenes.scene import Scene

PAINT = Finish("paint", (0.8, 0.2, 0.1))


def wall(id_: str, start: Sequence[float], end: Sequence[float], **more: Any) -> Wall:
    """A wall, 10 thick and 250 high."""
    values: dict[str, Any] = {"thickness": 10.0, "height": 250.0} | more
    (x0, y0), (x1, y1) = start, end
    return Wall(id=id_, x_start=float(x0), y_start=float(y0), x_end=float(x1), y_end=float(y1), **values)


def loop(points: Sequence[Sequence[float]], prefix: str = "w", **more: Any) -> tuple[Wall, ...]:
    """Walls around a ring, joined; `w0` runs from the first point to the second."""
    count = len(points)
    return tuple(
        wall(
            f"{prefix}{i}",
            points[i],
            points[(i + 1) % count],
            wall_at_start=f"{prefix}{(i - 1) % count}",
            wall_at_end=f"{prefix}{(i + 1) % count}",
            **more,
        )
        for i in range(count)
    )


def room(id_: str, points: Sequence[Sequence[float]], **more: Any) -> Room:
    """A room around some points."""
    return Room(id=id_, name=id_, points=tuple(Point(x=float(x), y=float(y)) for x, y in points), **more)


def rectangle(x0: float, y0: float, x1: float, y1: float) -> list[tuple[float, float]]:
    """The corners of a rectangle on the plan."""
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def level(id_: str, elevation: float, **more: Any) -> Level:
    """A level, 250 high, with a floor of 12."""
    values: dict[str, Any] = {"floor_thickness": 12.0, "height": 250.0, "elevation_index": 0} | more
    return Level(id=id_, name=id_, elevation=float(elevation), **values)


def piece(id_: str, model: str, at: Sequence[float], size: Sequence[float], **more: Any) -> Piece:
    """A piece of furniture; `size`: width, depth, height."""
    return Piece(**_placed(id_, model, at, size), **more)


def opening(id_: str, model: str, at: Sequence[float], size: Sequence[float], **more: Any) -> DoorOrWindow:
    """A door or window that cuts both sides of a wall."""
    values: dict[str, Any] = {"wall_cut_out_on_both_sides": True, "cut_out_shape": "M0,0 v1 h1 v-1 z"} | more
    return DoorOrWindow(**_placed(id_, model, at, size), **values)


def _placed(id_: str, model: str, at: Sequence[float], size: Sequence[float]) -> dict[str, Any]:
    x, y, width, depth, height = map(float, (*at, *size))
    return {"id": id_, "name": id_, "model": model, "x": x, "y": y, "width": width, "depth": depth, "height": height}


def contents(*models: DrawnModel) -> dict[str, bytes]:
    """The files of models; a piece names one as `NAME/NAME.obj`."""
    return {f"{model.name}/{name}": data for model in models for name, data in model.files().items()}


CUBE = DrawnModel("cube", [box((0, 0, 0), (1, 1, 1), PAINT)])
CUBE_REFERENCE = "cube/cube.obj"


def scene_of(files: dict[str, bytes] | None = None, **parts: Any) -> Scene:
    """The scene of a home with these parts, by way of its file; pieces may be of the model `cube/cube.obj`."""
    home = Home(**parts)
    return build_scene(parse_home(format_home(home, contents(CUBE) | (files or {})), "test"))
