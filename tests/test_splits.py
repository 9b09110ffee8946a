"""Splits: no group in two parts, gaps in time, stored once, leaks told."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from datagen.reader import open_dataset
from datagen.splits import (
    at_random,
    by_group,
    by_time,
    find_leaks,
    k_folds,
    make_split,
    parse_shares,
    read_split,
    store_split,
)
from datagen.store import read_about
from scenes.errors import HomeError
from tests.recordings import make, spec

groups = st.lists(st.integers(0, 12), min_size=1, max_size=80).map(np.array)
shares = st.dictionaries(st.sampled_from(["train", "val", "test", "other"]), st.floats(0.05, 5), min_size=2, max_size=4)
seeds = st.integers(0, 2**32 - 1)
SHARES = {"train": 0.8, "val": 0.1, "test": 0.1}


def pairs(values: np.ndarray, parts: np.ndarray) -> Counter:
    """In how many parts each group is."""
    return Counter(group for group, _ in {*zip(values.tolist(), parts.tolist(), strict=True)})


@given(groups, shares, seeds, st.booleans())
def test_no_group_is_in_two_parts(values: np.ndarray, parts: dict[str, float], seed: int, with_classes: bool) -> None:
    assume(len(np.unique(values)) >= len(parts))
    classes = np.array(["left", "right"])[np.arange(len(values)) % 2] if with_classes else None
    split = by_group(values, parts, np.random.default_rng(seed), classes)
    assert set(pairs(values, split).values()) == {1}
    assert set(split.tolist()) == set(parts)
    assert np.array_equal(split, by_group(values, parts, np.random.default_rng(seed), classes))


@given(groups, st.integers(2, 6), seeds)
def test_folds_part_the_groups(values: np.ndarray, folds: int, seed: int) -> None:
    assume(len(np.unique(values)) >= folds)
    found = k_folds(values, folds, np.random.default_rng(seed))
    assert set(pairs(values, found).values()) == {1}
    assert set(found.tolist()) == set(range(folds))


def test_many_groups_get_the_shares_asked_for() -> None:
    values = np.repeat(np.arange(100), np.random.default_rng(0).integers(5, 30, 100))
    split = by_group(values, SHARES, np.random.default_rng(1))
    for name, share in SHARES.items():
        assert abs((split == name).mean() - share) < 0.02


def test_commands_are_balanced_where_episodes_allow() -> None:
    rng = np.random.default_rng(0)
    values = np.repeat(np.arange(60), 20)
    turners = rng.random(60) < 0.2
    command = np.where(turners[values] & (rng.random(1200) < 0.9), "left", "forward")
    split = by_group(values, {"train": 0.7, "val": 0.3}, rng, command)
    share = {name: (command[split == name] == "left").mean() for name in ("train", "val")}
    assert abs(share["train"] - share["val"]) < 0.03


@given(st.lists(st.integers(1, 60), min_size=1, max_size=5), st.integers(0, 8), shares)
def test_blocks_in_time_keep_their_distance(lengths: list[int], gap: int, parts: dict[str, float]) -> None:
    episode = np.repeat(np.arange(len(lengths)), lengths)
    step = np.concatenate([np.arange(length) for length in lengths])
    split = by_time(episode, step, parts, gap)
    names = list(parts)
    for value in range(len(lengths)):
        own = split[episode == value]
        steps = [np.flatnonzero(own == name) for name in names]
        present = [found for found in steps if len(found)]
        assert len(present) in (1, len(names))
        for early, late in pairwise(present):
            assert early.max() + gap < late.min()
        if len(present) == 1:
            assert (own == names[0]).all()
        else:
            assert (own == "").sum() == gap * (len(names) - 1)
    if gap:
        assert not [leak for leak in find_leaks(split, episode, step, split) if "follow each other" in leak]


def test_leaks_are_told() -> None:
    episode, step = np.repeat(np.arange(10), 20), np.tile(np.arange(20), 10)
    home = np.array(["attic", "barn", "cabin", "den", "east wing"])[episode // 2]
    rng = np.random.default_rng(0)
    by_home = by_group(home, {"train": 3, "val": 1}, rng)
    assert find_leaks(by_home, episode, step, home) == []
    (told,) = find_leaks(by_group(episode, SHARES, rng), episode, step, home)
    assert "homes are in several parts" in told
    follow, episodes, homes = find_leaks(at_random(200, SHARES, rng), episode, step, home)
    assert "follow each other" in follow
    assert "10 of 10 episodes" in episodes
    assert "5 of 5 homes" in homes


@pytest.mark.parametrize("by", ["home", "episode", "command", "time", "random"])
def test_a_stored_split_is_read_as_it_was_made(tmp_path: Path, by: str) -> None:
    before = make(tmp_path, spec(9, frames=12))
    dataset = open_dataset(tmp_path)
    columns = {name: dataset.column(name) for name in ("episode", "step", "home", "command")}
    split = make_split(columns, by, SHARES, 5, gap=1)
    store_split(tmp_path, "main", split, columns)
    store_split(tmp_path, "main", make_split(columns, by, SHARES, 5, gap=1), columns)
    assert np.array_equal(open_dataset(tmp_path).split("main"), split.parts)
    about = read_about(tmp_path)
    assert about["content_hash"] == before
    assert about["splits"]["main"]["seed"] == 5
    assert bool(split.warnings) == (by != "home")
    with pytest.raises(HomeError, match="another split 'main'"):
        store_split(tmp_path, "main", make_split(columns, by, SHARES, 6, gap=1), columns)
    with pytest.raises(HomeError, match="no split 'side'; there are main"):
        dataset.split("side")
    with pytest.raises(HomeError, match="of other frames"):
        read_split(tmp_path, "main", columns["episode"][1:], columns["step"][1:])
    with pytest.raises(HomeError, match="letters, digits"):
        store_split(tmp_path, "../main", split, columns)


@pytest.mark.parametrize("text", ["train", "train=1", "train=x,val=1", "train=1,train=2", "train=0,val=1", "a=1,=2"])
def test_shares_that_are_none(text: str) -> None:
    with pytest.raises(HomeError, match="shares"):
        parse_shares(text)


def test_too_few_groups() -> None:
    with pytest.raises(HomeError, match="2 groups cannot fill 3 parts"):
        by_group(np.array([1, 1, 2]), SHARES, np.random.default_rng(0))
    assert parse_shares("train=80, val=20") == {"train": 80.0, "val": 20.0}
