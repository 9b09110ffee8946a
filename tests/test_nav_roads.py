"""Distances of graphs against searches from every point, the legs of paths, and why there is no way."""

import itertools
import re

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from scenes.body import WHEELED
from scenes.library import load_scene
from sim.nav import NavGraph
from sim.nav.distances import all_distances, eliminate
from sim.nav.sight import Spots, places_at, straight_lines
from tests.walk_scenes import flight, floor, scene_of, wall


@pytest.mark.parametrize("seed", range(5))
def test_distances_by_elimination_are_those_of_searches(seed):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 80))
    a, b = rng.integers(count, size=(2, 2 * count))
    length = rng.uniform(0.1, 9, len(a)).astype(np.float32)
    _, first = np.unique(np.sort([a, b], axis=0), axis=1, return_index=True)
    first = first[a[first] != b[first]]
    half = csr_array((length[first], (a[first], b[first])), shape=(count, count))
    graph = (half + half.T).tocsr()
    assert all_distances(eliminate(graph)) == pytest.approx(dijkstra(graph), rel=1e-5)


def corners(points):
    """The points of a path that are its ends or turn on the plan."""
    steps = np.diff(points[:, :2], axis=0)
    ahead = steps / np.linalg.norm(steps, axis=1)[:, None]
    turns = np.abs(ahead[:-1, 0] * ahead[1:, 1] - ahead[:-1, 1] * ahead[1:, 0]) > 1e-6
    return points[np.concatenate([[True], turns, [True]])]


@pytest.mark.parametrize("home", ["two-levels", "blocks"])
def test_every_leg_of_a_path_can_be_walked_straight(home):
    graph = NavGraph.load(load_scene(home))
    ground = graph.ground
    rng = np.random.default_rng(5)
    free = []
    for _ in range(40):
        points = corners(graph.path(graph.random_point(rng), graph.random_point(rng)).points)
        spots = Spots(places_at(ground, points[:, :2], points[:, 2]), points[:, :2])
        one, other = np.array(list(itertools.pairwise(range(len(points))))).T
        a, b = spots.of(one), spots.of(other)
        free += straight_lines(ground, (a.place, b.place), (a.at, b.at)).free.tolist()
    assert np.mean(free) > 0.99


def test_the_figure_of_a_gap_that_is_too_narrow():
    scene = scene_of(floor(-3, -2, 3, 2), wall(-0.1, -2, 0.1, 0.4), wall(-0.1, 0.7, 0.1, 2))
    reason = NavGraph.build(scene).why_not((-2, 0, 0), (2, 0, 0))
    width, x, y = map(float, re.search(r"is (\S+) m wide at \((\S+), (\S+),", reason).groups())
    assert width == pytest.approx(0.3, abs=0.03)
    assert x == pytest.approx(0, abs=0.13)
    assert y == pytest.approx(0.55, abs=0.05)
    assert "the body needs 0.40 m" in reason


def test_the_figure_of_stairs_that_are_too_high_and_of_no_way_at_all():
    stairs = scene_of(floor(-3, -1, 0.1, 1), *flight(4, 0.17, 0.28, -1, 1), floor(3 * 0.28, -1, 6, 1, 0.68))
    graph = NavGraph.build(stairs, WHEELED)
    assert "0.17 m, the body takes 0.01 m" in graph.why_not((-2, 0, 0), (5, 0, 0.68))
    walled = NavGraph.build(scene_of(floor(-3, -2, 3, 2), wall(-0.1, -2, 0.1, 2)))
    assert "even a thin body" in walled.why_not((-2, 0, 0), (2, 0, 0))
