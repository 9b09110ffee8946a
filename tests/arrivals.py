"""Trips of robots between random rooms of many homes. `python -m tests.arrivals AGENT PAIRS` shows how they end."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from datagen.homes.make import make_home
from scenes.build.assemble import build_scene
from scenes.errors import HomeError
from scenes.home.reader import parse_home
from scenes.library import load_scene
from scenes.scene import Scene
from sim.agents.bodies import shared_graph
from sim.experts.trip import Trip
from sim.robots.models import ROBOTS
from tests.program import HOMES

BUNDLED = ("two-levels", "blocks", "round", "oldenborg")
SHARED = ("a_stairs_catalog", "fc_1-BedroomApartment", "fc_3-BedroomHouseWithMezzanine", "gel_flat", "up_home1")
COUNT = 20


@dataclass(frozen=True)
class Arrival:
    """How a trip ended. `reason`: why there is no path, said before the start; empty where there is one."""

    home: str
    rooms: tuple[int, int]
    reason: str
    ending: str
    steps: int
    left_m: float


def homes() -> Iterator[tuple[str, Scene]]:
    """Twenty homes: bundled ones, those of other people where they are there, and procedural ones."""
    names = [*BUNDLED, *(str(HOMES / f"{name}.sh3d") for name in SHARED if (HOMES / f"{name}.sh3d").exists())]
    for name in names:
        yield name.rsplit("/", 1)[-1], load_scene(name)
    for index in range(COUNT - len(names)):
        home = make_home(11, index)
        yield home.name, build_scene(parse_home(home.data, home.name))


def trips(name: str, scene: Scene, agent: str, pairs: int, seed: int = 0) -> Iterator[Arrival]:
    """Trips between rooms of the island that most rooms are on, each drawn at random."""
    graph = shared_graph(scene, ROBOTS[agent].size)
    rooms = max(graph.islands, key=lambda island: len(island.rooms)).rooms
    rng = np.random.default_rng(seed)
    for number in range(pairs):
        start, goal = (int(room) for room in rng.choice(rooms, 2, replace=len(rooms) < 2))
        ends = f"room #{start + 1}", f"room #{goal + 1}"
        try:
            with Trip(scene, *ends, agent=agent, expert="perfect", people=0, seed=number) as trip:
                visits = list(trip.visits())
        except HomeError as error:
            yield Arrival(name, (start, goal), str(error), "", 0, 0.0)
            continue
        left_m = trip.graph.geodesic(visits[-1].T_world_body[:3, 3], trip.goal)
        ending = visits[-1].ending
        yield Arrival(name, (start, goal), "", ending.value if ending else "", len(visits) - 1, left_m)


def main() -> None:
    """Prints each trip, one of each home after the other, and the count."""
    agent, pairs = sys.argv[1], int(sys.argv[2])
    under_way = [trips(name, scene, agent, pairs) for name, scene in homes()]
    done = []
    for _ in range(pairs):
        for trip in under_way:
            done.append(next(trip))
            print(done[-1], flush=True)  # noqa: T201
    tried = [arrival for arrival in done if not arrival.reason]
    reached = sum(arrival.ending == "reached" for arrival in tried)
    print(f"{reached} of {len(tried)} arrive; {len(done) - len(tried)} are refused with a reason")  # noqa: T201


if __name__ == "__main__":
    main()
