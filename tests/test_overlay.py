"""Overlays of plan areas against distances to points, and on areas whose borders nearly coincide."""

from __future__ import annotations

import ast
import math
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from scenes import overlay
from scenes.errors import HomeError

FEW = settings(max_examples=60, deadline=None)
ROOT = Path(__file__).parents[1]

seeds = st.integers(0, 2**32 - 1)


def rosette(rng: np.random.Generator, count: int) -> list[shapely.Polygon]:
    """Boxes about one middle, turned by angles so small that their borders nearly coincide, or by any."""
    spread = 10.0 ** rng.uniform(-9, 0)
    place = rng.uniform(-1e4, 1e4, 2)
    boxes = [shapely.affinity.rotate(shapely.box(0, 0, 1, 2), rng.normal() * spread) for _ in range(count)]
    return [shapely.affinity.translate(box, *place) for box in boxes]


def tangle(rng: np.random.Generator, corners: int) -> shapely.Polygon:
    """A ring that crosses itself."""
    return shapely.Polygon(rng.normal(size=(corners, 2)))


@FEW
@given(seed=seeds, count=st.integers(2, 12))
def test_areas_that_nearly_coincide_overlay_as_their_points_say(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    areas = rosette(rng, count)
    half = count // 2
    one, other = overlay.union(areas[:half]), overlay.union(areas[half:])
    low, high = np.array(shapely.total_bounds(areas)).reshape(2, 2)
    points = rng.uniform(low, high, (300, 2))
    borders = shapely.union_all([shapely.boundary(area) for area in areas])
    points = points[shapely.distance(borders, shapely.points(points)) > 1e-5]
    in_one, in_other = (
        np.any([shapely.contains_xy(area, *points.T) for area in group], axis=0)
        for group in (areas[:half], areas[half:])
    )
    for result, expected in (
        (overlay.union([one, other]), in_one | in_other),
        (overlay.intersection(one, other), in_one & in_other),
        (overlay.difference(one, other), in_one & ~in_other),
        (overlay.symmetric_difference(one, other), in_one ^ in_other),
    ):
        assert result.is_valid
        assert (shapely.contains_xy(result, *points.T) == expected).all()


@FEW
@given(seed=seeds, distance=st.sampled_from([-0.4, -0.1, -0.05, -0.003, 0.003, 0.05, 0.4]), kind=st.integers(0, 2))
def test_a_buffer_reaches_as_far_as_it_says(seed: int, distance: float, kind: int) -> None:
    """Rounded, it is what lies within the distance of the area, or further than it from its border; mitred, no less."""
    rng = np.random.default_rng(seed)
    area = (
        overlay.union(rosette(rng, 6))
        if kind == 0
        else overlay.union([tangle(rng, 5) for _ in range(3)])
        if kind == 1
        else overlay.difference(shapely.box(-2, -2, 2, 2), tangle(rng, 9))
    )
    low, high = np.array(area.bounds).reshape(2, 2)
    points = rng.uniform(low - 0.5, high + 0.5, (500, 2))
    inside = shapely.contains_xy(area, *points.T)
    off = np.where(inside, -1.0, 1.0) * shapely.distance(shapely.boundary(area), shapely.points(points))
    clear = np.abs(off - distance) > 0.005 * abs(distance) + 1e-5
    rounded, mitred = (overlay.buffer(area, distance, join_style=style) for style in ("round", "mitre"))
    in_rounded, in_mitred = (shapely.contains_xy(result, *points.T) for result in (rounded, mitred))
    assert rounded.is_valid
    assert mitred.is_valid
    assert (in_rounded == (off < distance))[clear].all()
    further = in_mitred & ~in_rounded if distance < 0 else in_rounded & ~in_mitred
    assert not further[clear].any()
    assert off[in_mitred].max(initial=-math.inf) < (0.0 if distance < 0 else 5.2 * distance)


@given(angle=st.floats(0, 6.3), grow=st.floats(0.01, 0.5))
@FEW
def test_mitred_corners_are_sharp(angle: float, grow: float) -> None:
    box = shapely.affinity.rotate(shapely.box(3, 1, 7, 3), angle, use_radians=True)
    larger, back = overlay.buffer(box, grow, join_style="mitre"), overlay.buffer(box, -grow, join_style="mitre")
    assert larger.area == pytest.approx((4 + 2 * grow) * (2 + 2 * grow), rel=1e-5)
    assert back.area == pytest.approx((4 - 2 * grow) * (2 - 2 * grow), rel=1e-5)
    notched = overlay.difference(larger, box)
    assert overlay.buffer(notched, -grow / 4, join_style="mitre").area == pytest.approx(
        (4 + 1.5 * grow) * (2 + 1.5 * grow) - (4 + grow / 2) * (2 + grow / 2), abs=5e-5
    )


def test_what_is_invalid_counts_where_it_goes_around_an_odd_number_of_times() -> None:
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    spike = shapely.Polygon([(0, 0), (4, 0), (4, 1), (1, 1), (1, 1.5), (1, 1), (0, 1)])
    assert overlay.valid(bow).area == pytest.approx(2.0)
    assert overlay.valid(spike).equals(shapely.box(0, 0, 4, 1))
    assert overlay.union([bow, shapely.box(0, 0, 2, 2)]).area == pytest.approx(4.0)
    touching = shapely.GeometryCollection([shapely.box(0, 0, 1, 1), shapely.LineString([(1, 1), (3, 3)])])
    assert overlay.difference(touching, shapely.box(0, 0, 0.5, 1)).area == pytest.approx(0.5)
    assert overlay.buffer(touching, -0.25).area == pytest.approx(0.25)


def test_a_failure_of_the_engine_is_an_error_with_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object, **__: object) -> None:
        raise shapely.errors.GEOSException("TopologyException: side location conflict")

    monkeypatch.setattr(shapely, "difference", failing)
    with pytest.raises(HomeError, match=r"\[1\.0, 2\.0, 3\.0, 4\.0\].*side location conflict"):
        overlay.difference(shapely.box(1, 2, 3, 4), shapely.box(0, 0, 1, 1))


ENGINE = {"union_all", "unary_union", "coverage_union_all", "make_valid", "set_precision", "buffer", "offset_curve"}
METHODS = {"union", "intersection", "difference", "symmetric_difference", *ENGINE}


def _overlays(tree: ast.Module) -> list[int]:
    """Lines that call shapely's own overlays: its functions, or the methods of its areas."""
    names = {"overlay", "exact", "self", "context", "_context"}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    return [
        call.lineno
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in METHODS
        and not (isinstance(call.func.value, ast.Name) and call.func.value.id in names)
        # sets of other things have such methods too, and take any number of them
        and not any(isinstance(argument, ast.Starred) for argument in call.args)
    ]


def test_all_overlays_are_guarded() -> None:
    """In every module that knows areas at all; what is drawn may keep its last digits."""
    found = []
    for package in ("scenes", "sim", "datagen", "train"):
        for path in sorted((ROOT / package).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            if "shapely" in text and path not in (
                ROOT / "scenes" / "overlay.py",
                ROOT / "scenes" / "build" / "exact.py",
            ):
                found += [f"{path.relative_to(ROOT)}:{line}" for line in _overlays(ast.parse(text))]
    assert found == []
