"""Datasets grow: by episodes as if they had been asked for at once, by homes from then on; splits stay as they are."""

from __future__ import annotations

import dataclasses
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.checks import check_dataset
from datagen.config import make_config
from datagen.engine import generate
from datagen.engine.pool import open_pool
from datagen.reader import open_dataset
from datagen.store import read_about
from datagen.tasks import task_of
from scenes.errors import HomeError
from tests.recordings import make, spec, split
from tests.test_engine import ALLOW, Told

SETTINGS: dict[str, Any] = {"policies": ["sweep", "fly"], "frames": 3, "size": (24, 16), "homes": ["round"]}


def grow(folder: Path, episodes: int, **changes: Any) -> str:
    config = make_config(SETTINGS | changes | {"episodes": episodes})
    return generate(config, folder, lambda order: open_pool(order, 1), Told(), allow=ALLOW).content_hash


def test_more_episodes_are_as_if_asked_for_at_once_and_splits_stay(tmp_path: Path) -> None:
    first = make(tmp_path / "grown")
    split(tmp_path / "grown", "main", "episode", {"train": 2, "val": 1})
    before = open_dataset(tmp_path / "grown").split("main").tolist()
    grown = make(tmp_path / "grown", spec(9))
    assert grown == make(tmp_path / "at once", spec(9)) != first
    dataset = open_dataset(tmp_path / "grown")
    assert dataset.split("main").tolist() == [*before, *[""] * 15]
    assert check_dataset(tmp_path / "grown") == []
    with pytest.raises(HomeError, match="splits never change"):
        split(tmp_path / "grown", "main", "episode", {"train": 2, "val": 1})
    with pytest.raises(HomeError, match="9 episodes, 6 are asked for; ask for as many or more"):
        make(tmp_path / "grown")


def test_what_is_stored_is_kept_and_what_is_asked_otherwise_is_refused(tmp_path: Path) -> None:
    make(tmp_path, spec(3))
    files = {path: path.read_bytes() for path in (tmp_path / "episodes").iterdir()}
    for changes in ({"config": {"seed": 8, "frames": 5}}, {"homes": {}}, {"storage": None}):
        other = spec(9, **{name: value for name, value in changes.items() if value is not None})
        if "storage" in changes:
            other = dataclasses.replace(other, storage=dataclasses.replace(other.storage, rgb="webp"))
        with pytest.raises(HomeError, match="holds a dataset of another"):
            make(tmp_path, other)
    make(tmp_path, spec(6))
    assert all(path.read_bytes() == data for path, data in files.items())


def test_a_home_is_added_and_shown_from_then_on(tmp_path: Path) -> None:
    further = tmp_path / "cottage.sh3d"
    from scenes.library import find_home

    shutil.copy(find_home("two-levels"), further)
    folder = tmp_path / "set"
    first = grow(folder, 3)
    files = {path: path.read_bytes() for path in (folder / "episodes").iterdir()}
    with pytest.raises(HomeError, match="has 3 episodes; to show cottage as well it needs more: --episodes N"):
        grow(folder, 3, homes=["round", str(further)])
    second = grow(folder, 7, homes=[str(further), "round"])
    assert second != first
    assert grow(folder, 7, homes=["round", str(further)]) == second
    assert read_about(folder)["config"]["growth"] == [{"homes": 1, "episodes": 3}]
    assert all(path.read_bytes() == data for path, data in files.items())
    homes = open_dataset(folder).episodes["home"].to_pylist()
    assert homes == ["round"] * 4 + ["cottage", "round", "cottage"]
    assert not [
        finding
        for finding in check_dataset(folder)
        if finding.severity == "error" and finding.code != "above the ceiling"
    ]
    with pytest.raises(HomeError, match="another configuration"):
        grow(folder, 9)


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 12)), max_size=3), st.integers(1, 3), st.integers(1, 30))
def test_each_home_and_policy_goes_on_where_it_was(stages: list[tuple[int, int]], policies: int, more: int) -> None:
    homes = episodes = 0
    growth = []
    for further, added in stages:
        homes, episodes = homes + further, episodes + added
        growth.append({"homes": homes, "episodes": episodes})
    config = make_config(
        {
            "homes": [f"home{number}" for number in range(homes + 1)],
            "policies": ["sweep", "random", "fly"][:policies],
            "episodes": episodes + more,
            "growth": growth,
        }
    )
    seen: Counter[tuple[int, str]] = Counter()
    for index in range(config.episodes):
        task = task_of(config, index)
        shown = next((stage["homes"] for stage in growth if index < stage["episodes"]), homes + 1)
        assert task.home < shown
        assert task.turn == seen[task.home, task.policy]
        seen[task.home, task.policy] += 1
