"""Probes of features in which it is known what can be read, and against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler

from scenes.errors import HomeError
from tests.judged import targets
from train.evaluate.linear import fit_ridge, hold_out, nearest, vote
from train.evaluate.probes import fit_pair_probe, probe_table
from train.evaluate.targets import (
    depth_targets,
    objects_in_view,
    overlapping_pairs,
    relative_pan_deg,
    wrapped_deg,
)


@pytest.mark.parametrize(("frames", "features"), [(300, 12), (60, 200)])
def test_ridge_is_that_of_scikit_learn_at_the_strength_that_it_chose(frames, features):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(frames, features)) * rng.uniform(0.1, 10, features) + 3
    y = x[:, :4] @ rng.normal(size=(4, 2)) + rng.normal(size=(frames, 2)) * [0.1, 60]
    ridge = fit_ridge(x, y, np.arange(frames) % 4 == 0)
    assert ridge.alpha[1] > ridge.alpha[0]  # the noisier target needs the stronger one
    scaler = StandardScaler().fit(x)
    for column, alpha in enumerate(ridge.alpha):
        judge = Ridge(alpha=alpha * len(x)).fit(scaler.transform(x), y[:, column])
        assert ridge(x)[:, column] == pytest.approx(judge.predict(scaler.transform(x)), rel=1e-8)


def test_the_strength_of_ridge_is_the_best_on_the_validation_frames():
    rng = np.random.default_rng(1)
    x, validation = rng.normal(size=(120, 60)), np.arange(120) >= 90
    y = x[:, :1] + rng.normal(size=(120, 1))
    chosen = fit_ridge(x, y, validation).alpha[0]
    errors = {}
    for alpha in np.logspace(-6, 2, 17):
        scaler = StandardScaler().fit(x[:90])
        judge = Ridge(alpha=alpha * 90).fit(scaler.transform(x[:90]), y[:90])
        errors[alpha] = ((judge.predict(scaler.transform(x[90:])).reshape(-1, 1) - y[90:]) ** 2).mean()
    assert chosen == pytest.approx(min(errors, key=errors.get))


def test_a_feature_that_never_varies_does_no_harm():
    x = np.concatenate([np.linspace(0, 1, 40)[:, None], np.full((40, 1), 7.0)], axis=1)
    ridge = fit_ridge(x, x[:, :1], np.arange(40) % 5 == 0)
    assert ridge(x)[:, 0] == pytest.approx(x[:, 0], abs=1e-4)


def test_nearest_are_those_of_scikit_learn():
    rng = np.random.default_rng(2)
    train, test = rng.normal(size=(700, 9)) * rng.uniform(0.1, 9, 9), rng.normal(size=(600, 9))
    scaler = StandardScaler().fit(train)
    judge = NearestNeighbors(n_neighbors=20).fit(scaler.transform(train))
    wanted = judge.kneighbors(scaler.transform(test), return_distance=False)
    assert (np.sort(nearest(train, test), axis=1) == np.sort(wanted, axis=1)).mean() > 0.999  # but for float32 ties


def test_vote_takes_the_most_frequent():
    labels = np.array([["b", "a", "b"], ["c", "a", "b"], ["c", "c", "c"]])
    assert vote(labels).tolist() == ["b", "a", "c"]


@given(st.integers(0, 10_000), st.integers(2, 9))
def test_homes_are_held_out_whole(seed, homes):
    home = np.repeat(np.arange(homes), 7)
    held = hold_out(home, np.arange(len(home)), np.random.default_rng(seed))
    assert 0 < held.sum() < len(held)
    assert all(len(set(held[home == value])) == 1 for value in range(homes))


def test_one_home_is_split_by_episodes_and_one_episode_is_refused():
    home, episode = np.zeros(30), np.arange(30) // 10
    held = hold_out(home, episode, np.random.default_rng(0))
    assert held.sum() == 10
    assert len(set(episode[held])) == 1
    with pytest.raises(HomeError, match="two training episodes"):
        hold_out(home, home, np.random.default_rng(0))


def test_depth_targets_of_each_image():
    rng = np.random.default_rng(3)
    depth = rng.integers(0, 9000, (30, 16, 20)).astype(np.uint16)
    depth[4], depth[5] = 0, 2500
    depth[6] = np.where(rng.random((16, 20)) < 0.9, 0, depth[6])
    nearest_m, mean_m = depth_targets(depth)
    for image, near, mean in zip(depth, nearest_m, mean_m, strict=True):
        seen = np.sort(image[image > 0]) / 1000
        if len(seen):
            assert near == seen[int(0.01 * len(seen))]
            assert mean == pytest.approx(seen.mean())
    assert np.isnan([nearest_m[4], mean_m[4]]).all()
    assert (nearest_m[5], mean_m[5]) == (2.5, 2.5)


def test_a_single_near_pixel_does_not_decide():
    depth = np.full((1, 32, 32), 3000, np.uint16)
    depth[0, 3, 3] = 40
    assert depth_targets(depth)[0][0] == 3.0


def test_objects_in_view_fill_a_hundredth():
    segmentation = np.zeros((2, 10, 10), np.uint16)
    segmentation[0, 0, 0], segmentation[1, :5], segmentation[1, 9] = 1, 2, 3
    seen = objects_in_view(segmentation, np.array([-1, 0, 1, 1]), 2)  # ids 2 and 3 are of one category
    assert seen.tolist() == [[True, False], [False, True]]
    segmentation = np.zeros((1, 20, 20), np.uint16)
    segmentation[0, 0, :3] = 1
    assert not objects_in_view(segmentation, np.array([-1, 0]), 1).any()


def test_pairs_are_of_one_episode_and_overlap():
    rng = np.random.default_rng(4)
    made = targets(["a", "b", "c"], 100, rng)
    pairs = overlapping_pairs(made, rng, 150)
    assert len(pairs) == 150
    assert (made.episode[pairs[:, 0]] == made.episode[pairs[:, 1]]).all()
    assert (pairs[:, 0] != pairs[:, 1]).all()
    cosine = (made.axis[pairs[:, 0]] * made.axis[pairs[:, 1]]).sum(axis=1)
    assert (np.degrees(np.arccos(cosine.clip(-1, 1))) <= 30 + 1e-9).all()


def test_relative_pan_goes_the_short_way_round():
    made = targets(["a"], 3, np.random.default_rng(0), episodes_each=1)
    made.pan_deg[:] = 170, -170, 10
    assert relative_pan_deg(made, np.array([[0, 1], [1, 0], [2, 0]])) == pytest.approx([20, -20, 160])
    assert wrapped_deg(np.array([180.0, -180.0, 540.0])).tolist() == [-180, -180, -180]


def with_compasses(made, rng, noise=0.02, dimension=12):
    """Features that hold pan on a circle whose zero differs by home, and tilt, zoom and depth linearly."""
    turn = {home: rng.uniform(0, 2 * np.pi) for home in np.unique(made.home).tolist()}
    pan = np.radians(made.pan_deg) + np.array([turn[home] for home in made.home])
    numbers = [(values - values.mean()) / values.std() for values in made.numbers.values()]
    held = np.stack([np.cos(pan), np.sin(pan), *numbers], axis=1)
    mix = np.random.default_rng(99).normal(size=(held.shape[1], dimension))
    return held @ mix + noise * rng.normal(size=(len(pan), dimension))


def test_what_features_hold_is_read_in_new_homes_and_what_they_do_not_is_not():
    rng = np.random.default_rng(5)
    train, test = targets(list("abcdef"), 300, rng), targets(["x", "y", "z"], 200, rng)
    features = {
        "model": (with_compasses(train, rng), with_compasses(test, rng)),
        "noise": (rng.normal(size=(len(train.home), 12)), rng.normal(size=(len(test.home), 12))),
    }
    table = {(p.target, p.features, p.probe): p for p in probe_table(features, train, test, rng)}
    for target in ("tilt", "log_zoom", "mean_depth"):
        assert table[target, "model", "ridge"].score.low > 0.97
        assert table[target, "model", "knn"].score.value > 0.8
        assert table[target, "noise", "ridge"].score.value < 0.05
        assert table[target, "mean", ""].score.value <= 0
    assert table["relative_pan", "model", "ridge"].score.value > 0.95
    assert table["relative_pan", "model", "ridge"].error < 3
    assert table["relative_pan", "noise", "ridge"].score.value < 0.05
    assert table["tilt", "model", "ridge"].count == 600
    assert table["tilt", "model", "ridge"].score.over == ("home",)
    assert table["tilt", "mean", ""].error == pytest.approx(10, rel=0.1)  # a quarter of the range of 40 degrees
    assert "object_in_view" not in {target for target, _, _ in table}


def test_pan_itself_cannot_be_read_in_a_new_home():
    # stated in docs/judging.md: a compass that differs by home is no compass
    rng = np.random.default_rng(6)
    train, test = targets(list("abcdef"), 300, rng), targets(["x", "y", "z", "u", "v"], 200, rng)
    circle = [np.stack([np.sin(t), np.cos(t)], axis=1) for t in (np.radians(m.pan_deg) for m in (train, test))]
    ridge = fit_ridge(with_compasses(train, rng), circle[0], np.isin(train.home, ["a"]))
    left = ((ridge(with_compasses(test, rng)) - circle[1]) ** 2).sum() / ((circle[1]) ** 2).sum()
    assert left > 0.8


@settings(max_examples=20)
@given(st.integers(0, 1000))
def test_a_pair_probe_changes_its_sign_when_swapped_and_is_0_for_equals(seed):
    rng = np.random.default_rng(seed)
    features, pairs = rng.normal(size=(60, 5)), rng.integers(0, 60, (200, 2))
    probe = fit_pair_probe(features, pairs, rng.normal(size=200), np.arange(200) % 3 == 0)
    one, other = rng.normal(size=(9, 5)), rng.normal(size=(9, 5))
    assert probe(one, other) == pytest.approx(-probe(other, one))
    assert probe(one, one) == pytest.approx(np.zeros(9))


def test_rooms_are_asked_for_in_other_episodes_of_known_homes():
    rng = np.random.default_rng(7)
    train, test = targets(list("abcd"), 200, rng, episodes_each=10), targets(["x"], 50, rng)
    rooms = np.unique(train.room, return_inverse=True)[1]
    own_place = rng.normal(size=(rooms.max() + 1, 6))
    features = {"model": (own_place[rooms] + 0.1 * rng.normal(size=(len(rooms), 6)), rng.normal(size=(50, 6)))}
    table = {(p.target, p.features): p for p in probe_table(features, train, test, rng) if p.target == "room"}
    assert table["room", "model"].score.value == 1
    assert table["room", "model"].score.over == ("episode",)
    assert table["room", "mean"].score.value < 0.4


def test_a_room_cannot_be_told_by_the_episode_that_it_was_seen_in():
    rng = np.random.default_rng(8)
    train, test = targets(list("abcd"), 200, rng, episodes_each=10), targets(["x"], 50, rng)
    own_look = rng.normal(size=(train.episode.max() + 1, 6))  # what tells episodes apart, and nothing else
    features = {"model": (own_look[train.episode] + 0.1 * rng.normal(size=(800, 6)), rng.normal(size=(50, 6)))}
    scores = [
        p.score.value for p in probe_table(features, train, test, rng) if p.features == "model" and p.target == "room"
    ]
    assert scores[0] < 0.6


def test_unknown_depths_are_left_out():
    rng = np.random.default_rng(9)
    train, test = targets(list("abc"), 100, rng), targets(["x", "y"], 100, rng)
    features = {"model": (with_compasses(train, rng), with_compasses(test, rng))}
    train.numbers["mean_depth"][::7], test.numbers["mean_depth"][::5] = np.nan, np.nan
    table = {(p.target, p.probe): p for p in probe_table(features, train, test, rng)}
    assert table["mean_depth", "ridge"].count == 160
    assert table["mean_depth", "ridge"].score.value > 0.97
    assert table["mean_depth", "knn"].score.value > 0.5
