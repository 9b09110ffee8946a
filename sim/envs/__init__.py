"""Gymnasium environments: `stairwell/PointNav-v0`, `stairwell/RouteNav-v0`, `stairwell/PTZTrack-v0`.

import gymnasium, sim.envs

env = gymnasium.make("stairwell/PointNav-v0", scene="oldenborg")
"""

from __future__ import annotations

import gymnasium

IDS = ("stairwell/PointNav-v0", "stairwell/RouteNav-v0", "stairwell/PTZTrack-v0")

gymnasium.register(IDS[0], entry_point="sim.envs.point_nav:PointNavEnv", max_episode_steps=1000)
gymnasium.register(IDS[1], entry_point="sim.envs.route_nav:RouteNavEnv", max_episode_steps=1000)
gymnasium.register(IDS[2], entry_point="sim.envs.ptz_track:PTZTrackEnv", max_episode_steps=200)
