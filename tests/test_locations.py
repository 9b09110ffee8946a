"""Locations by name, and how `sim navigate` goes between them."""

from __future__ import annotations

import dataclasses
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from scenes.body import PERSON
from scenes.build.assemble import build_scene
from scenes.draw import Drawing
from scenes.draw.furniture import flight, sofa
from scenes.errors import HomeError
from scenes.home.reader import parse_home
from scenes.library import load_scene
from scenes.scene import Scene
from sim.experts.experts import Ending
from sim.experts.trip import Trip
from sim.nav import NavGraph
from sim.nav.locations import choose_ends, find_location, room_names, standing_places
from sim.nav.route_map import RouteMap
from tests.homes.huts import EAST, INSIDE, RISE, RISERS, STOREY, UPSTAIRS, room, shell
from tests.program import HOMES

FOUND = HOMES / "found"
needs_found = pytest.mark.skipif(not FOUND.is_dir(), reason=f"{FOUND} is not there")


def built(drawing: Drawing) -> Scene:
    return build_scene(parse_home(drawing.to_bytes(), drawing.name))


@cache
def house(*, low_ceiling: bool = False) -> Scene:
    """Two storeys joined by a flight through a hole; with a low ceiling the flight ends under a whole slab."""
    home = Drawing("house", wall_height=STOREY)
    ground = home.level("Ground floor", elevation=0, height=STOREY)
    upper = home.level("Upper floor", elevation=UPSTAIRS, height=STOREY)
    for level in (ground, upper):
        shell(level)
        room(level, "Hall", INSIDE)
    model = flight(RISERS, RISE, 25, 90, solid=False)
    (ground.place if low_ceiling else ground.staircase)(model, 300, 60, angle=-np.pi / 2, name="Staircase")
    ground.place(sofa(), 450, 450, name="Divan")
    return built(home)


@cache
def terrace() -> Scene:
    """Two small rooms, of which the second is in two parts, and a terrace on the roof that is larger than both."""
    home = Drawing("terrace", wall_height=STOREY)
    ground = home.level("Ground floor", elevation=0, height=STOREY)
    roof = home.level("Roof", elevation=UPSTAIRS, height=STOREY)
    shell(ground)
    ground.walls([(300, 0), (300, 600)], thickness=10)
    room(ground, "", (10, 10, 295, 590))
    room(ground, "Pantry", EAST)
    room(roof, "Terrace", (-300, -300, 900, 900))
    return built(home)


@pytest.mark.parametrize(
    ("text", "name", "rooms"),
    [
        ("Hall", "Hall", (0, 1)),
        (" hall ", "Hall", (0, 1)),
        ("HALL@upper FLOOR", "Hall (Upper floor)", (1,)),
        ("room #2", "Hall (Upper floor)", (1,)),
        ("Room#1", "Hall (Ground floor)", (0,)),
    ],
)
def test_rooms_are_found_by_name_level_and_number(text: str, name: str, rooms: tuple[int, ...]) -> None:
    location = find_location(house(), text)
    assert (location.name, location.rooms) == (name, rooms)


def test_levels_points_and_objects_are_found() -> None:
    scene = house()
    assert find_location(scene, "upper floor").level == 1
    assert find_location(scene, "1.5,-4").point == (1.5, -4.0, 0.0)
    assert find_location(scene, "1.5, -4, Upper Floor").point == (1.5, -4.0, pytest.approx(UPSTAIRS / 100))
    assert find_location(scene, "1.5,-4,0.25").point == (1.5, -4.0, 0.25)
    (divan,) = (instance.id for instance in scene.instances if instance.name == "Divan")
    assert find_location(scene, "divan").objects == (divan,)
    assert find_location(scene, f"object #{divan}").objects == (divan,)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hal", "no room 'Hal', nor a level or an object of that name; did you mean 'Hall'?; the rooms are Hall; "),
        ("diwan", "did you mean 'Divan'?"),
        ("", "no room ''"),
        ("room #3", "no room #3; the rooms are numbered 1 to 2"),
        ("room #0", "no room #0"),
        ("object #999", "no object #999"),
        ("1,2,Uper floor", "no level 'Uper floor'; did you mean 'Upper floor'"),
        ("1,nan", "no room '1,nan'"),
        ("Hall@Attic", "no room 'Hall@Attic'"),
    ],
)
def test_what_is_not_there_is_answered_with_what_is(text: str, said: str) -> None:
    with pytest.raises(HomeError) as caught:
        find_location(house(), text)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_rooms_without_a_name_are_called_by_their_number() -> None:
    assert room_names(terrace()) == ["room #1", "Pantry", "Terrace"]
    with pytest.raises(HomeError, match=r"the rooms are room #1, Pantry, Terrace;"):
        find_location(terrace(), "Kitchen")
    nameless = dataclasses.replace(house(), rooms=())
    with pytest.raises(HomeError, match="the home has no rooms: give a point as x,y,level or an object"):
        find_location(nameless, "Kitchen")
    with pytest.raises(HomeError, match="no room #1; the home has no rooms: give a point as x,y,level"):
        find_location(nameless, "room #1")


