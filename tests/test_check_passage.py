"""How wide a body gets through a door: on closed forms, against a grid, and on doors drawn open, raised and blocked."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from scenes.body import BODIES
from scenes.build.assemble import build_scene
from scenes.check import Body, Finding, check_home
from scenes.check.passage import footprints, free_width_m, lets_through
from scenes.draw import Drawing
from scenes.draw.furniture import block, door
from scenes.draw.model import DrawnModel
from scenes.draw.solids import box
from scenes.home.reader import parse_home, read_home
from tests.homes.huts import flat
from tests.homes.parts import PAINT
from tests.program import HOMES, needs_homes

LEFT, RIGHT = shapely.box(-10, -0.1, -0.5, 0.1), shapely.box(0.5, -0.1, 10, 0.1)


def found_in(home: Drawing, body: Body | None = None) -> tuple[Finding, ...]:
    home_file = parse_home(home.to_bytes(), home.name)
    return check_home(home_file, build_scene(home_file), body=body or Body())


def codes(found: tuple[Finding, ...]) -> Counter[str]:
    return Counter(finding.code for finding in found)


@pytest.mark.parametrize("degrees", [5, 45, 90, 120, 175])
def test_a_leaf_leaves_the_distance_from_its_edge_to_the_other_jamb(degrees: float) -> None:
    angle = math.radians(degrees)
    tip = np.array([-0.5 + 0.9 * math.cos(angle), 0.1 + 0.9 * math.sin(angle)])
    leaf = shapely.LineString([(-0.5, 0.1), tip]).buffer(1e-4)
    expected = shapely.distance(leaf, RIGHT)
    assert free_width_m(LEFT, RIGHT, np.array([leaf])) == pytest.approx(min(1.0, expected), abs=1e-3)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_free_width_is_what_a_disc_on_a_grid_gets_through(seed: int) -> None:
    rng = np.random.default_rng(seed)
    places = rng.uniform([-0.5, -0.4], [0.5, 0.4], (rng.integers(1, 9), 2))
    things = shapely.buffer(shapely.points(places), rng.uniform(0.01, 0.1, len(places)))
    width = free_width_m(LEFT, RIGHT, things)
    assert lets_through(LEFT, RIGHT, things, width)
    assert not lets_through(LEFT, RIGHT, things, width + 1e-4)
    step = 0.02
    u, v = np.meshgrid(np.arange(-0.8, 0.8, step), np.arange(-0.8, 0.8, step))
    room = shapely.distance(shapely.union_all([LEFT, RIGHT, *things]), shapely.points(u, v))
    for diameter, passes in ((width - 2 * step, True), (width + 2 * step, False)):
        regions, _ = ndimage.label(room > diameter / 2, np.ones((3, 3)))
        joined = set(regions[0][regions[0] > 0]) & set(regions[-1][regions[-1] > 0])
        assert bool(joined) == passes or diameter <= 0


def test_footprints_are_what_stands_between_two_heights() -> None:
    cone = np.asarray(trimesh.creation.cone(radius=1.0, height=1.0, sections=64).triangles)
    slab = shapely.union_all(footprints(cone, 0.25, 0.5))
    np.testing.assert_allclose(slab.area, math.pi * (0.75**2 - 0.5**2), rtol=0.01)
    wall = np.asarray(trimesh.creation.box((2, 0.1, 1)).triangles)
    (bounds,) = shapely.bounds([shapely.union_all(footprints(wall, -0.2, 0.2))])
    np.testing.assert_allclose(bounds, [-1, -0.05, 1, 0.05], atol=1e-3)
    assert not len(footprints(wall, 0.5, 2.0))


def inner_door(model: DrawnModel, **more: float) -> Drawing:
    home, ground = flat(inner_door=False)
    ground.door(model, 300, 300, angle=math.pi / 2, **more)
    return home


def with_a_board(height_cm: float) -> DrawnModel:
    """A door with a board across its foot."""
    plain = door(90, wall=10)
    return replace(plain, name="board", moulds=[*plain.moulds, box((-45, 0, -6), (45, height_cm, -1), PAINT)])


@pytest.mark.parametrize("height_cm", [4, 12, 18])
def test_bodies_do_not_contradict_each_other_over_a_sill(height_cm: float) -> None:
    home = inner_door(with_a_board(height_cm))
    assert codes(found_in(home)) == Counter()
    for name in ("climber", "person"):
        assert codes(found_in(home, Body.of(BODIES[name]))) == Counter()
    (finding,) = found_in(home, Body.of(BODIES["wheeled"]))
    assert (finding.code, finding.severity) == ("high-threshold", "warning")
    assert f"{height_cm / 100:.2f} m high" in finding.message
    assert "steps 0.01 m" in finding.message


@settings(max_examples=6, deadline=None)
@given(st.floats(30, 110), st.floats(0, 25), st.floats(110, 210), st.integers(0, 3))
def test_a_body_that_is_smaller_in_all_finds_no_fault_that_a_larger_one_does_not(
    width_cm: float, board_cm: float, height_cm: float, seed: int
) -> None:
    plain = door(width_cm, height_cm, wall=10)
    board = box((-width_cm / 2, 0, -6), (width_cm / 2, max(0.5, board_cm), -1), PAINT)
    home, ground = flat(inner_door=False)
    ground.door(replace(plain, name="any", moulds=[*plain.moulds, board]), 300, 300, angle=math.pi / 2)
    rng = np.random.default_rng(seed)
    ground.place(block(60, 40, float(rng.uniform(5, 150))), 300 + rng.uniform(40, 90), 300 + rng.uniform(-60, 60))
    home_file = parse_home(home.to_bytes(), home.name)
    scene = build_scene(home_file)
    bodies = [Body(0.3 + 0.1 * i, 0.5 + 0.3 * i, 0.22 - 0.04 * i) for i in range(4)]
    before: set[str] = set()
    for body in bodies:
        faults = {f.code for f in check_home(home_file, scene, body=body)} & {"narrow-door", "high-threshold"}
        assert not before - faults - ({"narrow-door"} if "high-threshold" in faults else set())
        before = faults


@pytest.mark.parametrize("degrees", [25, 60, 90])
@pytest.mark.parametrize("half_cm", [45, 22])
def test_a_leaf_that_is_drawn_open_and_not_named_is_left_out(half_cm: float, degrees: float) -> None:
    """As that of doors of old catalogs, which are one piece with their frame to the program."""
    jamb = [box((-half_cm - 5, 0, -5), (-half_cm, 205, 5), PAINT), box((half_cm, 0, -5), (half_cm + 5, 205, 5), PAINT)]
    leaf = box((0, 1, 0), (2 * half_cm, 205, 3), PAINT)
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turned = leaf.points @ np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]]) + [-half_cm, 0, 5]
    model = DrawnModel("open", [*jamb, replace(leaf, points=turned)], sashes=door().sashes)
    found = found_in(inner_door(model))
    assert codes(found) == Counter(["narrow-door"] * (half_cm == 22))
    assert all("leaves 0.44 m free" in finding.message for finding in found)


def test_a_thing_in_front_of_a_door_is_named_with_its_height() -> None:
    home, ground = flat()
    ground.place(block(120, 20, 12), 325, 300, angle=math.pi / 2, name="Kerb")
    ground.place(block(20, 20, 120), 330, 380, name="Post")
    assert codes(found_in(home)) == Counter()
    (finding,) = found_in(home, Body.of(BODIES["wheeled"]))
    assert finding.code == "blocked-door"
    assert "'Kerb' (0.12 m high)" in finding.message
    assert "Post" not in finding.message


@pytest.mark.parametrize(("away_cm", "is_blocked"), [(40, True), (48, True), (52, False)])
def test_a_body_must_find_room_beyond_the_door(away_cm: float, is_blocked: bool) -> None:
    home, ground = flat()
    ground.place(block(200, 20, 120), 305 + away_cm + 10, 300, angle=math.pi / 2, name="Counter")
    found = found_in(home)
    assert codes(found) == Counter(["blocked-door"] * is_blocked)
    assert all(f"{away_cm / 100:.2f} m are left" in finding.message for finding in found)


def test_a_low_glazed_opening_is_a_window_for_all_bodies() -> None:
    home, ground = flat()
    ground.door(door(120, 130, wall=20, glazed=True), 450, 0, elevation=20, name="Low window")
    for body in (Body(), *map(Body.of, BODIES.values())):
        assert codes(found_in(home, body)) == Counter()


@needs_homes
def test_doors_that_were_drawn_open_leave_their_hole() -> None:
    """The right values were measured in the program."""
    home_file = read_home(HOMES / "found" / "old_open_door_narrow.sh3d")
    scene = build_scene(home_file)
    for low in (0.3, 1.8):
        body = Body(width_m=0.88, height_m=low + 0.05, step_m=low)
        assert not check_home(home_file, scene, body=body)
        assert codes(check_home(home_file, scene, body=replace(body, width_m=0.89))) == Counter(["narrow-door"])
    for body in (Body(), *map(Body.of, BODIES.values())):
        assert not check_home(home_file, scene, body=body)


def test_the_home_of_the_readme_can_be_entered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(__file__).parents[1] / "README.md").read_text()
    code = next(part for part in page.split("```python\n")[1:] if "Drawing(" in part).split("```")[0]
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "README.md", "exec"), {})
    home_file = read_home(tmp_path / "hut.sh3d")
    assert check_home(home_file, build_scene(home_file)) == ()
