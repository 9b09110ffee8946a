"""Connectors of drawn homes, against the figures that they were drawn with."""

from __future__ import annotations

import json
import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from scenes.body import BODIES, CLIMBER, PERSON, WHEELED
from scenes.build.assemble import build_scene
from scenes.connectors import Connector, find_connectors, judge_connector
from scenes.draw import Drawing, furniture
from scenes.draw.furniture import block, flight, u_staircase, wedge
from scenes.home.reader import parse_home
from scenes.info import scene_info
from scenes.library import load_scene
from scenes.scene import Scene
from scenes.surfaces import Surfaces
from tests.homes.climbs import boxes, climb, l_of_boxes, spiral

FEW = settings(max_examples=15, phases=(Phase.explicit, Phase.generate))
"""Without shrinking, which builds hundreds of homes: the parameters of a failing case say enough."""
BUNDLED = ("oldenborg", "two-levels", "blocks")


def built(home: Drawing) -> Scene:
    return build_scene(parse_home(home.to_bytes(), home.name))


def only(scene: Scene) -> Connector:
    """The one connector of a scene, steps from floor to floor aside; its line must lie on its surfaces."""
    connectors = find_connectors(scene)
    (found,) = [one for one in connectors if not is_floors(one)]
    assert_walkable(scene, found)
    return found


def is_floors(connector: Connector) -> bool:
    """Whether it is a step from floor to floor."""
    return connector.source[-1].endswith("/floor")


def assert_walkable(scene: Scene, connector: Connector) -> None:
    """Each point of the line lies on a surface; from one to the next it is one riser at most."""
    surfaces = Surfaces.of(scene, {i.id for i in scene.instances if i.category not in ("wall", "line", "label")})
    beside = np.array([[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1]]) * 1e-3
    for point in connector.line:
        hits = surfaces.crossings(point[:2] + beside)
        assert np.abs(hits.height_m - point[2]).min() < 0.002, f"no surface at {point} of {connector.source[0]}"
    if connector.kind == "stairs":
        highest = max([*np.abs(connector.risers_m), 0.0])
        assert np.abs(np.diff(connector.line[:, 2])).max() <= highest + 1e-6


angles = st.floats(-math.pi, math.pi)


@FEW
@given(
    risers=st.integers(3, 16), rise=st.floats(12, 24), going=st.floats(18, 40), width=st.floats(60, 200),
    angle=angles, solid=st.booleans(),
)  # fmt: skip
def test_a_straight_flight_is_what_was_drawn(
    risers: int, rise: float, going: float, width: float, angle: float, *, solid: bool
) -> None:
    home = climb(risers * rise, angle)
    home.add(flight(risers, rise, going, width, solid=solid or risers < 8), 0, risers * going / 2)
    found = only(built(home.home))
    assert (found.kind, found.steps, found.levels) == ("stairs", risers, ("Hall", "Platform"))
    assert found.rise_m == pytest.approx(risers * rise / 100, abs=1e-3)
    assert found.going_m == pytest.approx(going / 100, abs=2e-3)
    assert found.slope_deg == pytest.approx(math.degrees(math.atan2(rise, going)), abs=0.3)
    assert found.width_m == pytest.approx(width / 100, abs=0.01)
    assert found.warnings == ()
    assert len(found.line) == risers + 2
    start, end = found.line[[0, -1]]
    assert (start[2], end[2]) == pytest.approx((0.0, risers * rise / 100), abs=1e-3)


@FEW
@example(steps=1, rise=14.368430140811217, going=43.2357317308691, angle=-2.702868231366496)
@given(steps=st.integers(1, 12), rise=st.floats(9, 28), going=st.floats(20, 45), angle=angles)
def test_boxes_make_stairs(steps: int, rise: float, going: float, angle: float) -> None:
    """Ten steps of 17 cm are ten steps of 17 cm; one or two boxes are a step or two."""
    home = climb(steps * rise, angle)
    boxes(home, [(k + 1) * rise for k in range(steps)], going)
    found = [one for one in find_connectors(built(home.home)) if not is_floors(one)]
    assert [(one.kind, one.steps) for one in found] == [("stairs", steps)]
    assert found[0].rise_m == pytest.approx(steps * rise / 100, abs=1e-3)
    assert found[0].going_m == pytest.approx(going / 100, abs=2e-3)
    assert found[0].width_m == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("angle", [0.0, 0.7])
