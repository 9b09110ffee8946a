"""How the PTZ device moves: closed forms, and properties that hold whatever it is told."""

import dataclasses
import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sim.ptz import AXIS, HANWHA, Position
from tests.ptz_cameras import LIMITED, angle_between, at_once, camera, pans, positions, profiles, trapezoid_s


@st.composite
def commands(draw):
    """A name of a command and its arguments, often senselessly large, some axes left out."""
    kind = draw(st.sampled_from(["absolute", "relative", "continuous", "stop", "home"]))
    if kind in {"stop", "home"}:
        return kind, {}
    names = (
        ["pan_deg", "tilt_deg", "zoom"] if kind != "continuous" else ["pan_deg_per_s", "tilt_deg_per_s", "zoom_per_s"]
    )
    sizes = draw(st.sampled_from([(5, 5, 0.5), (90, 60, 8), (600, 600, 60)]))
    values = {name: draw(st.none() | st.floats(-size, size)) for name, size in zip(names, sizes, strict=True)}
    return kind, values


scripts = st.lists(st.tuples(commands(), st.floats(0, 1.5)), min_size=1, max_size=6)


def send(device, command):
    name, arguments = command
    getattr(device, name)(**arguments)


@given(profiles, positions, positions)
def test_a_move_takes_the_time_of_its_trapezoid(profile, start, goal):
    device = camera(profile, start=start)
    pan_start = device.status().pan_deg
    device.absolute(pan_deg=goal.pan_deg, tilt_deg=goal.tilt_deg, zoom=goal.zoom)
    if profile is LIMITED:
        pan_goal = min(max(goal.pan_deg, -170), 170)
        turn = pan_goal - pan_start
    else:
        pan_goal, turn = goal.pan_deg, angle_between(goal.pan_deg, pan_start)
    needed_s = max(
        trapezoid_s(abs(turn), profile.pan_speed_deg_per_s, profile.pan_acceleration_deg_per_s2),
        trapezoid_s(
            abs(goal.tilt_deg - start.tilt_deg), profile.tilt_speed_deg_per_s, profile.tilt_acceleration_deg_per_s2
        ),
        trapezoid_s(abs(goal.zoom - start.zoom), profile.zoom_speed_per_s, profile.zoom_acceleration_per_s2),
    )
    if needed_s > 1e-6:
        device.step(profile.latency_s + needed_s - 1e-7)
        assert device.status().moving
        device.step(2e-7)
    else:
        device.step(profile.latency_s + 1e-6)
    status = device.status()
    assert not status.moving
    assert angle_between(status.pan_deg, pan_goal) == 0
    assert (status.tilt_deg, status.zoom) == (goal.tilt_deg, goal.zoom), "at the goal to the last bit"


def path(device, seconds, dt_s):
    """Pan (unwrapped), tilt and zoom (N, 3) while time goes on."""
    rows = [dataclasses.astuple(device.status())[:3]]
    for _ in range(round(seconds / dt_s)):
        device.step(dt_s)
        rows.append(dataclasses.astuple(device.status())[:3])
    rows = np.array(rows)
    rows[:, 0] = np.unwrap(rows[:, 0], period=360)
    return rows


@given(profiles, positions, scripts)
def test_speed_acceleration_and_limits_hold_whatever_is_asked(profile, start, script):
    device, dt_s = camera(profile, start=start), 1 / 64
    pieces = []
    for command, pause_s in script:
        send(device, command)
        pieces.append(path(device, pause_s, dt_s)[1:])
    rows = np.concatenate(pieces)
    assert -180 <= device.status().pan_deg < 180
    rows[:, 0] = np.unwrap(rows[:, 0], period=360)
    bounds = [
        (profile.pan_speed_deg_per_s, profile.pan_acceleration_deg_per_s2, profile.pan_limits_deg),
        (profile.tilt_speed_deg_per_s, profile.tilt_acceleration_deg_per_s2, profile.tilt_limits_deg),
        (profile.zoom_speed_per_s, profile.zoom_acceleration_per_s2, (1.0, profile.max_zoom)),
    ]
    for values, (speed, acceleration, limits) in zip(rows.T, bounds, strict=True):
        assert np.all(np.abs(np.diff(values)) <= speed * dt_s + 1e-9)
        assert np.all(np.abs(np.diff(values, 2)) <= acceleration * dt_s**2 + 1e-9)
        if limits:
            assert np.all((values >= limits[0]) & (values <= limits[1]))
    assert np.all(np.isfinite(rows))


