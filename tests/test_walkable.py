"""Columns against rays, and against what was drawn."""

import numpy as np
import pytest

from scenes.body import BodySize
from scenes.errors import HomeError
from scenes.library import load_scene
from scenes.walkable import build_columns
from scenes.walkable.raster import cut
from tests.walk_scenes import box, floor, incline, scene_of


def test_column_of_floor_table_and_incline():
    scene = scene_of(floor(-3, -3, 3, 3), box(1, 1, 0.7, 2, 2, 0.75), incline(10, 0.5, -2, -1, x=-2))
    columns = build_columns(scene)
    below, top = columns.at(1.5, 1.5)
    assert (below.height_m, below.slope_deg, below.instance) == (0.0, 0.0, 1)
    assert below.free_m == pytest.approx(0.7, abs=1e-4)
    assert (top.height_m, top.free_m) == (0.75, np.inf)
    slope = columns.at(-0.5, -1.5)[-1]
    assert slope.slope_deg == pytest.approx(10, abs=1e-4)
    assert slope.height_m == pytest.approx(1.5 * np.tan(np.radians(10)), abs=0.05 * np.tan(np.radians(10)))
    assert columns.at(50, 50) == ()


def test_every_sampled_point_of_a_triangle_lies_in_its_pieces():
    rng = np.random.default_rng(0)
    corners = rng.uniform(0, 12, (60, 3, 3))
    corners[:20, :, 0] = corners[:20, :1, 0]
    corners[20:30, 2] = corners[20:30, 0] * 0.3 + corners[20:30, 1] * 0.7
    pieces = cut(corners, (12, 12))
    found = {}
    for n in range(len(pieces.column)):
        key = (pieces.triangle[n], pieces.column[n], pieces.row[n])
        assert key not in found
        found[key] = (pieces.low[n], pieces.high[n], pieces.box[n])
    for t in range(len(corners)):
        weights = rng.dirichlet((0.5, 0.5, 0.5), 200)
        for x, y, z in weights @ corners[t]:
            low, high, bounds = found[t, int(x), int(y)]
            assert low - 1e-4 <= z <= high + 1e-4
            assert bounds[0] - 1e-4 <= x % 1 <= bounds[2] + 1e-4
            assert bounds[1] - 1e-4 <= y % 1 <= bounds[3] + 1e-4


def test_pieces_do_not_reach_beyond_their_triangle():
    corners = np.array([[[0.2, 0.2, 0.0], [7.7, 0.2, 0.0], [0.2, 5.6, 3.0]]])
    pieces = cut(corners, (12, 12))
    x, y = pieces.column + pieces.box[:, 0], pieces.row + pieces.box[:, 1]
    assert ((x - 0.2) / 7.5 + (y - 0.2) / 5.4 <= 1 + 1e-6).all()
    assert pieces.high.max() <= 3.0


@pytest.mark.parametrize("name", ["blocks", "two-levels"])
def test_surfaces_are_those_that_rays_meet(name):
    import open3d as o3d

    from scenes.walkable.standing import solid_triangles

    scene = load_scene(name)
    columns = build_columns(scene)
    corners, _ = solid_triangles(scene)
    caster = o3d.t.geometry.RaycastingScene()
    caster.add_triangles(
        corners.reshape(-1, 3).astype(np.float32), np.arange(3 * len(corners), dtype=np.uint32).reshape(-1, 3)
    )
    low, high = np.array(scene.bounds_m())
    rng = np.random.default_rng(1)
    points = rng.uniform(low[:2], high[:2], (300, 2))
    rays = np.column_stack([points, np.full(300, high[2] + 1), np.tile([0, 0, -1], (300, 1))]).astype(np.float32)
    depth = caster.cast_rays(o3d.core.Tensor(rays))["t_hit"].numpy()
    met = high[2] + 1 - depth
    for point, height in zip(points, met, strict=True):
        cell = columns.grid.cell_of(*point)
        parts = slice(columns.start[cell], columns.start[cell + 1])
        assert columns.high_m[parts].max() >= height - 1e-3
        assert ((columns.low_m[parts] <= height + 1e-3) & (columns.high_m[parts] >= height - 1e-3)).any()


def test_a_body_has_a_size():
    for wrong in ((0, 1, 0.1, 10), (0.2, 0.2, 0.3, 10), (0.2, 1, 0.1, 90), (float("nan"), 1, 0.1, 10)):
        with pytest.raises(HomeError, match="body"):
            BodySize(*wrong)


def test_nothing_to_stand_on():
    with pytest.raises(HomeError, match="nothing to stand on"):
        build_columns(scene_of())


def test_too_large():
    with pytest.raises(HomeError, match="too large"):
        build_columns(scene_of(floor(-1e4, -1e4, 1e4, 1e4)))
