"""Cameras: intrinsics, poses, what depth means."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.camera import Intrinsics, pose_looking, ray_length

angles = st.floats(-720, 720)
pitches = st.floats(-89, 89)


@given(st.integers(1, 2000), st.integers(1, 2000), st.floats(1, 179))
def test_border_rays_span_the_field_of_view(width, height, fov_deg):
    camera = Intrinsics.from_fov(width, height, fov_deg)
    left, right = (np.array([edge, height / 2, 1.0]) for edge in (0, width))
    x0, x1 = (np.linalg.solve(camera.K, pixel)[0] for pixel in (left, right))
    assert np.degrees(np.arctan(x1) - np.arctan(x0)) == pytest.approx(fov_deg, rel=1e-9)


def test_rays_go_through_pixel_centres():
    camera = Intrinsics(4, 2, fx=3.0, fy=5.0, cx=1.5, cy=0.75)
    pixels = camera.rays() @ camera.K.T
    u, v = np.meshgrid(np.arange(4) + 0.5, np.arange(2) + 0.5)
    np.testing.assert_allclose(pixels[..., 0], u)
    np.testing.assert_allclose(pixels[..., 1], v)


@given(angles, pitches)
def test_a_pose_is_a_level_rotation_that_looks_where_it_says(yaw_deg, pitch_deg):
    pose = pose_looking([1, 2, 3], yaw_deg, pitch_deg)
    rotation = pose[:3, :3]
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(rotation) == pytest.approx(1.0)
    assert rotation[2, 0] == pytest.approx(0.0, abs=1e-12), "the image's x axis is level"
    assert rotation[2, 1] <= 0, "the image's y axis points down"
    forward = rotation[:, 2]
    assert np.degrees(np.arcsin(forward[2])) == pytest.approx(pitch_deg, abs=1e-6)
    assert np.cos(np.radians(yaw_deg)) * np.cos(np.radians(pitch_deg)) == pytest.approx(forward[0], abs=1e-9)
    np.testing.assert_array_equal(pose[:3, 3], [1, 2, 3])


def test_ray_length_of_a_wall_straight_ahead():
    camera = Intrinsics.from_fov(5, 3, 90)
    lengths = ray_length(np.full((3, 5), 2.0, np.float32), camera)
    np.testing.assert_allclose(lengths, 2.0 * np.linalg.norm(camera.rays(), axis=-1), rtol=1e-6)
    assert lengths[1, 2] == pytest.approx(2.0)


@pytest.mark.parametrize(("width", "height", "fov_deg"), [(0, 5, 90), (5, 0, 90), (5, 5, 0), (5, 5, 180)])
def test_senseless_cameras_are_refused(width, height, fov_deg):
    with pytest.raises(ValueError, match=r"pixels|degrees"):
        Intrinsics.from_fov(width, height, fov_deg)
