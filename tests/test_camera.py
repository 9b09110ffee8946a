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


cameras = st.builds(
    Intrinsics,
    st.integers(2, 900),
    st.integers(2, 900),
    *[st.floats(20, 2000)] * 2,
    *[st.floats(-50, 900)] * 2,
)
points = st.tuples(st.floats(-20, 20), st.floats(-20, 20), st.floats(0.1, 50))


def pixel_of(camera, point):
    """Where a point in the camera's frame is seen, in pixels whose centres are at (i + 0.5, j + 0.5)."""
    return (camera.K @ point)[:2] / point[2]


class TestOtherPrograms:
    @given(cameras, points)
    def test_opencv_and_ros_count_from_the_centre_of_the_first_pixel(self, camera, point):
        seen = camera.opencv() @ point / point[2]
        np.testing.assert_allclose(seen[:2], pixel_of(camera, point) - 0.5, atol=1e-6)
        told = camera.ros()
        assert (told["width"], told["height"]) == (camera.width, camera.height)
        assert np.reshape(told["k"], (3, 3)).tolist() == camera.opencv().tolist()
        np.testing.assert_allclose(np.reshape(told["p"], (3, 4)) @ (*point, 1), camera.opencv() @ point)

    @given(cameras, points, st.floats(0.01, 1), st.floats(60, 1000))
    def test_opengl_puts_points_where_the_pixels_are(self, camera, point, near_m, far_m):
        x, y, z = point
        clip = camera.opengl(near_m, far_m) @ (x, -y, -z, 1)
        across, up, depth = clip[:3] / clip[3]
        window = (across + 1) / 2 * camera.width, (1 - up) / 2 * camera.height
        np.testing.assert_allclose(window, pixel_of(camera, point), atol=1e-6)
        assert (z > near_m) == (depth > -1) or z == pytest.approx(near_m)
        assert depth < 1
        ends = [camera.opengl(near_m, far_m) @ (0, 0, -z, 1) for z in (near_m, far_m)]
        assert [end[2] / end[3] for end in ends] == pytest.approx([-1, 1])

    @pytest.mark.parametrize(("near_m", "far_m"), [(0, 1), (-1, 1), (2, 1), (1, 1)])
    def test_senseless_clipping_planes_are_refused(self, near_m, far_m):
        with pytest.raises(ValueError, match="near < far"):
            Intrinsics.from_fov(4, 3, 60).opengl(near_m, far_m)

    def test_open3d_takes_depth_back_to_the_points_it_was_cast_at(self):
        """Rays of its ray caster go through our pixels; clouds of what they hit lie there, not half a pixel beside."""
        import open3d as o3d

        camera = Intrinsics(40, 30, 25.0, 27.0, 18.25, 14.5)
        slope = np.array([[-40.0, -40, 9], [40, -40, 3], [40, 40, 8], [-40, 40, 14]], np.float32)
        caster = o3d.t.geometry.RaycastingScene()
        caster.add_triangles(slope, np.array([[0, 1, 2], [0, 2, 3]], np.uint32))
        rays = caster.create_rays_pinhole(camera.K, np.eye(4), camera.width, camera.height)
        np.testing.assert_allclose(rays.numpy()[..., 3:], camera.rays(), atol=1e-6)
        depth = caster.cast_rays(rays)["t_hit"].numpy()
        cloud = o3d.geometry.PointCloud.create_from_depth_image(
            o3d.geometry.Image(depth), camera.open3d(), depth_scale=1.0, depth_trunc=100.0
        )
        hit = camera.rays() * depth[..., None]
        np.testing.assert_allclose(np.asarray(cloud.points), hit.reshape(-1, 3), atol=1e-5)
