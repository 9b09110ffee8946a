"""Pixels that a rasteriser leaves without numbers."""

from __future__ import annotations

import numpy as np
import pytest

from datagen.benchmark_set import load_set
from scenes.library import load_scene
from sim.camera import Intrinsics
from sim.renderers.gl import GlRenderer
from sim.renderers.raycast import RaycastRenderer
from sim.renderers.target import Images
from sim.renderers.undefined import mended

H, W = 6, 8
UNDEFINED = (np.nan, np.inf, -np.inf, 0.0, -1.0)


def plane(*, normals: bool = True) -> Images:
    """A plane of instance 3 on the left, and one of instance 5 from column 5 on."""
    y, x = np.mgrid[:H, :W].astype(np.float32)
    depth = (1 / (0.3 + 0.02 * x - 0.03 * y)).astype(np.float32)
    instance = np.where(x < 5, 3, 5).astype(np.int32)
    color = np.stack([10 * x, 20 * y, x + y, np.full_like(x, 255)], axis=-1).astype(np.uint8)
    normal = np.stack([x, y, x * y], axis=-1) if normals else None
    return Images(color[None], depth[None], instance[None], None if normal is None else normal[None])


def punctured(images: Images, *pixels: tuple[int, int], value: float = np.nan) -> Images:
    depth, color = images.depth.copy(), images.color.copy()
    for pixel in pixels:
        depth[0][pixel], color[0][pixel] = value, 0
    return Images(color, depth, images.instance, images.normal)


@pytest.mark.parametrize("value", UNDEFINED)
@pytest.mark.parametrize("pixel", [(2, 2), (0, 3), (3, 0), (5, 6), (2, 4), (1, 7)])
def test_a_pixel_of_a_plane_gets_the_depth_of_the_plane(pixel: tuple[int, int], value: float) -> None:
    whole = plane()
    found = mended(punctured(whole, pixel, value=value))
    assert found.depth == pytest.approx(whole.depth, rel=1e-6)
    assert np.array_equal(found.instance, whole.instance)
    assert np.abs(found.color.astype(int) - whole.color).max() <= 1


def test_where_nothing_faces_each_other_a_pixel_becomes_its_neighbour() -> None:
    whole = plane()
    corner = mended(punctured(whole, (0, 0), value=np.nan))
    assert corner.depth[0, 0, 0] == whole.depth[0, 0, 1]
    assert corner.color[0, 0, 0].tolist() == whole.color[0, 0, 1].tolist()


def test_a_pixel_alone_in_the_dark_is_no_surface() -> None:
    everywhere = [(row, column) for row in range(H) for column in range(W)]
    found = mended(punctured(plane(normals=False), *everywhere))
    assert not found.instance.any()


def test_what_is_defined_is_left_alone() -> None:
    whole = plane()
    assert mended(whole) is whole
    sky = Images(whole.color, np.zeros_like(whole.depth), np.zeros_like(whole.instance), None)
    assert mended(sky) is sky


def test_a_floor_where_llvmpipe_gave_no_depth() -> None:
    """One pixel of this view of a benchmark home is hit by a triangle that llvmpipe finds no slope for."""
    T_world_camera = np.array(
        [
            [-0.3976466555106392, -0.570286552108393, 0.7187839632640146, 4.124425879214756],
            [-0.9175386299013264, 0.24715312547983273, -0.3115095427179511, -4.784999966621399],
            [0.0, -0.7833827806697511, -0.621539555418743, 2.4],
            [0.0, 0.0, 0.0, 1.0],
        ]
    )
    camera = Intrinsics(128, 128, fx=127.05000278962969, fy=127.05000278962969, cx=64.0, cy=64.0)
    scene = load_scene(str(load_set("stairwell-1").homes["one-floor"]))
    with GlRenderer(scene) as renderer, RaycastRenderer(scene) as judge:
        frame, true = (one.render(camera, T_world_camera) for one in (renderer, judge))
    assert np.isfinite(frame.depth).all()
    assert frame.rgb[51, 17].min() > 0
    assert abs(frame.depth[51, 17] - true.depth[51, 17]) < 0.001
    assert np.mean(np.abs(frame.depth - true.depth) < 0.001) > 0.9995
