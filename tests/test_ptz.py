"""The PTZ device: profiles and units, latency, status, presets, where it looks, what it refuses."""

import dataclasses
import math
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.camera import pose_looking
from sim.ptz import AXIS, HANWHA, PROFILES, Position, PTZCamera
from tests.ptz_cameras import LIMITED, at_once, camera, profiles, trapezoid_s

# profiles


@pytest.mark.parametrize("profile", PROFILES.values())
def test_published_angles_are_met_at_both_ends(profile):
    for zoom, fov_deg in ((1.0, profile.fov_wide_deg), (profile.max_zoom, profile.fov_tele_deg)):
        device = PTZCamera(profile, np.eye(4), 640, 360, start=Position(0, 0, zoom))
        intrinsics = device.intrinsics()
        assert 2 * math.degrees(math.atan(320 / intrinsics.fx)) == pytest.approx(fov_deg, rel=1e-12)
        assert (intrinsics.fx, intrinsics.cx, intrinsics.cy) == (intrinsics.fy, 320, 180)


@given(profiles, st.floats(1, 36))
def test_focal_length_grows_with_the_magnification(profile, zoom):
    wide, near = camera(profile).intrinsics(), camera(profile, start=Position(0, 0, zoom)).intrinsics()
    assert near.fx == pytest.approx(zoom * wide.fx, rel=1e-12)


def test_axis_zoom_steps_as_a_published_table_has_them():
    """`zoomSteps` of Axis' own example of a VAPIX answer: 1 is 1x, 3868 is 2x, 7736 is 3x, 9999 is 3.584961x."""
    max_zoom = 3.584961
    tele_deg = 2 * math.degrees(math.atan(math.tan(math.radians(AXIS.fov_wide_deg / 2)) / max_zoom))
    profile = dataclasses.replace(AXIS, fov_tele_deg=tele_deg)
    for steps, magnification in ((1, 1), (3868, 2), (7736, 3), (9999, max_zoom)):
        assert profile.from_units(steps) == pytest.approx(magnification, abs=3e-4)


@given(st.sampled_from([AXIS, HANWHA]), st.floats(0, 1), st.floats(0, 1))
def test_units_are_invertible_monotone_and_exact_at_the_ends(profile, a, b):
    low, high = (1 + share * (profile.max_zoom - 1) for share in sorted((a, b)))
    assert profile.from_units(profile.to_units(low)) == pytest.approx(low, abs=1e-12)
    assert profile.to_units(low) <= profile.to_units(high)
    ends = profile.zoom_units or (1.0, profile.max_zoom)
    assert (profile.to_units(1.0), profile.to_units(profile.max_zoom)) == pytest.approx(ends, rel=1e-12)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"fov_tele_deg": 70.0}, "tele < wide"),
        ({"tilt_limits_deg": (20.0, -90.0)}, "tilt goes from 20.0 to -90.0"),
        ({"pan_speed_deg_per_s": 0.0}, "above 0"),
        ({"zoom_acceleration_per_s2": math.nan}, "above 0"),
        ({"latency_s": -0.1}, "0 s or more"),
    ],
)
def test_senseless_profiles_are_refused(change, words):
    with pytest.raises(ValueError, match=words):
        dataclasses.replace(AXIS, **change)


# latency, settling, status


@pytest.mark.parametrize("profile", PROFILES.values())
def test_commands_wait_for_the_latency_and_the_image_for_the_settle_time(profile):
    device = camera(profile)
    assert device.status().settled
    device.absolute(tilt_deg=-10)
    assert (device.status().settled, device.status().moving) == (False, False)
    device.step(profile.latency_s - 1e-6)
    assert (device.status().tilt_deg, device.status().settled) == (0, False)
    device.step(1e-6 + trapezoid_s(10, profile.tilt_speed_deg_per_s, profile.tilt_acceleration_deg_per_s2) + 1e-6)
    status = device.status()
    assert (status.tilt_deg, status.moving, status.settled) == (-10, False, False)
    device.step(profile.settle_time_s - 3e-6)
    assert not device.status().settled
    device.step(4e-6)
    assert device.status().settled