@pytest.mark.parametrize("risers", [1, 2])
def test_a_flight_of_a_riser_or_two_in_a_corridor(risers: int, angle: float) -> None:
    """Between walls, up to a half level: no piece with so few treads is a stair by itself, but it joins two floors."""
    home = climb(risers * 16, angle)
    for x in (-85, 85):
        home.wall([(x, -300), (x, 900)])
    home.add(flight(risers, 16, 28, 162), 0, risers * 14)
    found = only(built(home.home))
    assert (found.kind, found.steps, found.levels) == ("stairs", risers, ("Hall", "Platform"))
    assert found.rise_m == pytest.approx(risers * 0.16, abs=1e-3)
    assert found.risers_m[:risers] == pytest.approx([0.16] * risers, abs=1e-3)
    assert found.width_m == pytest.approx(1.6, abs=0.01)
    assert judge_connector(found, PERSON).passes


@FEW
@given(slope=st.floats(2, 28), run=st.floats(150, 800), width=st.floats(60, 200), angle=angles)
def test_a_prism_is_an_incline(slope: float, run: float, width: float, angle: float) -> None:
    height = run * math.tan(math.radians(slope))
    home = climb(height, angle)
    home.add(wedge(run, height, width), 0, run / 2)
    found = only(built(home.home))
    assert (found.kind, found.steps, found.levels) == ("incline", 0, ("Hall", "Platform"))
    assert found.slope_deg == pytest.approx(slope, abs=0.05)
    assert found.rise_m == pytest.approx(height / 100, abs=1e-3)
    assert found.going_m == pytest.approx(run / 100, abs=1e-3)
    assert found.width_m == pytest.approx(width / 100, abs=0.01)
    assert found.risers_m == pytest.approx((0.0, 0.0), abs=1e-3)


@pytest.mark.parametrize("angle", [0.0, 2.2])
def test_an_l_turns_on_its_landing(angle: float) -> None:
    home = climb(9 * 17, angle)
    steps = l_of_boxes(home, 17, 28, before=4, after=4, width_cm=100)
    found = only(built(home.home))
    assert (found.steps, found.rise_m) == (steps, pytest.approx(9 * 0.17, abs=1e-3))
    assert found.going_m == pytest.approx(0.28, abs=2e-3)
    assert found.width_m == pytest.approx(1.0, abs=0.01)
    corner = home.plan.at(0, 4 * 28 + 50)
    assert np.hypot(*(found.line[:, :2] - np.array([corner[0], -corner[1]]) / 100).T).min() < 0.01


def test_a_u_goes_around_its_landing() -> None:
    home = climb(18 * 17)
    model = u_staircase(18, 17, 26, 240, landing=100)
    length = 9 * 26 + 100
    home.add(model, 0, length / 2, turned_deg=180)
    found = only(built(home.home))
    assert (found.steps, found.rise_m) == (18, pytest.approx(3.06, abs=1e-3))
    assert found.going_m == pytest.approx(0.26, abs=2e-3)
    on_landing = found.line[np.abs(found.line[:, 2] - 9 * 0.17) < 1e-3]
    assert len(on_landing) == 2
    assert np.abs(on_landing[:, 0]) == pytest.approx([0.625, 0.625], abs=0.01)


@pytest.mark.parametrize("angle", [0.0, 1.0])
def test_a_spiral_is_walked_around_its_post(angle: float) -> None:
    home = climb(13 * 20, angle)
    home.add(spiral(13, 20, 90, 25), 0, 100)
    found = find_connectors(built(home.home))[0]
    assert (found.steps, found.rise_m) == (13, pytest.approx(2.6, abs=1e-3))
    centre = np.array(home.plan.at(0, 100)) * [1, -1] / 100
    treads = found.line[np.isin(np.round(found.line[:, 2], 3), np.round(found.treads_m, 3))]
    reach = np.hypot(*(treads[:-1, :2] - centre).T)
    assert ((reach > 0.3) & (reach < 0.8)).all()
    turned = np.unwrap(np.arctan2(*(treads[:-1, :2] - centre).T[::-1]))
    assert math.degrees(turned[-1] - turned[0]) == pytest.approx(11 * 25, abs=30)


def from_hall(scene: Scene) -> Connector:
    """The one step up from the hall; others lead up from the ground outside."""
    names = {i.source: i.name for i in scene.instances}
    (found,) = [one for one in find_connectors(scene) if names[one.source[0]] == "Hall"]
    assert_walkable(scene, found)
    return found


@pytest.mark.parametrize("height", [5.0, 17.0, 30.0])
def test_floors_a_step_apart_are_joined_where_no_wall_stands(height: float) -> None:
    home = climb(height)
    open_all = from_hall(built(home.home))
    assert (open_all.kind, open_all.steps, open_all.levels) == ("stairs", 1, ("Hall", "Platform"))
    assert open_all.rise_m == pytest.approx(height / 100, abs=1e-4)
    assert open_all.width_m == pytest.approx(12.0, abs=0.2)
    home.wall([(-600, 5), (-50, 5)], height=250)
    home.wall([(40, 5), (600, 5)], height=250)
    gap = from_hall(built(home.home))
    assert gap.width_m == pytest.approx(0.9, abs=0.11)