@given(profiles, positions, positions)
def test_from_rest_a_move_goes_straight_to_its_goal_and_never_beyond(profile, start, goal):
    device = camera(profile, start=start)
    device.absolute(pan_deg=goal.pan_deg, tilt_deg=goal.tilt_deg, zoom=goal.zoom)
    device.step(profile.latency_s)
    rows = path(device, 6, 1 / 16)
    assert not device.status().moving
    for values in rows.T:
        assert np.all(np.diff(values) * np.sign(values[-1] - values[0]) >= -1e-9)


@given(profiles, positions, scripts, st.integers(1, 12), st.randoms(use_true_random=False))
def test_one_step_ends_where_many_short_ones_do(profile, start, script, parts, random):
    once, often = camera(profile, start=start), camera(profile, start=start)
    for command, pause_s in script:
        send(once, command)
        send(often, command)
        once.step(pause_s)
        cuts = sorted([0.0, pause_s, *(random.uniform(0, pause_s) for _ in range(parts - 1))])
        for a, b in itertools.pairwise(cuts):
            often.step(b - a)
    for device in (once, often):
        device.step(0.01)
    a, b = once.status(), often.status()
    assert angle_between(a.pan_deg, b.pan_deg) == pytest.approx(0, abs=1e-8)
    assert (a.tilt_deg, a.zoom, a.time_s) == pytest.approx((b.tilt_deg, b.zoom, b.time_s), abs=1e-8)


def test_ten_steps_of_a_tenth_are_one_of_a_second():
    once, often = camera(), camera()
    for device in (once, often):
        device.absolute(pan_deg=150, tilt_deg=-60, zoom=9)
    once.step(1.0)
    for _ in range(10):
        often.step(0.1)
    assert dataclasses.astuple(once.status())[:3] == pytest.approx(dataclasses.astuple(often.status())[:3], abs=1e-9)
    assert once.status().target == often.status().target == Position(150, -60, 9)


@given(profiles, positions, scripts)
def test_the_same_commands_give_the_same_bytes(profile, start, script):
    def run():
        device, bytes_ = camera(profile, start=start), []
        for command, pause_s in script:
            send(device, command)
            device.step(pause_s)
            bytes_.append(device.T_world_camera().tobytes() + repr(device.status()).encode())
        return bytes_

    assert run() == run()


@given(st.floats(0.05, 0.6), st.floats(-100, 5))
def test_a_goal_that_lies_behind_is_reached_by_braking_and_coming_back(after_s, ahead_deg):
    """Worked by hand: brake from v in v / a, then a trapezoid back from where that ends."""
    speed, acceleration = LIMITED.pan_speed_deg_per_s, LIMITED.pan_acceleration_deg_per_s2
    device = camera(LIMITED, start=Position(-170, 0, 1))
    device.continuous(pan_deg_per_s=speed)
    device.step(after_s)
    v, goal = min(speed, acceleration * after_s), max(-170, device.status().pan_deg + ahead_deg)
    stop = device.status().pan_deg + v**2 / (2 * acceleration)
    assume(goal < stop - 1e-3)
    device.absolute(pan_deg=goal)
    device.step(v / acceleration)
    assert device.status().pan_deg == pytest.approx(stop, abs=1e-9)
    device.step(trapezoid_s(stop - goal, speed, acceleration) - 1e-7)
    assert device.status().moving
    device.step(2e-7)
    assert not device.status().moving
    assert device.status().pan_deg == goal


