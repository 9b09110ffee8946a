"""`sim check`'s rules: each on a home with its fault and on the same home mended, and over real homes."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh
from hypothesis import given
from hypothesis import strategies as st

from scenes.build.assemble import build_scene
from scenes.check import RULES, Body, Finding, check_home
from scenes.check.doorways import widest_gap
from scenes.check.touch import touch
from scenes.clip import extents_within
from scenes.connectors.certificate import Measure
from scenes.draw import Drawing
from scenes.draw.furniture import block, chair, door, flight
from scenes.home.home import Home
from scenes.home.reader import HomeFile, parse_home, read_home
from scenes.surfaces import Surfaces
from sim.cli.json_output import print_json
from tests.findings_table import BUNDLED, FOUND, REAL, counts, table
from tests.homes import check_cases
from tests.homes.check_cases import CASES
from tests.homes.huts import INSIDE, STOREY, UPSTAIRS, hut, platform, room, shell, storeys
from tests.program import HOMES


def findings(home: Drawing | HomeFile, body: Body | None = None) -> tuple[Finding, ...]:
    home_file = parse_home(home.to_bytes(), home.name) if isinstance(home, Drawing) else home
    return check_home(home_file, build_scene(home_file), body=body or Body())


def codes(found: tuple[Finding, ...]) -> Counter[str]:
    return Counter(finding.code for finding in found)


@pytest.mark.parametrize(("case", "expected"), CASES, ids=[case.__name__ for case, _ in CASES])
def test_a_fault_is_found_and_nothing_else(case: Callable[..., Drawing], expected: set[str]) -> None:
    drawing = case(faulty=True)
    found = findings(drawing)
    assert codes(found) == Counter(expected)
    levels = {level.name for level in drawing.levels}
    for finding in found:
        assert finding.level is None or finding.level in levels
        assert len(finding.message) > 20


@pytest.mark.parametrize("case", [case for case, _ in CASES], ids=[case.__name__ for case, _ in CASES])
def test_a_mended_home_has_no_findings(case: Callable[..., Drawing]) -> None:
    assert findings(case(faulty=False)) == ()


def test_every_rule_has_a_case() -> None:
    assert {code for _, expected in CASES for code in expected} == {rule.code for rule in RULES}
    assert len({rule.code for rule in RULES}) == len(RULES)


def test_the_page_lists_every_rule() -> None:
    page = (Path(__file__).parents[1] / "docs" / "check.md").read_text()
    assert re.findall(r"^\| `([a-z-]+)` \| (\w+) \|", page, re.M) == [(rule.code, rule.severity) for rule in RULES]


@pytest.mark.parametrize("faulty", [True, False])
@pytest.mark.parametrize(("case", "expected"), CASES, ids=[case.__name__ for case, _ in CASES])
def test_findings_do_not_depend_on_how_the_home_lies(
    case: Callable[..., Drawing], expected: set[str], faulty: bool
) -> None:
    drawing = case(faulty=faulty)
    home_file = parse_home(drawing.to_bytes(), drawing.name)
    turned = findings(replace(home_file, home=turned_home(home_file.home, 0.7, 1234.5, -678.9)))
    assert codes(turned) == Counter(expected if faulty else ())


def turned_home(home: Home, angle: float, dx: float, dy: float) -> Home:
    """The home turned clockwise on the plan around (0, 0), then moved."""
    cos, sin = math.cos(angle), math.sin(angle)

    def at(x: float, y: float) -> tuple[float, float]:
        return x * cos - y * sin + dx, x * sin + y * cos + dy

    walls = []
    for wall in home.walls:
        (x0, y0), (x1, y1) = at(wall.x_start, wall.y_start), at(wall.x_end, wall.y_end)
        walls.append(replace(wall, x_start=x0, y_start=y0, x_end=x1, y_end=y1))
    rooms = []
    for old in home.rooms:
        corners = [at(point.x, point.y) for point in old.points]
        points = tuple(replace(point, x=x, y=y) for point, (x, y) in zip(old.points, corners, strict=True))
        rooms.append(replace(old, points=points))
    pieces = []
    for piece in home.furniture:
        x, y = at(piece.x, piece.y)
        pieces.append(replace(piece, x=x, y=y, angle=piece.angle + angle))
    return replace(home, walls=tuple(walls), rooms=tuple(rooms), furniture=tuple(pieces))


@pytest.mark.parametrize(
    ("case", "code", "figure"),
    [
        ("wrong_scale", "wrong-scale", r"0\.21 m high.* 9\.58 times"),
        ("high_ceiling", "ceiling-height", r"10\.00 m"),
        ("overlapping_rooms", "overlapping-rooms", r"2\.90 m2"),
        ("area_without_room", "area-without-room", r"15\.7 m2"),
        ("upper_room_without_floor", "room-over-nothing", r"2\.72 m lower"),
        ("overlapping_walls", "overlapping-walls", r"2\.00 m"),
        ("wall_gap", "wall-gap", r"15 cm"),
        ("door_in_no_wall", "door-in-no-wall", r"0\.9\d m away"),
        ("narrow_door", "narrow-door", r"0\.3[45] m free in its frame, from 0\.18 m .* 0\.50 m wide"),
        ("low_door", "narrow-door", r"1\.1[67] m free over its sill where it is 0\.50 m wide.* 1\.20 m high"),
        ("high_threshold", "high-threshold", r"0\.24 m high.* steps 0\.18 m"),
        ("raised_door", "high-threshold", r"0\.19 m high"),
        ("blocked_door", "blocked-door", r"'Wardrobe' \(\d\.\d\d m high\): 0\.\d\d m are left.* 0\.50 m wide"),
        ("door_over_drop", "door-over-drop", r"2\.72 m lower"),
        ("higher_than_wall", "higher-than-wall", r"0\.34 m"),
        ("short_stairs", "stairs-lead-nowhere", r"1\.02 m below the floor of level 'Upstairs'"),
        ("short_stairs", "stairs-under-floor", r"0\.90 m"),
        ("stairs_past_a_floor", "stairs-end-off-floor", r"0\.51 m above"),
        ("hanging_stairs", "stairs-foot", r"0\.85 m"),
        ("floating_walls", "floating-building", r"0\.28 m"),
        ("floating", "floating", r"and 1 more.* 0\.30 m .*to 0 cm"),
        ("sunk", "sunk", r"8\d%.* to 0 cm"),
    ],
)
def test_messages_carry_the_figure(case: str, code: str, figure: str) -> None:
    found = findings(getattr(check_cases, case)(faulty=True))
    assert re.search(figure, next(finding.message for finding in found if finding.code == code))


def test_what_is_without_limit_is_said_in_words_and_is_null_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    sky = Measure("headroom", math.inf, 1.5, "m", passes=True, reason="")
    gone = Measure("foot at a floor", math.inf, 0.0, "m", passes=False, reason="no free floor is in reach")
    assert str(sky) == "headroom without limit: ok"
    assert str(gone) == "foot at a floor missing: fails: no free floor is in reach"
    print_json({"a": math.inf, "b": [math.nan, 1.5], "c": ({"d": -math.inf},), "e": "NaN"})
    printed = capsys.readouterr().out
    found = json.loads(printed, parse_constant=pytest.fail)
    assert found == {"a": None, "b": [None, 1.5], "c": [{"d": None}], "e": "NaN"}


def test_a_finding_says_where() -> None:
    (finding,) = findings(check_cases.floating(faulty=True))
    assert re.fullmatch(r"Ground floor, x 200, y (199|200) cm", finding.place)
    assert finding.where_m is not None
    np.testing.assert_allclose(finding.where_m, (2.0, -2.0, 0.3), atol=0.02)
    assert len(finding.sources) == 2


def test_the_body_decides_what_is_narrow_and_deep() -> None:
    home, _ = hut()
    assert codes(findings(home, Body(width_m=1.1))) == Counter(["narrow-door"])
    assert codes(findings(home, Body(height_m=2.2))) == Counter(["narrow-door"])
    drop = check_cases.door_over_drop(faulty=True)
    assert codes(findings(drop, Body(step_m=3.0)))["door-over-drop"] == 0


def test_many_findings_of_a_kind_are_cut_short_and_errors_come_first() -> None:
    home, ground = hut()
    for index in range(25):
        ground.place(chair(), 1000 + 100 * index, 300, elevation=50.0)
    ground.door(door(wall=20), 150, 300)
    found = findings(home)
    assert [finding.severity for finding in found] == ["error"] + ["warning"] * 11
    assert found[-1].message == "and 15 more"
    assert len(found[-1].sources) == 15


@pytest.mark.parametrize(("gap_cm", "is_found"), [(0.5, False), (1.5, True), (29.0, True), (35.0, False)])
def test_gaps_are_faults_between_a_crack_and_an_opening(gap_cm: float, is_found: bool) -> None:
    home = check_cases.wall_gap(faulty=False)
    walls = home.elements["wall"]
    inner = next(i for i, wall in enumerate(walls) if wall.thickness == 10)
    walls[inner] = replace(walls[inner], y_end=walls[inner].y_end - gap_cm)
    assert codes(findings(home))["wall-gap"] == is_found


@pytest.mark.parametrize(("common_cm", "is_found"), [(25, False), (35, True)])
def test_walls_in_line_overlap_by_how_far_they_run_in_each_other(common_cm: float, is_found: bool) -> None:
    """Not by how thick they are, which may be more."""
    home, ground = hut()
    ground.walls([(100, 200), (300, 200)], thickness=40)
    ground.walls([(300 - common_cm, 200), (400, 200)], thickness=40)
    found = findings(home)
    assert codes(found) == Counter(["overlapping-walls"] * is_found)
    assert all(f"{common_cm / 100:.2f} m" in finding.message for finding in found)


def test_a_group_holds_its_members() -> None:
    home, ground = hut()
    low = ground.place(chair(), 200, 200)
    high = ground.place(chair(), 200, 400, elevation=100.0)
    assert codes(findings(home)) == Counter(["floating"])
    ground.group("Pair", [low, high])
    assert findings(home) == ()


def test_a_closed_way_down_is_no_drop() -> None:
    home, _, upper = storeys()
    upper.door(door(wall=20), 450, 600)
    upper.place(block(140, 10, 100), 450, 625)
    assert codes(findings(home)) == Counter(["blocked-door"])


def test_furniture_at_the_foot_of_stairs_closes_them() -> None:
    home, ground, _ = storeys()
    ground.place(block(180, 130, 120), 100, 526, name="Crate")
    (foot, unjoined) = findings(home)
    assert (foot.code, unjoined.code) == ("stairs-foot", "unjoined-level")
    assert "clear the way" in foot.message


@pytest.mark.parametrize("risers", [1, 2, 3])
def test_a_few_steps_join_a_half_level(risers: int) -> None:
    home, ground = hut()
    half = platform(home, risers * 17, (10, 10, 590, 150))
    half.place(chair(), 450, 80)
    assert codes(findings(home, Body(step_m=0.16)))["unjoined-level"] == 1
    ground.place(flight(risers, 17, 28, 100), 200, 150 + risers * 14)
    assert findings(home, Body(step_m=0.16)) == ()


def test_one_staircase_joins_three_storeys() -> None:
    home, ground, _ = storeys(stairs=False)
    attic = home.level("Attic", elevation=2 * UPSTAIRS, height=STOREY, floor_thickness=12)
    shell(attic)
    room(attic, "Attic", INSIDE)
    attic.place(chair(), 450, 200)
    ground.staircase(flight(2 * check_cases.RISERS, check_cases.RISE, 15), 100, 300, name="Stairs")
    assert findings(home) == ()


@given(st.lists(st.tuples(st.integers(-5, 25), st.integers(1, 8)), max_size=6))
def test_the_widest_gap_is_the_longest_free_run(starts: list[tuple[int, int]]) -> None:
    taken = [(float(low), float(low + length)) for low, length in starts]
    low, high = widest_gap(taken, (0.0, 20.0))
    free = [not any(a <= cell and cell + 1 <= b for a, b in taken) for cell in range(20)]
    runs = "".join("." if is_free else "#" for is_free in free).split("#")
    assert high - low == max(len(run) for run in runs)


@given(st.integers(0, 2**32 - 1))
def test_clipped_triangles_span_what_their_points_in_the_box_span(seed: int) -> None:
    rng = np.random.default_rng(seed)
    triangle = rng.uniform(-2, 2, (1, 3, 3))
    low, high = np.array([-1.0, -1.0, -1.0]), np.array([1.0, 1.0, 1.0])
    weights = rng.dirichlet(np.ones(3), 4000)
    points = weights @ triangle[0]
    inside = points[((points >= low) & (points <= high)).all(axis=1)]
    found = extents_within(triangle, low, high)
    if len(inside):
        assert len(found) == 1
        assert found[0, 0] <= inside[:, 0].min() + 2e-3
        assert found[0, 1] >= inside[:, 0].max() - 2e-3
    for start, end in found:
        assert low[0] - 1e-9 <= start <= end <= high[0] + 1e-9


def test_crossings_are_the_heights_of_a_sphere() -> None:
    sphere = trimesh.creation.icosphere(subdivisions=5)
    corners = np.asarray(sphere.triangles)
    surfaces = Surfaces(corners, np.full(len(corners), 7, np.int64))
    points = np.random.default_rng(1).uniform(-0.6, 0.6, (200, 2))
    hits = surfaces.crossings(points)
    expected = np.sqrt(1 - (points[hits.line] ** 2).sum(axis=1))
    np.testing.assert_allclose(np.abs(hits.height_m), expected, atol=2e-3)
    assert (hits.faces_up == (hits.height_m > 0)).all()
    assert set(np.bincount(hits.line).tolist()) == {2}


@pytest.mark.parametrize(
    ("offset", "touches"),
    [((1.01, 0, 0), True), ((1.05, 0, 0), False), ((0, 0, 1.01), True), ((0, 0, 1.05), False), ((0.3, 0.3, 0), True)],
)
def test_boxes_touch_within_reach(offset: tuple[float, float, float], touches: bool) -> None:
    box = np.asarray(trimesh.creation.box((1, 1, 1)).triangles)
    assert touch(box, box + offset, 0.02) == touches
    small = np.asarray(trimesh.creation.box((0.2, 0.2, 0.2)).triangles)
    assert touch(box, small + [0, 0, 0.55], 0.02)
    assert not touch(box, small + [0, 0, 0.75], 0.02)


@pytest.mark.parametrize("path", BUNDLED, ids=[path.stem for path in BUNDLED])
def test_the_bundled_homes_are_clean(path: Path) -> None:
    assert findings(read_home(path)) == ()
    assert table()[path.stem] == (Counter(), Counter(), "")


@pytest.mark.parametrize("path", [*REAL, *FOUND], ids=[path.stem for path in [*REAL, *FOUND]])
def test_real_homes(path: Path) -> None:
    """Nothing crashes; what is found names things of the home, and was looked at: the page says so."""
    home_file = read_home(path)
    scene = build_scene(home_file)
    found = check_home(home_file, scene)
    known = {instance.source for instance in scene.instances} | {wall.id for wall in home_file.home.walls}
    known |= {room.source for room in scene.rooms}
    assert {source for finding in found for source in finding.sources} <= known
    *findings_on_page, remark = table()[path.stem]
    assert counts(found) == tuple(findings_on_page)
    assert remark or not found
    if (truth_file := HOMES / "truth" / f"{path.stem}.json").exists():
        truth = json.loads(truth_file.read_text())
        lengths = [math.hypot(w["xEnd"] - w["xStart"], w["yEnd"] - w["yStart"]) for w in truth["walls"]]
        assert codes(found)["no-extent"] == sum(length < 0.01 for length in lengths)
