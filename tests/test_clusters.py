"""Clusters and what explains them: with factors that were planted, and against brute force."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import mutual_info_score

from datagen.store import EpisodeFacts, HomeEntry, Spec, writing
from tests import views
from tests.recordings import ALLOW
from train.data import load_frames
from train.evaluate.clusters import NOISE, cluster, dbscan, explain, knee
from train.evaluate.embeddings import read_embeddings, save_embeddings, small_pixels
from train.evaluate.factors import Factor, classes, drawn_values, recorded_factors
from train.evaluate.maps import principal_components, tsne
from train.preprocess import Preprocessing


def factor(name, values):
    return Factor(name, np.asarray(values), classes(np.asarray(values)))


def night_in_one_home(seed, shift):
    """Embeddings in which each camera has a place of its own, and night in one home moves them by `shift`."""
    rng = np.random.default_rng(seed)
    home = rng.integers(0, 4, 900)
    camera = rng.integers(0, 3, 900) + 3 * home
    night = (home == 1) & (rng.random(900) < 0.5)
    way = rng.normal(size=32)
    places = rng.normal(size=(12, 32))
    embedding = places[camera] + shift * night[:, None] * way / np.linalg.norm(way) + 0.4 * rng.normal(size=(900, 32))
    return embedding, [
        factor("home", home),
        factor("camera", np.char.mod("camera %d", camera)),
        factor("light", np.where(night, "night", "day")),
        factor("brightness", rng.normal(size=900) - 3 * night),
        factor("anything", np.char.mod("%d", rng.integers(0, 300, 900))),
    ]


@pytest.mark.parametrize("seed", range(4))
def test_night_in_one_home_is_named_first_and_then_what_its_parts_follow(seed):
    embedding, factors = night_in_one_home(seed, shift=20.0)
    found = cluster(principal_components(embedding, 10), factors, np.random.default_rng(seed))
    names = [name for name, _ in found.explained]
    assert names[:2] == ["light", "camera"]
    assert found.explained[0][1] > 0.99
    assert found.scales[0].explained[0][0] == "camera"  # the fine scale follows another factor than the coarse one
    assert dict(found.explained)["anything"] < 0.05
    assert found.best.count == 2
    trait = found.clusters[1].traits[0]
    assert (trait.factor, trait.label, trait.share, trait.elsewhere) == ("light", "night", 1.0, 0.0)


def test_without_the_plant_light_is_not_named():
    embedding, factors = night_in_one_home(0, shift=0.0)
    explained = dict(cluster(principal_components(embedding, 10), factors, np.random.default_rng(0)).explained)
    assert explained["light"] < 0.35
    assert explained["camera"] > 0.9


def dark_source(config, index):
    """Pale boxes as in `views`; in half of the episodes of the barn it is night."""
    episode = views.ptz_source(config, index)
    night = config["homes"][index % len(config["homes"])] == "barn" and index // 6 % 2 == 0
    while True:
        try:
            frame, row = next(episode)
        except StopIteration as end:
            drawn = {"policy": "random", "steps": [{"step": 0, "light": "night" if night else "day", "layout": None}]}
            return EpisodeFacts(end.value.home, end.value.home_hash, drawn=drawn)
        pale = 0.7 * 170 + 0.3 * frame.rgb  # walls differ less than day and night
        yield replace(frame, rgb=(pale * (0.1 if night else 1.0)).astype(np.uint8)), row


@pytest.fixture(scope="module")
def dark_frames(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dark") / "data"
    config = {"seed": 1, "frames": 20, "homes": ["attic", "barn", "cabin"], "size": [24, 24]}
    homes = {name: HomeEntry(f"hash of {name}", {"instances": [{"id": 1, "name": "box"}]}) for name in config["homes"]}
    with writing(folder, Spec(config, 24, homes, "numpy", "none"), ALLOW) as store:
        for index in store.missing():
            store.write(index, dark_source(config, index))
        store.finish()
    return load_frames(folder, Preprocessing(channels=("rgb",), size=(24, 24)))


def test_night_in_one_home_of_a_dataset_is_named_first(dark_frames):
    latents = small_pixels(dark_frames, np.arange(len(dark_frames)))
    factors = recorded_factors(dark_frames)
    assert {"home", "brightness", "mean_depth", "pan_deg", "tilt_deg", "zoom", "command"} < {f.name for f in factors}
    assert {"drawn_layout", "level", "drawn_policy"}.isdisjoint(f.name for f in factors)  # the same everywhere
    found = cluster(principal_components(latents, 10), factors, np.random.default_rng(0))
    assert found.explained[0][0] == "drawn_light"
    assert found.explained[0][1] > 0.9


def test_a_factor_of_many_labels_is_not_favoured_by_chance():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 4, 400)
    half = np.where(rng.random(400) < 0.5, labels, rng.integers(0, 4, 400))  # half of it is true
    factors = [factor("many", np.char.mod("%d", np.arange(400) % 200)), factor("half", np.char.mod("%d", half))]
    assert mutual_info_score(factors[0].labels, labels) > mutual_info_score(factors[1].labels, labels)
    explained = explain(labels, factors)
    assert explained[0][0] == "half"
    assert abs(dict(explained)["many"]) < 0.05


def test_one_cluster_is_explained_by_nothing():
    factors = [factor("half", np.arange(40) % 2)]
    assert explain(np.zeros(40, np.intp), factors) == (("half", 0.0),)
    assert explain(np.full(40, NOISE), factors) == (("half", 0.0),)


def test_clusters_are_numbered_by_size_and_lonely_points_are_in_none():
    rng = np.random.default_rng(0)
    points = np.concatenate([rng.normal(size=(30, 2)), rng.normal(size=(80, 2)) + 40, [[500.0, 500.0]]])
    labels = dbscan(points, 3.0)
    assert labels[-1] == NOISE
    assert set(labels[:30]) == {1}
    assert set(labels[30:-1]) == {0}


@given(st.integers(2, 98), st.floats(0.01, 5), st.floats(10, 100))
def test_the_knee_is_where_a_broken_line_bends(bend, slow, fast):
    x = np.arange(100.0)
    line = np.where(x <= bend, slow * x, slow * bend + fast * (x - bend))
    assert knee(line) == line[bend]
    assert knee(np.full(9, 3.0)) == 3.0


def test_drawn_values_change_at_their_step():
    drawn = {
        3: {"policy": "sweep", "steps": [{"step": 0, "light": "day", "fov": 1.0}, {"step": 2, "light": "night"}]},
        5: {"policy": "random", "looks": [{"step": 0}], "time of day": "evening", "steps": [{"step": 0, "fov": 1.2}]},
    }
    episode, step = np.array([3, 3, 3, 5]), np.array([0, 1, 2, 0])
    found = {name: values.tolist() for name, values in drawn_values(drawn, episode, step).items()}
    assert found == {
        "drawn_policy": ["sweep", "sweep", "sweep", "random"],
        "drawn_light": ["day", "day", "night", ""],
        "drawn_fov": [1.0, 1.0, 1.0, 1.2],
        "drawn_time of day": ["", "", "", "evening"],
    }


def test_factors_that_tell_the_same_apart_are_one(dark_frames):
    names = [factor.name for factor in recorded_factors(dark_frames)]
    assert "home" in names
    assert "level" not in names  # each of these homes has one


def test_labels_of_numbers_are_in_their_order():
    values = np.array([30.0, -5.0, 100.0, np.nan, -5.0, 7.0])
    assert factor("pan", values).order() == ["-5", "7", "30", "100", "unknown"]
    assert factor("pan", np.array([2, 1, 2])).order() == ["1", "2"]
    assert factor("room", np.array(["b", "a", "b", ""])).order() == ["b", "a", "unknown"]


def test_classes_have_like_counts_and_hold_their_values():
    values = np.concatenate([np.random.default_rng(0).normal(size=799), [np.nan]])
    labels = classes(values)
    names, counts = np.unique(labels, return_counts=True)
    assert len(names) == 9
    assert sorted(counts.tolist()) == [1, 99, *[100] * 7]
    for value, label in zip(values[:-1], labels[:-1], strict=True):
        low, high = map(float, label.split(" to "))
        assert low - 0.01 <= value <= high + 0.01
    assert classes(np.array([2.0, 1.0, 2.0])).tolist() == ["2", "1", "2"]
    assert classes(np.array(["a", ""])).tolist() == ["a", "unknown"]


def test_embeddings_are_read_back_with_what_is_recorded(dark_frames, tmp_path):
    embedding = np.random.default_rng(0).normal(size=(len(dark_frames), 5))
    save_embeddings(tmp_path / "e.parquet", dark_frames, embedding, recorded_factors(dark_frames))
    table, found = read_embeddings(tmp_path / "e.parquet")
    assert found == pytest.approx(embedding, rel=1e-6)
    assert table["frame"].to_pylist() == dark_frames.number.tolist()
    assert table["home"].to_pylist() == dark_frames.columns["home"].tolist()
    assert table["zoom"].to_pylist() == dark_frames.columns["zoom"].tolist()
    assert set(table["drawn_light"].to_pylist()) == {"day", "night"}
    assert table.schema.metadata[b"dataset_hash"].decode() == dark_frames.dataset_hash


def test_principal_components_are_those_of_the_singular_value_decomposition():
    x = np.random.default_rng(0).normal(size=(80, 6)) * [9, 5, 3, 1, 0.5, 0.1] + 4
    found = principal_components(x, 3)
    u, s, _ = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    assert np.abs(found) == pytest.approx(np.abs(u[:, :3] * s[:3]))
    assert (found[np.abs(found).argmax(axis=0), range(3)] > 0).all()
    assert principal_components(x, 8)[:, 6:].tolist() == [[0.0, 0.0]] * 80


def test_the_same_seed_gives_the_same_map_and_neighbours_stay_together():
    rng = np.random.default_rng(0)
    x = np.repeat(rng.normal(size=(3, 20)) * 10, 14, axis=0) + rng.normal(size=(42, 20))
    one, other = tsne(x, 3), tsne(x, 3)
    assert np.array_equal(one, other)
    middles = one.reshape(3, 14, 2).mean(axis=1)
    nearest = np.linalg.norm(one[:, None] - middles, axis=2).argmin(axis=1)
    assert (nearest == np.repeat(np.arange(3), 14)).all()