def test_a_rooms_floor_is_not_the_treads_of_its_stairs() -> None:
    scene = house()
    graph = NavGraph.build(scene)
    for level, height in (("Ground floor", 0.0), ("Upper floor", UPSTAIRS / 100)):
        places = standing_places(graph.ground, scene, find_location(scene, f"Hall@{level}"))
        assert len(places) > 1000
        assert graph.ground.z_m[places] == pytest.approx(height, abs=0.02)
    start, goal = choose_ends(graph, *(find_location(scene, f"room #{n}") for n in (1, 2)), np.random.default_rng(0))
    assert (start[2], goal[2]) == pytest.approx((0.0, UPSTAIRS / 100), abs=0.02)


def test_beside_an_object_is_next_to_its_sides() -> None:
    scene = house()
    graph = NavGraph.build(scene)
    location = find_location(scene, "divan")
    points = graph.ground.points(standing_places(graph.ground, scene, location))
    low, high = np.array(scene.instances[location.objects[0] - 1].bounds_m)[:, :2]
    apart = np.linalg.norm(np.maximum(np.maximum(low - points[:, :2], points[:, :2] - high), 0), axis=1)
    assert len(points)
    assert apart.max() < PERSON.radius_m + 0.15
    assert points[:, 2] == pytest.approx(0.0, abs=0.02)


def test_no_path_is_answered_with_the_reason() -> None:
    """The treads of a flight under a whole slab are in the room above by their height alone."""
    with pytest.raises(HomeError) as caught, trip(house(low_ceiling=True), "room #1", "room #2"):
        pass
    assert "Hall (Upper floor) cannot be reached by a body of radius 0.2 m" in str(caught.value)
    assert "its headroom is" in str(caught.value)


def test_rooms_off_the_main_island_are_reached() -> None:
    scene = terrace()
    graph = NavGraph.build(scene)
    room_of = {island.name: number for number, island in enumerate(graph.islands)}
    assert room_of["Terrace"] == graph.main_island
    with trip(scene, "pantry", "5.5,-5.5") as taken:
        *_, last = taken.visits()
    assert last.ending is Ending.REACHED
    with pytest.raises(HomeError, match=r"Pantry cannot be reached by .* from room #1; the two come"):
        trip(scene, "room #1", "Pantry")


def trip(scene: Scene, start: str, goal: str) -> Trip:
    return Trip(scene, start, goal, agent="kinematic", expert="perfect", people=0, seed=0)


def test_the_map_of_a_route_names_rooms_start_and_goal() -> None:
    scene = house()
    with trip(scene, "Hall@Ground floor", "Hall@Upper floor") as taken:
        visits = list(taken.visits())
        points = np.array([visit.T_world_body[:3, 3] for visit in visits])
        drawn = RouteMap(taken.graph, points, *taken.names)
    text = drawn.svg()
    assert text.count("<svg ") == 3
    for said in ("Ground floor", "Upper floor", ">Hall<", ">Hall (Upper floor)<", 'class="start"', 'class="goal"',
                 'class="legend"', "path taken"):  # fmt: skip
        assert said in text
    assert text.index('class="goal"') < text.index('class="start"')  # the upper level is on top


@needs_found
@pytest.mark.parametrize(
    ("home", "start", "goal", "reason"),
    [
        ("navigate_from_room_starts_on_stairs", "R Ground", "R Upper", "headroom"),
        ("navigate_not_main_island", "A", "B", ""),
        ("landing_staircase_clean", "R0", "R1", ""),
    ],
)
def test_homes_that_people_drew(home: str, start: str, goal: str, reason: str) -> None:
    scene = load_scene(str(Path(FOUND) / f"{home}.sh3d"))
    if reason:
        with pytest.raises(HomeError, match=f"cannot be reached.*{reason}"):
            trip(scene, start, goal)
        return
    with trip(scene, start, goal) as taken:
        *_, last = taken.visits()
    assert last.ending is Ending.REACHED
