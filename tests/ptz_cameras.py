"""Cameras for the PTZ tests, and what can be worked out about them by hand."""

import dataclasses
import math

import numpy as np
from hypothesis import strategies as st

from sim.ptz import AXIS, HANWHA, Position, PTZCamera

LIMITED = dataclasses.replace(AXIS, name="limited", pan_limits_deg=(-170.0, 170.0), latency_s=0.0, settle_time_s=0.0)
profiles = st.sampled_from([AXIS, HANWHA, LIMITED])
pans = st.floats(-180, 180)
positions = st.builds(Position, pans, st.floats(-90, 20), st.floats(1, 36))


def camera(profile=AXIS, **kwargs):
    return PTZCamera(profile, np.eye(4), 224, 224, **kwargs)


def at_once(profile):
    """The same camera without latency and settle time."""
    return dataclasses.replace(profile, latency_s=0.0, settle_time_s=0.0)


def angle_between(a, b):
    return (a - b + 180) % 360 - 180


def trapezoid_s(way, speed, acceleration):
    """Time of a move from rest to rest, from the textbook."""
    if way >= speed**2 / acceleration:
        return way / speed + speed / acceleration
    return 2 * math.sqrt(way / acceleration)
