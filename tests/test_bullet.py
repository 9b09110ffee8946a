"""TinyRenderer against an independent judge: Open3D's ray caster on the same triangles."""

import numpy as np
import pytest

from scenes.build.assemble import build_scene
from scenes.home.reader import parse_home
from sim.camera import Intrinsics, pose_looking
from sim.renderers.bullet import BulletRenderer, is_closed
from tests.homes.cabin import cabin
from tests.judge import cast, inner_pixels


@pytest.fixture(scope="module")
def scene():
    return build_scene(parse_home(cabin().to_bytes(), "cabin"))


@pytest.fixture(scope="module")
def renderer(scene):
    with BulletRenderer(scene) as renderer:
        yield renderer


CAMERA = Intrinsics(200, 150, fx=140.0, fy=150.0, cx=90.0, cy=80.0)
"""Off-centre and with oblong pixels, so that a wrong convention shows."""

POSES = [
    pose_looking([0.6, -0.6, 1.5], -40, -20),
    pose_looking([2.5, -3.5, 1.2], 130, 5),
    pose_looking([4.5, -2.0, 1.6], 200, -30),
    pose_looking([-2.0, 1.0, 3.5], -35, -35),
]


@pytest.mark.parametrize("pose", POSES)
def test_depth_and_ids_are_those_of_the_first_surface_met(scene, renderer, pose):
    frame = renderer.render(CAMERA, pose)
    depth, ids = cast(scene, CAMERA, pose)
    inner = inner_pixels(ids, depth)
    assert inner.mean() > 0.5
    errors = np.abs(frame.depth - depth)[inner]
    assert np.median(errors) < 1e-4
    assert np.mean(errors < 1e-3) > 0.999
    assert np.mean((frame.segmentation == ids)[inner]) > 0.995


def test_what_is_seen_from_behind_is_there(scene, renderer):
    """Ceilings are sheets that face down; from above they must hide the rooms."""
    pose = pose_looking([1.5, -2.0, 6.0], 0, -89)
    seen = {scene.instances[i - 1].category for i in np.unique(renderer.render(CAMERA, pose).segmentation) if i}
    assert "ceiling" in seen
    assert "floor" not in seen


def test_nothing_is_sky_with_depth_zero(scene, renderer):
    frame = renderer.render(CAMERA, pose_looking([-2.0, 1.0, 3.5], 135, 60))
    assert not frame.depth.any()
    assert not frame.segmentation.any()
    sky = np.round(np.array(scene.surroundings.sky_color) * 255)
    assert (frame.rgb == sky.astype(np.uint8)).all()


def test_textures_stand_upright(renderer):
    """The wall's image is red above blue, one image from floor to ceiling."""
    frame = renderer.render(Intrinsics.from_fov(64, 64, 60), pose_looking([1.4, -2.0, 1.25], 180, 0))
    upper, lower = frame.rgb[20, 32].astype(int), frame.rgb[44, 32].astype(int)
    assert upper[0] > upper[2] + 50, upper
    assert lower[2] > lower[0] + 50, lower


def test_same_pose_same_bytes(scene, renderer):
    with BulletRenderer(scene) as other:
        for pose in POSES:
            first, second = renderer.render(CAMERA, pose), other.render(CAMERA, pose)
            for name in ("rgb", "depth", "segmentation"):
                np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


def test_left_out_categories_are_not_seen(scene):
    pose = pose_looking([1.5, -2.0, 6.0], 0, -89)
    with BulletRenderer(scene.without(["ceiling"])) as renderer:
        seen = {scene.instances[i - 1].category for i in np.unique(renderer.render(CAMERA, pose).segmentation) if i}
    assert "ceiling" not in seen
    assert "floor" in seen


def test_closed_means_every_edge_is_used_both_ways():
    points = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32)
    solid = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]])
    assert is_closed(points, solid)
    assert not is_closed(points, solid[:3])
    assert not is_closed(points, np.concatenate([solid[:3], solid[3:, ::-1]]))
