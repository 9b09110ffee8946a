"""Episodes: frozen, checked, and true to the graph they were drawn from."""

from __future__ import annotations

import dataclasses
import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from scenes.body import WHEELED
from scenes.errors import HomeError
from scenes.library import load_scene
from sim.episodes import draw_episodes, load_episodes, make_episode, save_episodes, scene_hash
from sim.nav.graph import NavGraph


@cache
def graph(name: str = "two-levels") -> NavGraph:
    return NavGraph.load(load_scene(name))


def drawn(count: int = 20, seed: int = 0):
    return draw_episodes(graph(), count, np.random.default_rng(seed))


def test_a_set_comes_back_as_it_was(tmp_path: Path) -> None:
    episodes = drawn()
    digest = save_episodes(episodes, tmp_path / "set.json")
    assert load_episodes(tmp_path / "set.json", graph()) == episodes
    assert save_episodes(drawn(), tmp_path / "again.json") == digest
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "set.json").read_bytes()


def test_episodes_are_what_the_graph_says() -> None:
    nav = graph()
    episodes = drawn().episodes
    assert all(episode.geodesic_m == nav.geodesic(episode.start, episode.goal) >= 1 for episode in episodes)
    assert {("Ground floor", "Upper floor"), ("Upper floor", "Ground floor")} <= {e.levels for e in episodes}


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "set.json"
    save_episodes(drawn(), path)
    document = json.loads(path.read_text())
    document["episodes"][3]["goal"][0] += 0.001
    path.write_text(json.dumps(document))
    with pytest.raises(HomeError, match="changed since it was frozen"):
        load_episodes(path, graph())


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "other"}', "\xff", '{"format": "stairwell episodes 1"}'])
def test_other_files_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "set.json"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(HomeError, match=r"set\.json"):
        load_episodes(path, graph())


def test_another_body_or_home_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "set.json"
    save_episodes(drawn(), path)
    with pytest.raises(HomeError, match="made for BodySize"):
        load_episodes(path, NavGraph.build(graph().scene, WHEELED))
    moved = dataclasses.replace(graph().scene, vertices=graph().scene.vertices + np.float32(0.01))
    with pytest.raises(HomeError, match="made for another"):
        load_episodes(path, dataclasses.replace(graph(), scene=moved))


def test_the_hash_of_a_scene_is_that_of_its_shape() -> None:
    scene = graph().scene
    assert scene_hash(scene) == scene_hash(dataclasses.replace(scene, materials=()))
    assert scene_hash(scene) != scene_hash(dataclasses.replace(scene, triangles=scene.triangles[:-1]))


def test_a_start_in_a_wall_is_an_error_that_says_where_to_go() -> None:
    wall = next(instance for instance in graph().scene.instances if instance.category == "wall")
    middle = np.mean(wall.bounds_m, axis=0)
    goal = graph().random_point(np.random.default_rng(0))
    with pytest.raises(HomeError, match="nearest point"):
        make_episode(graph(), (middle[0], middle[1], wall.bounds_m[0][2]), 0.0, goal)
