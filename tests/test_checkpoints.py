"""Checkpoints: the same to the bit, whole or an error with the file's name, the last few and the best."""

from __future__ import annotations

import errno
import math
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import safetensors
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from scenes.errors import HomeError
from train.checkpoints import Checkpoints, load_tensors, read_meta, save_tensors

DTYPES = [torch.float32, torch.float64, torch.bfloat16, torch.float16, torch.uint8, torch.int64, torch.bool]


def tensor(dtype: torch.dtype, shape: tuple[int, ...], seed: int) -> torch.Tensor:
    """Any bits, NaN among them."""
    count = torch.Size(shape).numel() * dtype.itemsize
    raw = torch.randint(0, 2 if dtype is torch.bool else 256, (count,), generator=torch.Generator().manual_seed(seed))
    return raw.to(torch.uint8).view(dtype).reshape(shape)


def bits(value: torch.Tensor) -> bytes:
    return value.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()


tensors = st.dictionaries(
    st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda name: name != "__metadata__"),
    st.builds(
        tensor,
        st.sampled_from(DTYPES),
        st.lists(st.integers(0, 3), max_size=3).map(tuple),
        st.integers(0, 1 << 30),
    ),
    max_size=4,
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(tensors, st.dictionaries(st.text(), json_values, max_size=3))
def test_what_is_loaded_is_what_was_saved(
    tmp_path_factory: pytest.TempPathFactory, saved: dict[str, torch.Tensor], meta: dict[str, object]
) -> None:
    path = tmp_path_factory.getbasetemp() / "round.safetensors"
    save_tensors(path, saved, meta)
    loaded, told = load_tensors(path)
    assert told == meta == read_meta(path)
    assert {name: (value.dtype, value.shape, bits(value)) for name, value in loaded.items()} == {
        name: (value.dtype, value.shape, bits(value)) for name, value in saved.items()
    }


def test_any_program_reads_it_and_the_same_tensors_give_the_same_bytes(tmp_path: Path) -> None:
    base = torch.arange(12.0).reshape(3, 4)
    saved = {"shared": base, "transposed": base.T, "column": base[:, 1], "zeros": torch.zeros(64)}
    for name in ("a", "b"):
        save_tensors(tmp_path / name, dict(sorted(saved.items(), reverse=name == "b")), {"note": "0" * 64})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    with safetensors.safe_open(tmp_path / "a", framework="pt") as file:
        assert set(file.keys()) == set(saved)
        for name, value in saved.items():
            assert torch.equal(file.get_tensor(name), value)
    assert load_tensors(tmp_path / "a")[1] == {"note": "0" * 64}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("good") / "good.safetensors"
    save_tensors(path, {"weight": torch.randn(5, 7), "step": torch.tensor(3)}, {"name": "latent", "lr": 1e-3})
    return path.read_bytes()


@settings(max_examples=300)
@given(st.data())
def test_any_changed_byte_is_an_error_that_names_the_file(
    tmp_path_factory: pytest.TempPathFactory, good: bytes, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(good) - 1), label="place")
    other = data.draw(st.integers(0, 255).filter(lambda value: value != good[place]), label="value")
    path = tmp_path_factory.getbasetemp() / "changed.safetensors"
    path.write_bytes(good[:place] + bytes([other]) + good[place + 1 :])
    with pytest.raises(HomeError, match=r"changed\.safetensors is damaged"):
        load_tensors(path)


@given(st.data())
def test_any_truncation_or_addition_is_an_error_that_names_the_file(
    tmp_path_factory: pytest.TempPathFactory, good: bytes, data: st.DataObject
) -> None:
    path = tmp_path_factory.getbasetemp() / "cut.safetensors"
    path.write_bytes(data.draw(st.integers(0, len(good) - 1).map(lambda n: good[:n]) | st.just(good + b"\0")))
    with pytest.raises(
        HomeError, match=r"cut\.safetensors is damaged: .*delete it to go on from the checkpoint before"
    ):
        load_tensors(path)


