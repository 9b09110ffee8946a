"""What a home may hold: over a limit it is left out by name, or, where the home makes no sense without, refused."""

import dataclasses
import math

import numpy as np
import pytest

from scenes.build import assemble
from scenes.build.assemble import build_scene
from scenes.errors import HomeError
from scenes.home.basics import Point
from scenes.home.home import Home
from scenes.home.plan import Label, Polyline, Room, Wall
from scenes.home.reader import HomeFile, parse_home
from scenes.home.writer import format_home
from tests.homes.cabin import cabin


def built(home: Home):
    return build_scene(parse_home(format_home(home, {}), "h"))


def wall(name, x0, y0, x1, y1):
    return Wall(id=name, x_start=x0, y_start=y0, x_end=x1, y_end=y1, thickness=10.0)


def room(name, corners):
    return Room(id=name, name=name, points=tuple(Point(x=float(x), y=float(y)) for x, y in corners))


def star(count, step):
    """Corners of a star polygon {count/step}: it crosses itself count * (step - 1) times."""
    angles = np.arange(count) * step * 2 * math.pi / count
    return np.stack([np.cos(angles), np.sin(angles)], axis=1) * 500


def circle(count, at=0.0):
    return star(count, 1) + at


def test_crossings_are_counted_and_cost_their_room(monkeypatch):
    home = Home(rooms=(room("star", star(21, 8)), room("round", circle(400, 2000.0))))
    monkeypatch.setenv("STAIRWELL_LIMITS", f"crossings={21 * 7}")
    assert {r.name for r in built(home).rooms} == {"star", "round"}
    monkeypatch.setenv("STAIRWELL_LIMITS", f"crossings={21 * 7 - 1}")
    scene = built(home)
    assert {r.name for r in scene.rooms} == {"round"}
    (warning,) = scene.warnings
    assert warning.startswith("left out room 'star': over the limit of 146 crossings")


def test_corners_cost_their_room_and_their_line(monkeypatch):
    points = tuple(Point(x=float(x), y=float(y)) for x, y in circle(60))
    line = Polyline(id="line", points=points, elevation=0.0)
    home = Home(rooms=(room("fine", circle(50)), room("finer", circle(60, 2000.0))), polylines=(line,))
    monkeypatch.setenv("STAIRWELL_LIMITS", "corners=50")
    scene = built(home)
    assert {r.name for r in scene.rooms} == {"fine"}
    assert [warning.partition(":")[0] for warning in scene.warnings] == [
        "left out room 'finer'", "left out polyline 'line'",
    ]  # fmt: skip


def test_the_rest_of_the_labels_is_left_out(monkeypatch):
    labels = tuple(Label(id=f"l{i}", text=f"text {i}", x=50.0 * i, y=0.0, pitch=0.0) for i in range(5))
    monkeypatch.setenv("STAIRWELL_LIMITS", "labels=3")
    scene = built(Home(labels=labels))
    assert {i.name for i in scene.instances if i.category == "label"} == {"text 0", "text 1", "text 2"}
    assert scene.warnings[0].startswith("left out 2 of 5 labels: over the limit of 3 labels")


def test_a_long_label_is_as_wide_as_before_with_fewer_pixels():
    short, long = "W" * 10, "W" * 300
    labels = tuple(Label(id=t, text=t, x=0.0, y=0.0, pitch=0.0) for t in (short, long))
    scene = built(Home(labels=labels))
    widths = [np.ptp(i.bounds_m, axis=0)[0] for i in scene.instances if i.category == "label"]
    assert widths[1] / widths[0] == pytest.approx(30, rel=0.05)
    assert all(len(texture.data) < 100_000 for texture in scene.textures)


@pytest.mark.parametrize(
    ("limit", "home"),
    [
        ("walls", Home(walls=tuple(wall(f"w{i}", 0.0, 50.0 * i, 400.0, 50.0 * i) for i in range(5)))),
        ("rooms", Home(rooms=tuple(room(f"r{i}", circle(4, 2000.0 * i)) for i in range(5)))),
        ("overlaps", Home(walls=tuple(wall(f"w{i}", 10.0 * i, 0.0, 400.0 - 90 * i, 400.0) for i in range(5)))),
        ("overlaps", Home(rooms=tuple(room(f"r{i}", circle(4, 10.0 * i)) for i in range(5)))),
    ],
)
def test_a_plan_over_a_limit_is_refused(monkeypatch, limit, home):
    counts = {"overlaps": 10}
    monkeypatch.setenv("STAIRWELL_LIMITS", f"{limit}={counts.get(limit, 5)}")
    assert built(home).instances
    monkeypatch.setenv("STAIRWELL_LIMITS", f"{limit}={counts.get(limit, 5) - 1}")
    with pytest.raises(HomeError, match=rf"STAIRWELL_LIMITS={limit}=N"):
        built(home)


def test_what_a_library_refuses_costs_its_wall(monkeypatch):
    """Whatever is raised while a wall is built, the home is there, and the wall is named."""
    whole = build_scene(parse_home(cabin().to_bytes(), "cabin"))
    build_wall = assemble.wall_surfaces
    first = next(i.source for i in whole.instances if i.category == "wall")

    def fail(frame, *rest):
        if frame.wall.id == first:
            raise ArithmeticError("TopologyException: side location conflict")
        return build_wall(frame, *rest)

    monkeypatch.setattr(assemble, "wall_surfaces", fail)
    scene = build_scene(parse_home(cabin().to_bytes(), "cabin"))
    assert {i.source for i in whole.instances} - {i.source for i in scene.instances} == {first}
    assert f"left out wall {first!r}: it cannot be built: TopologyException: side location conflict" in scene.warnings


def test_coordinates_that_are_no_numbers_cost_their_thing():
    home = parse_home(cabin().to_bytes(), "cabin")
    walls = tuple(home.home.walls)
    for value in (math.nan, math.inf, 1e300):
        changed = dataclasses.replace(walls[0], x_start=value)
        file = HomeFile(
            "h", dataclasses.replace(home.home, walls=(changed, *walls[1:]), wall_height=value), home.contents
        )
        scene = build_scene(file)
        assert np.isfinite(scene.vertices).all()
        assert any("left out wall" in warning for warning in scene.warnings)
        assert all(math.isfinite(level.height_m) for level in scene.levels)
