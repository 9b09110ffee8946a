"""The bundled homes: as drawn, as the real program sees them, and walkable, by rays along the ways through them."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import open3d
import pytest

from scenes.build.assemble import build_scene
from scenes.bundled import BUNDLED, bundled_names, bundled_path, description
from scenes.home.furniture import DoorOrWindow
from scenes.home.reader import parse_home, read_home
from scenes.scene import Scene
from tests.program import export, judge_bounds, judge_surfaces, needs_program

Way = Sequence[tuple[float, float]]

WEST_ROUTE: Way = [
    (711, 480), (711, 235), (620, 235), (605, 268), (282, 268), (282, 430), (180, 430), (180, 115), (230, 115),
]  # fmt: skip
"""The lab's navigation route, in units of the plan: entrance, cross corridor, wing, around the stair well, block."""


def mirrored(way: Way) -> Way:
    """The same way in the east half."""
    return [(2 * 712.0 - x, y) for x, y in way]


@cache
def scene_of(name: str) -> Scene:
    return build_scene(read_home(bundled_path(name)))


@dataclass
class Walker:
    """Feels its way over the triangles of a scene."""

    scene: Scene

    def __post_init__(self) -> None:
        self.caster = open3d.t.geometry.RaycastingScene()
        triangles = self.scene.triangles.astype(np.uint32)
        self.caster.add_triangles(open3d.core.Tensor(self.scene.vertices), open3d.core.Tensor(triangles))

    def free(self, origin: Sequence[float], direction: Sequence[float]) -> float:
        """Distance to the first surface, m."""
        ray = np.array([[*origin, *direction]], np.float32)
        return float(self.caster.cast_rays(open3d.core.Tensor(ray))["t_hit"].numpy()[0])

    def walk(self, points: Sequence[np.ndarray], floor_m: float) -> np.ndarray:
        """Floor height, headroom and clear width (N, 3), m, every 5 cm along a line of plan points (x, y), m."""
        found = []
        for start, end in pairwise(points):
            length = float(np.linalg.norm(end - start))
            ahead = (end - start) / length
            side = np.array([-ahead[1], ahead[0], 0.0])
            for step in np.arange(0.0, length, 0.05):
                x, y = start + ahead * step
                floor_m += 0.6 - self.free((x, y, floor_m + 0.6), (0, 0, -1))
                up = self.free((x, y, floor_m + 0.02), (0, 0, 1))
                widths = [
                    self.free((x, y, floor_m + z), side) + self.free((x, y, floor_m + z), -side)
                    for z in (0.2, 0.5, 1.0, 1.5)
                ]
                found.append((floor_m, up, min(widths)))
        return np.array(found)


@cache
def oldenborg() -> Walker:
    return Walker(scene_of("oldenborg"))


def on_plan(way: Way) -> list[np.ndarray]:
    """Units of the published plan as scene coordinates, m."""
    return [np.array([6.017 * x - 4293.7, -(6.017 * y - 2617.1)]) / 100 for x, y in way]


@pytest.mark.parametrize("name", bundled_names())
def test_files_are_what_the_code_draws(name: str) -> None:
    """Renew with `python -m scenes.bundled`. Images are not compared: another library may encode them otherwise."""
    drawing = BUNDLED[name]()
    file = read_home(bundled_path(name))
    assert file.home == drawing.home()
    assert file.warnings == ()
    written = parse_home(drawing.to_bytes(), name)
    models = [entry for entry in drawing.contents if entry.endswith((".obj", ".mtl"))]
    assert len(models) > 5
    assert all(file.contents.read(entry) == written.contents.read(entry) for entry in models)


@pytest.mark.parametrize("name", bundled_names())
def test_homes_build_without_a_warning(name: str) -> None:
    assert scene_of(name).warnings == ()
    assert description(name)
    assert bundled_path(name).stat().st_size < 4 * 2**20


def test_importing_is_cheap() -> None:
    """Listing the bundled homes loads neither numpy nor anything that draws."""
    code = "import sys, scenes.bundled; print(*sorted(m for m in sys.modules if m in ('numpy', 'scenes.draw')))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""