def test_commands_keep_their_order_and_the_last_one_wins():
    device = camera()
    device.absolute(pan_deg=90)
    device.step(0.05)
    device.absolute(pan_deg=-45)
    device.step(AXIS.latency_s - 0.05)
    assert device.status().target.pan_deg == 90
    device.step(0.05)
    assert device.status().target.pan_deg == -45
    device.step(3)
    assert device.status().pan_deg == -45


def test_an_axis_that_is_not_named_goes_on():
    device = camera(at_once(AXIS))
    device.continuous(pan_deg_per_s=20)
    device.step(1)
    device.absolute(zoom=3)
    device.step(2)
    ramp_deg = 20**2 / (2 * AXIS.pan_acceleration_deg_per_s2)
    assert device.status().pan_deg == pytest.approx(60 - ramp_deg)
    assert device.status().zoom == 3


def test_relative_moves_count_from_where_the_camera_is_when_they_take_effect():
    device = camera(at_once(AXIS))
    device.absolute(pan_deg=100)
    device.step(0.1)
    here = device.status().pan_deg
    device.relative(pan_deg=50)
    device.step(3)
    assert device.status().pan_deg == pytest.approx(here + 50)


def test_beyond_the_limits_is_clamped_and_told():
    device = camera(at_once(AXIS))
    device.absolute(pan_deg=300, tilt_deg=60, zoom=99)
    device.step(5)
    status = device.status()
    assert (status.pan_deg, status.tilt_deg, status.zoom) == (-60, 20, AXIS.max_zoom)
    assert status.clamped == ("tilt", "zoom")
    device.relative(tilt_deg=-5)
    device.step(1)
    assert device.status().clamped == ()
    device.relative(tilt_deg=-500)
    device.continuous(pan_deg_per_s=1e6)
    device.step(0)
    assert device.status().clamped == ("pan",)
    assert camera(start=Position(0, 90, 1)).status().clamped == ("tilt",)
    assert camera(LIMITED, start=Position(175, 0, 1)).status().pan_deg == 170


def test_a_move_to_where_it_is_does_not_unsettle_it():
    device = camera(start=Position(10, -5, 2))
    device.absolute(pan_deg=370, tilt_deg=-5, zoom=2)
    device.step(AXIS.latency_s)
    assert device.status().settled


@pytest.mark.parametrize("undo", [lambda device: device.home(), lambda device: device.stop()])
def test_a_move_that_is_called_off_at_once_does_not_happen(undo):
    device = camera()
    device.absolute(pan_deg=90, tilt_deg=-20, zoom=7)
    undo(device)
    device.step(3)
    assert device.status() == dataclasses.replace(camera().status(), time_s=3)


def test_presets_and_home():
    device = camera(at_once(HANWHA))
    device.absolute(pan_deg=-170, tilt_deg=-30, zoom=12.5)
    device.step(5)
    device.save_preset("door")
    device.home()
    device.step(5)
    assert dataclasses.astuple(device.status())[:3] == (0, 0, 1)
    device.go_to_preset("door")
    device.step(5)
    assert dataclasses.astuple(device.status())[:3] == (-170, -30, 12.5)
    device.save_preset("home")
    device.absolute(pan_deg=3)
    device.step(5)
    device.home()
    device.step(5)
    assert device.status().pan_deg == -170
    with pytest.raises(ValueError, match="no preset 'window'; saved are 'home', 'door'"):
        device.go_to_preset("window")
    with pytest.raises(ValueError, match="name"):
        device.save_preset("")


# where it looks


def pixel_of(device, point):
    x, y, z = np.linalg.solve(device.T_world_camera(), [*point, 1.0])[:3]
    assert z > 0, "in front of the camera"
    return (device.intrinsics().K @ [x / z, y / z, 1.0])[:2]


