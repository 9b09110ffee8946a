"""Connectors of real homes against what vertical rays measure of their staircases' treads."""

from __future__ import annotations

import math
import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from scenes.body import BodySize
from scenes.build.assemble import build_scene
from scenes.build.levels import Levels
from scenes.build.pieces import placed_pieces
from scenes.build.staircases import is_staircase
from scenes.check import check_home
from scenes.connectors import Connector, find_connectors, judge_connector
from scenes.home.reader import read_home
from scenes.library import load_scene
from scenes.scene import Instance, Scene
from sim.nav import NavGraph
from sim.raycasting import RayCaster

HOMES = Path(os.environ.get("STAIRWELL_HOMES", Path(__file__).parents[2] / "shared" / "homes"))
REAL = sorted(HOMES.glob("*.sh3d"))
pytestmark = pytest.mark.skipif(not REAL, reason=f"no homes in {HOMES} (set STAIRWELL_HOMES)")

FOUND = {
    "a_stairs_catalog": "6 stairs", "b_blocks_ramps": "2 stairs, 7 inclines", "c_mixed_features": "1 stairs",
    "edo_myHomeHas2Stairs": "2 stairs", "fc_2-BedroomHouseWithBasement": "2 stairs, 2 inclines",
    "fc_3-BedroomHouseWithMezzanine": "1 stairs", "rtreffer_2012": "1 stairs", "up_holes": "1 stairs",
}  # fmt: skip
"""What is in each home, looked at in pictures; in the others there is nothing: no furniture is taken for stairs."""

SMALL = BodySize(radius_m=0.15, height_m=0.6, max_step_m=0.22, max_slope_deg=38)


@cache
def read(path: Path) -> tuple[Scene, tuple[Connector, ...], tuple[str, ...]]:
    """A home's scene, its connectors, and the ids of the pieces that the file calls staircases."""
    home_file = read_home(path)
    scene = build_scene(home_file)
    home = home_file.home
    declared = [placed.source for placed in placed_pieces(home, Levels.of(home)) if is_staircase(placed)]
    shown = {instance.source for instance in scene.instances}
    return scene, find_connectors(scene), tuple(source for source in declared if source in shown)


def named(stem: str) -> tuple[Connector, ...]:
    return read(HOMES / f"{stem}.sh3d")[1]


def plateaus(scene: Scene, instance: Instance) -> list[float]:
    """Heights of an instance's treads, rising, as rays from above meet them: those that many neighbours share."""
    part = scene.triangle_instances() == instance.id
    caster = RayCaster(scene.vertices, scene.triangles[part])
    (x0, y0, low), (x1, y1, high) = instance.bounds_m
    pitch = 0.01
    x, y = np.meshgrid(np.arange(x0, x1, pitch), np.arange(y0, y1, pitch))
    start = np.column_stack([x.ravel(), y.ravel(), np.full(x.size, high + 1)])
    down = np.tile([0.0, 0.0, -1.0], (len(start), 1))
    heights = high + 1 - caster.cast(start, down).reach
    heights = heights[np.isfinite(heights) & (heights > low + 0.01)]
    cells, counts = np.unique(np.round(heights, 2), return_counts=True)
    wide = cells[counts * pitch**2 > 0.02]
    return [float(h) for h, before in zip(wide, [-np.inf, *wide[:-1]], strict=True) if h - before > 0.02]


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_each_staircase_is_found_with_the_rise_of_its_treads(path: Path) -> None:
    scene, connectors, declared = read(path)
    by_source = {one.source[0]: one for one in connectors}
    instances = {instance.source: instance for instance in scene.instances}
    for source in declared:
        found, instance = by_source[source], instances[source]
        measured = plateaus(scene, instance)
        assert found.kind == "stairs"
        assert found.rise_m == pytest.approx(measured[-1] - instance.bounds_m[0][2], abs=0.02)
        assert found.treads_m == pytest.approx(measured, abs=0.015)


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_nothing_else_is_taken_for_stairs(path: Path) -> None:
    connectors = read(path)[1]
    kinds = [one.kind for one in connectors]
    counts = {"stairs": kinds.count("stairs"), "inclines": kinds.count("incline")}
    said = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
    assert said == FOUND.get(path.stem, "")


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_lines_lie_on_what_one_stands_on(path: Path) -> None:
    """Rays down on the line meet its treads or floors, or what real drawings laid on them, up to 2 cm higher."""
    scene, connectors, _ = read(path)
    solid = np.isin(
        scene.triangle_instances(),
        [i.id for i in scene.instances if i.category in ("stair", "ramp", "floor", "ground", "furniture")],
    )
    caster = RayCaster(scene.vertices, scene.triangles[solid])
    for one in connectors:
        start = one.line + [1e-4, 1e-4, 0.05]
        down = np.tile([0.0, 0.0, -1.0], (len(start), 1))
        below = caster.cast(start, down).reach
        inner = below[2:-2] if one.kind == "incline" else below
        assert np.abs(inner - 0.05).max() < 0.025, one.source[0]


