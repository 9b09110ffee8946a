"""Polylines in 3D by areas that can be worked out: strokes, caps, joins, dashes, arrows."""

import math

import pytest

from scenes.home.basics import Point, TextStyle
from scenes.home.fields import Color, Numbers
from scenes.home.plan import Label, Polyline
from tests.homes.parts import level, scene_of
from tests.measure import area, box, corners, hits, instances

UP, DOWN = (0, 0, 1), (0, 0, -1)
STRAIGHT = ((0, 0), (300, 0))
SQUARE = ((0, 0), (200, 0), (200, 200), (0, 200))


def line(points=STRAIGHT, **more):
    values = {"thickness": 10.0, "elevation": 0.0} | more
    return Polyline(id="l", points=tuple(Point(x=float(x), y=float(y)) for x, y in points), **values)


def drawn(points=STRAIGHT, **more):
    return corners(scene_of(polylines=(line(points, **more),)), "l")


def test_a_line_is_a_ribbon_seen_from_both_sides_just_above_its_elevation():
    for elevation, height in ((0.0, 0.0005), (0.01, 0.0005), (70.0, 0.7)):
        triangles = drawn(elevation=elevation)
        assert area(triangles, UP) == area(triangles, DOWN) == pytest.approx(0.3)
        assert triangles[:, :, 2] == pytest.approx(height)


def test_a_line_lies_on_its_level():
    levels = (level("low", 0), level("up", 262))
    scene = scene_of(levels=levels, polylines=(line(level="up", elevation=8.0),))
    assert corners(scene, "l")[:, :, 2] == pytest.approx(2.7)
    assert instances(scene, "l")[0].level == 1


@pytest.mark.parametrize("more", [{"elevation": None}, {"thickness": 0.0}, {"thickness": -1.0}])
def test_a_line_for_the_plan_only_is_not_seen(more):
    assert len(drawn(**more)) == 0


def test_a_line_without_a_second_point_is_not_seen():
    assert len(drawn([(0, 0)])) == 0


def test_a_lines_colour():
    for color, expected in ((None, (0, 0, 0)), (Color(0xFF00FF00), (0, 1, 0))):
        scene = scene_of(polylines=(line(color=color),))
        part = next(p for p in scene.parts if p.instance == instances(scene, "l")[0].id)
        assert scene.materials[part.material].color == expected


@pytest.mark.parametrize(("cap", "more"), [("BUTT", 0.0), ("SQUARE", 0.01), ("ROUND", math.pi * 0.05**2)])
def test_caps(cap, more):
    assert area(drawn(cap_style=cap), UP) == pytest.approx(0.3 + more, rel=2e-3)


@pytest.mark.parametrize(
    ("join", "corner"),
    [("MITER", 0.05**2), ("BEVEL", 0.05**2 / 2), ("ROUND", math.pi * 0.05**2 / 4)],
)
def test_joins(join, corner):
    """Two ribbons of 2 m at a right angle cover half a thickness of each other; the join fills the outer corner."""
    bent = drawn(((0, 0), (200, 0), (200, 200)), join_style=join)
    assert area(bent, UP) == pytest.approx(0.4 - 0.05**2 + corner, rel=1e-3)
    assert area(drawn(SQUARE, closed_path=True, join_style=join), UP) == pytest.approx(
        0.8 + 4 * (corner - 0.05**2), rel=1e-3
    )


@pytest.mark.parametrize("half_angle_deg", [4.0, 5.7, 5.8, 10.0])
def test_a_mitre_longer_than_ten_widths_is_cut_off(half_angle_deg):
    half = math.radians(half_angle_deg)
    tip = (300 * math.cos(half), 300 * math.sin(half))
    triangles = drawn((tip, (0, 0), (tip[0], -tip[1])))
    reach = 0.05 / math.sin(half) if 1 / math.sin(half) < 10 else 0.05 * math.sin(half)
    assert -box(triangles)[0, 0] == pytest.approx(reach, rel=1e-3)