def test_oldenborg_is_rich() -> None:
    scene = scene_of("oldenborg")
    assert 50_000 <= len(scene.triangles) <= 125_000
    assert len(scene.instances) >= 300
    assert len({level.elevation_m for level in scene.levels}) == 5
    assert min(level.elevation_m for level in scene.levels) == 0
    names = {room.name for room in scene.rooms}
    numbers = [*range(122, 130), *range(138, 146), *range(111, 122, 2), *range(147, 158, 2)]
    assert {str(number) for number in numbers} <= names
    wanted = {"Foyer", "TV Lounge", "Study Lounge", "Kitchen", "Spanish Lounge", "Chinese Lounge", "Computer Lab"}
    assert wanted <= names
    categories = {instance.category for instance in scene.instances}
    assert {"wall", "floor", "ceiling", "stair", "ramp", "door", "window", "furniture", "light", "ground"} <= categories
    assert len(scene.lights) > 100
    assert len(scene.textures) > 20


@pytest.mark.parametrize("side", ["west", "east"])
def test_a_wheeled_body_can_follow_the_route(side: str) -> None:
    """From the entrance to the far end of the block over inclines alone, wide and high enough, up no step."""
    way = WEST_ROUTE if side == "west" else mirrored(WEST_ROUTE)
    felt = oldenborg().walk(on_plan(way), 0.0)
    floors, headroom, width = felt.T
    assert np.abs(np.diff(floors)).max() < 0.02
    slopes = np.degrees(np.arctan(np.abs(np.diff(floors)) / 0.05))
    inclined = slopes[slopes > 0.5]
    assert np.percentile(inclined, 5) >= 3
    assert inclined.max() < 8
    assert headroom.min() > 2.0
    assert width.min() > 1.2
    assert floors[0] == pytest.approx(0.0, abs=0.01)
    assert floors.max() == pytest.approx(0.8 if side == "west" else 1.4, abs=0.01)
    assert floors[-1] == pytest.approx(0.0 if side == "west" else 1.4, abs=0.01)


FLIGHTS = {
    "west block to wing": ([(290, 302), (205, 302)], 0.8, [0.64, 0.48, 0.32, 0.16, 0.0]),
    "east wing to block": (mirrored([(290, 302), (205, 302)]), 0.8, [0.95, 1.1, 1.25, 1.4]),
    "garden exit": ([(818, 240), (818, 184)], 0.8, [0.64, 0.48, 0.32, 0.16, 0.0]),
    "well west": ([(180, 386), (252, 386), (252, 410), (190, 410)], 0.0, [0.17 * k for k in range(1, 19)]),
    "well centre": ([(622, 270), (622, 348), (602, 348), (602, 285)], 0.8, [0.8 + 0.17 * k for k in range(1, 19)]),
    "south terrace": ([(288, 452), (288, 500)], 0.0, [0.16, 0.32, 0.48, 0.64, 0.8]),
}


@pytest.mark.parametrize("name", FLIGHTS)
def test_flights_have_their_risers(name: str) -> None:
    way, start, expected = FLIGHTS[name]
    floors, headroom, width = oldenborg().walk(on_plan(way), start).T
    reached = [floor for k, floor in enumerate(floors) if k and abs(floor - floors[k - 1]) > 0.01]
    assert reached == pytest.approx(expected, abs=0.002)
    assert headroom.min() > 2.0
    assert width.min() > 0.99


def oldenborg_doors() -> tuple[dict[str | None, float], list[DoorOrWindow]]:
    """Elevations of levels, cm, and the doors and openings to walk through."""
    home = read_home(bundled_path("oldenborg")).home
    found = [piece for piece in home.furniture if isinstance(piece, DoorOrWindow) and piece.height > 200]
    return {level.id: level.elevation for level in home.levels}, found


def test_doors_have_room_and_stand_on_floors() -> None:
    """On both sides of each door, 45 cm off, there is a floor as high as its sill; 80 cm are clear."""
    walker = oldenborg()
    levels, doors = oldenborg_doors()
    assert len(doors) > 100
    for piece in doors:
        assert piece.width - 10 >= 80, piece.name
        sill = (levels[piece.level] + piece.elevation) / 100
        ahead = np.array([-math.sin(piece.angle), -math.cos(piece.angle)])
        for side in (-1, 1):
            x, y = np.array([piece.x, -piece.y]) / 100 + side * 0.45 * ahead
            drop = walker.free((x, y, sill + 1.0), (0, 0, -1)) - 1.0
            assert abs(drop) < 0.02 or not piece.sashes, f"{piece.name} ({piece.id})"