def test_blocks_and_ramps() -> None:
    found = named("b_blocks_ramps")
    flights = [one for one in found if one.kind == "stairs"]
    assert [(one.steps, len(one.source)) for one in flights] == [(8, 8), (8, 8)]
    assert [one.rise_m for one in flights] == pytest.approx([1.44, 1.44], abs=1e-3)
    assert all(one.levels == ("Corridor", "Raised floor") for one in flights)
    up = [one for one in found if one.kind == "incline" and one.head]
    slopes = sorted([math.degrees(math.atan(1 / 6))] * 2 + [math.degrees(math.atan2(144, 720))])
    assert sorted(one.slope_deg for one in up) == pytest.approx(slopes, abs=0.2)


@pytest.mark.parametrize(
    ("stem", "count"),
    [("a_stairs_catalog", 5), ("b_blocks_ramps", 2), ("fc_2-BedroomHouseWithBasement", 2)]
    + [("fc_3-BedroomHouseWithMezzanine", 1)],
)
def test_a_body_that_climbs_22_cm_gets_up(stem: str, count: int) -> None:
    flights = [one for one in named(stem) if one.kind == "stairs"]
    assert sum(judge_connector(one, SMALL).passes for one in flights) == count


def test_what_cannot_be_walked_says_why() -> None:
    """A staircase that overshoots its floor, one that reaches none, a block."""
    (cellar,) = named("c_mixed_features")
    assert "0.38 m down" in " ".join(judge_connector(cellar, SMALL).reasons)
    low = next(one for one in named("a_stairs_catalog") if one.head is None)
    assert "at 0.87 m, no free floor" in " ".join(judge_connector(low, SMALL).reasons)
    (cube,) = named("up_holes")
    assert "2.65 m" in " ".join(judge_connector(cube, SMALL).reasons)


@cache
def cellar() -> tuple[Scene, RayCaster]:
    scene = read(HOMES / "c_mixed_features.sh3d")[0]
    return scene, RayCaster(scene.vertices, scene.triangles)


def reach(x: float, y: float, z: float, *direction: float) -> float:
    """How far a ray gets from a point in c_mixed_features."""
    return float(cellar()[1].cast(np.array([[x, y, z]]), np.array([direction])).reach[0])