def test_files_of_others_and_missing_files(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    save_file({"a": torch.zeros(2)}, tmp_path / "other.safetensors")
    with pytest.raises(HomeError, match=r"other\.safetensors is damaged: its header cannot be read"):
        load_tensors(tmp_path / "other.safetensors")
    with pytest.raises(HomeError, match=r"no checkpoint .*none\.safetensors"):
        load_tensors(tmp_path / "none.safetensors")


scores = st.none() | st.sampled_from([float("nan"), 0.0, 1.0, 2.0]) | st.floats(-5, 5)


@settings(max_examples=50)
@given(st.lists(scores, min_size=1, max_size=8), st.integers(1, 3))
def test_the_last_and_the_best_are_kept(
    tmp_path_factory: pytest.TempPathFactory, given_scores: list[float | None], keep: int
) -> None:
    checkpoints = Checkpoints(tmp_path_factory.mktemp("kept"), keep_last=keep, origin={"run": "r"})
    assert checkpoints.latest() is None
    assert checkpoints.best() is None
    best: int | None = None
    for step, score in enumerate(given_scores):
        path = checkpoints.save(step, {"step": torch.tensor(step)}, {"note": step}, score)
        counts = score is not None and not math.isnan(score)
        if counts and (best is None or score > given_scores[best]):  # type: ignore[operator]
            best = step
        last = range(max(0, step - keep + 1), step + 1)
        names = [f"{kept:09d}.safetensors" for kept in sorted({*last, *([] if best is None else [best])})]
        assert sorted(path.name for path in checkpoints.folder.iterdir()) == names
        assert checkpoints.latest() == path
        assert load_tensors(path)[1] == {"note": step, "run": "r", "step": step, "score": score if counts else None}
        found = checkpoints.best()
        assert (found and load_tensors(found)[0]["step"].item()) == best


def test_a_truncated_last_one_stays_the_last_one(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    for step in (1, 2):
        checkpoints.save(step, {"a": torch.zeros(9)}, {})
    last = tmp_path / "000000002.safetensors"
    last.write_bytes(last.read_bytes()[:-5])
    assert checkpoints.latest() == last
    with pytest.raises(HomeError, match=r"000000002\.safetensors is damaged"):
        load_tensors(last)


def test_a_full_disk_leaves_the_old_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoints = Checkpoints(tmp_path)
    old = checkpoints.save(1, {"a": torch.ones(9)}, {})

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(HomeError, match="the disk is full"):
        checkpoints.save(2, {"a": torch.zeros(9)}, {})
    assert sorted(tmp_path.iterdir()) == [old]
    assert torch.equal(load_tensors(old)[0]["a"], torch.ones(9))


SAVES = """
import sys, torch
from pathlib import Path
from train.checkpoints import Checkpoints
torch.set_num_threads(1)
checkpoints = Checkpoints(Path(sys.argv[1]))
step = 0
while True:
    step += 1
    checkpoints.save(step, {"a": torch.full((200_000,), step, dtype=torch.float32)}, {}, score=-abs(step - 3))
    print(step, flush=True)
"""


def kill_while_saving(folder: Path, rng: random.Random) -> None:
    """Kills a process that saves all the time; what it said was saved is there, and what is there is whole."""
    process = subprocess.Popen([sys.executable, "-c", SAVES, folder], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for _ in range(rng.randint(3, 8)):
        process.stdout.readline()
    time.sleep(rng.random() * 0.02)
    process.send_signal(signal.SIGKILL)
    told = process.stdout.read().split()
    process.wait()
    checkpoints = Checkpoints(folder)
    latest = checkpoints.latest()
    assert latest is not None
    assert int(latest.stem) >= int(told[-1] if told else 3)
    for path in checkpoints.all():
        values, meta = load_tensors(path)
        assert torch.equal(values["a"], torch.full((200_000,), float(meta["step"])))
    best = checkpoints.best()
    assert best is not None
    assert best.stem == "000000003"
    checkpoints.save(10_000, {"a": torch.zeros(1)}, {})
    assert not list(folder.glob(".*"))


def test_a_kill_leaves_whole_checkpoints(tmp_path: Path) -> None:
    kill_while_saving(tmp_path, random.Random(0))


@pytest.mark.full
def test_twenty_kills_leave_whole_checkpoints(tmp_path: Path) -> None:
    for number in range(20):
        kill_while_saving(tmp_path / str(number), random.Random(number))
