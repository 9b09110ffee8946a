"""Reading: windows, subsets, mixtures, the cache and torch on top."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.reader import find_windows, mix, open_cache, open_dataset, subsets
from datagen.reader.cache import at_centres
from datagen.store import Storage, writing
from scenes.errors import HomeError
from tests.recordings import make, source, spec

lengths = st.lists(st.integers(1, 9), min_size=1, max_size=6)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("data") / "set"
    make(place)
    return place


@given(lengths, st.integers(1, 5), st.integers(1, 3), st.data())
def test_windows_are_all_that_there_are(episodes: list[int], length: int, stride: int, data: st.DataObject) -> None:
    episode = np.repeat(np.arange(len(episodes)), episodes)
    step = np.concatenate([np.arange(count) for count in episodes])
    gone = data.draw(st.sets(st.integers(0, len(episode) - 1), max_size=3))
    kept = np.array([index not in gone for index in range(len(episode))])
    episode, step = episode[kept], step[kept]
    use = np.array(data.draw(st.lists(st.booleans(), min_size=len(episode), max_size=len(episode))), bool)
    place = {(int(e), int(s)): index for index, (e, s) in enumerate(zip(episode, step, strict=True))}
    expected = []
    for e, s in place:
        whole = [place.get((e, s + k)) for k in range((length - 1) * stride + 1)]
        if None not in whole and use[whole[::stride]].all():
            expected.append(whole[::stride])
    assert find_windows(episode, step, length, stride=stride, use=use).tolist() == expected


def test_columns(folder: Path) -> None:
    dataset = open_dataset(folder)
    assert len(dataset) == 30
    assert dataset.column("action").shape == (30, 2)
    previous = dataset.column("prev_action")
    assert np.isnan(previous[dataset.column("step") == 0]).all()
    assert np.isfinite(previous[dataset.column("step") > 0]).all()
    assert dataset.column("T_world_camera").shape == (30, 4, 4)
    assert set(dataset.column("command")) <= {"forward", "left", "right"}
    assert dataset.home_info("attic")["instances"][0]["name"] == "thing 1"
    with pytest.raises(HomeError, match="no column 'colour'"):
        dataset.column("colour")
    with pytest.raises(HomeError, match="no channel 'heat'"):
        dataset.read(0, ["heat"])


def test_unknown_values_are_nan(tmp_path: Path) -> None:
    def blind():
        facts = None
        episode = source({"seed": 1, "frames": 3}, 0)
        while facts is None:
            try:
                shown, row = next(episode)
            except StopIteration as end:
                facts = end.value
            else:
                yield shown, type(row)(row.time_s, row.home, row.level, row.room)
        return facts

    with writing(tmp_path, spec(1, storage=Storage(segmentation=False))) as store:
        store.write(0, blind())
        store.finish()
    dataset = open_dataset(tmp_path)
    assert np.isnan(dataset.column("zoom")).all()
    assert dataset.column("command").tolist() == ["", "", ""]
    assert dataset.column("action").shape == (3, 0)
    for channel in ("zoom", "segmentation"):
        with pytest.raises(HomeError, match=f"has no channel '{channel}'"):
            dataset.read(0, [channel])
        with pytest.raises(HomeError, match=f"has no channel '{channel}'"):
            open_cache(dataset).read(np.arange(2), [channel])


def test_an_unfinished_dataset_says_so(tmp_path: Path) -> None:
    with writing(tmp_path, spec()) as store:
        store.write(3, source(dict(store.spec.config), 3))
    with pytest.warns(UserWarning, match="1 of 6 episodes"):
        dataset = open_dataset(tmp_path)
    assert dataset.column("episode").tolist() == [3] * 5
    with pytest.raises(HomeError, match="is no dataset"):
        open_dataset(tmp_path / "nowhere")


def test_the_cache_shows_the_dataset(folder: Path, tmp_path: Path) -> None:
    dataset = open_dataset(folder)
    cache = open_cache(dataset, (16, 12), tmp_path)
    windows = find_windows(dataset.column("episode"), dataset.column("step"), 3)
    batch = cache.read(windows, ("rgb", "depth", "valid", "segmentation", "zoom"))
    assert batch["rgb"].shape == (len(windows), 3, 12, 16, 3)
    for at, index in enumerate(windows[:, 1].tolist()):
        full = dataset.read(index, ("rgb", "depth", "segmentation"))
        halves = full["rgb"].reshape(12, 2, 16, 2, 3).mean(axis=(1, 3))
        assert np.abs(batch["rgb"][at, 1] - halves).max() <= 1.0  # Pillow rounds after each of two passes
        assert np.array_equal(batch["depth"][at, 1], full["depth"][1::2, 1::2])
        assert np.array_equal(batch["segmentation"][at, 1], full["segmentation"][1::2, 1::2])
        assert np.array_equal(batch["valid"][at, 1], batch["depth"][at, 1] > 0)
        assert (batch["zoom"][at, 1] == np.float32(dataset.column("zoom")[index])).all()
    assert np.allclose(cache.K[0], np.diag([0.5, 0.5, 1]) @ next(source({"seed": 7, "frames": 1}, 0))[0].intrinsics.K)


@given(st.integers(1, 40), st.integers(1, 40))
def test_new_pixels_are_those_at_their_centres(old: int, new: int) -> None:
    picked = at_centres(np.arange(old)[:, None], (1, new))[:, 0]
    centres = (np.arange(new) + 0.5) / new * old - 0.5
    assert (np.abs(picked - centres) <= 0.5 + 1e-9).all()


def test_a_cache_is_made_again_when_the_dataset_is_another(tmp_path: Path) -> None:
    make(tmp_path / "a")
    make(tmp_path / "b", spec(config={"seed": 8, "frames": 5}))
    made = []
    for name in ("a", "a", "b"):
        steps: list[int] = []
        dataset = open_dataset(tmp_path / name)
        cache = open_cache(dataset, (32, 24), tmp_path / "cache", progress=lambda steps=steps: steps.append(1))
        assert np.array_equal(cache.rgb[4], dataset.read(4)["rgb"])
        made.append(len(steps))
    assert made == [30, 0, 30]
    (tmp_path / "cache" / "32x24" / "source.json").write_text("{")
    assert len(open_cache(open_dataset(tmp_path / "a"), (32, 24), tmp_path / "cache")) == 30


def test_a_damaged_episode_is_one_error(tmp_path: Path) -> None:
    make(tmp_path)
    path = tmp_path / "episodes" / "000001.zip"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(HomeError, match=r"000001\.zip, step 0: .*sim data check"):
        open_dataset(tmp_path).read(5)
    with pytest.raises(HomeError, match="000001"):
        open_cache(open_dataset(tmp_path))
    assert not list((tmp_path / "cache").iterdir())


@given(st.lists(st.integers(0, 4), max_size=40), st.integers(0, 6), st.integers(0, 9))
def test_limits_per_group(values: list[int], limit: int, seed: int) -> None:
    chosen = subsets.limit_per(np.array(values), limit, np.random.default_rng(seed))
    assert (np.diff(chosen) > 0).all()
    kept = Counter(np.array(values)[chosen].tolist())
    assert kept == Counter({value: min(limit, count) for value, count in Counter(values).items() if limit})
    assert np.array_equal(chosen, subsets.limit_per(np.array(values), limit, np.random.default_rng(seed)))


@given(st.lists(st.integers(0, 4), min_size=1, max_size=40), st.data())
def test_stratified_subsets(values: list[int], data: st.DataObject) -> None:
    count = data.draw(st.integers(0, len(values)))
    chosen = subsets.stratified(np.array(values), count, np.random.default_rng(0))
    assert len(np.unique(chosen)) == count
    kept = Counter(np.array(values)[chosen].tolist())
    for value, all_of_it in Counter(values).items():
        assert abs(kept[value] - all_of_it * count / len(values)) < 1.0


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=30), st.data())
def test_diverse_subsets_have_the_stated_count(points: list[tuple[int, int]], data: st.DataObject) -> None:
    count = data.draw(st.integers(0, len(points)))
    places = np.array(points, float)
    for chosen in (
        subsets.farthest(places, count, np.random.default_rng(0)),
        subsets.spread(places, count, 4, np.random.default_rng(0)),
        subsets.uniform(len(places), count, np.random.default_rng(0)),
    ):
        assert len(np.unique(chosen)) == count
        assert ((chosen >= 0) & (chosen < len(points))).all()
    with pytest.raises(HomeError, match="frames; ask for"):
        subsets.farthest(places, len(points) + 1, np.random.default_rng(0))


def test_diverse_subsets_reach_what_is_rare() -> None:
    """A thousand points in one place, four far away: chance misses them, diversity does not."""
    rng = np.random.default_rng(0)
    corners = np.array([[50.0, 0], [0, 50], [50, 50], [-50, 0]])
    points = np.concatenate([rng.normal(size=(1000, 2)), corners])
    assert set(range(1000, 1004)) <= set(subsets.farthest(points, 8, rng).tolist())
    assert set(range(1000, 1004)) <= set(subsets.spread(points, 10, 5, rng).tolist())


@given(st.lists(st.integers(1, 20), min_size=1, max_size=4), st.integers(0, 60), st.data())
def test_mixtures(sizes: list[int], count: int, data: st.DataObject) -> None:
    shares = st.lists(st.floats(0.1, 5), min_size=len(sizes), max_size=len(sizes))
    weights = data.draw(shares)
    draws = mix(sizes, weights, count, np.random.default_rng(0))
    assert draws.shape == (count, 2)
    for dataset, size in enumerate(sizes):
        items = draws[draws[:, 0] == dataset, 1]
        assert abs(len(items) - count * weights[dataset] / sum(weights)) <= 1.0
        often = np.bincount(items, minlength=size)
        assert len(often) == size
        assert np.ptp(often) <= 1


@pytest.mark.parametrize("weights", [[1], [1, -1], [0, 0], [float("nan"), 1], [1, 1, 1]])
def test_weights_that_are_none(weights: list[float]) -> None:
    with pytest.raises(HomeError, match="weights"):
        mix([3, 4], weights, 5, np.random.default_rng(0))


def test_torch_gets_the_same(folder: Path, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from datagen.reader.torch_data import Windows

    dataset = open_dataset(folder)
    cache = open_cache(dataset, (16, 12), tmp_path)
    frames = find_windows(dataset.column("episode"), dataset.column("step"), 3)
    windows = Windows(
        dataset, cache, frames, ("rgb", "depth", "valid", "zoom", "segmentation"), ("action", "T_world_camera")
    )
    batch = next(iter(torch.utils.data.DataLoader(windows, batch_size=4)))
    expected = cache.read(frames[:4], ("rgb", "depth"))
    assert np.array_equal(batch["rgb"].numpy(), np.moveaxis(expected["rgb"], -1, -3))
    assert np.array_equal(batch["depth"].numpy()[:, :, 0], expected["depth"])
    assert {name: tuple(values.shape[2:]) for name, values in batch.items()} == {
        "rgb": (3, 12, 16),
        **dict.fromkeys(("depth", "valid", "zoom", "segmentation"), (1, 12, 16)),
        "action": (2,),
        "T_world_camera": (4, 4),
        "frame": (),
    }
    assert np.array_equal(windows[2]["frame"].numpy(), frames[2])