def test_the_cellar_staircase_ends_too_high_by_rays() -> None:
    """Straight on from its top tread it is 0.38 m down; at its sides nothing wider than 14 cm leads off; see docs."""
    down, up, right, left = (0.0, 0.0, -1.0), (0.0, 0.0, 1.0), (1.0, 0.0, 0.0), (-1.0, 0.0, 0.0)
    heights = [1.0 - reach(7.6, y, 1.0, *down) for y in np.arange(-3.9, -2.0, 0.1648)]
    assert heights == pytest.approx(named("c_mixed_features")[0].treads_m, abs=2e-3)
    top, kitchen = heights[-1], 1.0 - reach(7.6, -1.95, 1.0, *down)
    assert top - kitchen == pytest.approx(0.377, abs=2e-3)
    assert reach(7.6, -2.08, top + 0.01, *up) + 0.01 == pytest.approx(0.773, abs=2e-3)
    assert reach(9.0, -4.5, -1.24, *up) + 0.01 == pytest.approx(1.13, abs=2e-3)
    # level with the kitchen's floor, give or take a step of 22 cm, are the treads from y = -3.0 on, the top one aside
    near = np.array([abs(height - kitchen) <= 0.22 for height in heights[:-1]])
    assert near.tolist() == [False] * 7 + [True] * 3 + [False]
    places = np.arange(-4.0, -2.0, 0.005)
    shut = [reach(7.6, y, -1.114 + (y + 3.91) * 0.8223 + 0.35, *right) < 0.41 for y in places]
    runs = "".join("#" if is_shut else "." for is_shut in shut).split("#")
    assert max(len(run) for run in runs) * 0.005 < 0.15
    assert reach(7.6, -2.42, 0.5, *left) == pytest.approx(7.6 - 7.075, abs=2e-3)
    ledge = [x for x in np.arange(7.08, 7.6, 0.005) if abs(reach(x, -3.9, 0.5, *down) - 0.5) < 1e-3]
    assert ledge[-1] - 7.075 == pytest.approx(0.125, abs=0.006)


@pytest.mark.parametrize(
    ("radius_m", "step_m", "is_crossed"),
    [(0.15, 0.22, False), (0.2, 0.37, False), (0.2, 0.38, True), (0.05, 0.22, True)],
)
def test_who_crosses_the_cellar_staircase(radius_m: float, step_m: float, *, is_crossed: bool) -> None:
    """Who takes the step at its head; and who is narrow enough for the ledge between the hole and the wall."""
    graph = NavGraph.build(cellar()[0], BodySize(radius_m, 0.6, step_m, 40))
    below, above = [8.6, -4.4, -1.25], [7.6, -1.5, 0.0]
    for way in ((below, above), (above, below)):
        assert math.isfinite(graph.geodesic(*way)) == is_crossed
        assert bool(graph.why_not(*way)) != is_crossed


JOINED = {
    "landing_staircase_clean.sh3d": {("L0", "L1")},
    "landing_staircase_leads_nowhere.sh3d": {("Rez", "Niveau 1"), ("Niveau 1", "Niveau 2"), ("Niveau 2", "Niveau 3")},
    "landing_staircase_narrow.sh3d": {("Rez", "Niveau 1"), ("Niveau 1", "Niveau 2"), ("Niveau 2", "Niveau 3")},
    "spiral_source_of_obj.sh3d": {("Niveau 1", "Niveau 2")},
    "spiral_rotated_leads_nowhere.sh3d": {("Niveau 1", "Niveau 2")},
    "spiral_rotated_crash.sh3d": {("Niveau 1", "Niveau 2")},
    "spiral_obj_export_crash.zip": {("Level at 2.62 m", "Level at 5.24 m")},
}
"""Small homes whose staircases were once not joined, or not measured at all: the levels that each flight joins."""


@pytest.mark.parametrize("name", JOINED)
def test_flights_join_the_levels_that_their_first_and_last_treads_reach(name: str) -> None:
    path = HOMES / "found" / name
    if not path.exists():
        pytest.skip(f"no {path}")
    scene = load_scene(str(path))
    found = find_connectors(scene)
    assert {one.levels for one in found} == JOINED[name]
    assert len(found) == len(JOINED[name])
    assert [one.warnings for one in found] == [()] * len(found)
    if name.startswith("spiral"):
        assert [(one.steps, one.rise_m) for one in found] == [(10, pytest.approx(2.63, abs=0.005))]
    if name.endswith(".sh3d"):
        home = read_home(path)
        assert not [one.message for one in check_home(home, scene) if one.code.startswith("stairs")]
