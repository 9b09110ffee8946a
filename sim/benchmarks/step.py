"""How fast bodies move and ways are found in oldenborg, on one core."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from scenes.body import PERSON
from scenes.library import load_scene
from scenes.scene import Scene

SCENE = "oldenborg"
DRIVE_S = 10.0
KINEMATIC_STEPS = 20_000
PAIRS = 1_000
START = (-5.0, 11.8, 0.8)
"""In the cross corridor."""

_GRAPH = """
import sys, time
from scenes.body import PERSON
from scenes.library import load_scene
from sim.nav.graph import NavGraph
scene = load_scene(sys.argv[1])
start = time.perf_counter()
NavGraph.load(scene, PERSON)
print(time.perf_counter() - start)
"""


def measure(repeats: int) -> dict[str, float]:
    """The figures by name; of those that are measured several times, the median. Graphs: each in a fresh process."""
    scene = load_scene(SCENE)
    return {
        "wheeled_realtime_factor": wheeled_realtime_factor(scene, repeats),
        **_kinematic(scene, repeats),
        **_graphs(repeats),
    }


def wheeled_realtime_factor(scene: Scene, repeats: int) -> float:
    """Simulated over elapsed seconds of the wheeled robot as it drives curves, which now and then end at a wall."""
    from sim.robots.models import WHEELED_ROBOT
    from sim.robots.robot import Robot
    from sim.world.world import World

    rng = np.random.default_rng(0)
    factors = []
    with World(scene) as world:
        robot = Robot(world, WHEELED_ROBOT)
        for _ in range(repeats):
            robot.place(START, 0.0)
            start = time.perf_counter()
            for _ in range(round(DRIVE_S)):
                robot.command_velocity(0.5, float(rng.uniform(-30, 30)), 1.0)
            factors.append(DRIVE_S / (time.perf_counter() - start))
    return statistics.median(factors)


def _kinematic(scene: Scene, repeats: int) -> dict[str, float]:
    """Steps of the kinematic agent with random commands, and lengths of ways between random points, per second."""
    from sim.agents.kinematic import KinematicAgent
    from sim.agents.protocol import Action
    from sim.nav.graph import NavGraph

    graph = NavGraph.load(scene, PERSON)
    rng = np.random.default_rng(0)
    agent = KinematicAgent(graph)
    commands = (Action.FORWARD, Action.FORWARD, Action.LEFT, Action.RIGHT)
    steps_per_s, pairs_per_s = [], []
    for _ in range(repeats):
        agent.place(graph.random_point(rng), float(rng.uniform(0, 360)))
        actions = [commands[k] for k in rng.integers(len(commands), size=KINEMATIC_STEPS)]
        start = time.perf_counter()
        for action in actions:
            agent.act(action)
        steps_per_s.append(KINEMATIC_STEPS / (time.perf_counter() - start))
        ends = np.array([graph.random_point(rng) for _ in range(2 * PAIRS)])
        start = time.perf_counter()
        graph.geodesics(ends[:PAIRS], ends[PAIRS:])
        pairs_per_s.append(PAIRS / (time.perf_counter() - start))
    return {
        "kinematic_steps_per_s": statistics.median(steps_per_s),
        "geodesics_per_s": statistics.median(pairs_per_s),
    }


def _graphs(repeats: int) -> dict[str, float]:
    cold, cached = [], []
    for _ in range(repeats):
        with tempfile.TemporaryDirectory(prefix="stairwell-bench-") as cache:
            cold.append(_graph_s(cache))
            cached.append(_graph_s(cache))
    return {"graph_cold_s": statistics.median(cold), "graph_cached_s": statistics.median(cached)}


def _graph_s(cache: str) -> float:
    run = subprocess.run(
        [sys.executable, "-c", _GRAPH, SCENE],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).resolve().parents[2],
        env=os.environ | {"STAIRWELL_CACHE": cache},
    )
    return float(json.loads(run.stdout))