# pan that turns without end


@given(pans, pans)
def test_absolute_pan_goes_the_short_way_round(start, goal):
    device = camera(at_once(AXIS), start=Position(start, 0, 1))
    device.absolute(pan_deg=goal)
    turned = np.diff(path(device, 3, 1 / 64)[:, 0]).sum()
    assert abs(turned) <= 180 + 1e-9
    assert angle_between(device.status().pan_deg, goal) == pytest.approx(0, abs=1e-9)


def test_absolute_pan_passes_the_seam():
    device = camera(at_once(AXIS), start=Position(170, 0, 1))
    device.absolute(pan_deg=-170)
    pan = path(device, 2, 1 / 64)[:, 0]
    assert pan[0] == 170
    assert pan[-1] == pytest.approx(190)
    assert device.status().pan_deg == -170


@given(pans, st.floats(-720, 720))
def test_relative_pan_turns_the_way_of_its_sign(start, turn):
    device = camera(at_once(AXIS), start=Position(start, 0, 1))
    device.relative(pan_deg=turn)
    turned = np.diff(path(device, 4, 1 / 64)[:, 0]).sum()
    assert turned == pytest.approx(turn, abs=1e-9)


@given(st.floats(-360, 360))
def test_a_full_turn_more_or_less_is_the_same_pan(goal):
    a, b = camera(), camera()
    a.absolute(pan_deg=goal)
    b.absolute(pan_deg=goal + 360)
    a.step(3)
    b.step(3)
    assert angle_between(a.status().pan_deg, b.status().pan_deg) == pytest.approx(0, abs=1e-9)
    assert -180 <= a.status().pan_deg < 180


def test_continuous_pan_turns_for_ever_and_says_so():
    device = camera(at_once(HANWHA))
    device.continuous(pan_deg_per_s=-36)
    device.step(3600)
    ramp_deg = 36**2 / (2 * HANWHA.pan_acceleration_deg_per_s2)
    assert angle_between(device.status().pan_deg, -(3600 * 36 - ramp_deg)) == pytest.approx(0, abs=1e-6)
    assert device.status().target.pan_deg == -math.inf
    assert device.status().moving
    assert not device.status().settled
    device.stop()
    device.step(36 / HANWHA.pan_acceleration_deg_per_s2)
    assert not device.status().moving
    assert device.status().target.pan_deg == device.status().pan_deg


def test_continuous_moves_end_at_the_limit_without_a_jolt():
    device = camera(at_once(AXIS))
    device.continuous(tilt_deg_per_s=-50, zoom_per_s=4)
    rows = path(device, 15, 1 / 64)
    assert rows[-1, 1] == -90
    assert rows[-1, 2] == pytest.approx(AXIS.max_zoom)
    assert not device.status().moving
    assert device.status().clamped == (), "the speed was granted"


@given(st.floats(0.5, 8), st.floats(0.3, 3))
def test_a_slower_continuous_move_brakes_to_its_speed_and_still_ends_at_the_limit(rate, after_s):
    """Worked by hand: brake from v to the rate, go on, brake to rest at the tele end."""
    profile, v = at_once(AXIS), 9.0
    device = camera(profile)
    acceleration = profile.zoom_acceleration_per_s2
    device.continuous(zoom_per_s=v)
    device.step(after_s)
    left = profile.max_zoom - device.status().zoom
    device.continuous(zoom_per_s=rate)
    needed_s = (v - rate) / acceleration + (left - v**2 / (2 * acceleration)) / rate + rate / acceleration
    device.step(needed_s - 1e-7)
    assert device.status().moving
    assert device.status().zoom == pytest.approx(profile.max_zoom, abs=1e-6)
    device.step(2e-7)
    assert not device.status().moving
