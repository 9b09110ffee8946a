"""Frames in memory, windows and batches: whole, deterministic, quick; what does not fit is refused."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from datagen.reader import open_dataset
from datagen.store import EpisodeFacts, HomeEntry, Row, Spec, writing
from scenes.errors import HomeError
from tests.recordings import ALLOW, split
from tests.recordings import frame as noise
from tests.views import make
from train.data import Frames, Sampler, load_frames, refuse_shared_homes
from train.preprocess import Preprocessing

SMALL = Preprocessing.model_validate({"channels": ["rgb", "depth", "zoom"], "size": (12, 12)})
COLORS = Preprocessing.model_validate({"channels": ["rgb"], "size": (12, 12)})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("data") / "set"
    make(place)
    for by in ("home", "episode", "time", "random"):
        split(place, by, by, {"train": 50, "test": 50}, gap=2)
    return place


@pytest.fixture(scope="module")
def frames(folder: Path) -> Frames:
    return load_frames(folder, SMALL)


def test_frames_are_the_datasets(folder: Path, frames: Frames) -> None:
    dataset = open_dataset(folder)
    assert len(frames) == len(dataset) == 96
    assert frames.dataset_hash == dataset.about["content_hash"]
    assert frames.homes == {name: f"hash of {name}" for name in ("attic", "barn", "cabin", "den")}
    assert np.array_equal(frames.raw_action, dataset.column("action"))
    for i in (0, 17, 95):
        shown = dataset.read(i)
        assert torch.equal(frames.images(i), SMALL.of_frame(shown["rgb"], shown["depth"], dataset.column("zoom")[i]))


@pytest.mark.parametrize("by", ["home", "episode", "time", "random"])
@pytest.mark.parametrize("part", ["train", "test"])
def test_windows_of_a_part_hold_its_frames_and_cross_nothing(folder: Path, by: str, part: str) -> None:
    frames = load_frames(folder, COLORS, split=by, part=part)
    dataset = open_dataset(folder)
    assert (dataset.split(by)[frames.number] == part).all()
    windows = frames.number[frames.windows(2)]
    assert (np.diff(windows, axis=1) == 1).all()
    assert np.ptp(dataset.column("episode")[windows], axis=1).max() == 0
    inside = dataset.split(by) == part
    following = inside[:-1] & inside[1:] & (np.diff(dataset.column("episode")) == 0)
    assert np.array_equal(windows[:, 0], np.flatnonzero(following)), "all that there are"


def test_a_batch_has_the_frames_of_its_windows_and_what_led_from_each_to_the_next(frames: Frames) -> None:
    windows = frames.windows(4)[[3, 50, 7]]
    batch = frames.batch(windows)
    assert batch.images.shape == (3, 4, 6, 12, 12)
    assert batch.index.tolist() == windows.tolist()
    for row, window in enumerate(windows):
        assert torch.equal(batch.images[row], frames.images(window))
        assert np.allclose(batch.state[row], frames.state[window], atol=1e-6)
        assert np.allclose(batch.action[row], frames.action[window], atol=1e-6)
    pan_deg = frames.columns["pan_deg"][windows]
    turned = (np.diff(pan_deg, axis=1) + 180) % 360 - 180
    assert batch.action[:, :-1, 3].numpy() == pytest.approx(turned / 180, abs=1e-6)


@given(st.integers(1, 40), st.integers(1, 50), st.integers(0, 2**32), st.data())
def test_batches_depend_on_seed_and_step_alone(count: int, size: int, seed: int, data: st.DataObject) -> None:
    windows = np.arange(count * 2).reshape(count, 2)
    one = Sampler(None, windows, size, seed)  # type: ignore[arg-type]
    rows = [one.rows(step) for step in range(6)]
    for step in data.draw(st.permutations(range(6))):
        other = Sampler(None, windows, size, seed)  # type: ignore[arg-type]
        assert np.array_equal(other.rows(step), rows[step])
        assert np.array_equal(one.rows(step), rows[step]), "also after other steps"
    drawn = Counter(np.concatenate(rows)[:, 0].tolist())
    assert all(len(batch) == size for batch in rows)
    assert set(drawn.values()) <= {6 * size // count, 6 * size // count + 1}, "each epoch has each window once"


def test_other_seeds_and_epochs_have_other_orders() -> None:
    windows = np.arange(200)[:, None]
    orders = [Sampler(None, windows, 200, seed).rows(step)[:, 0].tolist() for seed in (0, 1) for step in (0, 1)]  # type: ignore[arg-type]
    assert len({tuple(order) for order in orders}) == 4


def test_shuffled_depth_is_that_of_another_frame_of_the_part(folder: Path) -> None:
    settings = {"channels": ["rgb", "shuffled_depth"], "size": (12, 12)}
    shuffled = Preprocessing.model_validate(settings)
    plain = Preprocessing.model_validate(settings | {"channels": ["rgb", "depth"]})
    mixed, true = (load_frames(folder, one, split="home", part="train", seed=5) for one in (shuffled, plain))
    assert np.array_equal(mixed.number, true.number)
    everything = np.arange(len(true))
    assert sorted(mixed.depth_from.tolist()) == everything.tolist()
    assert (mixed.depth_from != everything).all()
    a, b = mixed.images(everything), true.images(everything)
    assert torch.equal(a[:, :3], b[:, :3])
    assert torch.equal(a[:, 3:], b[mixed.depth_from][:, 3:])
    again = load_frames(folder, shuffled, split="home", part="train", seed=5)
    other = load_frames(folder, shuffled, split="home", part="train", seed=6)
    assert np.array_equal(again.depth_from, mixed.depth_from)
    assert not np.array_equal(other.depth_from, mixed.depth_from)


def refused(folder: Path, said: str, preprocessing: Preprocessing = COLORS, **asked: str) -> None:
    with pytest.raises(HomeError, match=said) as caught:
        load_frames(folder, preprocessing, **asked)  # type: ignore[arg-type]
    assert str(folder) in str(caught.value)
    assert ";" in str(caught.value), "it says what to do"


def test_what_does_not_fit_is_refused(folder: Path, tmp_path: Path) -> None:
    refused(folder, "is another dataset: content hash [0-9a-f]{12}, not 0123456789ab", dataset_hash="0123456789abcdef")
    refused(folder, "part 'dev' of split 'home' has no frames; there are test, train", split="home", part="dev")
    refused(folder, "has no split 'mine'; there are episode, home", split="mine", part="train")
    refused(folder, "images of 24x24, and training is at 32x32", Preprocessing(size=(32, 32)))
    refused(folder, "images of 24x24, and training is at 16x12", Preprocessing(size=(16, 12)))
    make(tmp_path / "walk", "walk")
    refused(tmp_path / "walk", "no channel 'zoom'", SMALL)
    with pytest.raises(HomeError, match="no 13 frames that follow each other, 1 apart; generate longer episodes"):
        load_frames(folder, COLORS).windows(13)


def write_noise(folder: Path, rows: list[Row], *, depth: bool = True, finish: bool = True) -> None:
    """A dataset of one episode with these rows."""
    spec = Spec({"seed": 1}, 1, {"attic": HomeEntry("hash of attic", {"instances": []})}, "noise", "none")

    def source():  # type: ignore[no-untyped-def]
        rng = np.random.default_rng(1)
        for step, row in enumerate(rows):
            shown = noise(rng, step)
            if not depth:
                shown.depth[:] = 0.0
            yield shown, row
        return EpisodeFacts("attic", "hash of attic")

    with writing(folder, spec, ALLOW) as store:
        store.write(0, source())
        if finish:
            store.finish()


def test_datasets_without_actions_or_depth_are_refused(tmp_path: Path) -> None:
    wide = Preprocessing(channels=("rgb",), size=(16, 12))
    write_noise(tmp_path / "fly", [Row(step / 10, "attic", "ground", "") for step in range(4)])
    refused(tmp_path / "fly", "has no actions", wide)
    position = {"pan_deg": 0.0, "tilt_deg": 0.0, "zoom": 1.0}
    both = [Row(0.1, "attic", "ground", "", action=(0.0, 1.0, 0.0), **position)]  # type: ignore[arg-type]
    walk = Row(0.2, "attic", "ground", "", action=(0.25, 0.0))
    write_noise(tmp_path / "both", [*both, walk])
    refused(tmp_path / "both", "mixes cameras", wide)
    lost = Row(0.2, "attic", "ground", "", action=(float("nan"), 0.0))
    write_noise(tmp_path / "dark", [Row(0.1, "attic", "ground", "", action=(0.25, 0.0)), walk], depth=False)
    refused(tmp_path / "dark", "no channel 'depth'", Preprocessing(size=(16, 12)))
    assert len(load_frames(tmp_path / "dark", wide)) == 2
    write_noise(tmp_path / "part", [walk], finish=False)
    with pytest.warns(UserWarning, match="unfinished"):
        refused(tmp_path / "part", "is unfinished", wide)
    with pytest.raises(HomeError, match="finite"):
        write_noise(tmp_path / "lost", [lost])


def test_homes_that_were_trained_on_are_refused_whatever_they_are_called(folder: Path, tmp_path: Path) -> None:
    train, test = (load_frames(folder, COLORS, split="home", part=part) for part in ("train", "test"))
    refuse_shared_homes(train, test)
    known = load_frames(folder, COLORS, split="episode", part="test")
    name = next(name for name in known.homes if name in train.homes)
    with pytest.raises(HomeError, match=re.escape(f"the home {name!r} of {folder}, part 'test' is {name!r} of")):
        refuse_shared_homes(train, known)
    config = {"seed": 1}
    spec = Spec(config, 1, {"villa": HomeEntry(f"hash of {name}", {"instances": []})}, "noise", "none")

    def source():  # type: ignore[no-untyped-def]
        for step in range(3):
            yield noise(np.random.default_rng(step), step), Row(step / 10, "villa", "ground", "", action=(0.25, 0.0))
        return EpisodeFacts("villa", f"hash of {name}")

    with writing(tmp_path / "renamed", spec, ALLOW) as store:
        store.write(0, source())
        store.finish()
    renamed = load_frames(tmp_path / "renamed", Preprocessing(channels=("rgb",), size=(16, 12)))
    with pytest.raises(HomeError, match=f"the home 'villa' of .*renamed is {name!r} of"):
        refuse_shared_homes(train, renamed)