@given(st.floats(-179, 179), st.floats(-89, 20), st.floats(-180, 180), st.floats(-80, 80), st.floats(0.5, 50))
def test_the_pose_centres_what_lies_at_its_pan_and_tilt(pan, tilt, yaw, pitch, distance):
    """Independent of the pose code: spherical coordinates in the mount's frame, pan clockwise, tilt up."""
    mount = pose_looking([1, 2, 3], yaw, pitch) @ np.array([[0, -1, 0, 0], [0, 0, -1, 0], [1, 0, 0, 0], [0, 0, 0, 1]])
    device = PTZCamera(AXIS, mount, 640, 480, start=Position(pan, tilt, 1))
    p, t = math.radians(pan), math.radians(tilt)
    forward = [math.cos(t) * math.cos(p), -math.cos(t) * math.sin(p), math.sin(t)]
    point = mount @ [*(distance * np.array(forward)), 1.0]
    assert pixel_of(device, point[:3]) == pytest.approx([320, 240], abs=1e-6)


def test_pan_to_the_right_moves_things_left_and_tilt_up_moves_them_down():
    ahead, device = [5.0, 0.0, 0.0], camera(at_once(AXIS))
    device.relative(pan_deg=5, tilt_deg=3)
    device.step(2)
    u, v = pixel_of(device, ahead)
    assert u < 112 < v
    assert np.allclose(device.T_world_camera()[:3, 3], 0)


def test_a_mount_upside_down_turns_the_image():
    upside_down = np.diag([1.0, -1.0, -1.0, 1.0])
    device = PTZCamera(AXIS, upside_down, 64, 64, start=Position(30, 0, 1))
    pose = device.T_world_camera()
    assert pose[:3, 1] == pytest.approx([0, 0, 1]), "the image's y axis points up"
    assert pose[1, 2] > 0, "its right is the world's left"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_values_that_are_no_numbers_are_refused(value):
    device = camera()
    for call in (
        lambda: device.absolute(pan_deg=value),
        lambda: device.relative(zoom=value),
        lambda: device.continuous(tilt_deg_per_s=value),
        lambda: device.step(value),
        lambda: camera(start=Position(value, 0, 1)),
        lambda: PTZCamera(AXIS, np.full((4, 4), value), 5, 5),
    ):
        with pytest.raises(ValueError, match=r"give"):
            call()
    assert device.status() == camera().status(), "a refused command leaves nothing behind"


def test_numbers_of_any_kind_count_as_python_floats():
    device = camera(start=Position(np.float32(0.5), 0, 2))
    device.absolute(pan_deg=np.float32(20), tilt_deg=-5, zoom=np.int64(4))
    for _ in range(30):
        device.step(np.float32(0.1))
    status = device.status()
    assert all(type(value) is float for value in (status.pan_deg, status.tilt_deg, status.zoom, status.time_s))
    assert status.time_s == pytest.approx(30 * float(np.float32(0.1)), rel=1e-12)


def test_senseless_cameras_and_steps_are_refused():
    with pytest.raises(ValueError, match="pixels"):
        PTZCamera(AXIS, np.eye(4), 0, 480)
    with pytest.raises(ValueError, match="4x4"):
        PTZCamera(AXIS, np.eye(3), 640, 480)
    with pytest.raises(ValueError, match="not a pose"):
        PTZCamera(AXIS, np.diag([1, 1, -1, 1]), 640, 480)
    with pytest.raises(ValueError, match="not a pose"):
        PTZCamera(AXIS, 2 * np.eye(4), 640, 480)
    with pytest.raises(ValueError, match="0 s or more"):
        camera().step(-1)


def test_the_examples_of_the_page_run():
    text = (Path(__file__).parents[1] / "docs/ptz.md").read_text("utf-8")
    examples = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert examples
    for example in examples:
        exec(compile(example, "docs/ptz.md", "exec"), {})
