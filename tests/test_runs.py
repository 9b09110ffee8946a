"""Runs: written whole before step one, seen for what they are when killed, resumed to the byte; repeats are noted."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import random
import sys
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from scenes.errors import HomeError
from tests.example_runs import Example, Model, begin, check_event_files, finished, killed_and_resumed, stop
from tests.toy_training import STEPS, go_on
from tests.waiting import wait_until
from train.checkpoints import load_tensors
from train.config import load_settings
from train.runs import Run, RunInfo, RunStore
from train.runs.info import RUN_ID


def test_the_folder_is_whole_before_step_one(store: RunStore) -> None:
    before = time.time()
    run = begin(store, seed=3, lr=0.1)
    assert RUN_ID.fullmatch(run.id)
    assert abs(time.mktime(time.strptime(run.id[:15], "%Y%m%d-%H%M%S")) - time.timezone - before) < 5
    assert run.folder == store.folder / run.id
    written = yaml.safe_load((run.folder / "config.yaml").read_text())
    assert load_settings(Example, written, "stored") == Example(seed=3, lr=0.1)
    info = store.get(run.id)
    assert (info.state, info.kind, info.name, info.primary) == ("running", "world-model", "latent", "score")
    assert (info.datasets, info.seeds) == ({"data/oldy": "ab" * 32}, {"seed": 3})
    assert info.config_hash.startswith(run.id.split("-")[2])
    assert info.environment["libraries"]["torch"] == torch.__version__
    assert info.environment["threads"] == torch.get_num_threads()
    assert Path(sys.argv[0]).name in info.environment["command"]
    assert not list(store.folder.glob(".*"))


def test_a_run_ends_as_its_block_is_left(store: RunStore) -> None:
    def left_by(error: BaseException | None) -> RunInfo:
        run = begin(store, seed=len(store.all()))
        with pytest.raises(type(error)) if error else contextlib.nullcontext(), run:
            if error:
                raise error
        return store.get(run.id)

    assert left_by(None).state == "finished"
    stopped = left_by(KeyboardInterrupt())
    assert (stopped.state, stopped.reason) == ("stopped", "by Ctrl-C; it can be resumed")
    failed = left_by(ZeroDivisionError("no steps"))
    assert (failed.state, failed.reason) == ("failed", "ZeroDivisionError: no steps")
    assert "raise error" in failed.events()[-1]["trace"]


def rewrite_process(run: RunInfo, **changed: Any) -> None:
    path = run.folder / "state.json"
    said = json.loads(path.read_text())
    path.write_text(json.dumps(said | {"process": said["process"] | changed}))


def test_a_process_is_more_than_its_number(store: RunStore) -> None:
    run = begin(store)
    assert store.get(run.id).state == "running"
    rewrite_process(store.get(run.id), began=1)  # its number has been given to another process
    assert store.get(run.id).state == "abandoned"
    assert f"process {os.getpid()} " in store.get(run.id).reason


def test_a_run_of_another_host_lives_by_its_heartbeat(store: RunStore) -> None:
    run = begin(store)
    rewrite_process(store.get(run.id), host="elsewhere", pid=1, began=1)
    assert store.get(run.id).state == "running"
    long_ago = time.time() - 3600
    os.utime(run.folder / "heartbeat", (long_ago, long_ago))
    assert store.get(run.id).state == "abandoned"


def test_the_heart_beats_until_the_run_ends(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    from train.runs import state

    monkeypatch.setattr(state, "HEARTBEAT_S", 0.01)

    def beaten() -> bool:
        return (run.folder / "heartbeat").stat().st_mtime > 0

    with begin(store) as run:
        os.utime(run.folder / "heartbeat", (0, 0))
        wait_until(beaten)
    os.utime(run.folder / "heartbeat", (0, 0))
    time.sleep(0.5)  # fifty beats, if it still did
    assert not beaten()


# --- killed and resumed ---


def check_as_undisturbed(store: RunStore, run: RunInfo) -> None:
    undisturbed = begin(store, seed=10_000 + run.seeds["seed"])
    go_on(undisturbed)
    assert (run.folder / "metrics.jsonl").read_bytes() == (undisturbed.folder / "metrics.jsonl").read_bytes()
    for path in (undisturbed.folder / "checkpoints").iterdir():
        tensors, _ = load_tensors(path)
        assert torch.equal(load_tensors(run.folder / "checkpoints" / path.name)[0]["weight"], tensors["weight"])
    assert len(run.checkpoints.all()) == len(undisturbed.checkpoints.all())
    assert [line["step"] for line in map(json.loads, (run.folder / "timing.jsonl").open())] == [
        line["step"] for line in run.metrics()
    ]


def test_killed_and_resumed_is_as_undisturbed(store: RunStore) -> None:
    run = killed_and_resumed(store, random.Random(1), ("tensorboard",))
    assert run.state == "finished"
    assert [event["kind"] for event in run.events()] == ["resumed", "resumed", "resumed"]
    assert (run.folder / "metrics.jsonl").read_text().count('"bad": "nan"') == STEPS // 3
    check_as_undisturbed(store, run)
    check_event_files(run)


@pytest.mark.full
def test_many_kills_are_as_undisturbed(store: RunStore) -> None:
    for seed in range(10):
        check_as_undisturbed(store, killed_and_resumed(store, random.Random(seed)))


def test_a_truncated_checkpoint_is_no_restart_from_zero(store: RunStore) -> None:
    run = begin(store)
    for step in (1, 2):
        run.log(step, {"weight": 0.5 * step})
        run.checkpoints.save(step, {"weight": torch.tensor(0.5 * step)}, {})
    stop(run)
    last = run.folder / "checkpoints" / "000000002.safetensors"
    last.write_bytes(last.read_bytes()[:-1])
    resumed = store.reopen(run.id)
    with pytest.raises(HomeError, match=rf"{last} is damaged"):
        go_on(resumed)
    assert [line["step"] for line in resumed.info.metrics()] == [1, 2]


def test_what_cannot_be_resumed(store: RunStore) -> None:
    run = begin(store)
    with pytest.raises(HomeError, match="still goes"):
        store.reopen(run.id)
    with run:
        pass
    with pytest.raises(HomeError, match="is finished"):
        store.reopen(run.id)
    with pytest.raises(HomeError, match="no run 20260101-000000-00000000-x in"):
        store.reopen("20260101-000000-00000000-x")
    with pytest.raises(HomeError, match=r"no run \.\./x in"):
        store.get("../x")


def test_resuming_with_other_libraries_is_noted(store: RunStore) -> None:
    run = begin(store)
    run.log(1, {"score": 1.0})
    stop(run)
    about = json.loads((run.folder / "run.json").read_text())
    about["environment"]["libraries"]["torch"] = "1.0"
    (run.folder / "run.json").write_text(json.dumps(about))
    with pytest.warns(UserWarning, match=rf"another torch 1\.0 -> {torch.__version__.replace('+', '.')}"):
        resumed = store.reopen(run.id)
    assert resumed.info.metrics() == []  # it had no checkpoint, and begins again


# --- what is the same, what differs ---


def noted(make: Callable[[], object]) -> list[str]:
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        make()
    return [str(one.message) for one in found]


def test_a_repeated_configuration_is_noted(store: RunStore) -> None:
    first = finished(store)
    assert noted(lambda: begin(store)) == [f"the same configuration was run as {first.id}: this repeats it"]
    assert len(noted(lambda: begin(store))) == 2  # one was run, one is running
    assert noted(lambda: begin(store, seed=1)) == []
    assert noted(lambda: begin(store, lr=0.5)) == []
    assert noted(lambda: begin(store, datasets={"data/oldy": "cd" * 32})) == []
    assert len(noted(lambda: begin(store, datasets={"elsewhere": "ab" * 32}))) == 3  # the content counts
    with pytest.raises(ArithmeticError), begin(store, lr=0.7):
        raise ArithmeticError
    assert noted(lambda: begin(store, lr=0.7)) == []  # the other one failed


def test_repeats_share_a_hash_whatever_their_seeds(store: RunStore) -> None:
    runs = [begin(store, seed=seed).info for seed in (1, 2)] + [begin(store, seed=1, lr=0.5).info]
    assert runs[0].repeat_hash == runs[1].repeat_hash != runs[2].repeat_hash
    assert len({run.config_hash for run in runs}) == 3


def test_the_difference_from_the_parent_is_kept_and_told(store: RunStore) -> None:
    first = finished(store)
    assert noted(lambda: begin(store, seed=9, parent=first.id)) == []
    assert "nothing differs from its parent" in noted(lambda: begin(store, parent=first.id))[-1]
    told = noted(lambda: begin(store, lr=0.5, model=Model(latent=128), parent=first.id))
    assert told == [
        f"several things differ from its parent {first.id} at once: model.latent 64 -> 128, lr 0.001 -> 0.5"
    ]
    last = next(run for run in store.all() if run.config["lr"] == 0.5)
    assert json.loads((last.folder / "changes.json").read_text()) == {"model.latent": [64, 128], "lr": [0.001, 0.5]}


def test_runs_begun_at_once_have_folders_of_their_own(store: RunStore) -> None:
    made: list[Run] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        threads = [threading.Thread(target=lambda: made.append(begin(store))) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len({run.id for run in made}) == 3
    assert [run.id for run in store.all()] == sorted(run.id for run in made)


def test_bad_names_parents_and_damaged_folders(store: RunStore) -> None:
    for name in ("a/b", "", "..", "a b"):
        with pytest.raises(HomeError, match="cannot be called"):
            store.begin("agent", name, Example(), datasets={}, seeds={})
    with pytest.raises(HomeError, match="no run nobody"):
        begin(store, parent="nobody")
    assert store.all() == []
    run = finished(store)
    (run.folder / "run.json").write_text("{")
    with pytest.raises(HomeError, match=rf"{run.id}: run\.json or config\.yaml cannot be read"):
        store.all()
    (run.folder / "run.json").unlink()
    with pytest.raises(HomeError, match=rf"{run.id} holds no run: run\.json is missing"):
        store.get(run.id)


def test_a_damaged_line_is_an_error_with_its_number(store: RunStore) -> None:
    run = finished(store)
    path = run.folder / "metrics.jsonl"
    path.write_text(path.read_text() + "{broken\n" + '{"step": 3}\n')
    with pytest.raises(HomeError, match=r"metrics\.jsonl, line 2 is no JSON"):
        run.metrics()


@settings(max_examples=40)
@given(st.lists(st.dictionaries(st.text(), st.floats(), max_size=3), max_size=5))
def test_metrics_are_read_as_they_were_logged(
    tmp_path_factory: pytest.TempPathFactory, lines: list[dict[str, float]]
) -> None:
    run = begin(RunStore(tmp_path_factory.mktemp("runs")))
    for step, values in enumerate(lines):
        run.log(step, {name: value for name, value in values.items() if name != "step"})
    for line in (run.folder / "metrics.jsonl").read_text("utf-8").splitlines():
        json.loads(line, parse_constant=pytest.fail)
    read = run.info.metrics()
    run.__exit__(None, None, None)
    for step, (line, values) in enumerate(itertools.zip_longest(read, lines)):
        expected = {**values, "step": step}
        assert line.keys() == expected.keys()
        assert all(repr(float(line[name])) == repr(float(value)) for name, value in expected.items())
