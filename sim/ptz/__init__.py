"""PTZ cameras as devices: `PTZCamera` moves in simulated time within the bounds of a `PTZProfile`.

    camera = PTZCamera(AXIS, T_world_mount, 640, 480)
    camera.absolute(pan_deg=30, tilt_deg=-10, zoom=4)
    while not camera.status().settled:
        camera.step(1 / 30)
    renderer.render(camera.intrinsics(), camera.T_world_camera())

Conventions, figures and their sources: docs/ptz.md.
"""

from sim.ptz.actions import ACTIONS, Action, apply, change
from sim.ptz.device import Position, PTZCamera, PTZStatus
from sim.ptz.profiles import AXIS, HANWHA, PROFILES, PTZProfile

__all__ = [
    "ACTIONS",
    "AXIS",
    "HANWHA",
    "PROFILES",
    "Action",
    "PTZCamera",
    "PTZProfile",
    "PTZStatus",
    "Position",
    "apply",
    "change",
]
