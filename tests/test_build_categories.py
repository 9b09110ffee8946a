"""What a piece is taken for: by what the file says and by its shape, at the bounds that the rules name."""

import dataclasses

import numpy as np
import pytest

from scenes.build.categories import is_incline
from scenes.draw.model import DrawnModel
from scenes.draw.solids import box, prism
from scenes.home.furniture import FurnitureGroup, Light
from scenes.mesh import flat
from tests.homes.parts import CUBE_REFERENCE as CUBE
from tests.homes.parts import PAINT, contents, level, opening, piece, room, scene_of
from tests.measure import instances

CUT = "M0,0 v1 h1 v-1 z"


def category_of(*pieces, files=None, source="p", **parts):
    (instance,) = instances(scene_of(files, furniture=pieces, **parts), source)
    return instance.category


@pytest.mark.parametrize(
    ("height", "elevation", "expected"),
    [
        (200, 0, "door"), (120, 20, "door"), (119, 0, "window"), (200, 21, "window"), (120, 90, "window"),
        (220, -10, "door"),
    ],
)  # fmt: skip
def test_a_door_reaches_the_floor_and_lets_a_person_through(height, elevation, expected):
    assert category_of(opening("p", CUBE, (0, 0), (90, 10, height), elevation=elevation)) == expected
    plain = piece("p", CUBE, (0, 0), (90, 10, height), elevation=elevation, door_or_window=True)
    assert category_of(plain) == expected


def test_the_height_of_a_door_is_over_its_own_level():
    levels = (level("up", 500),)
    assert category_of(opening("p", CUBE, (0, 0), (90, 10, 200), level="up"), levels=levels) == "door"


@pytest.mark.parametrize(
    ("raised", "expected"), [(48, "door"), (51, "door"), (28, "door"), (27, "window"), (52, "window")]
)
def test_a_door_may_stand_on_the_raised_floor_beside_it(raised, expected):
    levels = (level("low", 0), level("high", raised))
    rooms = (room("r", [(-100, 10), (100, 10), (100, 200), (-100, 200)], level="high"),)
    door = opening("p", CUBE, (0, 0), (90, 10, 200), elevation=48, level="low")
    assert category_of(door, levels=levels, rooms=rooms) == expected
    away = dataclasses.replace(door, y=-50.0)
    assert category_of(away, levels=levels, rooms=rooms) == "window"


def test_furniture_and_lights():
    assert category_of(piece("p", CUBE, (0, 0), (50, 50, 50))) == "furniture"
    lamp = Light(id="p", name="p", model=CUBE, x=0.0, y=0.0, width=20.0, depth=20.0, height=20.0)
    assert category_of(lamp) == "light"


def test_a_piece_that_cuts_ceilings_is_a_staircase():
    assert category_of(piece("p", CUBE, (0, 0), (90, 300, 250), staircase_cut_out_shape=CUT)) == "stair"


def flight(steps, rise=17.0, going=25.0, width=90.0, first=None):
    """Boxes that rise along z, each on the floor."""
    low = rise if first is None else first
    return [box((0, 0, i * going), (width, low + i * rise, (i + 1) * going), PAINT) for i in range(steps)]


def modelled(moulds, **more):
    model = DrawnModel("m", moulds)
    files = contents(model)
    width, depth, height = model.size_cm()
    return category_of(piece("p", "m/m.obj", (0, 0), (width, depth, height), **more), files=files)


@pytest.mark.parametrize(
    ("steps", "more", "expected"),
    [
        (15, {}, "stair"),
        (3, {}, "stair"),
        (2, {}, "furniture"),
        (5, {"rise": 29.0}, "stair"),
        (5, {"rise": 35.0}, "furniture"),
        (5, {"rise": 5.0, "first": 17.0}, "furniture"),
        (5, {"first": 60.0}, "furniture"),
        (5, {"going": 1.0}, "furniture"),
    ],
)
def test_treads_that_rise_make_a_staircase(steps, more, expected):
    assert modelled(flight(steps, **more)) == expected


def test_shelves_above_each_other_are_none():
    boards = [box((0, i * 25.0, 0), (90, i * 25.0 + 2, 30), PAINT) for i in range(8)]
    assert modelled(boards) == "furniture"


def ramp(length, height, width=100.0):
    return [prism([(0, 0), (length, 0), (length, height)], 0, width, PAINT)]


@pytest.mark.parametrize(
    ("length", "height", "expected"),
    [(300, 50, "ramp"), (300, 6, "furniture"), (100, 90, "furniture"), (100, 55, "ramp"), (25, 5, "furniture")],
)
def test_an_incline_one_can_walk_up_is_a_ramp(length, height, expected):
    assert modelled(ramp(length, height)) == expected


def test_a_slope_that_begins_at_no_floor_is_none():
    assert modelled(ramp(300, 50), elevation=100.0) == "furniture"
    assert modelled(ramp(300, 50), elevation=20.0) == "ramp"


def test_a_ramp_begins_at_a_floor_of_any_level():
    model = DrawnModel("m", ramp(300, 50))
    one = piece("p", "m/m.obj", (0, 0), (300, 100, 50), elevation=262.0)
    assert category_of(one, files=contents(model)) == "furniture"
    levels = (level("low", 0), level("up", 262))
    assert category_of(one, files=contents(model), levels=levels) == "ramp"


def test_a_level_sheet_is_no_incline():
    corners = np.array([[[0, 0, 0], [3, 0, 0], [0, 3, 0.0]]])
    assert not is_incline(flat(corners), [0.0])


def steps_of_boxes(count, rise=17.0, first=17.0, gap=0.0, size=(90, 28)):
    return [piece(f"s{i}", CUBE, (0, i * (size[1] + gap)), (*size, first + i * rise)) for i in range(count)]


def categories(pieces, **parts):
    scene = scene_of(furniture=pieces, **parts)
    return [instance.category for instance in scene.instances if instance.category != "ground"]


@pytest.mark.parametrize(
    ("boxes", "expected"),
    [
        (steps_of_boxes(5), "stair"),
        (steps_of_boxes(3), "stair"),
        (steps_of_boxes(2), "furniture"),
        (steps_of_boxes(5, rise=0.0), "furniture"),
        (steps_of_boxes(5, rise=45.0), "furniture"),
        (steps_of_boxes(5, first=60.0), "furniture"),
        (steps_of_boxes(5, gap=20.0), "furniture"),
        (steps_of_boxes(5, size=(40, 28)), "furniture"),
    ],
)
def test_a_row_of_rising_boxes_is_a_staircase(boxes, expected):
    """Also in a group, and whatever their order; each box remains an instance of its own."""
    for pieces in (boxes, boxes[::-1], [FurnitureGroup(name="g", members=tuple(boxes))]):
        assert categories(pieces) == [expected] * len(boxes)


def test_a_row_of_boxes_may_begin_on_any_floor():
    levels = (level("low", 0), level("up", 262))
    lifted = [piece(f"s{i}", CUBE, (0, i * 28), (90, 28, 17), elevation=262 + 17.0 * i) for i in range(4)]
    assert categories(lifted, levels=levels) == ["stair"] * 4
    assert categories(lifted) == ["furniture"] * 4


def test_a_table_beside_the_steps_is_none():
    table = piece("t", CUBE, (200, 0), (90, 90, 75))
    assert sorted(categories([*steps_of_boxes(4), table])) == ["furniture"] + ["stair"] * 4


def test_names_do_not_decide():
    assert category_of(piece("p", CUBE, (0, 0), (90, 90, 90), catalog_id="eTeks#stairs")) == "furniture"