def test_floors_far_apart_or_level_are_no_connector() -> None:
    for height in (0.5, 60.0):
        assert find_connectors(built(climb(height).home)) == ()


def test_furniture_is_no_stair() -> None:
    """Everything that the project draws, in rows beside each other, on and below a platform."""
    rng = np.random.default_rng(1)
    home = climb(40)
    makers = [getattr(furniture, name) for name in furniture.__all__]
    known = {"block", "flight", "u_staircase", "wedge", "door", "double_door", "cased_opening", "window"}
    for index, maker in enumerate(maker for maker in makers if maker.__name__ not in known):
        model = maker(rng) if maker.__name__ in ("plant", "bookcase") else _drawn(maker, rng)
        home.add(model, -550 + 180 * (index % 7), 80 + 150 * (index // 7))
    assert find_connectors(built(home.home)) == ()


def _drawn(maker, rng: np.random.Generator):  # type: ignore[no-untyped-def]
    try:
        return maker()
    except TypeError:
        return maker(rng) if "rng" in maker.__code__.co_varnames[:1] else maker(np.zeros((8, 8, 3), np.uint8))


def test_rise_of_treads_that_miss_the_floor_is_said() -> None:
    home = climb(180)
    home.add(flight(10, 17, 28, 100), 0, 140)
    found = only(built(home.home))
    assert found.rise_m == pytest.approx(1.70, abs=1e-3)
    assert any("1.70 m" in warning and "1.80 m apart" in warning for warning in found.warnings)


def certificate(home: Drawing, body: str) -> tuple[bool, str]:
    judged = judge_connector(only(built(home)), BODIES[body])
    return judged.passes, " ".join(judged.reasons)


def test_certificates_of_a_good_flight() -> None:
    home = climb(170)
    home.add(flight(10, 17, 28, 100), 0, 140)
    assert certificate(home.home, "climber") == (True, "")
    assert certificate(home.home, "person") == (True, "")
    passes, reasons = certificate(home.home, "wheeled")
    assert not passes
    assert "0.17 m" in reasons
    assert "0.01 m" in reasons


def test_certificate_of_high_steps() -> None:
    home = climb(240)
    home.add(flight(10, 24, 28, 100), 0, 140)
    passes, reasons = certificate(home.home, "climber")
    assert not passes
    assert "0.24 m" in reasons
    assert "0.22 m" in reasons


def test_certificate_of_a_flight_that_ends_above_the_floor() -> None:
    home = climb(140)
    home.add(flight(10, 17, 28, 100), 0, 140)
    passes, reasons = certificate(home.home, "person")
    assert not passes
    assert "0.30 m down" in reasons


def test_certificate_of_low_headroom() -> None:
    home = climb(170)
    home.add(flight(10, 17, 28, 100), 0, 140)
    home.add(block(200, 100, 20), 0, 50, elevation=310)
    passes, reasons = certificate(home.home, "person")
    assert not passes
    assert "headroom is 1.40 m" in reasons


def test_certificate_of_a_short_landing() -> None:
    home = climb(170)
    home.add(flight(10, 17, 28, 100), 0, 140)
    home.wall([(-300, 280 + 50), (300, 280 + 50)], height=250)
    passes, reasons = certificate(home.home, "climber")
    assert not passes
    assert "0.45 m long" in reasons
    assert "0.60 m" in reasons


def test_certificate_of_a_narrow_flight() -> None:
    home = climb(170)
    home.add(flight(10, 17, 28, 100), 0, 140)
    home.wall([(30, 0), (30, 280)], height=400)
    home.wall([(-30, 0), (-30, 280)], height=400)
    passes, reasons = certificate(home.home, "climber")
    assert not passes
    assert "0.50 m wide" in reasons


@pytest.mark.parametrize(("slope", "passing"), [(8.0, "wheeled climber person"), (14.0, "climber person")])
def test_certificates_of_inclines(slope: float, passing: str) -> None:
    height = 100 * math.tan(math.radians(slope)) * 4
    home = climb(height)
    home.add(wedge(400, height, 100), 0, 200)
    assert " ".join(name for name in BODIES if certificate(home.home, name)[0]) == passing


def test_a_tilted_box_is_an_incline_with_a_step() -> None:
    """A box laid from floor to floor: its edges stand off by its thickness."""
    slope, thick, run = math.radians(8), 10.0, 400.0
    rise = run * math.tan(slope)
    home = climb(rise + thick * math.cos(slope))
    model = block(100, run / math.cos(slope), thick)
    home.add(model, 0, run / 2, pitch=-slope, depth_in_plan=run, height_in_plan=rise + thick * math.cos(slope))
    found = only(built(home.home))
    assert found.kind == "incline"
    assert found.slope_deg == pytest.approx(8, abs=0.2)


def test_an_incline_that_begins_below_the_floor() -> None:
    """Its lower third is under the hall; its edge lies at the platform's, 5 cm lower or on a level with it."""
    for off in (0.0, 5.0):
        home = climb(50)
        home.add(wedge(420, 75 - off, 100), 0, 210, elevation=-25)
        found = only(built(home.home))
        assert found.foot is not None
        assert found.head is not None
        assert (found.foot.height_m, found.head.height_m) == pytest.approx((0.0, 0.5), abs=1e-6)
        assert found.treads_m[1] == pytest.approx((50 - off) / 100, abs=1e-3)
        assert abs(found.treads_m[0]) < 0.05


def test_a_flight_does_not_begin_in_a_wall() -> None:
    home = climb(170)
    home.add(flight(10, 17, 28, 100), 0, 140)
    assert only(built(home.home)).foot is not None
    home.hall.walls([(0, 250), (0, 400)], thickness=150)
    assert only(built(home.home)).foot is None


def test_blocks() -> None:
    """The bundled home: ten steps of 17 cm, two inclines of 8 degrees."""
    scene = load_scene("blocks")
    prism, board, stair = find_connectors(scene)
    assert (stair.steps, stair.rise_m) == (10, pytest.approx(1.7, abs=1e-3))
    assert stair.going_m == pytest.approx(0.28, abs=1e-3)
    assert stair.risers_m[:-1] == pytest.approx([0.17] * 10, abs=1e-3)
    assert stair.levels == ("Hall", "Gallery")
    assert (prism.levels, board.levels) == (("Hall", "Platform"), ("Platform", "Far end"))
    for incline in (prism, board):
        assert incline.slope_deg == pytest.approx(8, abs=0.2)
        assert incline.rise_m == pytest.approx(0.6, abs=1e-3)
        assert judge_connector(incline, WHEELED).passes


def test_two_levels() -> None:
    (stair,) = find_connectors(load_scene("two-levels"))
    assert (stair.steps, stair.rise_m) == (16, pytest.approx(2.72, abs=1e-3))
    assert stair.going_m == pytest.approx(0.28, abs=1e-3)
    assert stair.levels == ("Ground floor", "Upper floor")
    assert judge_connector(stair, PERSON).passes


def test_oldenborg() -> None:
    """Its two passages, two stair wells, garden steps, and three inclines; as drawn in scenes.bundled.oldenborg."""
    found = find_connectors(load_scene("oldenborg"))
    inclines = [one for one in found if one.kind == "incline"]
    assert sorted(round(one.slope_deg, 2) for one in inclines) == [5.71, 7.59, 7.59]
    assert sorted(round(one.rise_m, 3) for one in inclines) == [0.6, 0.8, 0.8]
    flights = sorted((one.steps, round(one.rise_m, 3)) for one in found if one.kind == "stairs")
    assert flights == [(4, 0.6), *[(5, 0.8)] * 7, *[(18, 3.06)] * 2]
    assert all(one.foot and one.head and not one.warnings for one in found)
    assert all(judge_connector(one, WHEELED).passes for one in inclines)
    assert all(judge_connector(one, CLIMBER).passes for one in found)


@pytest.mark.parametrize("name", BUNDLED)
def test_lines_of_bundled_homes_lie_on_their_surfaces(name: str) -> None:
    scene = load_scene(name)
    for connector in find_connectors(scene):
        assert_walkable(scene, connector)


def test_info_lists_them() -> None:
    said = json.loads(json.dumps(scene_info(load_scene("blocks"))))["connectors"]
    assert [one["kind"] for one in said] == ["incline", "incline", "stairs"]
    keys = {"kind", "levels", "rise_m", "going_m", "steps", "slope_deg", "width_m", "headroom_m", "source"}
    assert all(keys <= one.keys() for one in said)


def test_check_prints_a_certificate() -> None:
    command = [sys.executable, "-m", "sim.cli", "check", "blocks", "--body", "wheeled"]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=False)
    certificates = json.loads(done.stdout)["certificates"]
    assert [one["passes"] for one in certificates] == [True, True, False]
    assert "0.17 m" in certificates[2]["reasons"][0]
    text = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    assert text.count("passable") == 3
