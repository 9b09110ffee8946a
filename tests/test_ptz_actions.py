"""The table of discrete PTZ actions."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.ptz import ACTIONS, AXIS, HANWHA, PROFILES, Position, PTZCamera, apply, change


def camera(profile):
    return PTZCamera(profile, np.eye(4), 64, 64, start=Position(20, -30, 5))


def moved(profile, action, modulation):
    device = camera(profile)
    apply(device, action, modulation)
    device.step(3)
    status = device.status()
    return status.pan_deg - 20, status.tilt_deg + 30, status.zoom - 5


def test_the_table_is_the_one_of_the_earlier_work():
    assert [action.index for action in ACTIONS] == list(range(21))
    assert len({action.name for action in ACTIONS}) == 21
    assert Counter(action.kind for action in ACTIONS) == {"noop": 1, "short": 10, "long": 6, "jump": 4}
    turns = {
        kind: {(a.d_pan_deg, a.d_tilt_deg) for a in ACTIONS if a.kind == kind} for kind in ("short", "long", "jump")
    }
    eight = {(p, t) for p in (-0.1, 0, 0.1) for t in (-0.1, 0, 0.1)}
    assert turns["short"] == eight
    assert turns["long"] == {(-1, 0), (1, 0), (0, -1), (0, 1), (0, 0)}
    assert turns["jump"] == {(-5, 0), (5, 0), (0, -3), (0, 3)}
    assert [a.d_zoom for a in ACTIONS if a.d_zoom] == [0.1, -0.1, 0.2, -0.2]


def test_names_say_the_direction():
    for action in ACTIONS:
        words = action.name.split("_")
        assert words[0] == action.kind
        assert (action.d_pan_deg > 0) == ("right" in words)
        assert (action.d_pan_deg < 0) == ("left" in words)
        assert (action.d_tilt_deg > 0) == ("up" in words)
        assert (action.d_tilt_deg < 0) == ("down" in words)
        assert (action.d_zoom > 0) == ("in" in words)
        assert (action.d_zoom < 0) == ("zoom" in words and "out" in words)


@given(st.sampled_from(list(PROFILES.values())), st.sampled_from(ACTIONS), st.floats(0.5, 4))
def test_the_device_does_what_the_action_asks(profile, action, modulation):
    asked = change(action, profile, modulation)
    assert asked[:2] == (action.d_pan_deg * modulation, action.d_tilt_deg * modulation)
    assert moved(profile, action, modulation) == pytest.approx(asked, abs=1e-9)


def test_zoom_is_in_magnification_for_hanwha_and_in_steps_for_axis():
    for action in ACTIONS:
        _, _, hanwha = moved(HANWHA, action, 2)
        _, _, axis = moved(AXIS, action, 2)
        assert hanwha == pytest.approx(action.d_zoom)
        assert AXIS.to_units(5 + axis) - AXIS.to_units(5) == pytest.approx(1000 * action.d_zoom, abs=1e-6)
    steps = [round(a.d_zoom * AXIS.action_zoom_units) for a in ACTIONS if a.d_zoom]
    assert steps == [100, -100, 200, -200]


def test_noop_sends_nothing():
    device = camera(AXIS)
    before = device.status()
    apply(device, ACTIONS[0], 2)
    assert device.status() == before


def test_a_move_of_one_axis_leaves_the_others_to_what_they_do():
    device = camera(AXIS)
    device.continuous(pan_deg_per_s=10)
    device.step(0.5)
    apply(device, ACTIONS[9], 2)
    device.step(0.5)
    assert math.isinf(device.status().target.pan_deg)


@pytest.mark.parametrize("modulation", [0, -1, math.nan, math.inf])
def test_a_senseless_modulation_is_refused(modulation):
    for action in ACTIONS:
        with pytest.raises(ValueError, match="modulation"):
            apply(camera(AXIS), action, modulation)
