"""The 21 discrete actions of PTZ world models, in the order of the earlier work (waggle-sensor/PTZJEPA)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sim.ptz.device import PTZCamera
from sim.ptz.profiles import PTZProfile


@dataclass(frozen=True)
class Action:
    """A relative move.

    Attributes:
        index: its place in `ACTIONS`, which data and models hold.
        name: what it does.
        kind: "noop", "short", "long" or "jump".
        d_pan_deg: to the right, before the modulation.
        d_tilt_deg: up, before the modulation.
        d_zoom: times the profile's `action_zoom_units`, in the units of its family.
    """

    index: int
    name: str
    kind: str
    d_pan_deg: float = 0.0
    d_tilt_deg: float = 0.0
    d_zoom: float = 0.0


ACTIONS = (
    Action(0, "noop", "noop"),
    Action(1, "short_left", "short", d_pan_deg=-0.1),
    Action(2, "short_right", "short", d_pan_deg=0.1),
    Action(3, "short_left_up", "short", d_pan_deg=-0.1, d_tilt_deg=0.1),
    Action(4, "short_right_up", "short", d_pan_deg=0.1, d_tilt_deg=0.1),
    Action(5, "short_left_down", "short", d_pan_deg=-0.1, d_tilt_deg=-0.1),
    Action(6, "short_right_down", "short", d_pan_deg=0.1, d_tilt_deg=-0.1),
    Action(7, "short_up", "short", d_tilt_deg=0.1),
    Action(8, "short_down", "short", d_tilt_deg=-0.1),
    Action(9, "short_zoom_in", "short", d_zoom=0.1),
    Action(10, "short_zoom_out", "short", d_zoom=-0.1),
    Action(11, "long_left", "long", d_pan_deg=-1.0),
    Action(12, "long_right", "long", d_pan_deg=1.0),
    Action(13, "long_up", "long", d_tilt_deg=1.0),
    Action(14, "long_down", "long", d_tilt_deg=-1.0),
    Action(15, "long_zoom_in", "long", d_zoom=0.2),
    Action(16, "long_zoom_out", "long", d_zoom=-0.2),
    Action(17, "jump_left", "jump", d_pan_deg=-5.0),
    Action(18, "jump_right", "jump", d_pan_deg=5.0),
    Action(19, "jump_up", "jump", d_tilt_deg=3.0),
    Action(20, "jump_down", "jump", d_tilt_deg=-3.0),
)
"""The order is fixed: `ACTIONS[i].index == i`."""


def change(action: Action, profile: PTZProfile, modulation: float) -> tuple[float, float, float]:
    """What an action asks of a camera: change of pan and tilt (degrees) and of zoom (magnification).

    The modulation multiplies pan and tilt, not zoom, and belongs into the record of the data; the earlier work had 2.

    Raises:
        ValueError: a modulation that is not above 0 and finite.
    """
    if not 0 < modulation < math.inf:
        raise ValueError(f"a modulation of {modulation}; give a number above 0, the earlier work had 2")
    d_zoom = action.d_zoom * profile.action_zoom_units * profile.zoom_per_unit
    return action.d_pan_deg * modulation, action.d_tilt_deg * modulation, d_zoom


def apply(camera: PTZCamera, action: Action, modulation: float) -> None:
    """Sends an action to a camera as a relative move of the axes that it changes; "noop" sends nothing.

    Raises:
        ValueError: a modulation that is not above 0 and finite.
    """
    d_pan_deg, d_tilt_deg, d_zoom = change(action, camera.profile, modulation)
    if action.kind != "noop":
        camera.relative(pan_deg=d_pan_deg or None, tilt_deg=d_tilt_deg or None, zoom=d_zoom or None)