def test_thresholds_show_the_floor() -> None:
    """Between the frames of inner doors the floor is seen, not the wall below it."""
    walker, scene = oldenborg(), scene_of("oldenborg")
    levels, doors = oldenborg_doors()
    of_triangle = scene.triangle_instances()
    for door in doors:
        if not door.name.startswith(("Door", "Bath")) or "terrace" in door.name:
            continue
        x, y = door.x / 100, -door.y / 100
        sill = (levels[door.level] + door.elevation) / 100
        rays = np.array([[x + dx, y + dy, sill + 0.005, 0, 0, -1] for dx in (0, 0.03) for dy in (0, 0.03)], np.float32)
        met = walker.caster.cast_rays(open3d.core.Tensor(rays))["primitive_ids"].numpy()
        kinds = {scene.instances[of_triangle[k] - 1].category for k in met}
        assert kinds <= {"floor", "ramp", "stair"}, f"{door.name} ({door.id}): {kinds}"


def test_nothing_stands_in_a_doorway() -> None:
    """A box as wide as a leaf, 60 cm deep on either side of a door, holds nothing but rugs; stairs begin at frames."""
    scene = scene_of("oldenborg")
    levels, doors = oldenborg_doors()
    pieces = [i for i in scene.instances if i.category in ("furniture", "stair", "ramp")]
    low = np.array([i.bounds_m[0] for i in pieces])
    high = np.array([i.bounds_m[1] for i in pieces])
    is_furniture = np.array([i.category == "furniture" for i in pieces])
    for door in doors:
        across = np.array([math.cos(door.angle), -math.sin(door.angle)]) * (door.width / 2 - 8) / 100
        ahead = np.array([-math.sin(door.angle), -math.cos(door.angle)]) * 0.6
        middle = np.array([door.x, -door.y]) / 100
        reach = np.abs(across) + np.abs(ahead)
        floor = levels[door.level] / 100
        near = (low[:, :2] < middle + reach).all(1) & (high[:, :2] > middle - reach).all(1)
        near &= (high[:, 2] > floor + 0.05) & (low[:, 2] < floor + 1.9)
        near &= is_furniture if not door.sashes else True
        assert not near.any(), f"{door.name} ({door.id}): {[pieces[k].name for k in np.flatnonzero(near)]}"


def test_two_levels_has_its_staircase() -> None:
    walker = Walker(scene_of("two-levels"))
    way = [np.array([7.063, -0.76]), np.array([1.56, -0.76])]
    floors, headroom, _ = walker.walk(way, 0.0).T
    reached = [floor for k, floor in enumerate(floors) if k and abs(floor - floors[k - 1]) > 0.01]
    assert reached == pytest.approx([0.17 * k for k in range(1, 17)], abs=1e-3)
    assert headroom.min() > 2.0
    assert scene_of("two-levels").levels[1].elevation_m == pytest.approx(2.72)


def test_blocks_have_ten_steps_and_slopes_of_eight_degrees() -> None:
    walker = Walker(scene_of("blocks"))
    floors = walker.walk([np.array([7.2, -2.5]), np.array([3.5, -2.5])], 0.0)[:, 0]
    reached = [floor for k, floor in enumerate(floors) if k and abs(floor - floors[k - 1]) > 0.01]
    assert reached == pytest.approx([0.17 * k for k in range(1, 11)], abs=1e-3)
    floors, headroom, width = walker.walk([np.array([9.0, -2.5]), np.array([22.0, -2.5])], 0.0).T
    assert np.abs(np.diff(floors)).max() < 0.02
    slopes = np.degrees(np.arctan(np.diff(floors) / 0.05))
    on_slope = (slopes > 7) & (np.roll(slopes, 1) > 7) & (np.roll(slopes, -1) > 7)
    assert on_slope.sum() > 150
    np.testing.assert_allclose(slopes[on_slope], 8.0, atol=0.2)
    assert floors[-1] == pytest.approx(1.2, abs=1e-3)
    assert headroom.min() > 2.0
    assert width.min() > 1.0


def test_categories_of_the_small_homes() -> None:
    assert sum(i.category == "stair" for i in scene_of("blocks").instances) == 10
    assert sum(i.category == "ramp" for i in scene_of("blocks").instances) == 2
    assert sum(i.category == "stair" for i in scene_of("two-levels").instances) == 1
    kinds = [i.category for i in scene_of("round").instances]
    assert kinds.count("door") == 3
    assert kinds.count("window") == 3


@needs_program
@pytest.mark.parametrize("name", bundled_names())
def test_the_real_program_agrees(name: str, tmp_path: Path) -> None:
    """It opens the file, and what it computes for it is what is built here, by the judges of bounds and of surfaces."""
    obj, truth = export(bundled_path(name), tmp_path)
    bounds = judge_bounds(scene_of(name), truth)
    assert bounds.startswith("ok"), bounds
    assert "100.0 % within" in bounds
    surfaces = judge_surfaces(scene_of(name), obj, truth, tmp_path, rays=20_000)
    assert surfaces.startswith("ok"), surfaces