@pytest.mark.parametrize(
    ("style", "more", "share"),
    [
        ("SOLID", {}, 1.0),
        ("DOT", {}, 1 / 2),
        ("DASH", {}, 2 / 3),
        ("DASH_DOT", {}, 10 / 14),
        ("DASH_DOT_DOT", {}, 12 / 18),
        ("CUSTOMIZED", {"dash_pattern": Numbers((3.0, 1.0))}, 3 / 4),
        ("CUSTOMIZED", {"dash_pattern": Numbers((-3.0, 1.0))}, 1.0),
        ("CUSTOMIZED", {}, 1.0),
    ],
)
def test_dashes_in_thicknesses(style, more, share):
    triangles = drawn(((0, 0), (252, 0)), thickness=1.0, dash_style=style, **more)
    assert area(triangles, UP) == pytest.approx(2.52 * 0.01 * share, rel=1e-4)


def test_dashes_begin_before_the_line_by_their_offset():
    dashes = {"dash_style": "CUSTOMIZED", "dash_pattern": Numbers((2.0, 2.0))}
    for offset, is_drawn in ((0.0, True), (0.5, False), (0.25, True), (0.75, False)):
        triangles = drawn(**dashes, dash_offset=offset)
        assert bool(hits(triangles, (0.05, 0.0, 1.0), DOWN)) == is_drawn


@pytest.mark.parametrize("end", ["start", "end"])
@pytest.mark.parametrize("style", ["DELTA", "OPEN", "DISC"])
def test_arrows_are_at_their_end(end, style):
    plain, tipped = drawn(), drawn(**{f"{end}_arrow_style": style})
    assert area(tipped, UP) > area(plain, UP)
    low, high = box(tipped)
    assert high[1] - low[1] > 0.2
    far = (2.5, 0.12, 1) if end == "start" else (0.5, 0.12, 1)
    assert hits(tipped, far, DOWN) == []
    assert box(tipped)[:, 1] == pytest.approx([-high[1], high[1]], abs=1e-6)


def test_arrows_grow_slower_than_lines():
    """A disc's radius is 4 times the thickness to the power of 0.66."""
    for thickness in (10.0, 20.0):
        disc = drawn(thickness=thickness, end_arrow_style="DISC")
        assert box(disc)[1, 1] == pytest.approx(4 * thickness**0.66 / 100, rel=1e-3)


def test_a_curved_line_goes_through_its_points():
    points = ((0, 0), (100, 100), (200, 0))
    curve = drawn(points, join_style="CURVED", cap_style="ROUND", thickness=2.0)
    for x, y in points:
        assert hits(curve, (x / 100 + 1e-4, -y / 100 + 1e-4, 1), DOWN) != []
    assert area(curve, UP) > area(drawn(points, thickness=2.0), UP)


def test_a_closed_curve_is_round():
    points = [(100 * math.cos(k * math.pi / 4), 100 * math.sin(k * math.pi / 4)) for k in range(8)]
    ring = drawn(points, join_style="CURVED", closed_path=True, thickness=4.0)
    assert area(ring, UP) == pytest.approx(2 * math.pi * 0.04, rel=0.03)
    assert hits(ring, (0, 0, 1), DOWN) == []


def test_a_line_of_countless_dashes_is_drawn_solid():
    assert area(drawn(((0, 0), (1e6, 0)), thickness=0.01, dash_style="DOT"), UP) == pytest.approx(1e4 * 1e-4, rel=1e-2)


@pytest.mark.parametrize(
    ("pitch", "extent"), [(0.0, (None, 0.0)), (math.pi / 2, (0.0, None)), (math.pi / 4, (None, None))]
)
def test_labels_lie_stand_or_lean(pitch, extent):
    label = Label(id="t", text="Hall", x=100.0, y=50.0, elevation=30.0, pitch=pitch, style=TextStyle(font_size=40.0))
    triangles = corners(scene_of(labels=(label,)), "t")
    low, high = box(triangles)
    reach = (high - low)[1:]
    assert float(reach @ reach) == pytest.approx(0.48**2, rel=1e-4)
    for found, expected in zip(reach, extent, strict=True):
        assert expected is None or found == pytest.approx(expected, abs=1e-6)
    assert ((low + high) / 2)[0] == pytest.approx(1.0)


@pytest.mark.parametrize("more", [{"pitch": None}, {"text": "  "}])
def test_labels_for_the_plan_only_are_not_seen(more):
    values = {"text": "Hall", "x": 0.0, "y": 0.0, "pitch": 0.0} | more
    assert len(corners(scene_of(labels=(Label(id="t", **values),)), "t")) == 0
